"""The locks fit pyproject.toml, and each other. ``locks/renew.sh`` makes them so."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
PYTHONS = ["310", "311", "312", "313"]
EXTRAS = {
    "cpu": ["cpu"],
    "gpu": ["gpu"],
    "dev": ["cpu", "dev"],
    "tools": ["cpu", "dev", "tools", "openvino"],
    "openvino": ["cpu", "openvino"],
    "jetpack6": ["cpu", "cuda"],
    "jetpack7": ["cpu", "cuda"],
}
JETSONS = {"jetpack6": "310", "jetpack7": "312"}  # each with the Python of its system
LOCKS = [
    f"{name}-py{python}"
    for name in EXTRAS
    for python in PYTHONS
    if JETSONS.get(name, python) == python
]


def pinned(lock: str) -> dict[str, tuple[str, list[str]]]:
    """Name -> (version, hashes), of each entry; anything else in the file is an error."""
    text = (ROOT / "locks" / f"{lock}.txt").read_text().replace("\\\n", " ")
    entries = [line for line in text.splitlines() if line and not line.startswith("#")]
    found = {}
    for entry in entries:
        match = re.fullmatch(r"([a-z0-9-]+)==([\w.+]+)((?: +--hash=sha256:[0-9a-f]{64})+) *", entry)
        assert match, f"{lock}: {entry[:80]}"
        found[match[1]] = (match[2], match[3].split())
    return found


def required(extras: list[str], python: str) -> set[str]:
    """The names that pyproject.toml asks for, for one Python version ("310")."""
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    optional = project["optional-dependencies"]
    wanted = [*project["dependencies"], *(line for extra in extras for line in optional[extra])]
    version = {"python_version": f"3.{python[1:]}"}
    return {
        re.sub(r"[-_.]+", "-", requirement.name).lower()
        for requirement in map(Requirement, wanted)
        if not requirement.marker or requirement.marker.evaluate(version)
    }


@pytest.mark.parametrize("lock", LOCKS)
def test_all_that_is_asked_for_is_pinned_with_its_hashes(lock: str) -> None:
    name, _, python = lock.partition("-py")
    missing = required(EXTRAS[name], python) - set(pinned(lock))
    assert not missing, f"run locks/renew.sh --keep: {lock} lacks {', '.join(sorted(missing))}"


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize(
    ("inner", "outer"), [("cpu", "dev"), ("dev", "tools"), ("cpu", "openvino")]
)
def test_more_packages_leave_those_that_are_there_as_they_are(
    python: str, inner: str, outer: str
) -> None:
    service, tests = pinned(f"{inner}-py{python}"), pinned(f"{outer}-py{python}")
    assert {name: tests[name] for name in service} == service


@pytest.mark.parametrize("python", PYTHONS)
def test_the_two_onnx_runtimes_exclude_each_other(python: str) -> None:
    runtimes = {"onnxruntime", "onnxruntime-gpu"}
    assert runtimes & set(pinned(f"cpu-py{python}")) == {"onnxruntime"}
    assert runtimes & set(pinned(f"gpu-py{python}")) == {"onnxruntime-gpu"}


@pytest.mark.parametrize(("lock", "cuda"), [("jetpack6-py310", "12"), ("jetpack7-py312", "13")])
def test_a_jetson_has_the_service_as_elsewhere_and_the_bindings_of_its_cuda(
    lock: str, cuda: str
) -> None:
    service, jetson = pinned(f"cpu-{lock.partition('-')[2]}"), pinned(lock)
    assert {name: jetson[name] for name in service} == service
    assert jetson["cuda-bindings"][0].partition(".")[0] == cuda
