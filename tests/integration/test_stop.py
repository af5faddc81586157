"""SIGTERM ends the service: in order, and with nothing alarming in its log."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.service import Service


@pytest.mark.parametrize(
    "source",
    ["presenter:?size=1920x1080", "demo:", "auto:", "browser:", "stream:rtsp://127.0.0.1:1/"],
)
def test_a_service_stops_cleanly_even_while_it_starts(tmp_path: Path, source: str) -> None:
    service = Service(
        tmp_path / "state",
        *("--source", source, "--matting", "constant:0", "--cache-dir", str(tmp_path / "cache")),
    ).start()  # it listens: sources and models are still being opened
    assert service.stop() == 0
    assert "stopping" in service.output
    assert "Traceback" not in service.output
    assert "terminate" not in service.output
