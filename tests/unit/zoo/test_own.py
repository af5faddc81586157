"""Models that were made on this machine stand beside the published ones."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.catalog.models import ModelCatalog
from edge.errors import ModelMismatch, UnknownName
from edge.frame import Frame
from edge.matting.onnx import make
from edge.zoo import Zoo
from edge.zoo.assets import Manifest
from edge.zoo.card import Card, Licence, ModelInput, Origin
from edge.zoo.card_file import card_path
from edge.zoo.wrapping import wrap
from tests.unit.zoo.conftest import HEIGHT, WIDTH, Tiny, sha256


@pytest.fixture
def offer(tmp_path: Path, tiny: Tiny) -> Any:
    """Put a model that runs, and its card, into the folder."""

    def put(name: str = "my-room") -> Path:
        folder = tmp_path / "own"
        folder.mkdir(exist_ok=True)
        graph = wrap(tiny.published, tiny.recipe, tiny.size)
        path = folder / f"{name}.onnx"
        path.write_bytes(graph)
        card = Card(
            id=name,
            label=f"Model {name}",
            task="matting",
            runtime="onnx",
            precision="fp32",
            input=ModelInput(width=WIDTH, height=HEIGHT, fit="stretch", interpolation="linear"),
            file=path.name,
            sha256=sha256(graph),
            size_bytes=len(graph),
            licence=Licence(spdx="NOASSERTION"),
            origin=Origin(source="made by a test"),
        )
        card_path(path).write_text(card.to_json())
        return path

    return put


@pytest.fixture
def zoo(tmp_path: Path, model_asset: Any) -> Zoo:
    return Zoo(tmp_path / "cache", None, Manifest(assets=(model_asset(),)), [tmp_path / "own"])


def test_a_model_put_there_while_the_service_runs_can_be_chosen(zoo: Zoo, offer: Any) -> None:
    catalog = ModelCatalog("onnx:tiny", zoo)
    assert [choice.id for choice in catalog.choices()] == ["auto:", "onnx:tiny"]
    offer()
    chosen = catalog.choices()[1]  # before those that must be fetched
    assert (chosen.id, chosen.label, chosen.installed) == ("onnx:my-room", "Model my-room", True)
    assert catalog.make("onnx:my-room").load().label == "Model my-room"


def test_it_mattes_frames(zoo: Zoo, offer: Any, tiny: Tiny) -> None:
    offer()
    image = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    alpha = make("my-room", zoo=zoo).matte(Frame(image, 0, 0)).alpha
    assert np.allclose(alpha, tiny.alpha(image), atol=1e-5)


def test_a_published_id_cannot_be_taken(zoo: Zoo, offer: Any) -> None:
    offer("tiny")
    assert [card.label for card in zoo.cards()] == ["Tiny"]
    assert zoo.own("tiny") is None


def test_a_damaged_file_is_not_run_and_a_damaged_card_is_logged_once(
    zoo: Zoo, offer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    path = offer()
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(ModelMismatch, match="my-room"):
        zoo.path("my-room")
    with pytest.raises(ModelMismatch):
        zoo.check("my-room")
    card_path(path).write_text("{}")
    with caplog.at_level(logging.WARNING):
        assert [len(zoo.cards()) for _ in range(3)] == [1, 1, 1]
    assert sum("left out" in line for line in caplog.messages) == 1


def test_an_unknown_id_names_those_there_are(zoo: Zoo, offer: Any) -> None:
    offer()
    with pytest.raises(UnknownName, match="my-room, tiny"):
        zoo.path("nothing")
