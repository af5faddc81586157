"""The ONNX graph as TensorRT's network, in whichever version."""

from __future__ import annotations

import re
from typing import Any, NoReturn

from convert.errors import ConversionError, UnsupportedOperation
from edge.tensorrt.library import Library
from edge.zoo.card import Card


def create_network(api: Any, builder: Any, strongly_typed: bool) -> Any:
    """An empty ``INetworkDefinition``; ``strongly_typed`` where types come from the graph alone."""
    names = ("EXPLICIT_BATCH", *(["STRONGLY_TYPED"] if strongly_typed else []))
    kinds = api.NetworkDefinitionCreationFlag
    flags = sum(1 << int(getattr(kinds, name)) for name in names if hasattr(kinds, name))
    return builder.create_network(flags)


def read_graph(library: Library, network: Any, graph: bytes, card: Card) -> None:
    """
    Fill ``network`` from an ONNX file's bytes.

    Raises:
        UnsupportedOperation: it has operations that this TensorRT does not know.
        ConversionError: it is not valid, or its ends are not those of the card.
    """
    parser = library.api.OnnxParser(network, library.logger)
    if not parser.parse(graph):
        _refuse(library, parser, card)
    found = [
        [end(i).name for i in range(count)]
        for end, count in (
            (network.get_input, network.num_inputs),
            (network.get_output, network.num_outputs),
        )
    ]
    wanted = [[card.input.name], [card.output]]
    if found != wanted:
        raise ConversionError(
            f"{card.file}: takes {found[0]} and gives {found[1]}; its card says {wanted[0]} "
            f"and {wanted[1]}"
        )


def _refuse(library: Library, parser: Any, card: Card) -> NoReturn:
    errors = [parser.get_error(i) for i in range(parser.num_errors)]
    said = library.said.why()
    unsupported = sorted({_operation(error, said) for error in errors if _is_unsupported(error)})
    if unsupported:
        raise UnsupportedOperation(
            f"{library.title} does not know {', '.join(unsupported)}, which {card.file} uses; "
            "take another network or a newer TensorRT"
        )
    reasons = "; ".join(str(error.desc()) for error in errors) or said
    raise ConversionError(f"{library.title} cannot read {card.file}: {reasons}")


def _is_unsupported(error: Any) -> bool:
    """An unknown operation is looked for among the plugins, and is not there either."""
    code, words = str(error.code()).rpartition(".")[2], str(error.desc())
    return code.startswith("UNSUPPORTED_NODE") or "Plugin not found" in words


def _operation(error: Any, said: str) -> str:
    """The name of the operation that a parser's error is about."""
    if hasattr(error, "node_operator"):  # since TensorRT 9
        return str(error.node_operator())
    named = re.search(r"While parsing node number \d+ \[(\w+)", said)
    return named[1] if named else str(error.desc())


def fix_size(builder: Any, network: Any, config: Any, card: Card) -> None:
    """An input whose size is left open takes those of the card, and is tuned for the first."""
    rgb = network.get_input(0)
    if -1 not in tuple(rgb.shape):
        return
    widths, heights = zip(*card.input.choices, strict=True)
    sizes = ((min(heights), min(widths)), card.input.size[::-1], (max(heights), max(widths)))
    profile = builder.create_optimization_profile()
    profile.set_shape(rgb.name, *((1, *size, 3) for size in sizes))
    config.add_optimization_profile(profile)
