"""Boundary IoU: intersection over union of the outlines alone."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.measures.cut import HALF
from bench.measures.shapes import same_shape
from edge.frame import Alpha

WIDTH = 0.02  # of an outline, as a part of the picture's diagonal


def boundary_iou(alpha: Alpha, truth: Alpha, width: float = WIDTH) -> float:
    """
    Cheng et al., "Boundary IoU", CVPR 2021: 1 is best. 1 where both mattes are empty.

    Of each mask only the pixels count that lie within a distance of its outline: on a large person
    the plain intersection over union hardly sees an edge. Distance is Chebyshev's and the picture's
    end is an outline, as in the authors' implementation.

    Args:
        width: the distance, as a part of the diagonal; at least a pixel.
    """
    same_shape(alpha, truth)
    distance = max(1, round(width * math.hypot(*truth.shape)))
    found, wanted = _outline(alpha > HALF, distance), _outline(truth > HALF, distance)
    union = int(np.count_nonzero(found | wanted))
    return int(np.count_nonzero(found & wanted)) / union if union else 1.0


def _outline(mask: NDArray[np.bool_], distance: int) -> NDArray[np.bool_]:
    """The pixels of ``mask`` that are at most ``distance`` from what is outside."""
    window = np.ones((2 * distance + 1, 2 * distance + 1), np.uint8)
    inner = cv2.erode(mask.view(np.uint8), window, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(mask & (inner == 0), np.bool_)
