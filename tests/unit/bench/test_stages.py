from __future__ import annotations

import json

import pytest

from bench.__main__ import main
from bench.stages import time_stages
from edge.controls import MatteControls
from edge.matting.constant import make

ALWAYS = {"model", "refine", ". shrink", ". levels", "compose", "RGB to I420"}


def test_every_stage_that_runs_is_timed():
    spreads = time_stages((128, 72), 4, make("0.5"), MatteControls(edge_shift_px=1))
    optional = {". temporal", ". presence", ". edge shift", ". foreground", ". guide"}
    assert set(spreads) == ALWAYS | optional
    assert all(0 < spread["p50"] <= spread["p95"] for spread in spreads.values())


def test_what_is_off_is_not_timed():
    off = MatteControls(
        upsampling="linear", temporal=0, presence=False, foreground_estimation=False
    )
    assert set(time_stages((128, 72), 4, make("0.5"), off)) == ALWAYS


@pytest.mark.slow
def test_the_command_also_times_the_whole_service(capsys):
    arguments = ["stages", "--matting", "constant:0.5", "--size", "160x90", "--frames", "4"]

    assert main([*arguments, "--json"]) == 0

    report = json.loads(capsys.readouterr().out)
    service = report["service"]
    assert report["size"] == [160, 90]
    assert 0 < service["latency_ms"]["p50"] <= service["latency_ms"]["p95"]
    assert service["fps"] > 1
    assert service["limit_ms"] >= 30
    parts = [report["stages_ms"][stage]["p50"] for stage in ("refine", "compose", "RGB to I420")]
    assert report["all_but_model_ms"] == pytest.approx(sum(parts), abs=0.01)


@pytest.mark.parametrize("arguments", [["--size", "big"], ["--size", "8x8"], ["--frames", "1"]])
def test_a_size_or_number_that_cannot_be_is_refused(capsys, arguments: list[str]):
    assert main(["stages", "--matting", "constant:0.5", *arguments]) == 2
    assert "wanted" in capsys.readouterr().err
