"""Runs inside the virtual machine: drives the camera source on /dev/video0, prints JSON lines."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from edge import plugins, v4l2
from edge.errors import SourceError
from edge.frame import Frame
from edge.sources import camera as camera_kind

DRIVER = Path("/sys/bus/platform/drivers/vivid")
NODE = "/dev/video0"
UNPLUGGED = 3  # times


def tell(check: str, **found: Any) -> None:
    print("RESULT", json.dumps({"check": check, **found}), flush=True)  # noqa: T201 - to the serial line


def source(options: str = "") -> Any:
    return plugins.make("edge.sources", f"camera:{NODE}{options}")


def read(frames: Iterator[Frame], count: int) -> list[Frame]:
    return [next(frames) for _ in range(count)]


def listing() -> None:
    cameras = v4l2.cameras()
    modes = [mode for camera in cameras for mode in camera.modes]
    tell(
        "list",
        paths=[camera.path for camera in cameras],
        names=[camera.name for camera in cameras],
        formats=sorted({mode.pixel_format for mode in modes}),
        sizes=sorted({(mode.width, mode.height) for mode in modes}),
        rates=sorted({rate for mode in modes for rate in mode.fps}),
        trouble=v4l2.trouble(Path(NODE)),
    )


def pictures(check: str, options: str) -> None:
    camera = source(options)
    begin_s = time.monotonic()
    frames = iter(camera)
    first = next(frames)
    opened_s = time.monotonic() - begin_s
    rest = read(frames, 40)
    span_s = (rest[-1].captured_ns - first.captured_ns) / 1e9
    tell(
        check,
        opened_s=opened_s,
        size=rest[-1].size,
        granted=[camera.granted.width, camera.granted.height, camera.granted.pixel_format],
        fps=rest[-1].index / span_s,
        contrast=int(rest[-1].image.max()) - int(rest[-1].image.min()),
        moved=bool((rest[-1].image != first.image).any()),
        label=camera.label,
        note=camera.note,
    )


def busy() -> None:
    holder = iter(source())
    next(holder)
    try:
        next(iter(source()))
        error = ""
    except SourceError as raised:
        error = str(raised)
    tell("busy", error=error, trouble=v4l2.trouble(Path(NODE)), holder=next(holder).index)


def close_while_reading() -> None:
    camera = source()
    frames = iter(camera)
    next(frames)
    threading.Timer(0.5, camera.close).start()
    begin_s = time.monotonic()
    for _ in frames:
        pass
    tell("close", after_s=time.monotonic() - begin_s, free=v4l2.trouble(Path(NODE)) is None)


def unplug_and_return(check: str) -> None:
    (device,) = [path.name for path in DRIVER.iterdir() if path.name.startswith("vivid.")]
    camera = source()
    frames = iter(camera)
    read(frames, 10)
    threading.Thread(target=(DRIVER / "unbind").write_text, args=(device,), daemon=True).start()
    last_s = time.monotonic()
    try:
        for _ in frames:
            last_s = time.monotonic()
        error = ""
    except SourceError as raised:
        error = str(raised)
    noticed_s = time.monotonic() - last_s
    again = ""
    deadline_s = time.monotonic() + 20
    while Path(NODE).exists() and time.monotonic() < deadline_s:
        time.sleep(0.05)
    try:
        next(iter(camera))
    except SourceError as raised:
        again = str(raised)
    (DRIVER / "bind").write_text(device)
    begin_s = time.monotonic()
    index = None
    while index is None and time.monotonic() - begin_s < 30:
        try:
            index = next(iter(camera)).index
        except SourceError:
            time.sleep(0.5)  # as the capture thread does
    back_s = time.monotonic() - begin_s
    tell(check, error=error, noticed_s=noticed_s, again=again, index=index, back_s=back_s)


def main() -> None:
    camera_kind.OPENING_S = 90.0  # Python starts ten times as slowly as on a real machine
    listing()
    pictures("default", "")
    pictures("yuyv", "?size=640x360&format=YUYV&fps=30")
    pictures("refused", "?size=640x360&format=MJPG")
    busy()
    close_while_reading()
    for number in range(UNPLUGGED):
        unplug_and_return(f"unplug {number}")


if __name__ == "__main__":
    main()
