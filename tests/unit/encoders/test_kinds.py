"""Each encoder that runs here really encodes, and a decoder understands it."""

from __future__ import annotations

from collections.abc import Iterator
from ctypes.util import find_library

import av
import cv2
import numpy as np
import pytest

from edge import plugins
from edge.encoders import I420, Coded, Encoder, Kind, Wanted
from edge.errors import EncoderError, InputError, NoGStreamer
from edge.gst import gstreamer

SIZE = (320, 192)
WANTED = Wanted(*SIZE, 30, 400_000, 2_000_000)


def kind(spec: str) -> Kind:
    made: Kind = plugins.make("edge.encoders", spec)
    return made


def has_gstreamer(element: str) -> bool:
    try:
        return gstreamer().ElementFactory.find(element) is not None
    except NoGStreamer:
        return False


def moving(count: int, size: tuple[int, int] = SIZE) -> Iterator[I420]:
    """Soft noise that wanders: no encoder finds it trivial."""
    width, height = size
    noise = np.random.default_rng(7).integers(0, 255, (height * 3 // 2, width), dtype=np.uint8)
    soft = np.asarray(cv2.GaussianBlur(noise, (9, 9), 0), np.uint8)
    for index in range(count):
        yield np.ascontiguousarray(np.roll(soft, 3 * index, axis=1))


def decoded(kind: Kind, coded: list[Coded]) -> list[I420]:
    context = av.CodecContext.create("h264" if kind.codec == "H264" else "libvpx", "r")
    assert isinstance(context, av.VideoCodecContext)
    packets = [av.Packet(one.data) for one in coded]
    frames = [frame for packet in packets for frame in context.decode(packet)]
    return [frame.to_ndarray() for frame in [*frames, *context.decode(None)]]


@pytest.fixture(
    params=[
        "libx264:",
        "libx264:ultrafast",
        "libvpx:",
        pytest.param(
            "gstreamer:x264enc",
            marks=pytest.mark.skipif(
                not has_gstreamer("x264enc"),
                reason="no GStreamer for Python with x264enc here (python3-gi, gstreamer1.0-*)",
            ),
        ),
    ]
)
def made(request: pytest.FixtureRequest) -> Kind:
    return kind(request.param)


@pytest.fixture
def encoder(made: Kind) -> Iterator[Encoder]:
    opened = made.open(WANTED)
    yield opened
    opened.close()


def test_every_picture_comes_out_at_once_and_looks_as_it_went_in(
    made: Kind, encoder: Encoder
) -> None:
    pictures = list(moving(12))
    coded = []
    for index, planes in enumerate(pictures):
        out = encoder.encode(planes, 3000 * index, keyframe=False)
        assert [one.pts for one in out] == [3000 * index]
        coded += out
    assert [one.keyframe for one in coded] == [True] + 11 * [False]
    shown = decoded(made, coded)
    assert len(shown) == 12
    assert np.abs(shown[-1].astype(int) - pictures[-1]).mean() < 6


def test_a_key_frame_comes_when_it_is_asked_for_and_decoding_may_begin_there(
    made: Kind, encoder: Encoder
) -> None:
    coded: list[Coded] = []
    for index, planes in enumerate(moving(20)):
        coded += encoder.encode(planes, 3000 * index, keyframe=index == 11)
    assert [i for i, one in enumerate(coded) if one.keyframe] == [0, 11]
    assert len(decoded(made, coded[11:])) == 9


def test_no_key_frame_comes_that_nobody_asked_for(encoder: Encoder) -> None:
    coded: list[Coded] = []
    for index, planes in enumerate(moving(40)):
        cut = 255 - planes if index % 20 > 10 else planes  # scenes change
        coded += encoder.encode(cut, 3000 * index, keyframe=False)
    assert sum(one.keyframe for one in coded) == 1


def test_the_bitrate_follows_while_it_runs(encoder: Encoder) -> None:
    def octets(start: int, count: int, bitrate_bps: int) -> float:
        keyframe = encoder.aim(bitrate_bps)
        total = 0
        for index, planes in enumerate(moving(count)):
            out = encoder.encode(planes, 3000 * (start + index), keyframe and index == 0)
            total += sum(len(one.data) for one in out) if index > count // 2 else 0
        return total

    low = octets(0, 60, 300_000)
    high = octets(60, 60, 1_500_000)
    again = octets(120, 60, 300_000)
    assert high > 2 * low
    assert high > 2 * again


def test_a_slow_model_costs_no_bits_a_second() -> None:
    """x264 alone would give a picture as many bits as if thirty came in a second."""

    def bps(ticks: int) -> float:
        opened = kind("libx264:").open(WANTED)
        sizes = [
            sum(len(one.data) for one in opened.encode(planes, ticks * index, keyframe=False))
            for index, planes in enumerate(moving(80))
        ]
        return 8 * sum(sizes[40:]) / (40 * ticks / 90_000)

    assert 0.6 < bps(9000) / bps(3000) < 1.6


def test_h264_is_constrained_baseline_with_headers_before_each_key_frame(
    made: Kind, encoder: Encoder
) -> None:
    if made.codec != "H264":
        pytest.skip("VP8 has no profiles")
    coded: list[Coded] = []
    for index, planes in enumerate(moving(6)):
        coded += encoder.encode(planes, 3000 * index, keyframe=index == 3)
    for one in (coded[0], coded[3]):
        at = one.data.index(b"\x00\x00\x01\x67") + 4  # the SPS
        assert one.data[at] == 66  # baseline
        assert one.data[at + 1] & 0x40  # constrained
        assert b"\x00\x00\x01\x68" in one.data


def test_h264_says_what_its_colours_are(made: Kind, encoder: Encoder) -> None:
    if made.codec != "H264":
        pytest.skip("VP8 has but one")
    coded = [one for planes in moving(1) for one in encoder.encode(planes, 0, keyframe=True)]
    context = av.CodecContext.create("h264", "r")
    assert isinstance(context, av.VideoCodecContext)
    (frame,) = [*context.decode(av.Packet(coded[0].data)), *context.decode(None)]
    assert frame.colorspace in (5, 6)  # BT.601, of 625 and of 525 lines: the same matrix
    assert frame.color_range == 1  # limited


@pytest.mark.parametrize("size", [(322, 182), (64, 48), (1284, 98)])
def test_any_even_size_will_do(made: Kind, size: tuple[int, int]) -> None:
    encoder = made.open(Wanted(*size, 30, 300_000, 2_000_000))
    coded: list[Coded] = []
    for index, planes in enumerate(moving(3, size)):
        coded += encoder.encode(planes, 3000 * index, keyframe=False)
    encoder.close()
    height, width = decoded(made, coded)[-1].shape
    assert (height * 2 // 3, width) in {(size[1], size[0]), (size[1], size[0] & ~7)}


@pytest.mark.parametrize(
    "spec", ["libx264:fastest", "libvpx:x", "h264_nvenc:0", "gstreamer:", "gstreamer:a ! b"]
)
def test_an_argument_that_makes_no_sense_is_refused(spec: str) -> None:
    with pytest.raises(InputError):
        kind(spec)


@pytest.mark.skipif(find_library("cuda") is not None, reason="there is a GPU, maybe with NVENC")
def test_a_gpu_that_is_not_there_is_told_in_words() -> None:
    with pytest.raises(EncoderError, match="h264_nvenc cannot be opened"):
        kind("h264_nvenc:").open(Wanted(640, 360, 30, 500_000, 2_000_000))


def test_an_element_that_does_not_exist_is_told_by_name() -> None:
    with pytest.raises(EncoderError, match=r"nosuchenc|GStreamer"):
        kind("gstreamer:nosuchenc").open(WANTED)
