"""Precision and recall over all thresholds at which a matte may be cut."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bench.measures.cut import HALF
from bench.measures.shapes import same_shape
from edge.frame import Alpha

LEVELS = 256  # alpha as a byte: threshold k / 255 for k = 0 ... 255

Floats = NDArray[np.float64]


def precision_recall(alpha: Alpha, truth: Alpha) -> tuple[Floats, Floats]:
    """
    Precision and recall of one matte at each threshold, (LEVELS,) each.

    At threshold k / 255 all pixels count as found whose alpha, rounded to a byte, is k or more; the
    truth is cut at one half. Averaged over pictures these are the curves of the saliency papers
    (Achanta et al. 2009). A share of nothing is 1, as in ``Confusion``.
    """
    same_shape(alpha, truth)
    byte = np.rint(alpha * np.float32(255)).astype(np.uint8)
    person = truth > HALF
    of_person = np.bincount(byte[person], minlength=LEVELS)
    of_all = np.bincount(byte.ravel(), minlength=LEVELS)
    both, found = (np.cumsum(counts[::-1])[::-1] for counts in (of_person, of_all))
    precision = np.divide(both, found, out=np.ones(LEVELS), where=found > 0)
    recall = both / both[0] if both[0] else np.ones(LEVELS)
    return precision, np.asarray(recall, np.float64)
