"""From weights and a data set to a tuned int8 model with its card."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from convert import origins, weights
from convert.export import export
from convert.graph import serialise
from convert.networks import make
from convert.pictures import Pictures, labelled
from convert.product import Provenance, install
from convert.quantise import Quantised, Scheme
from convert.quantise.product import pack
from convert.session import session
from edge.parity import Difference
from edge.zoo import Zoo
from edge.zoo.card import ModelInput
from train.data.batches import Batches, Mix
from train.data.layouts import read
from train.data.similar import perceptual_hash
from train.data.split import split
from train.data.store import Store, open_store
from train.errors import DataError
from train.quantise.start import ready
from train.quantise.tune import Settings, apart, tune

if TYPE_CHECKING:
    from onnx import ModelProto

logger = logging.getLogger(__name__)

SIDE = 416  # pixels at which pictures are kept, as fits keep them
HELD_OUT = 0.06  # share of groups, as fits hold out


@dataclass(frozen=True, slots=True)
class Order:
    """
    What is wanted.

    Attributes:
        weights: a file of the user's, or None for the project's own.
        given: the input, as it stands on the card.
        data: a labelled set; its pictures are tuned on, their labels are not looked at.
        count: pictures to calibrate on, and pictures to judge by.
        batch: pictures in a step.
        cache: where the pictures are kept ready.
    """

    model: str
    weights: Path | None
    given: ModelInput
    scheme: Scheme
    data: Path
    output: Path
    cache: Path
    settings: Settings = Settings()
    count: int = 48
    batch: int = 8


def quantise_and_tune(order: Order, zoo: Zoo) -> str:
    """
    Make the int8 model, put it into ``order.output``, and tell how near it is.

    What tuning did not improve is left as it was: the model is then that of plain calibration.

    Raises:
        DataError: too few pictures.
        ParityError: tuned or not, it is further from fp32 than int8 may be.
        EdgeError: the weights cannot be had, exported, quantised or tuned.
    """
    model, provenance = _exported(order, zoo)
    store, train, held = _pictures(order)
    name = order.data.resolve().name
    calibrating, judging, watched = (
        _some(store, numbers, order.count, name) for numbers in (train, held, train[1::2])
    )
    start = ready(model, calibrating.fitted(order.given), order.scheme)
    judge = _Judge(serialise(model), judging, order.given)
    plain = start.written()
    before = judge.differs(serialise(plain))
    logger.info("calibrated: %s", _told(before))
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    steps = tune(
        start, _batches(order, store, train), watched.fitted(order.given), order.settings, device
    )
    tuned = start.written()
    after = judge.differs(serialise(tuned))
    better = after.mean < before.mean
    made = Quantised(
        model=tuned if better else plain,
        integers=start.planned.convolutions,
        floats=tuple(n for n in start.graph.convolutions() if n not in start.planned.convolutions),
        overall=after if better else before,
        judged=len(judging),
    )
    then = f", then {steps} steps of {order.batch} on {len(train)} pictures" if better else ""
    notes = f"{calibrating.label}{then}", judging.label
    data, card = pack((order.model, order.given, provenance), made, notes, order.scheme)
    path = install(card, data, order.output)
    kept = "" if better else "\nTuning made it no better: it is left as calibrated"
    return (
        f"calibrated: {_told(before)}\ntuned, {steps} steps: {_told(after)}{kept}\n"
        f"{path}: {len(data) / 1e6:.1f} MB, {len(made.integers)} of "
        f"{len(made.integers) + len(made.floats)} convolutions in int8"
    )


def _exported(order: Order, zoo: Zoo) -> tuple[ModelProto, Provenance]:
    """The fp32 graph, and whose weights it is made of."""
    network = make(order.model)
    for size in order.given.choices:
        network.check_size(*size)  # before anything is fetched
    found = origins.find(order.model, order.weights, zoo)
    weights.load(network, found.path)
    graph = export(network, order.given.size, dynamic=bool(order.given.sizes))
    return graph, found.provenance


class _Judge:
    """Holds int8 graphs to fp32, on pictures that nothing was tuned on."""

    def __init__(self, reference: bytes, pictures: Pictures, given: ModelInput) -> None:
        self._pictures = pictures.fitted(given)
        running = session(reference)
        self._wanted = [running.alpha(picture) for picture in self._pictures]

    def differs(self, graph: bytes) -> Difference:
        running = session(graph)
        return apart([running.alpha(picture) for picture in self._pictures], self._wanted)


def _told(of: Difference) -> str:
    return f"mean difference to fp32 {of.mean:.5f}, IoU {of.iou:.4f}"


def _pictures(order: Order) -> tuple[Store, list[int], list[int]]:
    """The store, the numbers to tune on, and those held out: the same as a fit's."""
    records = [r for r in read(order.data) if r.background or r.alpha is not None]
    store = open_store(order.cache, records, SIDE)
    hashes = [perceptual_hash(store[n].image) for n in range(len(store))]
    train, held = split(store.records(), hashes, HELD_OUT)
    if not train or not held:
        raise DataError(f"{order.data}: {len(train)} pictures to tune on, {len(held)} to judge by")
    return store, train, held


def _some(store: Store, numbers: Sequence[int], count: int, name: str) -> Pictures:
    """Spread evenly over all of them."""
    kept = min(count, len(numbers))
    chosen = [numbers[i * len(numbers) // kept] for i in range(kept)]
    named = {store[n].record.name: np.ascontiguousarray(store[n].image) for n in chosen}
    return labelled(name, tuple(named), tuple(named.values()))


def _batches(order: Order, store: Store, train: Sequence[int]) -> Iterator[Tensor]:
    """Scenes as a fit sees them, (N, H, W, 3) uint8; until the steps or the minutes are over."""
    mix = Mix(order.given.choices, order.batch, pairs=0)
    batches = Batches(store, train, mix, seed=0)
    for step in range(order.settings.steps):
        yield batches[step].image.permute(0, 2, 3, 1)
