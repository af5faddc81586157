"""Each command on a small case: the real service with a model that looks at nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench import latency, throughput, viewers
from bench.__main__ import main
from bench.live.clip import clip
from bench.live.service import Service

SMALL = ["--matting", "constant:0.5", "--size", "320x180", "--fps", "15", "--json"]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


@pytest.fixture
def run(own_cache: None, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: str) -> Any:
        assert main([*arguments, *SMALL]) == 0
        return json.loads(capsys.readouterr().out)

    return run


def test_throughput_tells_what_the_service_did(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throughput, "WARM_UP_S", 1.0)
    found = run("throughput", "--seconds", "3")
    assert {"machine", "versions", "commit", "fps", "dropped_percent"} <= set(found)
    assert found["matting"] == "constant:0.5"
    assert found["composited"] > 0
    assert found["delivered"] > 0
    assert found["slates"] == 0
    assert 0 < found["latency_ms"]["p50"] <= found["latency_ms"]["p95_worst"]
    assert found["cpu_s"] > 0
    assert 50 < found["rss_mb_first"] <= found["rss_mb_most"]
    assert found["model"]["status"] == "ready"


@pytest.mark.parametrize("codec", ["vp8", "h264"])
def test_latency_reads_codes_from_decoded_pictures(
    run: Any, monkeypatch: pytest.MonkeyPatch, codec: str
) -> None:
    monkeypatch.setattr(latency, "WARM_UP_S", 1.0)
    found = run("latency", "--seconds", "3", "--codec", codec)
    assert found["codec"].lower() == codec
    assert found["seen"] > 0
    glass = found["glass_ms"]
    assert 0 < glass["p50"] <= glass["p95"] <= glass["p99"]


def test_viewers_compares_with_plain_aiortc(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewers, "ROUNDS", 1)
    monkeypatch.setattr(viewers, "SETTLE_S", 0.5)
    found = run("viewers", "--counts", "1,3", "--baseline", "1,2", "--seconds", "2")
    for name, counts in (("ours", [1, 3]), ("aiortc", [1, 2])):
        rows = found[name]
        assert [row["viewers"] for row in rows] == counts
        assert rows[0]["rate_percent"]["median"] == 100
        assert all(row["delivered_percent"]["median"] > 0 for row in rows)
        assert set(rows[1]["cpu_ms_per_viewer_frame"]) == {"median", "least", "most"}


def test_startup_tells_when_it_listens_and_what_imports_cost(run: Any) -> None:
    found = run("startup", "--runs", "1")
    assert 0 < found["listening_s"]["median"] < found["first_picture_s"]["median"]
    assert found["interpreter_s"]["median"] < found["listening_s"]["median"]
    assert "numpy" in found["import_ms"]
    assert sum(found["import_ms"].values()) <= found["import_total_ms"] + 1


def test_a_service_that_does_not_start_is_told_with_its_last_words(
    own_cache: None, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["throughput", "--source", "nowhere:", "--matting", "constant:0.5"]
    assert main(arguments) == 2
    assert "did not start" in (said := capsys.readouterr().err)
    assert "nowhere" in said


def test_an_unsettled_model_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    notes = ["to begin with", "trying what else this machine can run", "the best that keeps up"]
    service = Service("edge", [])
    answers = iter({"model": {"note": f"onnx:some: {note}"}} for note in notes)
    monkeypatch.setattr(service, "_get", lambda path: next(answers))
    assert service.settled()["note"].endswith("keeps up")
    monkeypatch.setattr(service, "_get", lambda path: {"model": {"note": notes[0]}})
    assert service.settled(within_s=0)["note"] == notes[0]  # told as it is


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["throughput", "--seconds", "0"], "--seconds"),
        (["latency", "--size", "64x64"], "at least"),
        (["viewers", "--counts", "one"], "whole numbers"),
        (["viewers", "--counts", "0"], "1 or more"),
        (["startup", "--runs", "0"], "--runs"),
        (["startup", "--fps", "0"], "--fps"),
    ],
)
def test_what_cannot_be_is_refused(
    own_cache: None, capsys: pytest.CaptureFixture[str], arguments: list[str], word: str
) -> None:
    assert main([*arguments, "--matting", "constant:0.5"]) == 2
    assert word in capsys.readouterr().err


def test_the_clip_is_drawn_once(tmp_path: Path) -> None:
    first = clip(tmp_path, (160, 90), 10, 0.5)
    written = first.stat().st_mtime_ns
    assert clip(tmp_path, (160, 90), 10, 0.5) == first
    assert first.stat().st_mtime_ns == written
    assert [path.name for path in tmp_path.iterdir()] == [first.name]  # nothing half-written
