"""Encoders are tried in order, and the next takes over from one that fails."""

from __future__ import annotations

import pytest

from edge import plugins
from edge.encoders import I420, CodecName, Coded, Encoder, Kind, Wanted
from edge.encoders._order import Encoders, usual_order
from edge.errors import EncoderError, UnknownName

WANTED = Wanted(64, 48, 30, 100_000, 200_000)


class Silent:
    """Takes pictures and gives none."""

    def encode(self, planes: I420, pts: int, keyframe: bool) -> list[Coded]:
        return []

    def aim(self, bitrate_bps: int) -> bool:
        return False

    def close(self) -> None: ...


class Good(Silent):
    def encode(self, planes: I420, pts: int, keyframe: bool) -> list[Coded]:
        return [Coded(b"\x00", pts, keyframe)]


def absent(wanted: Wanted) -> Encoder:
    raise EncoderError("there is no such thing in this machine")


@pytest.fixture
def order(monkeypatch: pytest.MonkeyPatch) -> list[Kind]:
    kinds: list[Kind] = []
    monkeypatch.setattr(plugins, "make", lambda room, spec: kinds[int(spec)])
    return kinds


def encoders(order: list[Kind], *kinds: tuple[str, CodecName, object]) -> Encoders:
    order += [Kind(name, codec, made) for name, codec, made in kinds]  # type: ignore[arg-type]
    return Encoders([str(index) for index in range(len(order))])


def opened(made: Encoders, codec: CodecName) -> str:
    return made.open(codec, WANTED)[0].name


def good(wanted: Wanted) -> Encoder:
    return Good()


def silent(wanted: Wanted) -> Encoder:
    return Silent()


def test_the_first_that_opens_is_used_and_the_others_say_why_not(order: list[Kind]) -> None:
    made = encoders(order, ("gpu", "H264", absent), ("cpu", "H264", good), ("vp8", "VP8", good))
    assert opened(made, "H264") == "cpu"
    faults = {tried.name: tried.fault for tried in made.tried()}
    assert faults == {"gpu": "there is no such thing in this machine", "cpu": None, "vp8": None}


def test_the_probe_finds_out_what_opens_but_gives_nothing(order: list[Kind]) -> None:
    made = encoders(order, ("odd", "H264", silent), ("cpu", "H264", good), ("vp8", "VP8", absent))
    assert made.codecs == {"H264", "VP8"}
    made.probe()
    assert made.codecs == {"H264"}
    assert opened(made, "H264") == "cpu"


def test_one_that_gave_up_while_it_ran_is_not_used_again(order: list[Kind]) -> None:
    made = encoders(order, ("gpu", "H264", good), ("cpu", "H264", good))
    kind, _ = made.open("H264", WANTED)
    made.failed(kind, EncoderError("session lost"))
    assert opened(made, "H264") == "cpu"


def test_when_all_failed_they_are_tried_again_and_the_error_names_each(order: list[Kind]) -> None:
    broken = [True]

    def moody(wanted: Wanted) -> Encoder:
        if broken:
            raise EncoderError("out of memory")
        return Good()

    made = encoders(order, ("gpu", "H264", absent), ("cpu", "H264", moody))
    with pytest.raises(EncoderError, match=r"no encoder for H264.*no such thing.*out of memory"):
        made.open("H264", WANTED)
    broken.clear()
    assert opened(made, "H264") == "cpu"


def test_a_codec_without_any_encoder_says_so(order: list[Kind]) -> None:
    with pytest.raises(EncoderError, match="none is configured"):
        encoders(order, ("cpu", "H264", good)).open("VP8", WANTED)


def test_an_unknown_kind_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownName, match="libvpx, libx264"):
        Encoders(["h265:"])


def test_the_usual_order_ends_on_the_cpu_and_works_here() -> None:
    assert usual_order()[-2:] == ("libx264:", "libvpx:")
    made = Encoders()
    made.probe()
    assert made.codecs == {"H264", "VP8"}


def test_a_jetson_begins_with_its_own_encoder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setattr("edge.encoders._order.TEGRA", tmp_path)
    assert usual_order()[0] == "gstreamer:nvv4l2h264enc"
