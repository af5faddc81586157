"""One runtime's mattes against another's on the same pictures: who is off, how far, and where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from convert.errors import ConversionError, ParityError
from convert.pictures import Pictures
from convert.runners import Runner
from edge.frame import Alpha, Rgb
from edge.parity import LIMITS, Difference, Fault, difference, fault, together
from edge.zoo.card import Fidelity

TILE_HEIGHT = 320  # of the picture of the worst case


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """
    One runner against the reference.

    Attributes:
        precision: whose limits hold.
        overall: over all pictures.
        fault: the limit it breaks, or None.
        worst: the picture on which it is most off, and the two mattes of it.
    """

    spec: str
    precision: str
    overall: Difference
    fault: Fault | None
    worst: Worst

    def require(self) -> None:
        """Raise ParityError if a limit is broken."""
        if self.fault is not None:
            what = f"{self.spec} ({self.precision}): {self.fault.what}"
            raise ParityError(what, self.fault.found, self.fault.limit)

    def fidelity(self, pictures: Pictures) -> Fidelity:
        """As it stands on a card."""
        of = self.overall
        return Fidelity(
            data=pictures.label,
            pictures=len(pictures),
            mean=float(f"{of.mean:.3g}"),
            largest=float(f"{of.largest:.3g}"),
            iou=round(of.iou, 4),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Worst:
    """A picture by its name, and its mattes (h, w)."""

    name: str
    image: Rgb
    wanted: Alpha
    found: Alpha

    def drawn(self) -> Rgb:
        """Side by side: the picture, the wanted matte, the found one, and their difference."""
        height = TILE_HEIGHT
        width = round(self.image.shape[1] * height / self.image.shape[0])
        found = np.nan_to_num(self.found, nan=0.5, posinf=1, neginf=0)
        apart = np.abs(found - self.wanted)
        gray = [
            cv2.cvtColor((plane.clip(0, 1) * 255).astype(np.uint8), cv2.COLOR_GRAY2RGB)
            for plane in (self.wanted, found)
        ]
        heat = cv2.applyColorMap((apart.clip(0, 1) * 255).astype(np.uint8), cv2.COLORMAP_INFERNO)
        tiles = [self.image, *gray, cv2.cvtColor(heat, cv2.COLOR_BGR2RGB)]
        sized = [cv2.resize(tile, (width, height), interpolation=cv2.INTER_AREA) for tile in tiles]
        return np.hstack(sized).astype(np.uint8)


def compare(
    reference: Runner, candidates: Sequence[Runner], pictures: Pictures
) -> Iterator[Compared]:
    """
    Each candidate against ``reference``, as soon as it is done.

    Raises:
        EdgeError: one of them failed.
        ConversionError: the reference gives values that are not finite, or other sizes are given.
    """
    wanted = [reference.run(image) for image in pictures.images]
    broken = [n for n, alpha in zip(pictures.names, wanted, strict=True) if not _finite(alpha)]
    if broken:
        raise ConversionError(f"{reference.spec}: alpha of {broken[0]} is not finite; no reference")
    for candidate in candidates:
        yield _compared(candidate, wanted, pictures)


def _compared(candidate: Runner, wanted: Sequence[Alpha], pictures: Pictures) -> Compared:
    each: list[Difference] = []
    worst: tuple[float, Worst] | None = None
    for name, image, truth in zip(pictures.names, pictures.images, wanted, strict=True):
        found = candidate.run(image)
        if found.shape != truth.shape:
            raise ConversionError(
                f"{candidate.spec} gives mattes of {found.shape}, and the reference {truth.shape}; "
                "wanted one input size: see --size"
            )
        one = difference(found, truth)
        each.append(one)
        rank = one.mean if one.finite else float("inf")
        if worst is None or rank > worst[0]:
            worst = rank, Worst(name, image, truth, found.copy())
    if worst is None:
        raise ConversionError("there were no pictures to compare mattes on")
    overall = together(each)
    precision = candidate.precision
    return Compared(candidate.spec, precision, overall, fault(overall, precision), worst[1])


def limits_table() -> list[tuple[str, ...]]:
    """Precision, mean, largest, IoU: as text, for reports."""
    return [
        (name, f"{each.mean:g}", f"{each.largest:g}" if each.largest else "-", f"{each.iou:g}")
        for name, each in LIMITS.items()
    ]


def _finite(alpha: Alpha) -> bool:
    return bool(np.isfinite(alpha).all())
