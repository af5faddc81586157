"""
The camera source on a real V4L2 device: the kernel's own test camera, in a virtual machine.

An emulated processor is some ten times as slow as this one: nothing here asserts how fast it is.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.vm import machine
from tests.vm.inside import UNPLUGGED
from tests.vm.machine import Job, Results

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """What the program inside found, by the name of each check."""
    script = Path(__file__).with_name("inside.py")
    return machine.results(Job(script), tmp_path_factory.mktemp("vm"))


def test_the_camera_is_listed_with_its_modes(results: Results) -> None:
    listed = results["list"]
    assert listed["paths"] == ["/dev/video0"]
    assert listed["names"] == ["vivid"]
    assert {"YUYV", "NV12", "RGB3"} <= set(listed["formats"])
    assert [1280, 720] in listed["sizes"]
    assert {15.0, 30.0} <= set(listed["rates"])
    assert listed["trouble"] is None


@pytest.mark.parametrize("check", ["default", "yuyv", "refused"])
def test_gives_moving_pictures_of_the_size_it_says(results: Results, check: str) -> None:
    found = results[check]
    assert found["size"] == found["granted"][:2]
    assert found["contrast"] > 100
    assert found["moved"]
    assert found["fps"] > 1
    assert "vivid" in found["label"]


def test_gives_what_was_asked(results: Results) -> None:
    assert results["yuyv"]["granted"] == [640, 360, "YUYV"]
    assert results["yuyv"]["note"] == ""


def test_a_format_that_is_refused_silently_is_noticed(results: Results) -> None:
    given = results["refused"]["granted"][2]
    assert given == "YUYV"  # this camera has no MJPG
    assert results["refused"]["note"] == f"The camera gives {given} for MJPG."


def test_a_camera_in_use_is_said_to_be_and_goes_on(results: Results) -> None:
    assert "in use" in results["busy"]["error"]
    assert results["busy"]["holder"] > 0


def test_close_frees_the_camera(results: Results) -> None:
    assert results["close"]["free"]


@pytest.mark.parametrize("number", range(UNPLUGGED))
def test_unplugged_it_is_noticed_and_plugged_in_again_it_comes_back(
    results: Results, number: int
) -> None:
    found = results[f"unplug {number}"]
    assert "unplugged" in found["error"] or "stuck" in found["error"]
    assert "no such camera" in found["again"]
    assert found["index"] is not None
