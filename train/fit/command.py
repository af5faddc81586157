"""``python -m train fit CONFIG.toml``: the parts put together."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

import cv2
import torch

from convert.networks import make
from train.data.batches import Batches, Mix, loader
from train.data.layouts import read
from train.data.similar import perceptual_hash
from train.data.split import split
from train.data.store import Store, open_store
from train.errors import ConfigError, Diverged
from train.fit import checkpoint
from train.fit.config import Config, load
from train.fit.learner import Learner
from train.fit.processes import processes
from train.fit.run import BEST, LAST, Run
from train.fit.start import start
from train.fit.validation import Validation

LOOKED_AT = 2  # batches from which lost batch norms are put back


def fit(config: Config, folder: Path) -> str:
    """
    Fit a network, or go on where ``folder`` says that the run is.

    Returns:
        What came of it, for the user.

    Raises:
        TrainError: see ``train.errors``; what was reached is kept in ``folder``.
        EdgeError: the weights to start from are not to be had.
    """
    torch.manual_seed(config.fit.seed)
    cv2.setNumThreads(1)  # a pool of OpenCV's threads does not survive the fork of the loaders
    if config.fit.threads:
        torch.set_num_threads(config.fit.threads)
    folder.mkdir(parents=True, exist_ok=True)
    with processes(config.fit.device) as mine:
        # On the CPU all operations used here repeat to the bit, as long as the threads are as many.
        torch.use_deterministic_algorithms(mine.device.type == "cuda", warn_only=True)
        with mine.first_alone():
            store, train, held = _data(config, folder)
        mix = _mix(config)
        batches = Batches(store, train, mix, config.fit.seed, mine.rank)
        validation = _validation(config, store, held, mix) if mine.first else None
        network = make(config.network.name)
        if not (folder / LAST).exists():
            looked = [b.image.float() / 255 for b in loader(batches, 0, LOOKED_AT, 0)]
            start(network, config.network.start, looked)
        run = Run(config, Learner(network, config, mine), batches, validation, folder, mine)
        try:
            ended = run.go()
        except Diverged as error:
            raise Diverged(f"{error}. Kept: {_kept(folder)}") from error
    return (
        f"{ended} after {run.state.step} steps and {run.state.spent_s / 60:.0f} min on "
        f"{len(train)} pictures ({len(store.skipped)} unreadable); best score {run.state.best:.2f} "
        f"at step {run.state.best_step}, on {len(held)} held-out pictures: {folder / BEST}\n"
        f"Export it: {_export(config, folder / BEST)}"
    )


def _export(config: Config, weights: Path) -> str:
    width, height = config.data.sizes[0]
    name = config.network.name
    return f"python -m convert onnx --model {name} --size {height}x{width} --weights {weights}"


def _data(config: Config, folder: Path) -> tuple[Store, list[int], list[int]]:
    records = [
        r
        for r in read(config.data.index, config.data.strict)
        if r.background or r.alpha is not None
    ]
    cache = Path(os.environ.get("EDGE_TRAIN_CACHE", folder.parent))
    store = open_store(cache, records, config.data.side)
    hashes = [perceptual_hash(store[n].image) for n in range(len(store))]
    train, held = split(store.records(), hashes, config.data.held_out, seed=0)
    return store, train, held


def _mix(config: Config) -> Mix:
    data = config.data
    return Mix(
        (*data.sizes, *data.more_sizes), config.fit.batch, data.composited, data.empty, data.pairs
    )


def _validation(config: Config, store: Store, held: list[int], mix: Mix) -> Validation:
    people = [n for n in held if not store.records()[n].background]
    if not people:
        raise ConfigError(
            "no picture of a person is held out to validate on: raise data.held_out "
            f"(now {config.data.held_out}), or add pictures"
        )
    return Validation(Batches(store, held, mix, 0), config.data.sizes, config.data.validate_on)


def _kept(folder: Path) -> str:
    state = checkpoint.load(folder / LAST)
    return f"{folder / LAST}, of step {state['state']['step']}" if state else "nothing yet"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("config", type=Path, help="the run, a TOML file such as train/configs/*")
    parser.add_argument("--output", type=Path, required=True, help="folder of the run")
    parser.add_argument("--data", type=Path, help="takes the place of data.index")
    parser.add_argument("--minutes", type=float, help="takes the place of fit.minutes")
    parser.add_argument("--weights", help="takes the place of network.start")


def run(options: argparse.Namespace) -> str:
    """Do it; returns what to tell the user."""
    given: dict[str, Any] = {
        "data.index": options.data,
        "fit.minutes": options.minutes,
        "network.start": options.weights,
    }
    changes = {key: value for key, value in given.items() if value is not None}
    return fit(load(options.config, changes), options.output)
