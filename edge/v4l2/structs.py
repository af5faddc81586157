"""The kernel's V4L2 structures and request numbers (linux/videodev2.h), as far as we ask."""

from __future__ import annotations

from ctypes import Structure, Union, c_char, c_long, c_uint8, c_uint32, c_void_p, sizeof
from typing import ClassVar

CAPTURE, OUTPUT, CAPTURE_MPLANE = 1, 2, 9  # enum v4l2_buf_type
MEMORY_MMAP = 1

CAP_CAPTURE = 0x00000001
CAP_OUTPUT = 0x00000002
CAP_CAPTURE_MPLANE = 0x00001000
CAP_M2M = 0x00008000 | 0x00004000
CAP_READWRITE = 0x01000000
CAP_STREAMING = 0x04000000
CAP_DEVICE_CAPS = 0x80000000

DISCRETE = 1  # enum v4l2_frmsizetypes and v4l2_frmivaltypes; the others are ranges

FIELD_NONE = 1  # enum v4l2_field: progressive
COLORSPACE_SRGB = 8  # enum v4l2_colorspace
YCBCR_601 = 1  # enum v4l2_ycbcr_encoding
LIMITED_RANGE = 2  # enum v4l2_quantization
PRIVATE_MAGIC = 0xFEEDCAFE  # what follows `private` is filled in


class Capability(Structure):
    _fields_: ClassVar = [
        ("driver", c_char * 16),
        ("card", c_char * 32),
        ("bus_info", c_char * 32),
        ("version", c_uint32),
        ("capabilities", c_uint32),
        ("device_caps", c_uint32),
        ("reserved", c_uint32 * 3),
    ]


class FormatDescription(Structure):
    _fields_: ClassVar = [
        ("index", c_uint32),
        ("type", c_uint32),
        ("flags", c_uint32),
        ("description", c_char * 32),
        ("pixelformat", c_uint32),
        ("mbus_code", c_uint32),
        ("reserved", c_uint32 * 3),
    ]


class FrameSize(Structure):
    """``extent``: (width, height), or as a range (min, max, step) of width, then of height."""

    _fields_: ClassVar = [
        ("index", c_uint32),
        ("pixel_format", c_uint32),
        ("type", c_uint32),
        ("extent", c_uint32 * 6),
        ("reserved", c_uint32 * 2),
    ]


class FrameInterval(Structure):
    """``extent``: seconds as (numerator, denominator), or as a range of three such pairs."""

    _fields_: ClassVar = [
        ("index", c_uint32),
        ("pixel_format", c_uint32),
        ("width", c_uint32),
        ("height", c_uint32),
        ("type", c_uint32),
        ("extent", c_uint32 * 6),
        ("reserved", c_uint32 * 2),
    ]


class PixelFormat(Structure):
    _fields_: ClassVar = [
        ("width", c_uint32),
        ("height", c_uint32),
        ("pixelformat", c_uint32),
        ("field", c_uint32),
        ("bytesperline", c_uint32),
        ("sizeimage", c_uint32),
        ("colorspace", c_uint32),
        ("private", c_uint32),
        ("flags", c_uint32),
        ("ycbcr_enc", c_uint32),
        ("quantization", c_uint32),
        ("xfer_func", c_uint32),
    ]


class _Formats(Union):
    """``align``: some of the kernel's members hold pointers."""

    _fields_: ClassVar = [("pix", PixelFormat), ("raw", c_uint8 * 200), ("align", c_void_p)]


class Format(Structure):
    """``fmt.pix``, where ``type`` is of one plane."""

    _fields_: ClassVar = [("type", c_uint32), ("fmt", _Formats)]


class _Memory(Union):
    _fields_: ClassVar = [("offset", c_uint32), ("align", c_void_p)]


class Buffer(Structure):
    """One picture's memory, or its number."""

    _fields_: ClassVar = [
        ("index", c_uint32),
        ("type", c_uint32),
        ("bytesused", c_uint32),
        ("flags", c_uint32),
        ("field", c_uint32),
        ("seconds", c_long),
        ("microseconds", c_long),
        ("timecode", c_uint32 * 4),
        ("sequence", c_uint32),
        ("memory", c_uint32),
        ("m", _Memory),
        ("length", c_uint32),
        ("reserved2", c_uint32),
        ("request_fd", c_uint32),
    ]


class BufferType(Structure):
    """What VIDIOC_STREAMON takes."""

    _fields_: ClassVar = [("type", c_uint32)]


class RequestBuffers(Structure):
    _fields_: ClassVar = [
        ("count", c_uint32),
        ("type", c_uint32),
        ("memory", c_uint32),
        ("capabilities", c_uint32),
        ("flags", c_uint8),
        ("reserved", c_uint8 * 3),
    ]


def _request(direction: int, number: int, layout: type[Structure]) -> int:
    """asm-generic/ioctl.h: 2 bits of direction (1 write, 2 read), 14 of size, 8 type, 8 number."""
    return direction << 30 | sizeof(layout) << 16 | ord("V") << 8 | number


QUERYCAP = _request(2, 0, Capability)
ENUM_FMT = _request(3, 2, FormatDescription)
G_FMT = _request(3, 4, Format)
S_FMT = _request(3, 5, Format)
REQBUFS = _request(3, 8, RequestBuffers)
QUERYBUF = _request(3, 9, Buffer)
QBUF = _request(3, 15, Buffer)
DQBUF = _request(3, 17, Buffer)
STREAMON = _request(1, 18, BufferType)
STREAMOFF = _request(1, 19, BufferType)
ENUM_FRAMESIZES = _request(3, 74, FrameSize)
ENUM_FRAMEINTERVALS = _request(3, 75, FrameInterval)


def fourcc(code: int) -> str:
    """The four letters of a pixel format, "MJPG" for 0x47504a4d."""
    return code.to_bytes(4, "little").decode("latin-1").rstrip()


def code_of(letters: str) -> int:
    """The pixel format of four letters, 0x47504a4d for "MJPG"."""
    return int.from_bytes(letters.encode("latin-1"), "little")
