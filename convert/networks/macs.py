"""What a network costs: multiply-accumulate operations, counted and not estimated."""

from __future__ import annotations

import copy

import torch
from torch.utils.flop_counter import FlopCounterMode

from convert.networks.network import Network


def gmac(network: Network, width: int, height: int) -> float:
    """
    Multiply-accumulate operations for one picture, in units of 10^9.

    All convolutions and matrix products count, at their true sizes. Biases, batch norms, ReLU,
    pooling and interpolation do not: they are bound by memory, not by arithmetic. Nothing is
    computed (shapes only), so a large input is as quick as a small one.

    Raises:
        SizeError: the network cannot run at this size.
    """
    shapes = copy.deepcopy(network).to("meta").eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        shapes(torch.empty(1, 3, height, width, device="meta"))
    flops: int = counter.get_total_flops()
    return flops / 2e9  # a multiplication and an addition each
