"""Torch is an extra: without it only test_command_line.py is collected, which says so."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from edge.errors import EdgeError
from edge.zoo import Zoo, default_cache

if find_spec("torch") is None or find_spec("onnxscript") is None:
    here = Path(__file__).parent
    collect_ignore = [
        str(path) for path in here.rglob("test_*.py") if path.name != "test_command_line.py"
    ]
else:
    import torch

    torch.set_num_threads(1)  # the tests' networks are small, and the machine may be shared


@pytest.fixture(scope="session")
def published() -> Path:
    """U2NETP's graph as the zoo keeps it: the published weights, pre-processing in front."""
    zoo = Zoo(default_cache())
    if not zoo.installed("u2netp"):
        pytest.skip("no u2netp on this machine: python -m edge models fetch u2netp")
    try:
        return zoo.path("u2netp")
    except EdgeError as error:
        pytest.skip(f"no u2netp on this machine: {error}")
