"""A published network -> the model file that runs here, and its card."""

from __future__ import annotations

import hashlib
from pathlib import Path

from edge.errors import ModelMismatch
from edge.files import write_atomically
from edge.zoo.assets import Asset, Network
from edge.zoo.card import Card, Origin
from edge.zoo.card_file import card_path, read_card
from edge.zoo.wrapping import FOREGROUND, INPUT, OUTPUT, step, wrap


def prepare(asset: Asset, network: Network, published: Path, path: Path) -> None:
    """
    Make the model file at ``path`` and the card beside it.

    The card is written last: it is the word that the file is whole.

    Raises:
        ModelError: the published file is no such network, or a package to change it is missing.
        OSError: writing failed; no half-written file is left.
    """
    model = wrap(published.read_bytes(), network.recipe, network.input.size)
    write_atomically(path, model)
    file = {"sha256": hashlib.sha256(model).hexdigest(), "size_bytes": len(model)}
    card = card_of(asset, network).model_copy(update=file)
    write_atomically(card_path(path), card.to_json().encode())


def card_in_cache(asset: Asset, network: Network, path: Path) -> Card:
    """
    The card of the file at ``path``, if that is this very asset made in today's way.

    Only the file's size and checksum are taken from there: a newer manifest may know a better
    label, or way to fit frames, and that needs no new file.

    Raises:
        ModelMissing, ModelMismatch: there is no such card.
        StorageError: it cannot be read.
    """
    there = read_card(path, mend(asset))
    today = card_of(asset, network)
    if (there.origin.sha256, there.origin.step) != (asset.sha256, today.origin.step):
        raise ModelMismatch(f"{path}: made by another version. {mend(asset)}")
    return today.model_copy(update={"sha256": there.sha256, "size_bytes": there.size_bytes})


def card_of(asset: Asset, network: Network) -> Card:
    """The card without what only the made file tells."""
    memory = network.recipe.memory
    if memory is not None and memory.foreground:
        memory = memory.model_copy(update={"foreground": FOREGROUND})
    return Card(
        id=asset.id,
        label=asset.label,
        task=network.task,
        runtime="onnx",
        precision="fp32",
        recurrent=memory is not None,
        input=network.input.model_copy(update={"name": INPUT}),
        output=OUTPUT,
        file=model_file(asset),
        size_bytes=asset.size_bytes,
        licence=asset.licence,
        origin=Origin(
            source=asset.homepage,
            sha256=asset.sha256,
            step=step(network.recipe, network.input.size),
        ),
        quality=network.quality,
        memory=memory,
    )


def model_file(asset: Asset) -> str:
    """The name of the model file made of ``asset``."""
    return f"{asset.id}.onnx"


def mend(asset: Asset) -> str:
    """What to do when its file is missing or wrong."""
    return f"Run: python -m edge models fetch {asset.id}"
