"""The models before and after, measured on frames that were held out; and the offer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from convert import weights
from convert.export import export
from convert.graph import serialise
from convert.networks import make
from convert.product import Provenance, describe, install
from edge.matting.onnx import Onnx
from edge.zoo.assets import manifest
from edge.zoo.card import Card, ModelInput, Origin, Quality
from edge.zoo.own import MEND
from train.data.records import Record
from train.errors import ConfigError
from train.evaluate import Comparison, Plan, compare
from train.evaluate.comparison import SAME

NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}")
WORSE_ROOM = 0.005  # mean alpha that an empty room may gain before the model counts as worse
MEASURES = ("mad", "mse", "grad", "conn")


@dataclass(frozen=True, slots=True)
class Model:
    """A network as the service runs it. Attributes: ``graph`` is the ONNX file's bytes."""

    card: Card
    graph: bytes
    runs: Onnx


def exported(
    network: str, file: Path, size: tuple[int, int], provenance: Provenance, folder: Path
) -> Model:
    """
    Export weights to ``folder`` and load what came of it.

    Raises:
        EdgeError: they do not fit the network, or it cannot be exported or run.
    """
    made = make(network)
    weights.load(made, file)
    graph = serialise(export(made, size))
    given = ModelInput(width=size[0], height=size[1], fit="stretch", interpolation="linear")
    card = describe(network, given, "fp32", provenance, graph)
    return Model(card, graph, Onnx(install(card, graph, folder), card, mend=MEND))


def measured(
    before: Model, after: Model, held: Sequence[Record], names: tuple[str, str]
) -> Comparison:
    """Both on the held-out frames, each at its own size. Raises EdgeError."""
    return compare((before.runs, after.runs), held, names, Plan(cases=8))


def faults(found: Comparison) -> list[str]:
    """In what the second is worse than the first: by its own mattes, or visibly as refined."""
    own, shown = found.changes("raw"), found.changes("refined")
    checks = (
        (own, "mad", 0.0, "MAD on people"),
        (shown, "mad", SAME, "MAD on people, refined,"),
        (own, "mean_alpha", WORSE_ROOM, "the empty room's mean alpha"),
    )
    return [
        f"{what} rose from {changes[measure][0]:.4g} to {changes[measure][1]:.4g}"
        for changes, measure, room, what in checks
        if measure in changes and changes[measure][1] > changes[measure][0] + room
    ]


def table(found: Comparison) -> str:
    """Measure, before, after: of the model's own mattes, and as the service refines them."""
    lines = [f"{'':22}{'before':>10}{'after':>10}"]
    for treatment in ("raw", "refined"):
        for measure, (was, now) in found.changes(treatment).items():
            lines.append(f"{f'{measure} {treatment}':22}{was:10.3f}{now:10.3f}")
    return "\n".join(lines)


def check_name(name: str) -> None:
    """
    Raises:
        ConfigError: no id, or the id of a published model.
    """
    if not NAME.fullmatch(name):
        raise ConfigError(f"--name {name}: wanted small letters, digits, '.', '_' and '-'")
    if name in manifest().by_id():
        raise ConfigError(f"--name {name}: a published model has this name; choose another")


@dataclass(frozen=True, slots=True)
class Shelf:
    """
    Where a model is offered.

    Attributes:
        name: the model's id there.
        anyway: put it there even if it is worse.
    """

    name: str
    folder: Path
    anyway: bool


def offered(shelf: Shelf, card: Card, graph: bytes, found: Comparison, made_of: str) -> str:
    """
    Put the model where the service finds it, unless it is worse; tells what was done.

    Args:
        card, graph: the model as it was exported.
        made_of: the frames it was fitted to, in words without names or paths: viewers read them.

    Raises:
        StorageError: the folder cannot be written to.
    """
    wrong = "; ".join(faults(found))
    if wrong and not shelf.anyway:
        return (
            f"Not offered: it is worse than before: {wrong}. Capture more, and give it more "
            "--minutes; or --anyway"
        )
    path = install(_named(shelf.name, card, found, made_of), graph, shelf.folder)
    though = f" though it is worse ({wrong})" if wrong else ""
    return (
        f"Offered to the service{though} as {shelf.name}: reload the page and choose it, or start "
        f"with --matting onnx:{shelf.name}. To take it back: delete {path} and its card"
    )


def _named(name: str, card: Card, found: Comparison, made_of: str) -> Card:
    origin = Origin(
        source=f"fine-tuned on this machine, on {made_of}; before that {card.origin.source}",
        sha256=card.origin.sha256,
        step=card.origin.step,
    )
    update: dict[str, object] = {
        "id": name,
        "label": f"{name} (fine-tuned here)",
        "task": "matting",
        "file": f"{name}.onnx",
        "origin": origin,
        "quality": _quality(found),
    }
    return Card.model_validate({**dict(card), **update})


def _quality(found: Comparison) -> tuple[Quality, ...]:
    """After, and before: on people, by the teacher's labels."""
    made = []
    for place, said in ((1, "after"), (0, "before")):
        values = {
            m: round(both[place], 3) for m, both in found.changes("raw").items() if m in MEASURES
        }
        if "mad" in values:
            data = f"held-out frames of its own room by a teacher's labels, {said} fine-tuning"
            made.append(Quality(data=data, **values))
    return tuple(made)
