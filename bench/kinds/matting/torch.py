"""
``torch:NETWORK?size=WxH&device=cuda&precision=f16``: the network in PyTorch.

What whoever trains it would run: the module itself, batch norms folded, without a compiler. The
size is 320x320, the device the GPU where there is one, the precision f32, unless they are given.
Only a GPU takes f16.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

import numpy as np

from edge.errors import InputError, ModelError
from edge.fit import fit_into, place, unfit
from edge.frame import Frame, Matte
from edge.zoo import Zoo, default_cache

SIZE = re.compile(r"(\d+)x(\d+)")
VALUES = {"device": ("cpu", "cuda"), "precision": ("f32", "f16")}


class Torch:
    """
    A MattingModel without memory.

    Args:
        deployed: uint8 (1, H, W, 3) to alpha (1, 1, H, W).
        size: (width, height) of its input.
        device: "cpu" or "cuda".
        half: in float16.
    """

    def __init__(self, deployed: Any, size: tuple[int, int], device: str, half: bool) -> None:
        import torch

        self._torch, self._size, self._device, self._half = torch, size, device, half
        self._network = deployed.eval().to(device)
        self._picture = np.empty((1, size[1], size[0], 3), np.uint8)

    def matte(self, frame: Frame) -> Matte:
        """See ``edge.matting.MattingModel``; what the GPU began has ended when this returns."""
        placement = place(frame.size, self._size, "stretch")
        fit_into(self._picture[0], frame.image, placement, "linear")
        kind = self._torch.float16
        try:
            with (
                self._torch.inference_mode(),
                self._torch.autocast(self._device, kind, enabled=self._half),
            ):
                rgb = self._torch.from_numpy(self._picture).to(self._device)
                alpha = self._network(rgb)[0, 0].float().cpu().numpy()
        except RuntimeError as error:
            raise ModelError(f"PyTorch failed: {error}") from error
        return Matte(unfit(np.asarray(alpha, np.float32), placement))

    def reset(self) -> None:
        """Nothing to forget."""


def make(argument: str, *, zoo: Zoo | None = None) -> Torch:
    """
    Raises:
        InputError: an option that is not there, or no such network.
        ModelError: PyTorch or the GPU is missing.
        EdgeError: the weights cannot be had.
    """
    name, _, query = argument.partition("?")
    size, options = _options(argument, query)
    try:
        import torch

        from convert import origins, weights
        from convert.export import Deployed
        from convert.networks import make as make_network
        from convert.networks.fusing import fuse
    except ImportError as error:
        raise ModelError(
            f"{error.name} is not installed: pip install 'edge-matting[convert]'"
        ) from error
    there = torch.cuda.is_available()
    device = options.get("device", "cuda" if there else "cpu")
    if device == "cuda" and not there:
        raise ModelError("PyTorch finds no GPU here")
    half = options.get("precision") == "f16"
    if half and device == "cpu":
        raise ModelError("f16 is for a GPU: a processor takes many times as long for it as for f32")
    network = make_network(name)
    network.check_size(*size)
    weights.load(network, origins.find(name, None, zoo or Zoo(default_cache())).path)
    deployed = Deployed(network.float())
    fuse(deployed)
    return Torch(deployed, size, device, half)


def _options(argument: str, query: str) -> tuple[tuple[int, int], dict[str, str]]:
    size, options = (320, 320), {}
    for key, text in parse_qsl(query, keep_blank_values=True):
        found = SIZE.fullmatch(text)
        if key == "size" and found:
            size = int(found[1]), int(found[2])
        elif text in VALUES.get(key, ()):
            options[key] = text
        else:
            raise InputError(
                f"torch:{argument}: {key}={text}: wanted size=WIDTHxHEIGHT, device=cpu or cuda, "
                "or precision=f32 or f16"
            )
    return size, options
