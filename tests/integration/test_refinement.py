"""Refinement's defaults on real people and empty rooms, with the model they were chosen for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.dataset import Part, Sample, find_parts
from bench.measures import dtssd, mad
from edge import plugins
from edge.controls import MatteControls
from edge.frame import Matte
from edge.matting import MattingModel
from edge.refine import Refiner
from edge.refine.guided import linear_upsample
from edge.zoo import Zoo, default_cache

pytestmark = pytest.mark.slow

CONTROLS = MatteControls()


@pytest.fixture(scope="module")
def model() -> MattingModel:
    zoo = Zoo(default_cache())
    if not zoo.installed("u2netp"):
        pytest.skip("u2netp is not installed: run python -m edge models fetch u2netp")
    loaded: MattingModel = plugins.make("edge.matting", "onnx:u2netp", zoo=zoo)
    return loaded


def part(shared_data: Path, name: str) -> Part:
    (found,) = find_parts(shared_data / name)
    return found


def some(samples: list[Sample], count: int) -> list[Sample]:
    return samples[:: max(1, len(samples) // count)]


def both(model: MattingModel, refiner: Refiner, sample: Sample) -> tuple[np.ndarray, Matte]:
    """Alpha as the model gave it, linearly enlarged; and the refined matte."""
    matte = model.matte(sample.frame)
    raw = linear_upsample(matte.alpha, sample.frame.size)
    return raw, refiner.refine(sample.frame, matte, CONTROLS)


def test_every_person_stays_and_their_mattes_get_better(model: MattingModel, shared_data: Path):
    before, after = [], []
    for sample in some(list(part(shared_data, "public_test").samples()), 7):
        raw, refined = both(model, Refiner(), sample)
        assert sample.truth is not None
        assert (refined.alpha > 0.5).mean() > 0.8 * (raw > 0.5).mean(), sample.name
        before.append(mad(raw, sample.truth))
        after.append(mad(refined.alpha, sample.truth))
    assert np.mean(after) < np.mean(before)
    assert np.median(after) < 0.97 * np.median(before)


def test_rooms_in_which_the_model_is_unsure_stay_empty(model: MattingModel, shared_data: Path):
    unsure = ("Bridge", "greentock", "picosdeeuropa", "porch", "umang")
    for sample in part(shared_data, "empty").samples():
        if sample.name.startswith(unsure):
            assert not both(model, Refiner(), sample)[1].alpha.any(), sample.name


def test_a_talking_persons_matte_flickers_less(model: MattingModel, shared_data: Path):
    refiner, last, raw_flicker, refined_flicker = Refiner(), None, [], []
    for sample in list(part(shared_data, "clips/liveportrait_d0").samples())[:16]:
        raw, refined = both(model, refiner, sample)
        assert sample.truth is not None
        if last is not None:
            raw_flicker.append(dtssd(raw, last[0], sample.truth, last[2]))
            refined_flicker.append(dtssd(refined.alpha, last[1], sample.truth, last[2]))
        last = raw, refined.alpha, sample.truth
    assert np.mean(refined_flicker) < 0.8 * np.mean(raw_flicker)
