"""
PyTorch -> ONNX: a network, its pre-processing and its sigmoid as one graph that anything can run.

``rgb`` (1, H, W, 3) uint8 in, ``alpha`` (1, 1, H, W) float32 in [0, 1] out; batch norms are folded,
side maps dropped, constants folded. The same network gives the same bytes, on every machine with
the same versions of torch and onnx.
"""

from __future__ import annotations

import copy
import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

import torch
from torch import Tensor, nn

from convert.errors import ConversionError, MissingExtra, UnsupportedOperation
from convert.graph import INPUT, OUTPUT, tidy
from convert.networks import Network
from convert.networks.fusing import fuse
from convert.translations import translations

if TYPE_CHECKING:
    from onnx import ModelProto

OPSET = 17  # the newest that TensorRT 8.6 reads; all newer runtimes read it too
OPSETS = range(16, 24)
LARGEST = 4096  # pixels of a side

Size: TypeAlias = tuple[int, int]


class Deployed(nn.Module):
    """A network as it is shipped: (1, H, W, 3) uint8 RGB to alpha (1, 1, H, W)."""

    scale: Tensor
    offset: Tensor

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("scale", 1 / (255 * network.std))
        self.register_buffer("offset", -network.mean / network.std)

    def forward(self, rgb: Tensor) -> Tensor:
        # The cast comes first: TensorRT takes uint8 nowhere but right before one.
        planes = rgb.float().permute(0, 3, 1, 2)
        return torch.sigmoid(self.network.logits(planes * self.scale + self.offset)[0])


def export(
    network: Network, size: Size, *, opset: int = OPSET, dynamic: bool = False
) -> ModelProto:
    """
    The fp32 graph of a network. The network stays as it is.

    Args:
        size: (width, height) of the input.
        opset: one of ``OPSETS``.
        dynamic: leave both open, under the names ``height`` and ``width``, by which a runtime can
            be told a size when it loads the graph; each a multiple of ``network.multiple``.

    Raises:
        SizeError: the network cannot run at this size.
        UnsupportedOperation: it does what ONNX cannot express; says what.
        ConversionError: another opset, or the graph is not valid.
        MissingExtra: a package is not installed.
    """
    if opset not in OPSETS:
        raise ConversionError(
            f"opset {opset}: wanted {OPSETS.start} to {OPSETS.stop - 1}; {OPSET} runs everywhere"
        )
    width, height = size
    network.check_size(width, height)
    deployed = Deployed(copy.deepcopy(network).float().cpu())
    fuse(deployed)
    made = _trace(deployed.eval(), size, opset, network.multiple if dynamic else None)
    if dynamic:
        _name_sides(made)
    tidy(made, prefix="network.")
    return made


def _name_sides(model: ModelProto) -> None:
    """Torch names an open side by a formula, such as ``64*rows``, that no runtime can be given."""
    for end, first in ((model.graph.input[0], 1), (model.graph.output[0], 2)):
        sides = end.type.tensor_type.shape.dim[first : first + 2]
        for side, name in zip(sides, ("height", "width"), strict=True):
            side.dim_param = name


def _trace(deployed: Deployed, size: Size, opset: int, multiple: int | None) -> ModelProto:
    width, height = size
    shapes = None
    if multiple is not None:
        # Torch takes a dimension that it meets at its least for a fixed one.
        width, height = max(width, 2 * multiple), max(height, 2 * multiple)
        steps = LARGEST // multiple
        rows, columns = (torch.export.Dim(name, min=1, max=steps) for name in ("rows", "columns"))
        shapes = ({1: multiple * rows, 2: multiple * columns},)
    try:
        with _quiet(), torch.no_grad():
            program = torch.onnx.export(
                deployed,
                (torch.zeros(1, height, width, 3, dtype=torch.uint8),),
                input_names=[INPUT],
                output_names=[OUTPUT],
                opset_version=opset,
                dynamic_shapes=shapes,
                custom_translation_table=translations(),
                dynamo=True,
                verbose=False,
            )
    except ImportError as error:
        raise MissingExtra(error.name or "onnxscript", "convert") from error
    except torch.onnx.OnnxExporterError as error:
        raise _translated(error) from error
    if program is None:
        raise ConversionError("torch gave no ONNX graph")
    made: ModelProto = program.model_proto
    found = next(entry.version for entry in made.opset_import if entry.domain == "")
    if found != opset:
        raise ConversionError(
            f"this network cannot be written in opset {opset}, but in {found}: --opset {found}"
        )
    return made


def _translated(error: BaseException) -> ConversionError:
    """The error that names the operation, which torch has wrapped in pages of advice."""
    cause: BaseException | None = error
    while cause is not None:
        found = re.search(r"OpOverload\(op='([\w.]+)'|torch\.ops\.([\w.]+)", str(cause))
        if found:
            return UnsupportedOperation(
                f"the network uses {found[1] or found[2]}, which ONNX cannot express; "
                "replace it by operations that ONNX has"
            )
        cause = cause.__cause__
    return ConversionError(f"torch could not export the network: {str(error).strip()}")


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the exporter's remarks: none is about our graph, and errors still raise."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript", "onnx_ir")]
    levels = [each.level for each in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for each in loggers:
            each.setLevel(logging.ERROR)
        try:
            yield
        finally:
            for each, level in zip(loggers, levels, strict=True):
                each.setLevel(level)
