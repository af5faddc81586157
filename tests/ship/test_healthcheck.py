"""What a container's engine asks: docker/healthcheck.py, against services that fare differently."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.browser.service import Service

ROOT = Path(__file__).resolve().parents[2]


def asked(listen: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "docker" / "healthcheck.py")],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "EDGE_LISTEN": listen, **env},
    )


@contextmanager
def answering(status: int, body: str) -> Iterator[str]:
    """A server that answers so, whatever it is asked; gives where it listens."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802 - http.server calls it so
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@pytest.mark.parametrize("status", ["ok", "degraded"])
def test_a_service_without_a_camera_is_not_started_anew_for_that(status: str) -> None:
    with answering(200, f'{{"status": "{status}", "reason": null}}') as listen:
        done = asked(listen)
    assert (done.returncode, done.stdout) == (0, f"{status}: live\n")


def test_a_service_that_failed_is_not_well() -> None:
    with answering(503, '{"status": "failed", "reason": "a thread is gone"}') as listen:
        done = asked(listen)
    assert (done.returncode, done.stdout) == (1, "failed: a thread is gone\n")


def test_another_program_on_the_port_is_not_the_service() -> None:
    with answering(404, "no such page") as listen:
        done = asked(listen)
    assert (done.returncode, done.stdout) == (1, "something else answers there: HTTP 404\n")


def test_no_answer_is_not_well() -> None:
    done = asked("127.0.0.1:9")
    assert done.returncode == 1
    assert done.stdout.startswith("no answer: http://127.0.0.1:9/healthz: ")


@pytest.mark.parametrize("listen", ["127.0.0.1:0", "0.0.0.0:0"])
def test_the_real_service_is_found_with_and_without_tls(tmp_path: Path, listen: str) -> None:
    service = Service(
        tmp_path / "state",
        *("--listen", listen, "--source", "presenter:?size=320x180", "--matting", "constant:0"),
    ).start()
    try:
        port = urlsplit(service.link).port
        # A proxy that the machine uses for the world is not asked for its own loopback.
        done = asked(f"{listen.partition(':')[0]}:{port}", HTTPS_PROXY="http://127.0.0.1:9")
        assert done.returncode == 0, done.stdout + done.stderr
    finally:
        service.stop()
