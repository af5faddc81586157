"""What the operator asked for and nobody knows ends the start with one line that says what is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("matting", "told"),
    [
        ("onnx:nomodel", "'nomodel': no such model or clip; there are "),
        ("openvino:nomodel", "u2netp"),
        ("tensorrt:nomodel", "u2netp"),
        ("auto:nomodel", "u2netp"),
        ("onnx:u2netp?treads=2", "the only option there is is ?threads=N"),
        ("onyx:u2netp", "no such kind"),
        ("constant:2", "wanted a number from 0 to 1"),
    ],
)
def test_a_model_that_nobody_knows_ends_the_start(matting: str, told: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "edge", "--matting", matting, "--listen", "127.0.0.1:0"]
    folders = ["--state-dir", str(tmp_path / "state"), "--cache-dir", str(tmp_path / "cache")]
    done = subprocess.run(
        [*command, *folders], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "cache").exists()
