"""
What light, lens, sensor and codec do to a picture: the photometric augmentation.

All colour changes of one camera are one matrix and one table, so they cost OpenCV two passes. The
same operations by kornia took ten times as long on two cores, longer than fitting itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.frame import Rgb

LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601


@dataclass(frozen=True, slots=True, eq=False)
class Sensor:
    """
    One camera in one light; its noise is new in each frame.

    Attributes:
        colors: (3, 3), on RGB: exposure, white balance, saturation, hue, channel order.
        table: (256,) uint8: contrast and gamma.
        side: light from one side, -1 to 1.
        lens: a blur kernel, or None.
        noise: standard deviation, of 255.
        small: part of the size at which the picture is taken before it is enlarged.
        quality: of its JPEG; 0 is not compressed.
    """

    colors: NDArray[np.float32]
    table: NDArray[np.uint8]
    side: float
    lens: NDArray[np.float32] | None
    noise: float
    small: float
    quality: int

    def see(self, rng: np.random.Generator, image: Rgb) -> Rgb:
        """``image`` (H, W, 3) as this camera gives it, a new array."""
        height, width = image.shape[:2]
        seen: Any = cv2.LUT(cv2.transform(image, self.colors), self.table)
        if self.side:
            ramp = 1 + self.side * np.linspace(-1, 1, width, dtype=np.float32)
            seen = cv2.multiply(
                seen, np.broadcast_to(ramp[None, :, None], seen.shape).copy(), dtype=cv2.CV_8U
            )
        if self.lens is not None:
            seen = cv2.filter2D(seen, -1, self.lens)
        if self.noise:
            seen = cv2.add(seen, _grain(rng, (height, width, 3), self.noise), dtype=cv2.CV_8U)
        if self.small < 1:
            size = (max(8, round(width * self.small)), max(8, round(height * self.small)))
            seen = cv2.resize(cv2.resize(seen, size, interpolation=cv2.INTER_AREA), (width, height))
        if self.quality:
            _, data = cv2.imencode(".jpg", seen, [cv2.IMWRITE_JPEG_QUALITY, self.quality])
            seen = cv2.imdecode(data, cv2.IMREAD_COLOR)
        return np.asarray(seen, np.uint8)


def draw(rng: np.random.Generator) -> Sensor:
    """A camera at random: most are good, some look into dim, noisy or backlit rooms."""
    dim = rng.random() < 0.2
    gain = float(rng.uniform(0.2, 0.6)) if dim else float(np.exp(rng.normal(0, 0.15)))
    contrast, gamma = float(np.exp(rng.normal(0, 0.12))), 1.0
    if rng.random() < 0.3:
        gamma = float(np.exp(rng.uniform(-0.5, 0.5)))
    return Sensor(
        colors=_colors(rng) * np.float32(gain),
        table=_table(contrast, gamma, 128 * gain),
        side=float(rng.uniform(-0.7, 0.7)) if rng.random() < 0.2 else 0.0,
        lens=_lens(rng),
        noise=float(rng.uniform(2, 14)) if dim or rng.random() < 0.3 else 0.0,
        small=float(rng.uniform(0.4, 0.9)) if rng.random() < 0.12 else 1.0,
        quality=int(rng.integers(25, 90)) if rng.random() < 0.4 else 0,
    )


def _colors(rng: np.random.Generator) -> NDArray[np.float32]:
    """White balance, saturation, a turn of hue; now and then grey or with channels in any order."""
    saturation = 0.0 if rng.random() < 0.06 else float(np.exp(rng.normal(0, 0.25)))
    matrix = saturation * np.eye(3) + (1 - saturation) * np.tile(LUMA, (3, 1))
    if rng.random() < 0.3:
        matrix = _turn(float(rng.normal(0, 0.12))) @ matrix
    if rng.random() < 0.03:
        matrix = matrix[rng.permutation(3)]
    balance = np.exp(rng.normal(0, 0.06, 3))
    return np.asarray(balance[:, None] * matrix, np.float32)


def _turn(angle: float) -> NDArray[np.float64]:
    """A rotation around the grey axis, in radians: it turns hues and keeps grey grey."""
    axis = np.full(3, 1 / np.sqrt(3))
    matrix, _ = cv2.Rodrigues(axis * angle)
    return np.asarray(matrix, np.float64)


def _table(contrast: float, gamma: float, pivot: float) -> NDArray[np.uint8]:
    x = np.arange(256, dtype=np.float64)
    bent = np.clip(pivot + contrast * (x - pivot), 0, 255)
    return np.rint(255 * (bent / 255) ** gamma).astype(np.uint8)


def _lens(rng: np.random.Generator) -> NDArray[np.float32] | None:
    """Out of focus, or moving along a line."""
    lot = rng.random()
    if lot < 0.12:
        line = cv2.getGaussianKernel(5, float(rng.uniform(0.4, 1.4)))
        return np.asarray(line @ line.T, np.float32)
    if lot < 0.2:
        size = int(rng.choice((3, 5, 7)))
        kernel = np.zeros((size, size), np.float32)
        angle, middle = rng.uniform(0, np.pi), size // 2
        reach = np.array([np.cos(angle), np.sin(angle)]) * middle
        ends = [tuple(int(v) for v in np.rint(middle + sign * reach)) for sign in (-1, 1)]
        cv2.line(kernel, ends[0], ends[1], 1.0)
        return np.asarray(kernel / kernel.sum(), np.float32)
    return None


def _grain(
    rng: np.random.Generator, shape: tuple[int, int, int], deviation: float
) -> NDArray[np.int16]:
    """Gaussian noise; neighbours are alike, as after a demosaic."""
    cv2.setRNGSeed(int(rng.integers(2**31)))
    flat = np.empty((shape[0], shape[1] * shape[2]), np.int16)
    grain = cv2.randn(flat, np.zeros(1), np.full(1, 16 * 1.6 * deviation)).reshape(shape)
    return np.asarray((cv2.blur(grain, (2, 2)) + 8) // 16, np.int16)
