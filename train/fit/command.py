"""``python -m train fit CONFIG.toml``: the parts put together."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Collection
from pathlib import Path
from typing import Any

import cv2
import torch

from convert.networks import Network, make
from edge.files import write_atomically
from train.data.batches import Batches, Mix, loader
from train.errors import ConfigError, Diverged
from train.fit import checkpoint
from train.fit.account import START, account, listed
from train.fit.config import Config, load
from train.fit.learner import Learner
from train.fit.processes import processes
from train.fit.run import LAST, Run
from train.fit.sides import Sides, gather
from train.fit.start import start
from train.fit.validation import Validation

LOOKED_AT = 2  # batches from which lost batch norms are put back

logger = logging.getLogger(__name__)


def fit(config: Config, folder: Path, held: Collection[str] = ()) -> str:
    """
    Fit a network, or go on where ``folder`` says that the run is.

    Args:
        held: names of the pictures to hold out, in place of a share of them.

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
    _make(folder)
    with processes(config.fit.device) as mine:
        # On the CPU all operations used here repeat to the bit, as long as the threads are as many.
        torch.use_deterministic_algorithms(mine.device.type == "cuda", warn_only=True)
        with mine.first_alone():
            sides = gather(config, folder, held)
        left_out = sides.pictures.left_out
        if mine.first and left_out:
            logger.warning("%d left out:\n%s", len(left_out), listed(left_out))
        mix = _mix(config)
        batches = Batches(sides.store, sides.train, mix, config.fit.seed, mine.rank)
        validation = _validation(config, sides, mix) if mine.first else None
        network = make(config.network.name)
        if not (folder / LAST).exists():
            _begin(network, config, batches, folder if mine.first else None)
        run = Run(config, Learner(network, config, mine), batches, validation, folder, mine)
        try:
            ended = run.go()
        except Diverged as error:
            raise Diverged(f"{error}. Kept: {_kept(folder)}") from error
    device = "the GPU" if mine.device.type == "cuda" else "the CPU"
    spent = f"{ended} after {run.state.step} steps in {run.state.spent_s / 60:.1f} min on {device}"
    return account(config, folder, sides.pictures, spent)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"--output {folder}: {error.strerror}; give another folder") from error


def _begin(network: Network, config: Config, batches: Batches, folder: Path | None) -> None:
    """Load what the run starts from; where ``folder`` is given, say so, and note it there."""
    looked = [b.image.float() / 255 for b in loader(batches, 0, LOOKED_AT, 0)]
    begun = start(network, config.network.start, looked)
    if folder is not None:
        logger.info("%s starts %s", config.network.name, begun)
        write_atomically(folder / START, f"{begun}\n".encode())


def _mix(config: Config) -> Mix:
    data = config.data
    return Mix(
        (*data.sizes, *data.more_sizes), config.fit.batch, data.composited, data.empty, data.pairs
    )


def _validation(config: Config, sides: Sides, mix: Mix) -> Validation:
    records = sides.store.records()
    if all(records[n].background for n in sides.held):
        raise ConfigError(
            "no picture of a person is held out to validate on: raise data.held_out "
            f"(now {config.data.held_out}), or add pictures"
        )
    return Validation(
        Batches(sides.store, sides.held, mix, 0), config.data.sizes, config.data.validate_on
    )


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
