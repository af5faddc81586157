"""One graph for several input sizes: at each it must give what the network gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from convert import runners
from convert.pictures import Pictures
from convert.product import install
from convert.report import row
from convert.staging import promote, staged, tried
from edge.parity import together
from edge.zoo import Zoo
from edge.zoo.card import Card


def install_tried(
    made: tuple[bytes, Card],
    network: tuple[str, Path],
    pictures: Pictures,
    folder: Path,
    write: Callable[[str], None],
) -> Path:
    """
    Install a graph after it was compared with PyTorch at each size on its card.

    Args:
        made: the file's bytes and its card.
        network: the name of the network and its weights.
        pictures: they are squeezed into each size.
        folder: where the product goes.
        write: gets a line for each size.

    Raises:
        ParityError: it is over a limit at one of the sizes; nothing was installed.
        EdgeError: it cannot be run, or the folder cannot be written to.
    """
    graph, card = made
    name, weights = network
    with staged(folder) as aside:
        path = install(card, graph, aside)
        zoo = Zoo(aside)  # nothing is looked up in it: weights and graph are files
        found = []
        for width, height in card.input.choices:
            reference = runners.load(f"torch:{name}?size={height}x{width}&weights={weights}", zoo)
            found.append(tried(f"onnx:{path}", reference, pictures.at((width, height)), zoo))
            write(f"{height}x{width}: {'  '.join(row(found[-1])[1:-1])}")
        overall = replace(found[0], overall=together([each.overall for each in found]))
        return promote(path, folder, overall, pictures)
