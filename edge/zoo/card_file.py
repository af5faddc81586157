"""The card in its file beside the model: found, read, and held against the model file."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import ValidationError

from edge.errors import ModelMismatch, ModelMissing, StorageError
from edge.zoo.card import Card


def card_path(model: Path) -> Path:
    """Where the card of ``model`` lies: the same name, ending in .json."""
    return model.with_suffix(".json")


def read_card(model: Path, mend: str) -> Card:
    """
    The card beside ``model``.

    Args:
        model: the model file; it need not exist.
        mend: the command that makes a good card, for the message.

    Raises:
        ModelMissing: there is no card.
        ModelMismatch: it is no card, or that of another file.
        StorageError: it cannot be read.
    """
    path = card_path(model)
    try:
        card = Card.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise ModelMissing(
            f"{model}: no card {path.name} beside it, which says how the model is fed. {mend}"
        ) from error
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}; let this user read it") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise ModelMismatch(f"{path}: not a model card: {place}: {first['msg']}. {mend}") from error
    if card.file != model.name:
        raise ModelMismatch(f"{path}: the card of {card.file}, not of {model.name}. {mend}")
    return card


def check_file(card: Card, model: Path, mend: str) -> None:
    """
    Raise unless ``model``, and its companion, are byte for byte what ``card`` describes.

    Raises:
        ModelMissing: it is not there.
        ModelMismatch: another size or checksum.
        StorageError: it cannot be read.
    """
    _check(model, card.size_bytes, card.sha256 or "none", mend)
    if card.companion is not None:
        companion = card.companion
        _check(model.with_name(companion.file), companion.size_bytes, companion.sha256, mend)


def _check(path: Path, wanted_size: int, wanted: str, mend: str) -> None:
    try:
        size = path.stat().st_size
        if size != wanted_size:
            raise ModelMismatch(
                f"{path}: {size} bytes, and its card says {wanted_size}: "
                f"cut off or another file. {mend}"
            )
        found = file_sha256(path)
    except FileNotFoundError as error:
        raise ModelMissing(f"{path}: no such file. {mend}") from error
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}; let this user read it") from error
    if found != wanted:
        raise ModelMismatch(
            f"{path}: sha256 {found[:12]}..., and its card says {wanted[:12]}...: "
            f"damaged or another file. {mend}"
        )


def file_sha256(path: Path) -> str:
    """Lower-case hex digest of the whole file. Raises OSError."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
