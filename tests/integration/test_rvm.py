"""Robust Video Matting on a talking person: the matte, its calm, and the foreground it gives."""

from __future__ import annotations

from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest

from bench.dataset import Sample, find_parts
from bench.measures import dtssd, mad
from edge import plugins
from edge.controls import MatteControls
from edge.frame import Alpha, Matte
from edge.matting import MattingModel
from edge.refine import Refiner
from edge.zoo import Zoo, default_cache

pytestmark = pytest.mark.slow

FRAMES = 24
ID = "rvm_mobilenetv3"


@pytest.fixture(scope="module")
def model() -> MattingModel:
    zoo = Zoo(default_cache())
    if not zoo.installed(ID):
        pytest.skip(f"{ID} is not installed: run python -m edge models fetch {ID}")
    loaded: MattingModel = plugins.make("edge.matting", f"onnx:{ID}", zoo=zoo)
    return loaded


@pytest.fixture(scope="module")
def samples(shared_data: Path) -> list[Sample]:
    (clip,) = find_parts(shared_data / "clips" / "liveportrait_d0")
    return list(islice(clip.samples(), FRAMES))


def matted(model: MattingModel, samples: list[Sample]) -> list[Matte]:
    model.reset()
    return [model.matte(sample.frame) for sample in samples]


def truths(samples: list[Sample]) -> list[Alpha]:
    return [sample.truth for sample in samples if sample.truth is not None]


def flicker(mattes: list[Matte], samples: list[Sample]) -> float:
    """The mean dtSSD."""
    pairs = pairwise(zip((matte.alpha for matte in mattes), truths(samples), strict=True))
    return float(np.mean([dtssd(now[0], last[0], now[1], last[1]) for last, now in pairs]))


def test_the_matte_is_good_and_calm(model: MattingModel, samples: list[Sample]) -> None:
    mattes = matted(model, samples)
    errors = [mad(m.alpha, truth) for m, truth in zip(mattes, truths(samples), strict=True)]
    assert np.mean(errors) < 7
    assert flicker(mattes, samples) < 1.5


def test_its_memory_calms_the_matte(model: MattingModel, samples: list[Sample]) -> None:
    remembering = matted(model, samples[:12])
    forgetting = [matted(model, [sample])[0] for sample in samples[:12]]
    assert flicker(remembering, samples[:12]) < 0.96 * flicker(forgetting, samples[:12])


def test_its_foreground_reaches_the_composite(model: MattingModel, samples: list[Sample]) -> None:
    """Where the person is solid it is the picture; at the edge it is not the background's."""
    refiner = Refiner()
    for sample, matte in zip(samples[:4], matted(model, samples[:4]), strict=True):
        refined = refiner.refine(sample.frame, matte, MatteControls())
        assert refined.foreground is matte.foreground
        assert refined.foreground is not None
        assert refined.foreground.shape == sample.frame.image.shape
        far = np.abs(refined.foreground.astype(int) - sample.frame.image).max(axis=2)
        assert far[refined.alpha > 0.99].mean() < 6
        assert far[(refined.alpha > 0.2) & (refined.alpha < 0.8)].mean() > 6
