"""Each command and each setting that the README shows is taken by the program it names."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from edge.settings import load

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
SPANS = re.findall(r"`([^`\n]+)`", README) + re.findall(r"^\$ (.+)$", README, re.MULTILINE)
STARTS = sorted({span for span in SPANS if span.startswith("./run.edge.sh")})
MODULES = sorted({span for span in SPANS if span.startswith(".venv/bin/python -m ")})
COMMANDS = ("serve", "doctor", "models", "sources")
WAYS = {
    "--docker": ("--dry-run", "--detach", "--rebuild"),
    "--install": ("--user", "--dry-run"),
    "--uninstall": ("--user",),
}


@pytest.mark.parametrize("command", STARTS)
def test_a_start_is_taken(command: str) -> None:
    words = shlex.split(command)[1:]
    if words and words[0] in WAYS:  # how it is started; the rest is for the service
        words = [word for word in words[1:] if word not in WAYS[words[0]]]
    if not words or words[0] not in COMMANDS:
        load(words)
    elif words[-1] != "--help" and words[0] != "models":
        load([word for word in words[1:] if word != "--report"])  # that is the doctor's own


def test_there_are_commands_to_hold_it_to() -> None:
    assert len(STARTS) > 8
    assert len(MODULES) > 1


@pytest.mark.parametrize("words", [["--help"], ["serve", "--help"], ["models", "--help"]])
def test_help_is_given(words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "edge", *words], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "python -m edge" in done.stdout


@pytest.mark.parametrize("command", MODULES)
def test_a_module_knows_the_word(command: str) -> None:
    _, _, module, word, *_ = shlex.split(command)
    done = subprocess.run(
        [sys.executable, "-m", module, word, "--help"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_the_settings_file_is_taken(tmp_path: Path) -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    file = tmp_path / "edge.toml"
    file.write_text(block)
    settings, _ = load([], file)
    assert settings.background == "blur:45"
    assert settings.ice.servers[0].username == "edge"


def test_the_files_it_names_are_there() -> None:
    for name in re.findall(r"\]\(([\w./-]+)\)", README):
        assert (ROOT / name).exists(), name
