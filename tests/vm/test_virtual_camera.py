"""The virtual camera on a real V4L2 output device: the kernel's own, in a virtual machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.vm import machine
from tests.vm.machine import Job, Results

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """What the program inside found, by the name of each check."""
    script = Path(__file__).with_name("inside_output.py")
    job = Job(script, devices=machine.CAMERA_AND_OUTPUT)
    return machine.results(job, tmp_path_factory.mktemp("vm"))


def test_the_output_is_told_from_the_camera(results: Results) -> None:
    assert results["devices"]["outputs"] == {"/dev/video1": "vivid"}
    assert results["devices"]["cameras"] == ["/dev/video0"]


def test_the_device_grants_a_format_that_can_be_made(results: Results) -> None:
    assert results["formats"]["output"] == [1280, 720, "YUYV"]
    assert results["formats"]["capture"] == [1280, 720]


def test_what_is_published_is_what_a_program_reads(results: Results) -> None:
    if not results["formats"]["cable"]:
        pytest.skip("this kernel's vivid has no control that loops its output to its input")
    found = results["loop"]
    assert found["live"]
    assert found["sent"] > 1
    for hue, error in found["errors"].items():
        assert error < 6, f"the picture of hue {hue} did not arrive"


def test_a_second_publisher_to_the_same_device_is_refused_in_words(results: Results) -> None:
    if not results["formats"]["cable"]:
        pytest.skip("this kernel's vivid has no control that loops its output to its input")
    assert "another program publishes to it" in results["loop"]["busy"]
