from __future__ import annotations

import pytest

from convert.errors import SizeError
from convert.networks import make
from convert.networks.macs import gmac
from tests.unit.convert.tiny import Tiny


def test_counts_each_multiplication_of_a_convolution() -> None:
    block, side = 8 * 6 * 4 * 3 * 9, 4 * 3 * 1 * 4 * 9  # pixels x out x in x kernel
    assert gmac(Tiny(), width=6, height=8) == (block + side) / 1e9


def test_u2netp_costs_what_is_known_of_it() -> None:
    assert gmac(make("u2netp"), 320, 320) == pytest.approx(19.756, abs=1e-3)
    assert gmac(make("u2net"), 320, 320) == pytest.approx(58.598, abs=1e-3)


def test_portrait_fast_stays_within_its_budget_both_ways_up() -> None:
    network = make("portrait_fast")
    assert gmac(network, 320, 192) == gmac(network, 192, 320) < 4
    assert gmac(make("u2netp"), 320, 192) > 3.5 * gmac(network, 320, 192)


def test_counting_leaves_the_network_as_it_was() -> None:
    network = Tiny().train()
    gmac(network, 8, 8)
    assert network.training
    assert network.side.weight.device.type == "cpu"


def test_a_size_it_cannot_run_at_is_refused() -> None:
    with pytest.raises(SizeError, match="7x8"):
        gmac(Tiny(), width=8, height=7)
