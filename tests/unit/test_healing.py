from __future__ import annotations

import numpy as np
import pytest

from edge.errors import ModelError, ModelLoading
from edge.frame import Frame
from edge.matting import _healing
from edge.matting._healing import HealingModel
from tests.unit.fakes import FakeModel, eventually

FRAME = Frame(np.zeros((4, 4, 3), np.uint8), 0, 0)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_healing, "RELOAD_S", 0.02)


def good() -> FakeModel:
    return FakeModel(lambda: np.ones((2, 2), np.float32))


def mattes(model: HealingModel) -> bool:
    try:
        model.matte(FRAME)
    except ModelError:
        return False
    return True


def test_it_loads_beside_and_says_so_meanwhile() -> None:
    model = HealingModel("U2NETP", good)
    with pytest.raises(ModelLoading, match="U2NETP"):
        model.matte(FRAME)
    eventually(lambda: mattes(model))


def test_a_model_that_fails_is_loaded_anew() -> None:
    def broken() -> np.ndarray:
        raise RuntimeError("out of memory")

    made = iter([FakeModel(broken), good()])
    model = HealingModel("net", lambda: next(made)).load()
    with pytest.raises(ModelError, match="out of memory"):
        model.matte(FRAME)
    assert model.error == "out of memory"
    eventually(lambda: mattes(model))
    assert model.error is None


def test_a_model_that_cannot_be_loaded_says_why_and_tries_again() -> None:
    attempts: list[int] = []

    def load() -> FakeModel:
        attempts.append(1)
        raise ModelError("no file")

    model = HealingModel("net", load)
    eventually(lambda: (mattes(model), len(attempts) > 2)[1])
    assert model.error == "no file"


def test_loading_at_once_tells_the_caller() -> None:
    def load() -> FakeModel:
        raise ModelError("no file")

    with pytest.raises(ModelError, match="no file"):
        HealingModel("net", load).load()
