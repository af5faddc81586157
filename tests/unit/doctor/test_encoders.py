"""Video encoders: the real ones, and what their absence means."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.doctor.checks import Finding, encoders
from edge.doctor.checks.child import Answer, ask
from edge.encoders import _order

REFUSED = Answer(error="Operation not permitted")
GSTREAMER = Answer({"version": "GStreamer 1.22", "encoders": ["x264enc"]})


def rows(**answers: Answer) -> dict[str, Finding]:
    def played(probe: str, *arguments: str) -> Answer:
        return answers[arguments[0].rstrip(":") if arguments else probe]

    return {row.name: row for row in encoders.examine(played)}


def test_a_missing_hardware_encoder_is_fine_and_a_missing_software_one_is_not() -> None:
    found = rows(h264_nvenc=REFUSED, libx264=REFUSED, libvpx=REFUSED, gstreamer=REFUSED)
    assert {name: row.status for name, row in found.items()} == {
        "encoder h264_nvenc": "missing",
        "encoder libx264": "problem",
        "encoder libvpx": "problem",
        "GStreamer": "missing",
    }


def test_the_first_that_works_is_the_one_that_is_used() -> None:
    works = Answer(1.5)
    found = rows(h264_nvenc=REFUSED, libx264=works, libvpx=works, gstreamer=GSTREAMER)
    assert found["encoders used"].found == "H.264 by libx264, VP8 by libvpx"
    assert "1.5 ms" in found["encoder libx264"].found
    found = rows(h264_nvenc=works, libx264=works, libvpx=REFUSED, gstreamer=GSTREAMER)
    assert found["encoders used"].found == "H.264 by h264_nvenc"


def test_a_jetson_has_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(encoders, "TEGRA", tmp_path)
    works = Answer(1.5)
    own = {"gstreamer:nvv4l2h264enc": works}
    found = rows(libx264=works, libvpx=works, gstreamer=GSTREAMER, **own)
    assert found["encoders used"].found.startswith("H.264 by gstreamer:nvv4l2h264enc")


def test_the_order_is_that_of_the_service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert encoders.order() == _order.usual_order()
    for module in (encoders, _order):
        monkeypatch.setattr(module, "TEGRA", tmp_path)
    assert encoders.order() == _order.usual_order()


def test_the_encoders_that_come_with_pyav_really_encode() -> None:
    assert ask("encoder", "libx264").value > 0
    assert ask("encoder", "libvpx").value > 0
    assert "no such kind" in ask("encoder", "h265_nothing").error
