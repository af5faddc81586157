from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.__main__ import main
from bench.dataset import find_parts
from bench.follow import measure_clip
from edge.drawn.presenter import paint
from edge.frame import Frame, Matte

SIZE = (240, 136)
FRAMES = 15
STEP = 3


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The presenter raises an arm."""
    root = tmp_path_factory.mktemp("clip")
    (root / "alpha").mkdir()
    coder = cv2.VideoWriter.fourcc(*"mp4v")
    video = cv2.VideoWriter(str(root / "composite.mp4"), coder, 25, SIZE)
    for index in range(FRAMES):
        image, alpha = paint(60 + index * STEP, SIZE)
        video.write(image[..., ::-1])
        cv2.imwrite(str(root / f"alpha/{index:04}.png"), np.rint(alpha * 255))
    video.release()
    return root


class Exact:
    """Knows the truth."""

    def matte(self, frame: Frame) -> Matte:
        return Matte(paint(60 + frame.index * STEP, SIZE)[1])

    def reset(self) -> None:
        """Nothing to forget."""


def test_what_follows_is_nearer_to_the_truth_than_what_stays(clip: Path) -> None:
    (part,) = find_parts(clip)
    found = measure_clip(part, Exact(), 3)
    assert found["own"]["mad"] < found["follows"]["mad"] < 0.8 * found["stays"]["mad"]


def test_the_command_prints_each_way(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["follow", "--data", str(clip), "--matting", "constant:0.5", "--every", "2"]
    assert main(arguments) == 0
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()[1:]] == [
        "own",
        "stays",
        "follows",
    ]
    assert main([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["every"] == 2


def test_less_than_two_frames_and_a_folder_without_clips_are_refused(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["follow", "--data", str(clip), "--every", "1"]) == 2
    assert "wanted 2 or more" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert main(["follow", "--data", str(tmp_path)]) == 2
    assert "no clips here" in capsys.readouterr().err
