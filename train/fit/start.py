"""The weights a run starts from."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from torch import Tensor
from torch.nn import functional

from convert import weights
from convert.networks import Network
from convert.networks.fusing import fused, unfuse
from convert.networks.portrait_fast import PortraitFast
from convert.networks.u2net import U2NetP
from edge.errors import UnknownName
from edge.zoo import Zoo, default_cache
from train.errors import ConfigError


def start(network: Network, source: str, pictures: Iterable[Tensor]) -> None:
    """
    Load the weights that ``source`` names into ``network``.

    Published files are fused; they get back batch norms that change nothing on ``pictures``.

    Args:
        source: ``random``; a file; or an id of the zoo, whose network is this one, or U2NETP for
            a network that can be made from it.
        pictures: batches of training pictures, (N, 3, H, W) float in [0, 1].

    Raises:
        ConfigError: there is no such file or id.
        ConversionError: the weights do not fit.
        ModelError: the zoo cannot give them.
    """
    if source == "random":
        return
    path = _file(source)
    if isinstance(network, PortraitFast) and source == "u2netp":
        half = [functional.avg_pool2d(batch, 2) for batch in pictures]
        origin = U2NetP()
        weights.load(origin, path)
        unfuse(origin, half)
        network.initialise(origin)
        return
    weights.load(network, path)
    if fused(network):
        unfuse(network, pictures)


def _file(source: str) -> Path:
    path = Path(source).expanduser()
    if path.exists():
        return path
    try:
        return Zoo(default_cache()).path(source)
    except UnknownName as error:
        raise ConfigError(f"network.start: {source}: no such file, and {error}") from error
