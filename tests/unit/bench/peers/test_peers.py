"""The contest: who takes part, how their mattes are judged, and who beats whom."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from bench.__main__ import main
from bench.dataset import find_parts
from bench.peers import contest, environment
from bench.peers.contestants import PEERS, Contestant, contestants
from bench.peers.environment import PACKAGES, SELFIE, Environment, prepare
from bench.peers.judging import judge
from bench.peers.verdict import summary, verdict
from edge.drawn.presenter import paint
from edge.errors import InputError
from edge.zoo import Zoo

NAMES = [peer.name for peer in PEERS]


class Answering:
    """Stands in for a program: writes one alpha for all, or fails."""

    def __init__(self, level: float | None) -> None:
        self.level = level
        self.asked: list[tuple[int, bool]] = []

    def ask(self, word: str, **values: Any) -> dict[str, Any]:
        assert word == "mattes"
        if self.level is None:
            raise InputError("it died")
        self.asked.append((len(values["pictures"]), values["video"]))
        for source, target in values["pictures"]:
            height, width = cv2.imread(source).shape[:2]
            cv2.imwrite(target, np.full((height, width), round(self.level * 65535), np.uint16))
        return {}


def contestant(program: Answering, key: str | None) -> Contestant:
    return Contestant("one", "One", key is None, program, key)  # type: ignore[arg-type]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two stills and a clip of three frames, alpha 1/4 everywhere."""
    root = tmp_path / "data"
    for part in ("stills/image", "stills/alpha", "clip/alpha"):
        (root / part).mkdir(parents=True)
    for index in range(2):
        image = paint(index, (64, 48))[0]
        cv2.imwrite(str(root / f"stills/image/{index}.png"), image[..., ::-1])
        cv2.imwrite(str(root / f"stills/alpha/{index}.png"), np.full((48, 64), 51, np.uint8))
    size = (64, 48)
    video = cv2.VideoWriter(
        str(root / "clip/composite.mp4"), cv2.VideoWriter_fourcc(*"mp4v"), 25, size
    )
    for index in range(3):
        video.write(np.ascontiguousarray(paint(index, size)[0][..., ::-1]))
        cv2.imwrite(str(root / f"clip/alpha/{index:04}.png"), np.full((48, 64), 51, np.uint8))
    video.release()
    return root


def test_mattes_are_compared_with_the_truth_part_by_part(data: Path, tmp_path: Path) -> None:
    program = Answering(0.45)
    errors = judge(contestant(program, None), find_parts(data), tmp_path)
    assert errors["stills"] == {"mad": pytest.approx(250, abs=0.1)}
    assert errors["clip"] == {"mad": pytest.approx(250, abs=0.1), "dtssd": 0}
    assert sorted(program.asked) == [(2, False), (3, True)]


def test_errors_of_what_is_pinned_are_kept_until_the_data_changes(
    data: Path, tmp_path: Path
) -> None:
    program, parts = Answering(0.45), find_parts(data)
    first = judge(contestant(program, "key"), parts, tmp_path)
    assert judge(contestant(Answering(None), "key"), parts, tmp_path) == first
    with pytest.raises(InputError, match="it died"):
        judge(contestant(Answering(None), "another key"), parts, tmp_path)
    (data / "stills/image/1.png").unlink()
    (data / "stills/alpha/1.png").unlink()
    judge(contestant(program, "key"), find_parts(data), tmp_path)
    assert (1, False) in program.asked


def row(name: str, fps: float, mad: float, ours: bool = False, **more: float) -> dict[str, Any]:
    fps_ = {"median": fps, "least": fps, "most": fps}
    return {"name": name, "label": name, "ours": ours, "fps": fps_, "mad": mad, **more}


