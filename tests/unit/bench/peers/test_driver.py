"""What is the same for all peers: asked by lines, timed frame by frame, mattes as 16-bit PNG."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from bench.commands.others import PEERS as OFFERED
from bench.peers import driver
from bench.peers.contestants import PEERS


class Remembering:
    """Gives what fraction of the pictures since its reset it has seen: 1/4, 2/4 ..."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.seen = 0

    def alpha(self, image: Any) -> Any:
        self.seen += 1
        return np.full(image.shape[:2], self.seen / 4, np.float64)


@pytest.fixture
def pairs(tmp_path: Path) -> list[list[str]]:
    made = []
    for index in range(3):
        cv2.imwrite(str(tmp_path / f"{index}.png"), np.full((12, 16, 3), 90, np.uint8))
        made.append([str(tmp_path / f"{index}.png"), str(tmp_path / f"{index}-alpha.png")])
    return made


@pytest.mark.parametrize(("video", "levels"), [(False, [1, 1, 1]), (True, [1, 2, 3])])
def test_only_of_a_video_frames_are_remembered(
    pairs: list[list[str]], video: bool, levels: list[int]
) -> None:
    assert driver.write_mattes(Remembering(), pairs, video) == {"pictures": 3}
    for (_, made), level in zip(pairs, levels, strict=True):
        alpha = cv2.imread(made, cv2.IMREAD_UNCHANGED)
        assert alpha.dtype == np.uint16
        assert (alpha == round(level / 4 * 65535)).all()


def test_every_frame_is_timed(tmp_path: Path) -> None:
    np.save(tmp_path / "frames.npy", np.zeros((4, 12, 16, 3), np.uint8))
    seconds = driver.time_frames(Remembering(), str(tmp_path / "frames.npy"))["seconds"]
    assert len(seconds) == 4
    assert min(seconds) > 0


def test_the_picture_is_the_sum_of_frame_and_background() -> None:
    image, background = np.full((8, 8, 3), 200, np.uint8), np.full((8, 8, 3), 40, np.uint8)
    assert (driver.show(Remembering(), image, background) == 80).all()


def test_every_peer_that_is_offered_is_driven() -> None:
    assert set(driver.PEERS) == {peer.name for peer in PEERS} == set(OFFERED)


def test_it_needs_nothing_of_this_project() -> None:
    tree = ast.parse(Path(driver.__file__).read_text())
    modules = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert not modules & {"bench", "edge", "convert", "train"}
