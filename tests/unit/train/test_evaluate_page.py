"""The report in real Chromium: light and dark, wide and narrow, without a network."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge import plugins
from train.evaluate import Plan, compare, find_scenes, write_report

pytestmark = [pytest.mark.browser, pytest.mark.slow]
api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
NAMES = ("chromium", "chromium-browser", "google-chrome")

CONTRAST = """() => {
  // WCAG 2's contrast of the words with what is behind them.
  const light = text => {
    const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map(Number).map(v => v / 255)
      .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  const behind = light(getComputedStyle(document.querySelector('.tile')).backgroundColor);
  return ['h1', '.soft', '.unit', '.note', '.good, .bad', 'td', 'figcaption'].map(selector =>
    ratio(light(getComputedStyle(document.querySelector(selector)).color), behind));
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip(f"no Chromium: none of {', '.join(NAMES)} is installed")
    with api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [380, 1280])
def test_the_report_is_whole_and_readable(
    browser, people: Path, tmp_path: Path, scheme: str, width: int
):
    models = [plugins.make("edge.matting", f"constant:{alpha}") for alpha in (0.6, 0.3)]
    plan = Plan(cases=2, progress=False)
    found = compare((models[0], models[1]), find_scenes(people), ("old", "new"), plan)
    report = write_report(tmp_path, found, "people", {"command": "x" * 300})
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("request", lambda request: faults.append(request.url[:80]))

    page.goto(report.as_uri())

    page.evaluate("document.querySelectorAll('img').forEach(i => { i.loading = 'eager' })")
    page.wait_for_function("[...document.images].every(i => i.complete)")
    assert page.evaluate("[...document.images].every(i => i.naturalWidth > 0)")
    assert page.evaluate("document.images.length") > 20
    assert [fault for fault in faults if not fault.startswith(("file:", "data:"))] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("svg path.mark").count() >= 4
    assert min(page.evaluate(CONTRAST)) >= 4.5
    context.close()
