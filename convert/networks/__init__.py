"""
The networks by name, all with one interface: see ``Network``.

``make("u2netp")``, ``make("u2net")`` (Qin et al. 2020); ``make("portrait")``, U2NETP for people;
``make("portrait_fast")``, the project's own, of the same family, for the edge;
``make("deeplabv3plus")`` (Chen et al. 2018) and ``make("rmbg")``, which begin with ResNet50.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from convert.networks.deeplabv3plus import DeepLabV3Plus
from convert.networks.network import Network
from convert.networks.portrait_fast import PortraitFast
from convert.networks.rmbg import Rmbg
from convert.networks.u2net import Portrait, U2Net, U2NetP
from edge.errors import UnknownName

NETWORKS: Mapping[str, type[Network]] = MappingProxyType(
    {
        network.name: network
        for network in (U2NetP, U2Net, Portrait, PortraitFast, DeepLabV3Plus, Rmbg)
    }
)

__all__ = ["NETWORKS", "Network", "make"]


def make(name: str) -> Network:
    """
    A new network with random weights, in training mode.

    Raises:
        UnknownName: no such network.
    """
    if name not in NETWORKS:
        raise UnknownName(f"{name!r}: no such network; there are {', '.join(NETWORKS)}")
    return NETWORKS[name]()
