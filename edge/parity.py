"""Whether one runtime's alpha is another's: the measures, and how far each precision may be off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from edge.frame import Alpha

SPECK = 0.002  # of the picture: where both mattes together cover less, IoU says nothing
SEEN = 0.02  # of the picture: a matte that covers so much must not come out black


@dataclass(frozen=True, slots=True)
class Limits:
    """
    How far a product may be off its origin, over some pictures.

    Attributes:
        mean: largest mean absolute difference of alpha.
        largest: of any pixel; None where single pixels on an edge may flip.
        iou: smallest mean intersection over union at alpha 0.5.
    """

    mean: float
    largest: float | None
    iou: float


LIMITS: Mapping[str, Limits] = MappingProxyType(
    {
        "fp32": Limits(mean=1e-5, largest=1e-3, iou=0.999),
        "fp16": Limits(mean=2e-3, largest=None, iou=0.99),
        "bf16": Limits(mean=1e-2, largest=None, iou=0.97),
        "int8": Limits(mean=1e-2, largest=None, iou=0.97),
    }
)


@dataclass(frozen=True, slots=True)
class Difference:
    """
    Of two mattes of one picture, or of several pictures together.

    Attributes:
        mean, largest: of the absolute difference of alpha; NaN where it is not finite.
        iou: at alpha 0.5; the mean over pictures.
        finite: whether every value is.
        black: whether nothing is left of a matte that should show something.
    """

    mean: float
    largest: float
    iou: float
    finite: bool = True
    black: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, in words; the value found, and the limit it is held to."""

    what: str
    found: float
    limit: float


def difference(found: Alpha, wanted: Alpha) -> Difference:
    """
    Compare two mattes (H, W) of one picture.

    Raises:
        ValueError: their shapes differ.
    """
    if found.shape != wanted.shape:
        raise ValueError(f"mattes of {found.shape} and {wanted.shape} cannot be compared")
    if not np.isfinite(found).all():
        return Difference(float("nan"), float("nan"), 0.0, finite=False)
    apart = np.abs(found.astype(np.float64) - wanted)
    ours, theirs = found > 0.5, wanted > 0.5
    union = int((ours | theirs).sum())
    iou = int((ours & theirs).sum()) / union if union > SPECK * ours.size else 1.0
    black = not ours.any() and float(theirs.mean()) > SEEN
    return Difference(float(apart.mean()), float(apart.max()), iou, black=black)


def together(each: Sequence[Difference]) -> Difference:
    """Of several pictures, at least one: means, the largest of all, and any that is broken."""
    return Difference(
        mean=float(np.mean([one.mean for one in each])),
        largest=float(np.max([one.largest for one in each])),  # NaN stays NaN
        iou=float(np.mean([one.iou for one in each])),
        finite=all(one.finite for one in each),
        black=any(one.black for one in each),
    )


def fault(of: Difference, precision: str) -> Fault | None:
    """The first limit of ``precision`` that is broken, or None."""
    limits = LIMITS[precision]
    if not of.finite:
        return Fault("alpha is not finite somewhere: its largest difference", float("nan"), 1.0)
    if of.black:
        return Fault("nothing is left of a matte: its intersection over union", 0.0, limits.iou)
    if of.mean > limits.mean:
        return Fault("mean difference of alpha", of.mean, limits.mean)
    if limits.largest is not None and of.largest > limits.largest:
        return Fault("largest difference of alpha", of.largest, limits.largest)
    if of.iou < limits.iou:
        return Fault("intersection over union at alpha 0.5", of.iou, limits.iou)
    return None
