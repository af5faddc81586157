"""``onnx:`` with a network that remembers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.errors import ModelError, ModelMismatch
from edge.fit import fit, place
from edge.frame import Frame
from edge.matting._recurrent import Recurrent
from edge.matting.onnx import make
from edge.zoo import Zoo
from edge.zoo.assets import Asset, Manifest, Network, Release
from edge.zoo.card import Licence, ModelInput
from edge.zoo.card_file import card_path, read_card
from tests.unit.zoo.recurrent import RECIPE, Expected, published, sha256

pytestmark = pytest.mark.usefixtures("no_pauses")

LARGEST = (64, 64)


@pytest.fixture
def zoo(tmp_path: Path) -> Zoo:
    """With the tiny recurrent network, found in the user's folder."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "tiny.onnx").write_bytes(published())
    given = ModelInput(width=64, height=64, fit="within", interpolation="area")
    asset = Asset(
        id="tiny",
        label="Tiny",
        kind="model",
        file="tiny.onnx",
        sha256=sha256(published()),
        size_bytes=len(published()),
        licence=Licence(spdx="GPL-3.0-only", notice="who passes it on"),
        homepage="https://example.org",
        sources=(Release(kind="release", url="http://127.0.0.1:9/none"),),
        network=Network(task="matting", input=given, recipe=RECIPE),
    )
    return Zoo(tmp_path / "cache", folder, Manifest(assets=(asset,)))


@pytest.fixture
def model(zoo: Zoo) -> Recurrent:
    made = make("tiny", zoo=zoo)
    assert isinstance(made, Recurrent)
    return made


def frame(seed: int, width: int = 40, height: int = 24) -> Frame:
    image = np.random.default_rng(seed).integers(1, 256, (height, width, 3), dtype=np.uint8)
    image.setflags(write=False)
    return Frame(image, seed, 0)


def test_what_one_frame_left_goes_into_the_next(model: Recurrent) -> None:
    expected = Expected()
    for seed in range(4):
        shown = frame(seed)
        alpha = model.matte(shown).alpha
        assert alpha.dtype == np.float32
        np.testing.assert_allclose(alpha, expected.alpha(shown.image, 1), atol=1e-6)


def test_after_a_reset_a_frame_is_matted_as_the_first(model: Recurrent) -> None:
    first = model.matte(frame(0)).alpha.copy()
    assert not np.allclose(model.matte(frame(0)).alpha, first)
    model.reset()
    assert (model.matte(frame(0)).alpha == first).all()


def test_a_frame_of_another_size_starts_a_new_scene(model: Recurrent) -> None:
    for width, height in ((40, 24), (24, 40), (64, 64), (1, 1), (40, 24)):
        shown = frame(5, width, height)
        matte = model.matte(shown)
        np.testing.assert_allclose(matte.alpha, Expected().alpha(shown.image, 1), atol=1e-6)


def test_the_foreground_has_the_frames_size(model: Recurrent) -> None:
    shown = frame(0)
    small = model.matte(shown).foreground
    assert small is not None
    assert (small == 255 - shown.image).all()
    large = model.matte(Frame(np.full((90, 160, 3), 55, np.uint8), 1, 0)).foreground
    assert large is not None
    assert large.shape == (90, 160, 3)
    assert (large == 200).all()


def test_a_larger_frame_is_shrunk_and_the_ratio_is_of_what_is_left(zoo: Zoo) -> None:
    model = make("tiny", zoo=zoo)
    shown = frame(2, 160, 90)
    placement = place(shown.size, LARGEST, "within")
    assert placement.input_size == (64, 36)
    inner = fit(shown.image, placement, "area")
    np.testing.assert_allclose(model.matte(shown).alpha, Expected().alpha(inner, 1), atol=1e-6)

    path = zoo.path("tiny")
    card = read_card(path, "")
    assert card.memory is not None
    wide = card.input.model_copy(update={"width": 256, "height": 256})
    card_path(path).write_text(card.model_copy(update={"input": wide}).to_json())
    alpha = make(str(path)).matte(frame(2, 128, 96)).alpha
    wanted = Expected().alpha(frame(2, 128, 96).image, 64 / 128)
    np.testing.assert_allclose(alpha, wanted, atol=1e-6)


def test_a_matte_stays_as_it_is_when_the_next_frame_is_matted(model: Recurrent) -> None:
    first = model.matte(frame(1))
    assert first.foreground is not None
    alpha, foreground = first.alpha.copy(), first.foreground.copy()
    model.matte(frame(2))
    assert (first.alpha == alpha).all()
    assert (first.foreground == foreground).all()


def test_no_numbers_are_passed_on_once_and_never_remembered(model: Recurrent) -> None:
    model.matte(frame(0))
    black = Frame(np.zeros((24, 40, 3), np.uint8), 1, 0)
    assert np.isnan(model.matte(black).alpha).all()
    shown = frame(2)
    np.testing.assert_allclose(
        model.matte(shown).alpha, Expected().alpha(shown.image, 1), atol=1e-6
    )


def test_a_runtime_that_fails_is_a_model_error_and_a_new_scene(
    model: Recurrent, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing:
        def run(self, *_: Any) -> list[Any]:
            raise RuntimeError("out of memory")

    model.matte(frame(0))
    with monkeypatch.context() as patch:
        patch.setattr(model, "_session", Failing())
        with pytest.raises(ModelError, match="tiny: ONNX Runtime failed: out of memory"):
            model.matte(frame(1))
    shown = frame(2)
    np.testing.assert_allclose(
        model.matte(shown).alpha, Expected().alpha(shown.image, 1), atol=1e-6
    )


def test_its_card_tells_what_it_remembers_and_whom_its_licence_binds(zoo: Zoo) -> None:
    before = zoo.card("tiny")
    card = read_card(zoo.path("tiny"), "")
    assert before.recurrent
    assert before.memory == card.memory
    assert card.memory is not None
    assert card.memory.outputs == ["foreground", "r1o", "r2o"]
    assert card.licence.notice == "who passes it on"


def test_a_binding_licence_is_shown_whenever_it_is_loaded(
    zoo: Zoo, caplog: pytest.LogCaptureFixture
) -> None:
    zoo.path("tiny")
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        make("tiny", zoo=zoo)
    assert "tiny: who passes it on" in caplog.text


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda card: {"memory": None}, "recurrent onnx"),
        (lambda card: {"output": "beta"}, "its card says .*'beta'"),
        (
            lambda card: {"memory": card.memory.model_copy(update={"foreground": None})},
            "gives .*'foreground'",
        ),
        (
            lambda card: {"input": card.input.model_copy(update={"fit": "stretch"})},
            r"pictures of \['height', 'width'\]; its card says \[64, 64\]",
        ),
    ],
)
def test_a_card_of_another_network_is_refused(
    zoo: Zoo, change: Callable[[Any], dict[str, Any]], says: str
) -> None:
    path = zoo.path("tiny")
    card = read_card(path, "")
    card_path(path).write_text(card.model_copy(update=change(card)).to_json())
    with pytest.raises(ModelMismatch, match=says):
        make(str(path))
