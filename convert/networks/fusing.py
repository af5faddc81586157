"""
Batch norms folded into their convolutions, and put back for training.

A fused network is what runs: half the layers, the same outputs. The published ONNX files are fused,
and a network trains badly without batch norms, so ``unfuse`` puts calibrated ones in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from convert.errors import ConversionError
from convert.networks.network import Network
from convert.networks.normed import Normed


@dataclass(frozen=True, slots=True)
class Pair:
    """A convolution and the batch norm behind it, an Identity once it is fused, in their module."""

    module: Normed
    names: tuple[str, str]

    @property
    def convolution(self) -> nn.Conv2d:
        """The convolution, with a bias if it is fused."""
        return cast(nn.Conv2d, self.module.get_submodule(self.names[0]))

    @property
    def norm(self) -> nn.Module:
        """A BatchNorm2d or an Identity."""
        return self.module.get_submodule(self.names[1])

    def set(self, convolution: nn.Conv2d, norm: nn.Module) -> None:
        """Put others in their place."""
        for name, part in zip(self.names, (convolution, norm), strict=True):
            self.module.set_submodule(name, part)


def pairs(network: nn.Module) -> list[Pair]:
    """All of a network, each module's in call order."""
    found = (module for module in network.modules() if isinstance(module, Normed))
    return [Pair(module, names) for module in found for names in module.norms.items()]


def fused(network: nn.Module) -> bool:
    """Whether no batch norm is left."""
    return all(isinstance(pair.norm, nn.Identity) for pair in pairs(network))


def fuse(network: nn.Module) -> None:
    """Fold each batch norm's running statistics into its convolution, in place."""
    for pair in pairs(network):
        convolution, norm = pair.convolution, pair.norm
        if isinstance(norm, nn.BatchNorm2d):
            folded = fuse_conv_bn_eval(convolution.eval(), norm.eval())
            pair.set(folded.train(pair.module.training), nn.Identity())


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
    pending = [pair for pair in pairs(network) if isinstance(pair.norm, nn.Identity)]
    moments = [_Moments() for _ in pending]
    with _watched(pending, moments), _evaluating(network):
        for batch in batches:
            network(batch)
    for pair, seen in zip(pending, moments, strict=True):
        convolution = pair.convolution
        norm = seen.norm().to(convolution.weight).train(pair.module.training)
        if not pair.module.biased and convolution.bias is not None:
            _mean(norm).sub_(convolution.bias)  # so that the network has its own keys again
            convolution.bias = None
        pair.set(convolution, norm)


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


def _mean(norm: nn.BatchNorm2d) -> Tensor:
    return cast(Tensor, norm.running_mean)


@contextmanager
def _watched(pending: list[Pair], moments: list[_Moments]) -> Iterator[None]:
    def hook(seen: _Moments) -> Callable[[nn.Module, object, Tensor], None]:
        return lambda _module, _inputs, outputs: seen.see(outputs)

    handles = [
        pair.convolution.register_forward_hook(hook(seen))
        for pair, seen in zip(pending, moments, strict=True)
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
