"""A device that takes pictures, played: what it is asked for, and the bytes it is given."""

from __future__ import annotations

import errno
import mmap
import os
import sys
from ctypes import Structure
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from edge.v4l2 import output as output_module
from edge.v4l2 import structs
from edge.v4l2.layout import CONVERSIONS, Layout, black, packed
from edge.v4l2.output import Output, outputs, takes_pictures

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="V4L2 is Linux's")

BACK = {
    "YUYV": cv2.COLOR_YUV2RGB_YUYV,
    "UYVY": cv2.COLOR_YUV2RGB_UYVY,
    "YU12": cv2.COLOR_YUV2RGB_I420,
}
TAKES = structs.CAP_OUTPUT | structs.CAP_READWRITE


class Device:
    """
    Plays the ioctls of one device.

    Args:
        formats: those it knows; asked for another, it gives the first.
        size: what it gives whatever is asked, or None.
        padding: octets at the end of each row.
    """

    def __init__(
        self,
        formats: tuple[str, ...] = ("YUYV", "YU12"),
        size: tuple[int, int] | None = None,
        padding: int = 0,
        caps: int = TAKES,
        own: str = "BGR4",
    ) -> None:
        self.formats, self.size, self.padding, self.caps = formats, size, padding, caps
        self.own = own
        self.asked: list[str] = []
        self.fault = 0

    def __call__(self, fd: int, request: int, argument: Structure) -> None:
        if request == structs.QUERYCAP:
            argument.card = b"Edge Matting"
            argument.capabilities = structs.CAP_DEVICE_CAPS | structs.CAP_CAPTURE
            argument.device_caps = self.caps
            return
        assert argument.type == structs.OUTPUT
        pix = argument.fmt.pix
        if request == structs.G_FMT:
            pix.pixelformat = structs.code_of(self.own)
            return
        assert request == structs.S_FMT
        if self.fault:
            raise OSError(self.fault, os.strerror(self.fault))
        letters = structs.fourcc(pix.pixelformat)
        self.asked.append(letters)
        letters = letters if letters in self.formats else self.formats[0]
        pix.pixelformat = structs.code_of(letters)
        if self.size:
            pix.width, pix.height = self.size
        planar = letters == "YU12"
        pix.bytesperline = pix.width * (1 if planar else 2) + self.padding
        pix.sizeimage = pix.bytesperline * pix.height * (3 if planar else 2) // 2


@pytest.fixture
def node(tmp_path: Path) -> Path:
    made = tmp_path / "video10"
    made.touch()
    return made


def gradient(width: int, height: int) -> np.ndarray:
    """Soft in all three colours, so that halved chroma keeps it."""
    image = np.empty((height, width, 3), np.uint8)
    image[..., 0] = np.linspace(20, 230, width)
    image[..., 1] = np.linspace(230, 20, height)[:, None]
    image[..., 2] = 120
    return image


def shown(data: bytes, layout: Layout) -> np.ndarray:
    """What a reader makes of ``data``."""
    flat = np.frombuffer(data, np.uint8)
    width, height = layout.width, layout.height
    if layout.pixel_format == "YU12":
        luma = flat[: layout.stride * height].reshape(height, -1)[:, :width]
        chroma = flat[layout.stride * height : layout.stride * height * 3 // 2]
        chroma = chroma.reshape(height, -1)[:, : width // 2].reshape(height // 2, width)
        planes = np.concatenate([luma, chroma])
    else:
        rows = flat[: layout.stride * height].reshape(height, -1)[:, : 2 * width]
        planes = rows.reshape(height, width, 2)
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(planes), BACK[layout.pixel_format]))


@pytest.mark.parametrize("padding", [0, 32])
@pytest.mark.parametrize("letters", CONVERSIONS)
def test_a_reader_sees_the_picture_as_it_was(node: Path, letters: str, padding: int) -> None:
    output = Output(node, (320, 180), letters, Device((letters,), padding=padding))
    image = gradient(320, 180)
    assert output.write(packed(image, output.layout))
    output.close()
    data = node.read_bytes()
    assert len(data) == output.layout.octets
    found = shown(data, output.layout)
    assert np.abs(found.astype(int) - image).mean() < 3


def test_the_device_has_the_last_word_on_the_size(node: Path) -> None:
    output = Output(node, (1280, 720), None, Device(size=(640, 480)))
    output.close()
    assert (output.layout.width, output.layout.height) == (640, 480)


def test_a_picture_of_another_shape_is_shown_whole_between_black_bars() -> None:
    layout = Layout(640, 480, "YUYV", 1280, 1280 * 480)
    found = shown(packed(np.full((180, 320, 3), 200, np.uint8), layout), layout)
    assert found[:58].max() < 10
    assert found[-58:].max() < 10
    assert found[62:-62].min() > 190


