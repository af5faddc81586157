"""Fixtures for the backgrounds' tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.backgrounds.media import BLUE, RED, write_clip


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Half a second of red, half a second of blue."""
    return write_clip(tmp_path / "clip.mp4", (RED,) * 5 + (BLUE,) * 5)
