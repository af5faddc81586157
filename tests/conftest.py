"""Fixtures that more than one room of the tests uses."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real pictures and clips, kept beside the checkout; absent on most machines."""
    if not SHARED.is_dir():
        pytest.skip(f"no test data at {SHARED}: it lies beside the checkout where it is at hand")
    return SHARED
