"""
Batch norms folded into their convolutions, and put back for training.

A fused network is what runs: half the layers, the same outputs. The published ONNX files are fused,
and a network trains badly without batch norms, so ``unfuse`` puts calibrated ones in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from convert.errors import ConversionError
from convert.networks.network import Network
from convert.networks.rsu import ConvBlock


def blocks(network: nn.Module) -> Iterator[ConvBlock]:
    """All blocks of a network, in call order."""
    return (module for module in network.modules() if isinstance(module, ConvBlock))


def fused(network: nn.Module) -> bool:
    """Whether no batch norm is left."""
    return all(isinstance(block.bn_s1, nn.Identity) for block in blocks(network))


def fuse(network: nn.Module) -> None:
    """Fold each batch norm's running statistics into its convolution, in place."""
    for block in blocks(network):
        norm = block.bn_s1
        if isinstance(norm, nn.BatchNorm2d):
            folded = fuse_conv_bn_eval(block.conv_s1.eval(), norm.eval())
            block.conv_s1 = folded.train(block.training)
            block.bn_s1 = nn.Identity()


@torch.no_grad()
def unfuse(network: Network, batches: Iterable[Tensor]) -> None:
    """
    Put a batch norm behind each fused convolution, in place, that changes nothing.

    Its running statistics are those of the convolution's outputs over ``batches``, and its weight
    and bias undo them. So outputs stay equal in evaluation, and nearly so in training on pictures
    like these.

    Args:
        network: what is not fused in it stays as it is.
        batches: each (N, 3, H, W) float in [0, 1], as ``forward`` takes them; 16 pictures do.

    Raises:
        ConversionError: no batches, or outputs that are not finite.
    """
    pending = [block for block in blocks(network) if isinstance(block.bn_s1, nn.Identity)]
    moments = [_Moments() for _ in pending]
    with _watched(pending, moments), _evaluating(network):
        for batch in batches:
            network(batch)
    for block, seen in zip(pending, moments, strict=True):
        block.bn_s1 = seen.norm().to(block.conv_s1.weight).train(block.training)


@dataclass
class _Moments:
    """Sums over all pixels of all pictures, per channel, in double precision."""

    count: int = 0
    total: Tensor | None = None
    squares: Tensor | None = None

    def see(self, outputs: Tensor) -> None:
        wide = outputs.double()
        total, squares = wide.sum((0, 2, 3)), wide.square().sum((0, 2, 3))
        self.count += outputs.numel() // outputs.shape[1]
        self.total = total if self.total is None else self.total + total
        self.squares = squares if self.squares is None else self.squares + squares

    def norm(self) -> nn.BatchNorm2d:
        if self.total is None or self.squares is None:
            raise ConversionError("batch norms are calibrated on pictures, and there were none")
        mean = self.total / self.count
        variance = (self.squares / self.count - mean.square()).clamp(min=0)
        if not (mean.isfinite().all() and variance.isfinite().all()):
            raise ConversionError("the network gives values that are not finite on these pictures")
        norm = nn.BatchNorm2d(len(mean))
        norm.load_state_dict(
            {
                "running_mean": mean,
                "running_var": variance,
                "weight": (variance + norm.eps).sqrt(),
                "bias": mean,
                "num_batches_tracked": torch.tensor(0),
            }
        )
        return norm


@contextmanager
def _watched(pending: list[ConvBlock], moments: list[_Moments]) -> Iterator[None]:
    def hook(seen: _Moments) -> Callable[[nn.Module, object, Tensor], None]:
        return lambda _module, _inputs, outputs: seen.see(outputs)

    handles = [
        block.conv_s1.register_forward_hook(hook(seen))
        for block, seen in zip(pending, moments, strict=True)
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def _evaluating(network: nn.Module) -> Iterator[None]:
    training = network.training
    network.eval()
    try:
        yield
    finally:
        network.train(training)
