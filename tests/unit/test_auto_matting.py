from __future__ import annotations

import logging
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge import plugins
from edge.errors import InputError, ModelError, UnknownName
from edge.frame import Frame, Matte
from edge.matting import MattingModel, auto
from edge.matting._healing import HealingModel
from edge.matting._pick import converted, products
from edge.zoo import Zoo
from edge.zoo.assets import Manifest
from edge.zoo.card import Card
from tests.unit.convert.graphs import GIVEN, graph, put

SHOWN = Frame(np.zeros((48, 64, 3), np.uint8), 0, 0)


class Played:
    """A model whose matte and pace are given."""

    def __init__(self, offset: float = 0.0, pace_s: float = 0.0) -> None:
        self.offset, self.pace_s = offset, pace_s

    def matte(self, frame: Frame) -> Matte:
        ramp = np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8)
        return Matte(np.clip(ramp + np.float32(self.offset), 0, 1))

    def reset(self) -> None:
        """Nothing to forget."""


class PlayedZoo(Zoo):
    """One model, "small", in a folder."""

    def __init__(self, cache: Path) -> None:
        super().__init__(cache, listing=Manifest(assets=()))
        (cache / "models").mkdir(parents=True)
        self.file = put(cache / "models", graph())

    def card(self, model_id: str) -> Card:
        if model_id != "small":
            raise UnknownName(f"{model_id!r}: there is small")
        return Card.model_validate_json(self.file.with_suffix(".json").read_bytes())

    def path(self, asset_id: str, progress: Any = None) -> Path:
        return self.file


@pytest.fixture
def zoo(tmp_path: Path) -> PlayedZoo:
    return PlayedZoo(tmp_path)


@pytest.fixture
def play(
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[dict[str, MattingModel | Exception]], list[str]]:
    """Specs -> the models that they make, or the errors they raise; times are their paces."""

    def set_up(stage: dict[str, MattingModel | Exception]) -> list[str]:
        loaded: list[str] = []

        def make(room: str, spec: str, **context: Any) -> MattingModel:
            loaded.append(spec)
            made = stage.get(spec, ModelError("not installed"))
            if isinstance(made, Exception):
                raise made
            return made

        def race(models: dict[str, Played], frames: object) -> dict[str, float]:
            return {spec: model.pace_s for spec, model in models.items()}

        monkeypatch.setattr(plugins, "make", make)
        monkeypatch.setattr(auto, "race", race)
        monkeypatch.setattr(auto, "frames", lambda: [SHOWN])
        return loaded

    return set_up


OPENVINO = "openvino:small"
BF16 = "openvino:small?precision=bf16"


def test_the_fastest_that_passes_is_picked_and_says_why(
    zoo: Zoo, play: Any, caplog: pytest.LogCaptureFixture
) -> None:
    play({"onnx:small": Played(0, 0.10), OPENVINO: Played(0, 0.08), BF16: Played(0.005, 0.05)})
    with caplog.at_level(logging.INFO):
        picked = auto.make("small", zoo=zoo)
    assert picked.spec == BF16
    assert "2.0 times as fast as onnx:small" in picked.label
    assert f"auto runs {BF16}" in caplog.text
    assert picked.matte(SHOWN).alpha.shape == (8, 8)


@pytest.mark.parametrize(
    ("offset", "told"),
    [(0.2, "mean difference of alpha is"), (float("nan"), "not finite"), (-1, "nothing is left")],
)
def test_the_fastest_is_out_if_its_matte_is_wrong(
    offset: float, told: str, zoo: Zoo, play: Any, caplog: pytest.LogCaptureFixture
) -> None:
    play({"onnx:small": Played(0, 0.10), OPENVINO: Played(offset, 0.001)})
    with caplog.at_level(logging.INFO):
        assert auto.make("small", zoo=zoo).spec == "onnx:small"
    assert f"auto leaves out {OPENVINO}: " in caplog.text
    assert told in caplog.text


def test_mattes_of_another_size_are_out(zoo: Zoo, play: Any) -> None:
    class Other(Played):
        def matte(self, frame: Frame) -> Matte:
            return Matte(np.zeros((4, 4), np.float32))

    play({"onnx:small": Played(0, 0.10), OPENVINO: Other(0, 0.001)})
    assert auto.make("small", zoo=zoo).spec == "onnx:small"


def test_a_gain_that_is_no_gain_leaves_the_reference(zoo: Zoo, play: Any) -> None:
    play({"onnx:small": Played(0, 0.100), OPENVINO: Played(0, 0.099)})
    picked = auto.make("small", zoo=zoo)
    assert picked.spec == "onnx:small"
    assert "none of 1 others" in picked.label


def test_alone_the_reference_serves(zoo: Zoo, play: Any) -> None:
    play({"onnx:small": Played()})
    assert auto.make("small", zoo=zoo).label == "onnx:small: the only runtime here that passes"


