"""A large network goes the whole way: fitted, exported, run by the service, evaluated."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from convert.__main__ import main as convert
from convert.networks import make
from convert.weights import load
from edge.frame import Frame, Rgb
from edge.matting import MattingModel
from edge.plugins import make as make_kind
from train.__main__ import main as train
from train.data.batches import Batches, Mix
from train.data.layouts import read
from train.data.store import open_store
from train.fit.config import Config, Data, Fit, Network
from train.fit.learner import Learner
from train.fit.processes import Processes

CONFIG = """
[network]
name = "deeplabv3plus"
start = "random"
[data]
index = "people"
sizes = [[64, 64]]
side = 96
held_out = 0.3
validate_on = 4
pairs = 0.0
[fit]
steps = 40
epoch = 40
checkpoint = 1000
batch = 4
warm_up = 2
learning_rate = 5e-4
ema = 0.5
precision = "fp32"
workers = 0
threads = 1
"""


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.open()))


def graph(folder: Path, name: str, weights: Path) -> Path:
    """What ``convert onnx`` makes of weights."""
    given = ["--model", name, "--size", "64x64", "--weights", str(weights)]
    assert convert(["onnx", *given, "--output", str(folder)]) == 0
    return folder / f"{name}-64x64-fp32.onnx"


def photo(people: Path) -> Rgb:
    found = cv2.imread(str(people / "image" / "p00.png"))
    return np.ascontiguousarray(np.asarray(found, np.uint8)[..., ::-1])


def matted(file: Path, image: Rgb) -> np.ndarray:
    """Alpha as the service gets it, (64, 64)."""
    model: MattingModel = make_kind("edge.matting", f"onnx:{file}")
    return np.asarray(model.matte(Frame(image, 0, 0)).alpha)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_deeplabv3plus_trains_exports_runs_in_the_service_and_is_evaluated(people: Path) -> None:
    config, out = people.parent / "run.toml", people.parent / "out"
    config.write_text(CONFIG)
    assert train(["fit", str(config), "--output", str(out)]) == 0
    losses = [float(row["loss"]) for row in rows(out / "steps.csv")]
    scores = [float(row["score"]) for row in rows(out / "validations.csv")]
    assert losses[-1] < losses[0]
    assert scores[-1] < scores[0]

    file = graph(people.parent / "converted", "deeplabv3plus", out / "best.pt")
    shutil.rmtree(out)  # its checkpoints are 1.3 GB
    alpha = matted(file, photo(people))
    assert alpha.shape == (64, 64)
    truth = cv2.imread(str(people / "alpha" / "p00.png"), cv2.IMREAD_GRAYSCALE)
    assert alpha[np.asarray(cv2.resize(truth, (64, 64))) > 127].mean() > alpha.mean()

    pages = people.parent / "evaluated"
    given = ["--model", str(file), "--data", str(people), "--output", str(pages)]
    assert train(["evaluate", *given]) == 0
    assert len(rows(pages / "score.csv")) >= 12
    assert (pages / "report.html").stat().st_size > 0


def test_rmbg_learns_a_step_exports_and_runs_in_the_service(people: Path) -> None:
    torch.manual_seed(0)
    config = Config(
        network=Network(name="rmbg"), data=Data(index=people), fit=Fit(batch=4, precision="fp32")
    )
    store = open_store(people.parent, read(people), 96)
    batches = Batches(store, range(len(store)), Mix(((64, 64),), 4), 0)
    network = make("rmbg")
    learner = Learner(network, config, Processes(0, 1, torch.device("cpu")))
    before = network.get_parameter("encoder.conv1.weight").clone()
    told = learner.step(0, batches[0], 1e-3)
    assert told["loss"] > 0
    assert told["side"] > 0  # four maps are supervised beside the fused one
    assert not torch.equal(network.get_parameter("encoder.conv1.weight"), before)

    weights = people.parent / "rmbg.pth"
    torch.save(learner.ema.network.state_dict(), weights)
    image = cv2.resize(photo(people), (64, 64))
    file = graph(people.parent / "converted", "rmbg", weights)
    alpha = matted(file, image)
    rgb = torch.from_numpy(image).permute(2, 0, 1)[None].float() / 255
    with torch.no_grad():
        wanted = torch.sigmoid(learner.ema.network(rgb)[0])[0, 0].numpy()
    assert np.abs(alpha - wanted).max() < 1e-4

    again = make("rmbg").eval()  # and a fit may start from the exported file
    load(again, file)
    with torch.no_grad():
        found = torch.sigmoid(again(rgb)[0])[0, 0].numpy()
    assert np.abs(found - wanted).max() < 1e-4
