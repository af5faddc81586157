"""
U2NETP in integers against a real TensorRT: quantised for it, then built, with no GPU.

In a file of its own: the quantiser exports the network from PyTorch, an extra.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from edge.errors import EdgeError
from edge.zoo import Zoo, default_cache
from edge.zoo.card import ModelInput
from edge.zoo.card_file import check_file, read_card
from tests.conftest import SHARED

WANTED = ("tensorrt_rtx", "torch", "onnxscript")
missing = [name for name in WANTED if not find_spec(name)]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}"),
]


@pytest.fixture(scope="module")
def quantised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For TensorRT, on real pictures where they are at hand, else on the drawn presenter."""
    from convert import origins, weights
    from convert.export import export
    from convert.networks import make
    from convert.pictures import load
    from convert.product import install
    from convert.quantise import TENSORRT
    from convert.quantise.product import to_int8

    try:
        found = origins.find("u2netp", None, Zoo(default_cache()))
    except EdgeError as error:
        pytest.skip(f"U2NETP is not at hand: {error}")
    network = make("u2netp")
    weights.load(network, found.path)
    given = ModelInput(width=320, height=320, fit="stretch", interpolation="linear")
    real = SHARED / "train_open" / "images"
    pictures = load(real if real.is_dir() else None, 12)
    graph = export(network, given.size)
    made, card = to_int8("u2netp", graph, given, found.provenance, pictures, TENSORRT)
    return install(card, made, tmp_path_factory.mktemp("int8"))


def test_u2netp_in_integers_becomes_an_engine(quantised: Path, tmp_path: Path) -> None:
    from convert.tensorrt.install import build_and_install
    from convert.tensorrt.options import Order

    order = Order(None, quantised, tmp_path, library="tensorrt_rtx")
    engine = build_and_install(order, lambda done: None)
    card = read_card(engine, "")
    check_file(card, engine, "")
    assert card.precision == "int8"
    assert card.quantised is not None
    assert card.quantised.scheme == "tensorrt"
    assert len(card.quantised.floats) < 20  # of 119 convolutions; the others compute in integers
    assert engine.name.startswith("u2netp-320x320-int8-tensorrt-int8-320x320-rtx")
    assert engine.stat().st_size > 1.1e6  # a byte for each weight at least
