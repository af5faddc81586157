"""A product is made aside, tried, and only then put where it is looked for."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from convert.parity import Compared, compare
from convert.pictures import Pictures
from convert.runners import Runner, load
from edge.errors import StorageError
from edge.zoo import Zoo
from edge.zoo.card_file import card_path, read_card


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """
    An empty folder inside ``folder``, gone afterwards with what is left in it.

    Raises:
        StorageError: ``folder`` cannot be made or written to, or its disk is full.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".making-") as name:
            yield Path(name)
    except OSError as error:
        raise StorageError(
            f"{error.filename or folder}: {error.strerror or error}. "
            "Make room, or choose another: --output FOLDER"
        ) from error


def tried(spec: str, reference: Runner, pictures: Pictures, zoo: Zoo) -> Compared:
    """
    Compare what ``spec`` names with ``reference``.

    Raises:
        ParityError: it is over its limit.
        EdgeError: it cannot be loaded or run.
    """
    (found,) = compare(reference, [load(spec, zoo)], pictures)
    found.require()
    return found


def promote(model: Path, folder: Path, found: Compared, pictures: Pictures) -> Path:
    """
    Move a tried model, its companion and its card into ``folder``; the card says how near it is.

    The card comes last: what is between an old and a new one is refused, and not run.

    Raises:
        OSError: for ``staged`` to handle.
    """
    card = read_card(model, "")
    if card.fidelity is None:
        card = card.model_copy(update={"fidelity": found.fidelity(pictures)})
    card_path(model).write_text(card.to_json())
    names = [card.companion.file] if card.companion else []
    for name in (*names, model.name, card_path(model).name):
        (model.parent / name).replace(folder / name)
    return folder / model.name
