"""The ONNX operators that exported matting networks are made of, in PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeAlias

import torch
from torch import Tensor
from torch.nn import functional

from convert.errors import UnsupportedOperation

Attributes: TypeAlias = Mapping[str, Any]
Operator: TypeAlias = Callable[[Sequence[Tensor], Attributes], Tensor]


def padded(x: Tensor, pads: Sequence[int], value: float) -> tuple[Tensor, tuple[int, int]]:
    """``x`` and the padding left to do; what ONNX pads unequally is done here."""
    top, left, bottom, right = pads
    if (top, left) == (bottom, right):
        return x, (top, left)
    return functional.pad(x, (left, right, top, bottom), value=value), (0, 0)


def pair(values: Sequence[int]) -> tuple[int, int]:
    """Of height and width. Raises UnsupportedOperation where there are not two."""
    if len(values) != 2:
        raise UnsupportedOperation(f"{len(values)} spatial axes; wanted 2")
    return values[0], values[1]


def _max_pool(inputs: Sequence[Tensor], given: Attributes) -> Tensor:
    x, padding = padded(inputs[0], given.get("pads", (0, 0, 0, 0)), float("-inf"))
    size, stride = pair(given["kernel_shape"]), pair(given.get("strides", (1, 1)))
    ceil = bool(given.get("ceil_mode", 0))
    return functional.max_pool2d(x, size, stride, padding, ceil_mode=ceil)


def _resize(inputs: Sequence[Tensor], given: Attributes) -> Tensor:
    """Bilinear with half-pixel centres, as U2NET enlarges; by scales, or to a size."""
    mode = given.get("coordinate_transformation_mode", b"half_pixel")
    if given.get("mode", b"nearest") != b"linear" or mode != b"half_pixel":
        raise UnsupportedOperation(f"Resize {given.get('mode')} {mode}; wanted linear, half_pixel")
    x, last = inputs[0], inputs[-1]
    if len(inputs) == 4 and last.numel():
        size = [int(value) for value in last[2:]]
    else:
        factors = [float(value) for value in last[2:]]
        size = [int(side * f) for side, f in zip(x.shape[2:], factors, strict=True)]
    return functional.interpolate(x, size, mode="bilinear", align_corners=False)


def _reshape(inputs: Sequence[Tensor], given: Attributes) -> Tensor:
    """The graph was made for one picture; here there are as many as come."""
    x, shape = inputs[0], [int(value) for value in inputs[1]]
    return x.reshape(x.shape[0], *shape[1:])


def _depth_to_space(inputs: Sequence[Tensor], given: Attributes) -> Tensor:
    if given.get("mode", b"DCR") != b"CRD":
        raise UnsupportedOperation("DepthToSpace of mode DCR; wanted CRD")
    return functional.pixel_shuffle(inputs[0], given["blocksize"])


def _mean(inputs: Sequence[Tensor], given: Attributes) -> Tensor:
    axes = given["axes"] if "axes" in given else [int(value) for value in inputs[1]]
    return inputs[0].mean(list(axes), keepdim=bool(given.get("keepdims", 1)))


def _clip(inputs: Sequence[Tensor], given: Attributes) -> Tensor:
    low, high = (*(float(v) if v.numel() else None for v in inputs[1:]), None, None)[:2]
    return inputs[0].clamp(low, high)


def _shape(inputs: Sequence[Tensor], given: Attributes) -> Tensor:
    """Of a graph whose size is left open: on the CPU, as all that only counts."""
    shape = list(inputs[0].shape)
    return torch.tensor(shape[given.get("start", 0) : given.get("end", len(shape))])


def _div(inputs: Sequence[Tensor], given: Attributes) -> Tensor:
    whole = not inputs[0].is_floating_point()
    return torch.div(inputs[0], inputs[1], rounding_mode="floor" if whole else None)


OPERATORS: Mapping[str, Operator] = MappingProxyType(
    {
        "Add": lambda x, _: x[0] + x[1],
        "Cast": lambda x, _: x[0].float(),
        "Clip": _clip,
        "Concat": lambda x, given: torch.cat(list(x), given["axis"]),
        "DepthToSpace": _depth_to_space,
        "Div": _div,
        "GlobalAveragePool": lambda x, _: x[0].mean((2, 3), keepdim=True),
        "MaxPool": _max_pool,
        "Mul": lambda x, _: x[0] * x[1],
        "ReduceMean": _mean,
        "Relu": lambda x, _: functional.relu(x[0]),
        "Reshape": _reshape,
        "Resize": _resize,
        "Shape": _shape,
        "Sigmoid": lambda x, _: torch.sigmoid(x[0]),
        "Transpose": lambda x, given: x[0].permute(*given["perm"]),
    }
)
