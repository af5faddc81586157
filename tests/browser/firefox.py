"""Firefox as Debian ships it, headless. Playwright drives only a Firefox of its own making."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

from tests.browser.bidi import Bidi, BidiError
from tests.browser.tab import Tab

PATIENCE_S = 120  # two busy cores take long to make a profile, and to end
LISTENS = re.compile(rb"WebDriver BiDi listening on (ws://\S+)")

PREFERENCES: dict[str, bool | int | str] = {
    # A camera that needs nobody's leave.
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    # What a new profile fetches and tells by itself.
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "media.gmp-manager.updateEnabled": False,
    "messaging-system.rsexperimentloader.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
}


class Firefox:
    """A running Firefox."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._bidi = Bidi(socket, self._hear)
        self._tabs: dict[str, Tab] = {}

    async def begin(self) -> None:
        """Take it over: any certificate will do, and what pages ask and say is heard."""
        await self._bidi.call(
            "session.new", capabilities={"alwaysMatch": {"acceptInsecureCerts": True}}
        )
        await self._bidi.call(
            "session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"]
        )

    async def end(self) -> None:
        """Quit."""
        await self._bidi.call("browser.close")

    async def tab(self) -> Tab:
        """A new page, with cookies of its own."""
        user = (await self._bidi.call("browser.createUserContext"))["userContext"]
        made = await self._bidi.call("browsingContext.create", type="tab", userContext=user)
        tab = self._tabs[made["context"]] = Tab(self._bidi, made["context"])
        return tab

    def _hear(self, method: str, event: dict[str, Any]) -> None:
        context = event.get("context") or event.get("source", {}).get("context")
        if context in self._tabs:
            self._tabs[context].hear(method, event)


@contextlib.asynccontextmanager
async def running(path: str, home: Path) -> AsyncIterator[Firefox]:
    """Run a Firefox with a new profile in ``home``. Raises BidiError if it does not start."""
    profile = home / "profile"
    profile.mkdir(parents=True)
    lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in PREFERENCES.items()]
    (profile / "user.js").write_text("\n".join(lines))
    process = await asyncio.create_subprocess_exec(
        *(path, "--headless", "--no-remote", "--profile", str(profile)),
        *("--remote-debugging-port", "0", "about:blank"),
        env={**os.environ, "HOME": str(home), "MOZ_CRASHREPORTER_DISABLE": "1"},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        url = await asyncio.wait_for(_listening(process.stderr), PATIENCE_S)
        drain = asyncio.create_task(process.stderr.read())
        async with (
            aiohttp.ClientSession() as http,
            http.ws_connect(f"{url}/session", max_msg_size=0) as socket,
        ):
            firefox = Firefox(socket)
            await asyncio.wait_for(firefox.begin(), PATIENCE_S)
            yield firefox
            await firefox.end()
            await asyncio.wait_for(process.wait(), PATIENCE_S)
        await drain
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _listening(errors: asyncio.StreamReader) -> str:
    said = b""
    async for line in errors:
        said += line
        if found := LISTENS.search(line):
            return found[1].decode()
    raise BidiError(f"Firefox did not start: {said.decode(errors='replace')}")
