"""Several processes fit one network, as ``torchrun`` starts them."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.unit.train.small import SMALL

ROOT = Path(__file__).resolve().parents[3]
CONFIG = f"""{SMALL}
steps = {{steps}}
epoch = 2
schedule = "constant"
workers = 0
"""


def fitted(config: Path, steps: int) -> int:
    """The step that two processes reached."""
    config.write_text(CONFIG.format(steps=steps))
    out = config.parent / "out"
    launcher = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    done = subprocess.run(
        [sys.executable, *launcher, "-m", "train", "fit", str(config), "--output", str(out)],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", "EDGE_TRAIN_CACHE": str(config.parent)},
        capture_output=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return int(torch.load(out / "last.pt", weights_only=True)["state"]["step"])


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_two_processes_fit_together_and_resume(people: Path) -> None:
    config = people.parent / "run.toml"
    assert fitted(config, 2) == 2
    assert fitted(config, 4) == 4
    with (people.parent / "out" / "validations.csv").open() as file:
        assert [row["step"] for row in csv.DictReader(file)] == ["0", "2", "4"]
