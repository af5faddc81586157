"""A number and a time in the picture, before and behind a lossy codec."""

from __future__ import annotations

from fractions import Fraction

import av
import cv2
import numpy as np
import pytest

from bench.live.codes import SPAN_NS, TICK_NS, Code, paint, read
from edge.drawn.presenter import paint as draw

CODE = Code(40_321, 123_456_789 * TICK_NS)


def luma(image: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(image, cv2.COLOR_RGB2YUV_I420)[: image.shape[0]]


@pytest.mark.parametrize("size", [(160, 90), (320, 180), (1280, 720), (1920, 1080)])
def test_what_is_painted_is_read(size: tuple[int, int]) -> None:
    image = draw(0, size)[0].copy()
    paint(image, CODE)
    assert read(luma(image)) == CODE


def test_it_is_painted_on_planes_as_on_colours() -> None:
    image = draw(0, (640, 360))[0].copy()
    planes = cv2.cvtColor(image, cv2.COLOR_RGB2YUV_I420)
    paint(planes, CODE)
    assert read(planes[:360]) == CODE
    code_area = planes[360:].reshape(2, 180, 320)[:, 6:10, 70:250]
    assert (code_area == 128).all()  # grey: no colour of the picture shines through


def test_only_the_strip_of_the_code_changes() -> None:
    image = draw(0, (640, 360))[0]
    painted = image.copy()
    paint(painted, CODE)
    assert (painted[48:] == image[48:]).all()
    assert (painted != image).any()


@pytest.mark.parametrize("codec", ["libvpx", "libx264"])
def test_it_outlives_a_codec_at_a_low_bitrate(codec: str) -> None:
    size, codes = (640, 360), [Code(index, 7_777_777 * index * TICK_NS) for index in range(30)]
    encoder = av.CodecContext.create(codec, "w")
    encoder.width, encoder.height, encoder.pix_fmt = *size, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, 30), Fraction(30)
    encoder.bit_rate = 200_000
    encoder.options = {"deadline": "realtime", "cpu-used": "-6", "lag-in-frames": "0"}
    if codec == "libx264":
        encoder.options = {"preset": "ultrafast", "tune": "zerolatency"}
    decoder = av.CodecContext.create("vp8" if codec == "libvpx" else "h264", "r")
    found = []
    for index, code in enumerate(codes):
        image = draw(4 * index, size)[0].copy()  # it moves
        paint(image, code)
        frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuv420p")
        frame.pts = index
        for packet in encoder.encode(frame):
            found += [read(shown.to_ndarray()[:360]) for shown in decoder.decode(packet)]
    found += [read(shown.to_ndarray()[:360]) for shown in decoder.decode(None)]
    assert found == codes


def test_a_picture_without_a_code_reads_as_none() -> None:
    assert read(luma(draw(0, (640, 360))[0])) is None
    assert read(np.zeros((20, 640), np.uint8)) is None


def test_a_damaged_code_reads_as_none() -> None:
    image = draw(0, (640, 360))[0].copy()
    paint(image, CODE)
    strip = luma(image)
    strip[:40, 200:216] = 255 - strip[:40, 200:216]
    assert read(strip) is None


def test_an_age_is_right_over_the_turn_of_the_clock() -> None:
    code = Code(0, SPAN_NS - 5 * TICK_NS)
    assert code.age_ns(3 * SPAN_NS + 7 * TICK_NS) == 12 * TICK_NS