def test_without_the_reference_there_is_no_model(zoo: Zoo, play: Any) -> None:
    play({"onnx:small": ModelError("ONNX Runtime is not installed"), OPENVINO: Played()})
    with pytest.raises(ModelError, match="ONNX Runtime is not installed"):
        auto.make("small", zoo=zoo)


def test_the_pick_is_remembered(zoo: Zoo, play: Any) -> None:
    stage = {"onnx:small": Played(0, 0.10), OPENVINO: Played(0, 0.05)}
    play(stage)
    first = auto.make("small", zoo=zoo)
    loaded = play(stage)
    again = auto.make("small", zoo=zoo)
    assert (again.spec, again.label) == (first.spec, first.label)
    assert loaded == [OPENVINO]


def test_a_pick_that_fails_now_is_made_anew(zoo: Zoo, play: Any) -> None:
    play({"onnx:small": Played(0, 0.10), OPENVINO: Played(0, 0.05)})
    auto.make("small", zoo=zoo)
    play({"onnx:small": Played(0, 0.10)})
    assert auto.make("small", zoo=zoo).spec == "onnx:small"


def test_another_runtime_version_asks_for_a_new_pick(
    zoo: Zoo, play: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    play({"onnx:small": Played(0, 0.10), OPENVINO: Played(0, 0.05)})
    auto.make("small", zoo=zoo)
    monkeypatch.setattr(metadata, "version", lambda name: "99")
    loaded = play({"onnx:small": Played(0, 0.10), OPENVINO: Played(0, 0.05)})
    auto.make("small", zoo=zoo)
    assert "onnx:small" in loaded


@pytest.mark.parametrize("damage", [b"", b"{}", b'{"spec": 3}', b"\xff\xfe"])
def test_a_damaged_memory_is_found_out_anew(damage: bytes, zoo: Zoo, play: Any) -> None:
    play({"onnx:small": Played(0, 0.10), OPENVINO: Played(0, 0.05)})
    auto.make("small", zoo=zoo)
    (kept,) = (zoo.cache / "auto").iterdir()
    kept.write_bytes(damage)
    assert auto.make("small", zoo=zoo).spec == OPENVINO


def test_products_of_this_model_run_too(zoo: PlayedZoo, play: Any) -> None:
    folder = converted(zoo.cache)
    folder.mkdir()
    made = put(folder, graph(), "small-int8", precision="int8")
    put(folder, graph(), "other-size", input=GIVEN.model_copy(update={"width": 64}))
    stranger = zoo.card("small").origin.model_copy(update={"sha256": "b" * 64})
    put(folder, graph(), "other-weights", origin=stranger)
    (folder / "no-card.onnx").write_bytes(b"")
    assert [path for path, _ in products(zoo, "small")] == [made]
    play({"onnx:small": Played(0, 0.10), f"openvino:{made}": Played(0.004, 0.02)})
    assert auto.make("small", zoo=zoo).spec == f"openvino:{made}"


def test_a_new_product_asks_for_a_new_pick(zoo: PlayedZoo, play: Any) -> None:
    play({"onnx:small": Played(0, 0.10)})
    auto.make("small", zoo=zoo)
    converted(zoo.cache).mkdir()
    made = put(converted(zoo.cache), graph(), "small-int8", precision="int8")
    play({"onnx:small": Played(0, 0.10), f"onnx:{made}": Played(0, 0.02)})
    assert auto.make("small", zoo=zoo).spec == f"onnx:{made}"


def test_on_a_gpu_with_tensorrt_that_is_picked(
    zoo: Zoo, play: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auto, "require_gpu", lambda: "Orin (sm_87)")
    play({"onnx:small": Played(), "tensorrt:small": Played()})
    picked = auto.make("small", zoo=zoo)
    assert picked.spec == "tensorrt:small"
    assert "TensorRT on Orin (sm_87)" in picked.label


def test_a_gpu_without_tensorrt_leaves_the_others(
    zoo: Zoo, play: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auto, "require_gpu", lambda: "Orin (sm_87)")
    play({"onnx:small": Played()})
    assert auto.make("small", zoo=zoo).spec == "onnx:small"


@pytest.mark.parametrize("argument", ["small?threads=2", "/models/small.onnx"])
def test_files_and_options_are_refused(argument: str, zoo: Zoo) -> None:
    with pytest.raises(InputError, match="wanted the id of a model"):
        auto.make(argument, zoo=zoo)


def test_an_unknown_model_is_refused(zoo: Zoo) -> None:
    with pytest.raises(UnknownName):
        auto.make("nobody", zoo=zoo)


def test_the_service_shows_what_was_picked(zoo: Zoo, play: Any) -> None:
    play({"onnx:small": Played()})
    model = HealingModel("auto small", lambda: auto.make("small", zoo=zoo)).load()
    assert model.label == "onnx:small: the only runtime here that passes"
