"""
Takes the README's picture of the page: ``python docs/take_screenshot.py LINK docs/page.png``.

LINK is what a running service printed. Its source should be ``presenter:``, so that the picture
holds nothing that is not the project's own.
"""

from __future__ import annotations

import os
import shutil
import sys

from playwright.sync_api import sync_playwright

SIZE = {"width": 1280, "height": 800}
SETTLED_MS = 8000  # the bitrate has grown to a sharp picture, the graphs have something to show


def main(link: str, path: str) -> None:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE, color_scheme="light", ignore_https_errors=True)
        page.goto(link)
        page.wait_for_selector("#picture[data-tone=live]", timeout=60_000)
        page.wait_for_timeout(SETTLED_MS)
        page.screenshot(path=path)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