@pytest.mark.parametrize("letters", CONVERSIONS)
def test_black_is_black(letters: str) -> None:
    stride = 64 if letters == "YU12" else 128
    layout = Layout(64, 48, letters, stride, stride * 48 * 3 // 2)
    assert shown(black(layout), layout).max() < 3


@pytest.mark.parametrize(
    ("own", "first"), [("BGR4", "YUYV"), ("YU12", "YU12"), ("UYVY", "UYVY"), ("MJPG", "YUYV")]
)
def test_the_format_that_a_reader_may_count_on_is_asked_for_first(
    node: Path, own: str, first: str
) -> None:
    device = Device(("YUYV", "YU12", "UYVY"), own=own)
    Output(node, (64, 48), None, device).close()
    assert device.asked == [first]


def test_what_the_device_makes_of_a_wish_is_taken(node: Path) -> None:
    device = Device(("YU12",))
    output = Output(node, (64, 48), None, device)
    output.close()
    assert output.layout.pixel_format == "YU12"
    assert device.asked == ["YUYV"]  # and it gave another


@pytest.mark.parametrize(
    ("device", "wish", "number"),
    [
        (Device(("RGB3", "MJPG")), None, errno.EMEDIUMTYPE),
        (Device(("YUYV",)), "YU12", errno.EMEDIUMTYPE),
        (Device(size=(63, 48)), None, errno.EMEDIUMTYPE),
        (Device(caps=structs.CAP_CAPTURE | structs.CAP_READWRITE), None, errno.ENOTTY),
        (Device(caps=structs.CAP_OUTPUT), None, errno.ENOTTY),
        (Device(caps=TAKES | 0x8000), None, errno.ENOTTY),
    ],
)
def test_a_device_that_cannot_be_used_is_refused_and_let_go(
    node: Path, device: Device, wish: str | None, number: int
) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(OSError, match=".") as refused:
        Output(node, (64, 48), wish, device)
    assert refused.value.errno == number
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_device_in_use_says_so(node: Path) -> None:
    device = Device()
    device.fault = errno.EBUSY
    with pytest.raises(OSError, match="busy"):
        Output(node, (64, 48), None, device)


def test_a_device_that_is_not_ready_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "video10"
    os.mkfifo(pipe)
    output = Output(pipe, (32, 16), "YUYV", Device())
    picture = black(output.layout)
    taken = [output.write(picture) for _ in range(200)]  # a pipe holds fewer, and nobody reads
    output.close()
    assert taken[0]
    assert not taken[-1]


class Streaming(Device):
    """
    Streams from two buffers of a file that stands for the driver's memory; takes no writes.

    Attributes:
        queued: the buffers it has, the oldest first; it shows one until the next one comes.
    """

    def __init__(self, node: Path) -> None:
        super().__init__(("YUYV",), caps=structs.CAP_OUTPUT | structs.CAP_STREAMING)
        node.write_bytes(bytes(2 * mmap.PAGESIZE))
        self.node = node
        self.queued: list[int] = []
        self.on = False
        self.buffers = 0

    def __call__(self, fd: int, request: int, argument: Structure) -> None:
        if request == structs.REQBUFS:
            self.buffers = argument.count
        elif request == structs.QUERYBUF:
            argument.length, argument.m.offset = mmap.PAGESIZE, argument.index * mmap.PAGESIZE
        elif request == structs.QBUF:
            assert argument.index not in self.queued
            assert argument.bytesused == 2 * 32 * 16
            self.queued.append(argument.index)
        elif request == structs.DQBUF:
            if len(self.queued) < 2:
                raise BlockingIOError(errno.EAGAIN, "still shown")
            argument.index = self.queued.pop(0)
        elif request in (structs.STREAMON, structs.STREAMOFF):
            assert argument.type == structs.OUTPUT
            self.on = request == structs.STREAMON
        else:
            super().__call__(fd, request, argument)

    def shown(self) -> bytes:
        start = self.queued[-1] * mmap.PAGESIZE
        return self.node.read_bytes()[start : start + 2 * 32 * 16]


@pytest.fixture
def unwritable(monkeypatch: pytest.MonkeyPatch) -> None:
    """write(2) is refused, as for a driver that does not know it."""

    def refuse(fd: int, data: bytes) -> int:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    played = SimpleNamespace(**{**vars(os), "write": refuse})
    monkeypatch.setattr(output_module, "os", played)


@pytest.mark.usefixtures("unwritable")
def test_a_device_that_refuses_writing_is_streamed_to(node: Path) -> None:
    device = Streaming(node)
    output = Output(node, (32, 16), None, device)
    for level in (50, 100, 150, 200):
        picture = packed(np.full((16, 32, 3), level, np.uint8), output.layout)
        assert output.write(picture)
        assert device.on
        assert device.shown() == picture
    assert device.buffers == 2
    output.close()
    assert not device.on
    assert device.buffers == 0


@pytest.mark.usefixtures("unwritable")
def test_a_streaming_device_that_has_no_room_is_not_waited_for(node: Path) -> None:
    device = Streaming(node)
    output = Output(node, (32, 16), None, device)
    picture = black(output.layout)
    assert output.write(picture)
    assert output.write(picture)
    device.queued.pop()  # the driver holds it for itself
    assert not output.write(picture)
    output.close()


def test_who_takes_pictures_is_told_by_name(node: Path) -> None:
    assert takes_pictures(node, Device()) == "Edge Matting"
    assert takes_pictures(node, Device(caps=structs.CAP_CAPTURE)) is None
    with pytest.raises(OSError, match="Inappropriate ioctl"):
        takes_pictures(Path("/dev/null"))


def test_lists_those_that_take_pictures_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for name in ("video10", "video2", "videodev", "video3"):
        (tmp_path / name).touch()
    found = outputs(tmp_path, Device())
    assert [Path(path).name for path in found] == ["video2", "video3", "video10"]
    assert set(found.values()) == {"Edge Matting"}
    assert outputs(tmp_path, Device(caps=structs.CAP_CAPTURE)) == {}
    assert outputs(tmp_path) == {}  # plain files answer no ioctl
