"""
Runs inside the virtual machine: the virtual camera writes to vivid's output, whose picture goes by
an HDMI cable, as it were, to vivid's input, and is read there. Prints JSON lines.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import time
from collections.abc import Iterator
from ctypes import Structure, c_char, c_int32, c_uint32, sizeof
from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np

from edge import v4l2
from edge.errors import PublishError
from edge.frame import Composite
from edge.latest import Broadcast
from edge.publishers import Supply
from edge.publishers.v4l2loopback import VirtualCamera
from edge.v4l2 import structs
from edge.v4l2.output import Output, outputs
from edge.webrtc.push import Push

CAPTURE = Path("/dev/video0")
SIZE = (1280, 720)  # of vivid's HDMI, both ways, unless it is told another timing
HDMI_IN, HDMI_OUT = 3, 1
NEXT_CONTROL = 0x80000000
WITHIN_S = 240


class Control(Structure):
    _fields_: ClassVar = [("id", c_uint32), ("value", c_int32)]


class ControlDescription(Structure):
    _fields_: ClassVar = [
        ("id", c_uint32),
        ("type", c_uint32),
        ("name", c_char * 32),
        ("range", c_int32 * 4),
        ("flags", c_uint32),
        ("reserved", c_uint32 * 2),
    ]


def request(number: int, size: int) -> int:
    return 3 << 30 | size << 16 | ord("V") << 8 | number


S_CTRL, QUERYCTRL = request(28, sizeof(Control)), request(36, sizeof(ControlDescription))
S_INPUT, S_OUTPUT = request(39, 4), request(47, 4)


def tell(check: str, **found: Any) -> None:
    print("RESULT", json.dumps({"check": check, **found}), flush=True)  # noqa: T201 - to the serial line


def controls(fd: int) -> Iterator[ControlDescription]:
    """The controls of a device."""
    described = ControlDescription(id=NEXT_CONTROL)
    while True:
        try:
            fcntl.ioctl(fd, QUERYCTRL, described)
        except OSError:
            return
        yield described
        described = ControlDescription(id=described.id | NEXT_CONTROL)


def connect(capture: int, output: Path) -> bool:
    """Lay the cable from output to input; False: this kernel's vivid has none of this kind."""
    fcntl.ioctl(capture, S_INPUT, c_uint32(HDMI_IN))
    fd = os.open(output, os.O_RDWR)
    fcntl.ioctl(fd, S_OUTPUT, c_uint32(HDMI_OUT))
    os.close(fd)
    for control in controls(capture):
        if control.name == b"Loop Video":
            fcntl.ioctl(capture, S_CTRL, Control(control.id, 1))
            return True
    return False


def read_as(capture: int, letters: str) -> list[int]:
    """Set the input's format, which must be the output's; gives width, height, octets."""
    wanted = structs.Format(type=structs.CAPTURE)
    pix = wanted.fmt.pix
    pix.width, pix.height = SIZE
    pix.pixelformat, pix.field = structs.code_of(letters), structs.FIELD_NONE
    fcntl.ioctl(capture, structs.S_FMT, wanted)
    return [pix.width, pix.height, pix.sizeimage]


def picture(hue: int) -> np.ndarray:
    """Soft colours; the driver writes its own words over the upper left."""
    width, height = SIZE
    image = np.empty((height, width, 3), np.uint8)
    image[..., 0] = np.linspace(20, 230, width)
    image[..., 1] = np.linspace(230, 20, height)[:, None]
    image[..., 2] = hue
    return image


def error(capture: int, octets: int, image: np.ndarray) -> float:
    """Mean difference of what is read now to ``image``, in the lower half."""
    data = np.frombuffer(os.read(capture, octets), np.uint8)[: SIZE[0] * SIZE[1] * 2]
    found = cv2.cvtColor(data.reshape(SIZE[1], SIZE[0], 2), cv2.COLOR_YUV2RGB_YUYV)
    half = SIZE[1] // 2
    return float(np.abs(found[half:].astype(int) - image[half:]).mean())


async def looped(capture: int, octets: int, output: Path) -> None:
    """Publish one picture after another, and read each at the other end."""
    broadcast = Broadcast(asyncio.get_running_loop())
    camera = VirtualCamera(output, SIZE)
    lives: list[int] = []

    def no_push(name: str) -> Push:
        raise AssertionError(name)

    supply = Supply(broadcast, no_push)
    publishing = asyncio.create_task(camera.publish(supply, lambda: lives.append(1)))
    errors = {}
    deadline_s = time.monotonic() + WITHIN_S
    for hue in (40, 220):
        image, least = picture(hue), 255.0
        while least > 6 and time.monotonic() < deadline_s and not publishing.done():
            now = time.monotonic_ns()
            broadcast.publish(Composite(image, 0, now, now))
            least = min(least, await asyncio.to_thread(error, capture, octets, image))
        errors[str(hue)] = least
    busy = ""
    try:
        await VirtualCamera(output, SIZE).publish(supply, lambda: None)
    except PublishError as refused:
        busy = str(refused)
    publishing.cancel()
    await asyncio.wait([publishing])
    tell("loop", errors=errors, sent=camera.sent, live=bool(lives), busy=busy)


def main() -> None:
    found = outputs()
    cameras = [camera.path for camera in v4l2.cameras()]
    tell("devices", outputs=found, cameras=cameras)
    (output,) = map(Path, found)
    capture = os.open(CAPTURE, os.O_RDWR)
    cable = connect(capture, output)
    made = Output(output, SIZE)
    layout = made.layout
    made.close()
    width, height, octets = read_as(capture, layout.pixel_format)
    tell(
        "formats",
        cable=cable,
        output=[layout.width, layout.height, layout.pixel_format],
        capture=[width, height],
    )
    if cable:
        asyncio.run(looped(capture, octets, output))
    os.close(capture)


if __name__ == "__main__":
    main()
