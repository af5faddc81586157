"""``camera:`` reads its argument, and refuses at once what needs no process to find out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge.errors import InputError, SourceError
from edge.sources import camera
from edge.sources._camera_process import Request


def test_reads_every_option() -> None:
    source = camera.make("/dev/video2?size=1280x720&fps=25&format=mjpg")
    assert source._request == Request("/dev/video2", (1280, 720), 25.0, "MJPG")


@pytest.mark.parametrize(
    ("argument", "node"),
    [
        ("0", "/dev/video0"),
        ("007", "/dev/video7"),
        ("/dev/v4l/by-id/usb-046d_C920:1-index0", "/dev/v4l/by-id/usb-046d_C920:1-index0"),
    ],
)
def test_takes_a_number_or_a_path(argument: str, node: str) -> None:
    assert camera.make(argument)._request == Request(node)


@pytest.mark.parametrize(
    "argument",
    [
        "",
        "video0",
        "http://10.0.0.1/x",
        "0?size=1280",
        "0?size=8x8",
        "0?size=99999x720",
        "0?fps=0",
        "0?fps=nan",
        "0?fps=fast",
        "0?format=JPG",
        "0?format=MJP/",
        "0?zoom=2",
        "0?fps=30&fps=60",
        "0?fps",
    ],
)
def test_refuses_what_is_malformed(argument: str) -> None:
    with pytest.raises(InputError):
        camera.make(argument)


@pytest.fixture
def no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a process was started for a camera that cannot be there")

    monkeypatch.setattr(subprocess, "Popen", refuse)


@pytest.mark.usefixtures("no_process")
def test_a_camera_that_is_not_there_is_an_error_at_once() -> None:
    source = camera.make("/dev/video4242")
    for _ in range(2):
        with pytest.raises(SourceError, match="/dev/video4242: no such camera. Plug it in"):
            next(iter(source))


@pytest.mark.usefixtures("no_process")
def test_a_plain_file_is_no_camera(tmp_path: Path) -> None:
    path = tmp_path / "video0"
    path.write_text("no device")
    with pytest.raises(SourceError, match="no camera that captures"):
        next(iter(camera.make(str(path))))


@pytest.mark.usefixtures("no_process")
def test_without_permission_it_says_which_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(SourceError, match="usermod -aG video"):
        next(iter(camera.make("/dev/null")))


@pytest.mark.usefixtures("no_process")
def test_elsewhere_than_on_linux_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(SourceError, match="Linux"):
        next(iter(camera.make("0")))


def test_the_label_is_the_node_where_the_kernel_knows_no_name() -> None:
    source = camera.make("/dev/video4242?fps=30")
    assert source.label == "/dev/video4242"
    assert source.note == ""
    assert source.granted is None
