"""The runs that come with the project can be read, and their networks made."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from convert.networks import make
from train.fit.config import load

CONFIGS = Path(__file__).resolve().parents[3] / "train" / "configs"


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda path: path.stem)
def test_each_run_names_a_network_and_sizes_that_it_takes(path: Path) -> None:
    config = load(path)
    with torch.device("meta"):
        network = make(config.network.name)
    for width, height in (*config.data.sizes, *config.data.more_sizes):
        network.check_size(width, height)
