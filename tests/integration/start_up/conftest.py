from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.start_up.checkout import Checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A checkout that was never started."""
    if sys.platform != "linux":
        pytest.skip("the scripts are for Linux")
    return Checkout(tmp_path)


@pytest.fixture
def started(checkout: Checkout) -> Checkout:
    """A checkout whose environment is made."""
    assert checkout.run().returncode == 0
    checkout.calls()
    return checkout


@pytest.fixture
def public_checkout() -> Iterator[Checkout]:
    """One that another user can reach: pytest's own folders are closed to others."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Checkout(Path(folder))
