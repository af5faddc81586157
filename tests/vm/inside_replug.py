"""
Runs inside the virtual machine: the service, whose camera is unplugged time and again, while the
clock is set back and forth.

    inside_replug.py ROUNDS
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

DRIVER = Path("/sys/bus/platform/drivers/vivid")
NODE = Path("/dev/video0")
STATE = Path("/dev/shm/state")  # all else is read-only
URL = "http://127.0.0.1:8080"
CLOCKS_S = (1e9, 4e9, 1.8e9)  # since 1970: in 2001, in 2096 and in 2027
WITHIN_S = 400.0  # an emulated processor is some ten times as slow as a real one
CHANGE = {"background": "color:336699", "mirror": True, "matte": {"threshold": 0.4}}

# Python, and with it the process that captures, starts ten times as slowly as on a real machine.
SERVE = """
import sys
from edge.sources import camera
camera.OPENING_S = 300.0
from edge.__main__ import main
sys.exit(main())
"""
FLAGS = (
    *("serve", "--source", f"camera:{NODE}?size=320x180", "--matting", "constant:0"),
    *("--state-dir", str(STATE), "--cache-dir", "/dev/shm/cache", "--listen", URL[7:]),
)


def tell(check: str, **found: Any) -> None:
    print("RESULT", json.dumps({"check": check, **found}), flush=True)  # noqa: T201 - to the serial line


def asked(path: str, change: dict[str, Any] | None = None) -> Any:
    """What the service answers."""
    body = json.dumps(change).encode() if change else None
    headers = {"Content-Type": "application/json"}
    method = "PATCH" if change else "GET"
    request = urllib.request.Request(URL + path, body, headers, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def until(holds: Callable[[], bool], what: str) -> float:
    """Wait, and give how long it took."""
    begin_s = time.monotonic()
    while not holds():
        if time.monotonic() - begin_s > WITHIN_S:
            raise TimeoutError(f"not within {WITHIN_S:.0f} s: {what}")
        time.sleep(0.1)
    return time.monotonic() - begin_s


def listening() -> bool:
    try:
        asked("/healthz")
    except OSError:
        return False
    return True


def source() -> str:
    """The phase of the source."""
    return str(asked("/api/state")["source"]["status"])


def chosen() -> dict[str, Any]:
    """What was chosen, as the service has it now."""
    state = asked("/api/state")
    return {
        "background": state["background"]["id"],
        "mirror": state["mirror"],
        "matte": {"threshold": state["matte"]["threshold"]},
    }


def resources(pid: int) -> dict[str, int]:
    """Descriptors, threads and resident memory of the service itself."""
    status = Path(f"/proc/{pid}/status").read_text()
    values = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    return {
        "descriptors": len(list(Path(f"/proc/{pid}/fd").iterdir())),
        "threads": int(values["Threads"]),
        "rss_kb": int(values["VmRSS"].split()[0]),
    }


def unplug_and_return(device: str) -> tuple[float, float]:
    """One round. Gives the seconds until it was told, and those until pictures came again."""
    unbinding = threading.Thread(target=(DRIVER / "unbind").write_text, args=(device,), daemon=True)
    unbinding.start()  # it returns when the last program has let go of the camera
    told_s = until(lambda: source() == "lost", "the loss is told")
    until(lambda: bool(asked("/api/stats")["slate"]), "a slate is shown")
    unbinding.join(WITHIN_S)
    until(lambda: not NODE.exists(), "the node is gone")
    shown = asked("/api/stats")["composited"]
    (DRIVER / "bind").write_text(device)
    back_s = until(lambda: asked("/api/stats")["composited"] > shown, "pictures come again")
    until(lambda: source() == "live", "its return is told")
    return told_s, back_s


def main(rounds: int) -> None:
    (device,) = [path.name for path in DRIVER.iterdir() if path.name.startswith("vivid.")]
    service = subprocess.Popen([sys.executable, "-c", SERVE, *FLAGS])
    until(listening, "the service listens")
    until(lambda: source() == "live", "the camera is live")
    asked("/api/state", CHANGE)
    kept = (STATE / "state.json").read_bytes()
    for number in range(rounds):
        uptime_s = asked("/api/stats")["uptime_s"]
        time.clock_settime(time.CLOCK_REALTIME, CLOCKS_S[number % len(CLOCKS_S)])
        told_s, back_s = unplug_and_return(device)
        well_s = until(lambda: asked("/healthz")["status"] == "ok", "it is well again")
        tell(
            f"round {number}",
            told_s=round(told_s, 1),
            back_s=round(back_s, 1),
            intact=chosen() == CHANGE and (STATE / "state.json").read_bytes() == kept,
            uptime_grew_s=round(asked("/api/stats")["uptime_s"] - uptime_s, 1),
            well_s=round(well_s, 1),  # after that
            **resources(service.pid),
        )
    service.terminate()
    tell("end", status=service.wait(60))


if __name__ == "__main__":
    main(int(sys.argv[1]))