def test_who_is_faster_and_better_is_named_and_the_rest_measured() -> None:
    found = verdict(
        [
            row("ours", 30, 10, ours=True, dtssd=1.0),
            row("worse", 20, 20, dtssd=2.0),
            row("both", 60, 8, dtssd=1.5),
            row("better", 10, 5),
            {"name": "absent", "skipped": "no network"},
        ]
    )
    assert found["beaten_by"] == {"mad": ["both"], "dtssd": []}
    assert found["to_beat_all"] == {
        "mad": {"faster": 2, "better": 2},
        "dtssd": {"faster": 2, "better": 0.667},
    }
    assert found["ratios"]["worse"] == {
        "times_as_fast": 1.5,
        "its_mad_over_ours": 2,
        "its_dtssd_over_ours": 2,
    }
    assert "its_dtssd_over_ours" not in found["ratios"]["better"]
    assert "Both faster and better in MAD: both" in found["words"]


def test_whoever_beats_everyone_is_told_so() -> None:
    words = verdict([row("ours", 30, 10, ours=True), row("worse", 20, 20)])["words"]
    assert words[-1] == "To beat every peer in both: it does"
    assert verdict([row("ours", 30, 10, ours=True)])["words"] == ["Nobody to compare."]


def test_stills_make_mad_and_clips_make_dtssd() -> None:
    clips = {"a": {"mad": 50.0, "dtssd": 1.0}, "b": {"mad": 60.0, "dtssd": 2.0}}
    assert summary({"stills": {"mad": 10.0}, **clips}) == {"mad": 10, "dtssd": 1.5}
    assert summary(clips) == {"dtssd": 1.5}


def test_a_peer_without_its_packages_or_network_is_skipped_with_the_reason() -> None:
    files = {name: Path(f"/nowhere/{name}") for name in (*environment.NETWORKS, "selfie")}
    missing = {"mediapipe": "no wheel", "modnet": "no network"}
    there = Environment(Path("/nowhere/python"), files, missing, ())
    found, skipped = contestants(there, NAMES, ["constant:1"])
    assert skipped == {"mediapipe": "mediapipe: no wheel", "modnet": "modnet: no network"}
    assert [one.name for one in found] == ["constant:1", "rembg", "rvm", "rvm-quick", "aiortc"]
    assert [one.ours for one in found] == [True, False, False, False, False]
    assert len({one.key for one in found}) == 5


def test_ours_are_labelled_by_model_and_runtime() -> None:
    specs = ["onnx:portrait_fast-int8?threads=1", "openvino:/cache/x/u2netp.xml?precision=bf16"]
    found, _ = contestants(Environment(Path("/nowhere"), {}, {}, ()), [], specs)
    labels = [
        "ours: portrait_fast-int8, onnx, threads=1",
        "ours: u2netp.xml, openvino, precision=bf16",
    ]
    assert [one.label for one in found] == labels


def test_what_cannot_be_had_is_told_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []

    def refuse(command: list[str], **options: Any) -> None:
        commands.append(command)
        raise subprocess.CalledProcessError(1, command, stderr="trying\nno such package")

    def absent(*arguments: Any) -> None:
        raise InputError("no network here")

    monkeypatch.setattr(subprocess, "run", refuse)
    monkeypatch.setattr(environment, "fetch", absent)
    monkeypatch.setattr(environment.venv, "create", lambda folder, with_pip: None)
    for _ in range(2):
        made = prepare(tmp_path, Zoo(tmp_path), lambda line: None)
        assert {made.missing[group] for group in PACKAGES} == {"no such package"}
        assert made.missing["u2netp"] == "no network here"
    asked = [word for command in commands for word in command]
    assert asked.count(SELFIE) == 2
    assert "--only-binary=:all:" in asked


def test_ours_alone_take_part_in_the_command(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    there = Environment(Path(sys.executable), {}, {}, ("none",))
    monkeypatch.setattr(contest, "prepare", lambda cache, zoo, say: there)
    monkeypatch.setattr(contest, "SIZE", (128, 72))
    arguments = ["--data", str(data), "--peers", "", "--ours", "constant:0.2", "--rounds", "1"]
    assert main(["peers", *arguments, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    (ours,) = report["rows"]
    assert ours["fps"]["median"] > 1
    assert ours["errors"]["clip"]["dtssd"] >= 0
    assert report["verdict"]["words"] == ["Nobody to compare."]


def test_a_peer_that_does_not_exist_is_refused(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["peers", "--data", str(data), "--peers", "rembg,adobe"]) == 2
    assert "adobe: there are rembg, rvm" in capsys.readouterr().err
