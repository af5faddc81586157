"""Cameras, by what Video4Linux answers."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from edge.doctor.checks import cameras
from edge.doctor.checks.child import Answer
from tests.unit.doctor.played import answering

MODE = {"width": 1280, "height": 720, "fps": [10.0, 30.0], "pixel_format": "MJPG"}
C920: dict[str, Any] = {
    "path": "/dev/video0",
    "by_id": None,
    "name": "HD Pro Webcam C920",
    "modes": [MODE],
    "errno": None,
}


def test_a_camera_is_told_with_its_modes(tmp_path: Path) -> None:
    (found,) = cameras.examine(tmp_path, answering(cameras=Answer([C920])))
    assert found.status == "ok"
    assert found.found == "HD Pro Webcam C920: 1280x720 MJPG 30 fps"
    assert found.meaning == "--source camera:/dev/video0"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"errno": errno.EBUSY}, "another program has it"),
        ({"errno": errno.EIO}, "refuses to capture"),
        ({"modes": [MODE | {"pixel_format": "RG10"}]}, "only the formats RG10"),
    ],
)
def test_a_camera_that_cannot_be_used_is_a_problem(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    (found,) = cameras.examine(tmp_path, answering(cameras=Answer([C920 | change])))
    assert found.status == "problem"
    assert said in found.meaning
    assert found.advice


def test_no_camera_is_told_and_so_is_one_that_is_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = answering(cameras=Answer([]))
    (found,) = cameras.examine(tmp_path, ask)
    assert found.status == "missing"
    (tmp_path / "video0").touch()
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may open anything
    (found,) = cameras.examine(tmp_path, ask)
    assert found.status == "problem"
    assert "usermod -aG video" in found.advice


def test_a_wedged_camera_driver_is_a_problem(tmp_path: Path) -> None:
    ask = answering(cameras=Answer(error="no answer within 10 s"))
    (found,) = cameras.examine(tmp_path, ask)
    assert (found.status, found.found) == ("problem", "no answer within 10 s")
