"""Firefox ESR: the page, and a page that knows no more of this service than WHEP says."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio

from tests.browser import firefox
from tests.browser.driving import LIVE, PATIENCE_MS, colours_become, until, viewers_become
from tests.browser.firefox import Firefox
from tests.browser.service import Service
from tests.browser.tab import Tab

pytestmark = pytest.mark.timeout(300)

OpenTab = Callable[[], Awaitable[Tab]]

# Sends its offer at once: candidates would trickle, but few WHEP servers take any, nor does this.
PLAIN = """<!doctype html><title>WHEP</title><video id="video" muted autoplay></video>
<script type="module">
const peer = window.peer = new RTCPeerConnection();
for (const kind of ["audio", "video"]) peer.addTransceiver(kind, { direction: "recvonly" });
peer.ontrack = ({ streams }) => { video.srcObject = streams[0]; };
await peer.setLocalDescription();
const headers = { "Content-Type": "application/sdp" };
const body = peer.localDescription.sdp;
const answer = await fetch("/whep", { method: "POST", headers, body });
await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
window.leave = () => fetch(answer.headers.get("Location"), { method: "DELETE" });
</script>"""

# Of the plain page: frames decoded, their width, the codec, and which codecs were offered.
DECODED = """async () => {
  const report = await window.peer.getStats();
  const video = [...report.values()].find((e) => e.type === "inbound-rtp" && e.kind === "video");
  return {
    frames: video?.framesDecoded ?? 0,
    width: document.getElementById("video").videoWidth,
    codec: report.get(video?.codecId)?.mimeType,
    offered: window.peer.localDescription.sdp.match(/rtpmap:\\d+ (H264|VP8)/g).join(),
  };
}"""

# Resolves when some more frames were shown. Firefox counts none of a stream's in playback quality.
FRAMES_SHOWN = """() => new Promise((resolve) => {
  const video = document.getElementById("video");
  let left = 10;
  const shown = () => (left-- ? video.requestVideoFrameCallback(shown) : resolve(null));
  shown();
})"""
IS_LIVE = f"() => document.querySelector('{LIVE}') !== null"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Firefox]:
    path = shutil.which("firefox-esr")
    if path is None:
        pytest.skip("no Firefox ESR here (sudo apt-get install firefox-esr)")
    async with firefox.running(path, tmp_path_factory.mktemp("firefox")) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def open_tab(browser: Firefox) -> AsyncIterator[OpenTab]:
    """A page under watch: its faults fail the test at its end."""
    tabs: list[Tab] = []

    async def open_() -> Tab:
        tabs.append(await browser.tab())
        return tabs[-1]

    yield open_
    for tab in tabs:
        await tab.close()
    assert [fault for tab in tabs for fault in tab.faults] == []


async def live(tab: Tab) -> None:
    await until(lambda: tab.evaluate(IS_LIVE), "no live picture")


async def frames_are_shown(tab: Tab) -> None:
    await asyncio.wait_for(tab.evaluate(FRAMES_SHOWN), PATIENCE_MS / 1000)


async def test_the_page_plays_and_does_what_is_clicked(service: Service, open_tab: OpenTab) -> None:
    tab = await open_tab()
    await tab.goto(service.url)
    await live(tab)
    await colours_become(tab, "00b140")
    await frames_are_shown(tab)
    await tab.click(".swatch[data-hex='0047bb']")
    await colours_become(tab, "0047bb")
    await tab.click("#tool-play")
    await viewers_become(service, 0)
    await tab.click("#play")
    await live(tab)
    await viewers_become(service, 1)


async def test_a_page_that_knows_only_whep_plays(service: Service, open_tab: OpenTab) -> None:
    tab = await open_tab()
    await tab.write(f"{service.url}plain", PLAIN)
    await tab.goto(f"{service.url}plain")
    await colours_become(tab, "00b140")
    before = (await tab.evaluate(DECODED))["frames"]
    await frames_are_shown(tab)
    seen = await tab.evaluate(DECODED)
    assert seen["frames"] > before
    assert seen["width"] == 640
    # A new profile has no H.264 before it has fetched OpenH264, so VP8 it is, as a rule.
    assert seen["codec"] == ("video/H264" if "H264" in seen["offered"] else "video/VP8")
    await viewers_become(service, 1)
    await tab.evaluate("() => window.leave().then(() => null)")
    await viewers_become(service, 0)


async def test_its_camera_comes_in_and_goes_out_again(service: Service, open_tab: OpenTab) -> None:
    async def source_becomes(wanted: str) -> None:
        async def there() -> bool:
            source = (await asyncio.to_thread(service.get, "api/state"))["source"]
            return bool(source["id"] == wanted and source["status"] == "live")

        await until(there, f"the source does not become {wanted}")

    before = (await asyncio.to_thread(service.get, "api/state"))["source"]["id"]
    tab = await open_tab()
    await tab.goto(service.url)
    await live(tab)
    await tab.click("#tool-camera")
    await tab.click("#camera-dialog[open] button[value=confirm]")
    await source_becomes("browser:")
    await live(tab)
    await frames_are_shown(tab)
    await tab.click("#tool-camera")
    await source_becomes(before)


async def test_the_printed_link_signs_in(guarded: Service, open_tab: OpenTab) -> None:
    tab = await open_tab()
    await tab.goto(guarded.link)
    await live(tab)
    await colours_become(tab, "00b140")
    assert await tab.evaluate("() => location.href") == guarded.url
    assert await tab.evaluate("() => document.cookie") == ""
