"""The weights a run starts from."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

from torch import Tensor
from torch.nn import functional

from convert import weights
from convert.networks import Network
from convert.networks.fusing import fused, unfuse
from convert.networks.portrait_fast import PortraitFast
from convert.networks.resnet50 import OnResNet50
from convert.networks.u2net import U2NetP
from convert.origins import OWN
from edge.errors import ModelMissing, UnknownName
from edge.zoo import Zoo, default_cache
from train.errors import ConfigError

IMAGENET = "imagenet"
BACKBONE = "resnet50"  # in the zoo

logger = logging.getLogger(__name__)


def start(network: Network, source: str, pictures: Iterable[Tensor]) -> str:
    """
    Load the weights that ``source`` names into ``network``.

    Published files are fused; they get back batch norms that change nothing on ``pictures``.

    Args:
        source: ``random``; a file; the name of the project's own weights; an id of the zoo, whose
            network is this one, or U2NETP for a network made from it; ``imagenet`` for an encoder
            that was trained on ImageNet, where its weights can be had, or ``imagenet:FILE`` for
            torchvision's file.
        pictures: batches of training pictures, (N, 3, H, W) float in [0, 1].

    Returns:
        What it starts from, in words.

    Raises:
        ConfigError: there is no such file or id, or the network has no such encoder.
        ConversionError: the weights do not fit.
        ModelError: the zoo cannot give them.
    """
    if source == "random":
        return "from scratch, as asked"
    kind, _, given = source.partition(":")
    if kind == IMAGENET:
        return _imagenet(network, given)
    path = _file(source)
    if isinstance(network, PortraitFast) and source == "u2netp":
        half = [functional.avg_pool2d(batch, 2) for batch in pictures]
        origin = U2NetP()
        weights.load(origin, path)
        unfuse(origin, half)
        network.initialise(origin)
        return "from the published U2NETP, on half the resolution"
    weights.load(network, path)
    if fused(network):
        unfuse(network, pictures)
    return "from the project's own weights" if path.parent == OWN else f"from {source}"


def _imagenet(network: Network, given: str) -> str:
    if not isinstance(network, OnResNet50):
        raise ConfigError(
            f"network.start: {IMAGENET}: {network.name} does not begin with ResNet50; give a file "
            "of its own weights, or random"
        )
    try:
        path = _file(given or BACKBONE)
    except ModelMissing as error:
        # Two thirds of the network would do better with them, but all of it can be fitted without.
        logger.warning("%s\nStarting from scratch.", error)
        return (
            "from scratch, for no source gave the ImageNet weights of its encoder (bring them: "
            f"python -m edge models fetch {BACKBONE}, or network.start = '{IMAGENET}:FILE')"
        )
    weights.load_encoder(network.encoder, path)
    return "from ResNet50 trained on ImageNet; what comes behind it from scratch"


def _file(source: str) -> Path:
    path = Path(source).expanduser()
    if path.exists():
        return path
    if (own := OWN / f"{source}.pth").exists():
        return own
    try:
        return Zoo(default_cache()).path(source)
    except UnknownName as error:
        raise ConfigError(f"network.start: {source}: no such file, and {error}") from error
