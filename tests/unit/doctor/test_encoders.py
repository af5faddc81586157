"""Video encoders: the real ones, and what their absence means."""

from __future__ import annotations

from edge.doctor.checks import encoders
from edge.doctor.checks.child import Answer, ask
from tests.unit.doctor.played import answering


def test_a_missing_hardware_encoder_is_fine_and_a_missing_software_one_is_not() -> None:
    refused = Answer(error="Operation not permitted")
    names = [*encoders.SOFTWARE, *encoders.HARDWARE, "gstreamer"]
    rows = encoders.examine(answering(**dict.fromkeys(names, refused)))
    statuses = {row.name.removeprefix("encoder "): row.status for row in rows}
    assert statuses == {
        "libx264": "problem",
        "libvpx": "problem",
        "h264_nvenc": "missing",
        "h264_v4l2m2m": "missing",
        "GStreamer": "missing",
    }


def test_the_encoders_that_come_with_pyav_really_encode() -> None:
    assert ask("encoder", "libx264").value > 0
    assert ask("encoder", "libvpx").value > 0
    assert ask("encoder", "h265_nothing").error
