"""
The service, whose camera is unplugged and plugged in again, over and over, and whose clock jumps.

``EDGE_REPLUGS`` says how often. Unless it does, this skips: an emulated processor needs a minute
to start a service; ``test_vivid`` unplugs the camera a few times in any case. With
``EDGE_REPLUGS_RESULT`` what was found is kept in that file.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from bench.provenance import provenance
from tests.vm import machine
from tests.vm.machine import Job, Results

ROUNDS = int(os.environ.get("EDGE_REPLUGS", "0"))
RESULT = os.environ.get("EDGE_REPLUGS_RESULT", "")
TIMEOUT_S = 600 + 60 * ROUNDS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(TIMEOUT_S + 50),
    pytest.mark.skipif(ROUNDS < 1, reason="takes minutes: EDGE_REPLUGS=100 runs it 100 times"),
]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """What the program inside found, by the name of each check."""
    job = Job(Path(__file__).with_name("inside_replug.py"), (str(ROUNDS),), timeout_s=TIMEOUT_S)
    found = machine.results(job, tmp_path_factory.mktemp("vm"))
    if RESULT:
        Path(RESULT).write_text(json.dumps({**provenance(), "checks": found}, indent=1) + "\n")
    return found


def rounds(results: Results) -> list[dict[str, Any]]:
    return [results[f"round {number}"] for number in range(ROUNDS)]


def test_it_is_told_each_time_and_comes_back_each_time(results: Results) -> None:
    assert len(rounds(results)) == ROUNDS


def test_what_was_chosen_is_kept_each_time(results: Results) -> None:
    assert all(found["intact"] for found in rounds(results))


def test_a_clock_that_jumps_moves_nothing_that_is_measured(results: Results) -> None:
    for found in rounds(results):
        assert 0 < found["uptime_grew_s"] < TIMEOUT_S


def test_no_round_leaves_anything_open(results: Results) -> None:
    found = rounds(results)
    assert max(one["descriptors"] for one in found) <= found[0]["descriptors"] + 4
    assert max(one["threads"] for one in found) <= found[0]["threads"] + 4


def test_it_stops_in_order_afterwards(results: Results) -> None:
    assert results["end"]["status"] == 0
