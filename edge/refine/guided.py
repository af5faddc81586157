"""
Brings a small matte to the frame's size along the picture's own edges.

The fast guided filter (He and Sun, "Fast Guided Filter", arXiv:1505.00996) with a colour guide:
alpha is taken as linear in the picture's colour within each small window; the coefficients are
found at alpha's size and applied at the frame's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.frame import Alpha, Rgb
from edge.refine.tiles import Mask, Tile, around

RADIUS = 2  # of the window, in pixels of alpha: wider ones smear over what stands near an edge
EPSILON = 1e-4  # variance of colour (of 1) under which a window counts as flat
FLAT = 1 / 512  # a window whose alpha varies less has nothing to align
REACH = RADIUS + 1  # how far a window's coefficients are felt, and a pixel for bilinear steps

SUM = np.ones((1, 3), np.float32)  # of three channels, as a colour transform
NEXT = np.roll(np.eye(3, dtype=np.float32), 1, axis=1)  # red, green, blue -> green, blue, red

Floats = NDArray[np.float32]


def linear_upsample(alpha: Alpha, size: tuple[int, int]) -> Alpha:
    """``alpha`` at ``size`` (width, height), bilinearly; itself if it has that size."""
    if (alpha.shape[1], alpha.shape[0]) == size:
        return alpha
    return np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_LINEAR), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Guide:
    """
    Alpha as a linear function of the picture's colour around each pixel.

    Attributes:
        varying: (h, w): where it is not just alpha. It also differs up to REACH from there.
        slope: (h, w, 3) float32, per level of 0..255.
        offset: (h, w) float32.
    """

    varying: Mask
    slope: Floats
    offset: Floats

    @classmethod
    def of(cls, alpha: Alpha, picture: Rgb) -> Guide | None:
        """Found at alpha's size. None where alpha varies nowhere: it cannot be improved then."""
        window = np.ones((2 * RADIUS + 1, 2 * RADIUS + 1), np.uint8)
        varying = np.asarray(cv2.dilate(alpha, window) - cv2.erode(alpha, window) > FLAT)
        area = around(varying, 2 * RADIUS + 1)
        if area is None:
            return None
        slope, offset = np.zeros(picture.shape, np.float32), alpha.copy()
        slope[area], offset[area] = _coefficients(alpha[area], picture[area], varying[area])
        return cls(varying, slope, offset)

    def alpha(self, tile: Tile, image: Rgb) -> Alpha:
        """
        Args:
            tile: of a picture that is larger than alpha.
            image: (th, tw, 3) uint8, the tile of it.

        Returns:
            (th, tw) float32 in [0, 1].
        """
        colour = cv2.multiply(image, tile.enlarged(self.slope), dtype=cv2.CV_32F)
        aligned = cv2.add(cv2.transform(colour, SUM), tile.enlarged(self.offset))
        return np.asarray(np.clip(aligned, 0, 1, out=aligned), np.float32)


def _coefficients(alpha: Alpha, picture: Rgb, varying: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Window means of the slope (h, w, 3), per level of 0..255, and of the offset (h, w)."""
    colour = picture.astype(np.float32) / 255
    following = cv2.transform(colour, NEXT)  # so that two products give all six pairs
    weighted = colour * np.asarray(cv2.merge([alpha] * 3), np.float32)
    where = np.flatnonzero(varying)

    def mean(values: NDArray[np.floating[Any]]) -> Floats:
        return np.take(_mean(values).reshape(alpha.size, -1), where, axis=0)

    mean_colour, mean_alpha = mean(colour), mean(alpha)
    squares = mean(colour * colour) - mean_colour * mean_colour
    crossed = mean(colour * following) - mean_colour * (mean_colour @ NEXT.T)
    solved = _solve(squares, crossed, mean(weighted) - mean_colour * mean_alpha)
    slope, offset = np.zeros_like(colour), alpha.copy()
    slope.reshape(-1, 3)[where] = solved / np.float32(255)
    offset.reshape(-1)[where] = mean_alpha[:, 0] - np.einsum("nc,nc->n", solved, mean_colour)
    return _mean(slope), _mean(offset)


def _mean(values: NDArray[np.floating[Any]]) -> Floats:
    return np.asarray(cv2.blur(values, (2 * RADIUS + 1, 2 * RADIUS + 1)), np.float32)


def _solve(squares: Floats, crossed: Floats, shared: Floats) -> Floats:
    """
    n symmetric 3x3 systems by Cramer's rule, in float64 because determinants nearly cancel.

    Args:
        squares: (n, 3) variances of red, green, blue. Rounding takes those of a window of one
            colour a little below zero, which EPSILON then outweighs.
        crossed: (n, 3) covariances red-green, green-blue, blue-red.
        shared: (n, 3) covariances of each colour with alpha.

    Returns:
        (n, 3) the slope of alpha over each colour.
    """
    rr, gg, bb = np.maximum(squares.T.astype(np.float64), 0) + EPSILON
    rg, gb, rb = crossed.T.astype(np.float64)
    r, g, b = shared.T.astype(np.float64)
    c_rr, c_rg, c_rb = gg * bb - gb * gb, rb * gb - rg * bb, rg * gb - rb * gg
    c_gg, c_gb, c_bb = rr * bb - rb * rb, rb * rg - rr * gb, rr * gg - rg * rg
    determinant = rr * c_rr + rg * c_rg + rb * c_rb
    x = c_rr * r + c_rg * g + c_rb * b
    y = c_rg * r + c_gg * g + c_gb * b
    z = c_rb * r + c_gb * g + c_bb * b
    return np.asarray((np.stack([x, y, z]) / determinant).T, np.float32)
