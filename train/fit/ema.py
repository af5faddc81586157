"""An exponential moving average of weights: smoother than any single step, and what is shipped."""

from __future__ import annotations

import copy

import torch
from torch import nn


class Ema:
    """
    Attributes:
        network: the average; in evaluation mode, without gradients.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self._decay = decay

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """Take in ``network`` after ``step``; early on it follows closely, to forget the start."""
        share = 1 - min(self._decay, (1 + step) / (10 + step))
        mine, theirs = self.network.state_dict(), network.state_dict()
        floats = [name for name, value in mine.items() if value.is_floating_point()]
        torch._foreach_lerp_([mine[n] for n in floats], [theirs[n] for n in floats], share)
        for name in mine.keys() - set(floats):
            mine[name].copy_(theirs[name])
