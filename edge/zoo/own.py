"""
Models that need no fetching: folders of ONNX files with their cards.

The project's own lie in ``models/`` of a checkout or of a container made like one, and in
``share/edge-matting/models`` of an installed wheel; those that were made on this machine, such as
one fine-tuned for this room, in the state folder; and any others in the folder of ``--models-dir``.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import edge
from edge.errors import ModelError, StorageError
from edge.zoo.card import Card
from edge.zoo.card_file import read_card

FOLDER = "models"  # in the state folder: what is offered to the service
SHIPPED = (
    Path(edge.__file__).resolve().parents[1] / "models",
    Path(sys.prefix) / "share" / "edge-matting" / "models",
)
MEND = "Make the model and its card anew, or take both away"

logger = logging.getLogger(__name__)


class Own:
    """
    The ONNX models in some folders. They are looked at anew each time: a model may come any moment.

    Args:
        folders: need not exist. Of two models with one id the first counts.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)
        self._refused: dict[Path, str] = {}

    def found(self) -> dict[str, tuple[Path, Card]]:
        """Each id with its model file and card, by label. A damaged card is logged and left out."""
        models: dict[str, tuple[Path, Card]] = {}
        for folder in self._folders:
            for file in sorted(folder.glob("*.json")):
                card = self._card(file)
                if card is not None and _runs_here(card):
                    models.setdefault(card.id, (folder / card.file, card))
        return dict(sorted(models.items(), key=lambda each: each[1][1].label.lower()))

    def get(self, model_id: str) -> tuple[Path, Card] | None:
        """The model file and card of an id; None if there is no such model."""
        return self.found().get(model_id)

    def _card(self, file: Path) -> Card | None:
        try:
            card = read_card(file.with_suffix(".onnx"), MEND)
        except (ModelError, StorageError) as error:
            if self._refused.get(file) != str(error):  # once, not at each look
                self._refused[file] = str(error)
                logger.warning("a model is left out: %s", error)
            return None
        self._refused.pop(file, None)
        return card


def _runs_here(card: Card) -> bool:
    """Not an engine, nor a graph whose integers are laid out for one."""
    integers = card.quantised
    return card.runtime == "onnx" and (integers is None or integers.scheme == "cpu")
