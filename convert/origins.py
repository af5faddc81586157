"""Where weights come from: the file the user names, the project's own, or the published ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from convert.errors import WeightsError
from convert.product import UNKNOWN, Provenance
from edge.errors import ModelMissing, StorageError
from edge.zoo import Zoo
from edge.zoo.card import Licence, Origin
from edge.zoo.card_file import card_path, file_sha256, read_card

OWN = Path(__file__).resolve().parents[1] / "models"
STEP = "convert onnx 1"  # raise the number when the graphs made change
TRAINED = "a file of weights given by its user"
OURS = (
    "trained by this project on openly licensed pictures, two sets of which "
    "(clothing-co-parsing, HaGRID samples) have no other grant than their repositories' licence: "
    "see models/README.md"
)


@dataclass(frozen=True, slots=True)
class Origins:
    """The weights to load, and whose they are."""

    path: Path
    provenance: Provenance


def find(model: str, given: Path | None, zoo: Zoo) -> Origins:
    """
    The weights of ``model``: ``given``, or the project's own, or the published ones, fetched.

    A file with a card beside it, as the zoo and the trainer write it, has that card's licence.

    Raises:
        WeightsError: none were given and none are known.
        ModelError, StorageError: the published ones could not be had; a card is no card.
    """
    own = OWN / f"{model}.pth"
    if given is not None:
        return _of_file(given, UNKNOWN, TRAINED)
    if own.exists():
        return _of_file(own, Licence(spdx="Apache-2.0"), OURS)
    published = {card.id for card in zoo.cards()}
    if model not in published:
        raise WeightsError(
            f"no weights of {model} are published: train it, or name yours: --weights FILE.pth"
        )
    card = zoo.card(model)
    origin = Origin(source=card.origin.source, sha256=card.origin.sha256, step=STEP)
    return Origins(zoo.path(model), Provenance(card.licence, origin))


def _of_file(path: Path, licence: Licence, source: str) -> Origins:
    """Weights of a file; ``licence`` and ``source`` hold where no card beside it says more."""
    try:
        digest = file_sha256(path)
    except OSError as error:
        raise StorageError(
            f"{path}: {error.strerror or error}; wanted a file of weights"
        ) from error
    try:
        card = read_card(path, "Take the card anew, or away")
        licence, source = card.licence, card.origin.source
    except ModelMissing:
        if card_path(path).exists():
            raise
    return Origins(path, Provenance(licence, Origin(source=source, sha256=digest, step=STEP)))
