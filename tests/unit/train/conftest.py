"""A small data set, drawn: round heads on shoulders, and rooms of stripes."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="the trainer needs torch: pip install 'edge-matting[train]'")

SIDE = 96


def draw_person(number: int) -> tuple[np.ndarray, np.ndarray]:
    """(H, W, 3) uint8 RGB, and its alpha (H, W) uint8."""
    rng = np.random.default_rng(number)
    x, y = int(rng.integers(38, 58)), int(rng.integers(28, 40))
    alpha = np.zeros((SIDE, SIDE), np.uint8)
    cv2.circle(alpha, (x, y), 16, 255, -1, cv2.LINE_AA)
    cv2.ellipse(alpha, (x, SIDE), (44, 48), 0, 180, 360, 255, -1, cv2.LINE_AA)
    room = rng.integers(0, 256, (6, 6, 3), np.uint8)
    behind = cv2.resize(room, (SIDE, SIDE), interpolation=cv2.INTER_NEAREST).astype(np.float32)
    person = rng.uniform(40, 220, 3).astype(np.float32)
    a = alpha[..., None] / np.float32(255)
    return np.rint(a * person + (1 - a) * behind).astype(np.uint8), alpha


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """image/, alpha/ and background/: twelve people and four rooms."""
    folder = tmp_path / "people"
    for name in ("image", "alpha", "background"):
        (folder / name).mkdir(parents=True)
    for number in range(12):
        image, alpha = draw_person(number)
        cv2.imwrite(str(folder / "image" / f"p{number:02}.png"), image[..., ::-1])
        cv2.imwrite(str(folder / "alpha" / f"p{number:02}.png"), alpha)
    rng = np.random.default_rng(99)
    for number in range(4):
        room = cv2.resize(rng.integers(0, 256, (8, 8, 3), np.uint8), (SIDE, SIDE))
        cv2.imwrite(str(folder / "background" / f"r{number}.png"), room)
    return folder
