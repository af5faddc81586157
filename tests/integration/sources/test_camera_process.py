"""A camera in a process of its own: whatever it does, the service goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import psutil
import pytest

from edge.errors import SourceError
from edge.sources import Granted
from edge.sources._camera_process import CameraProcess, Request
from edge.sources.bars import read_index
from edge.sources.camera import CameraSource
from tests.integration.sources.servers import MjpegServer

SCRIPTED = (sys.executable, str(Path(__file__).with_name("scripted_camera.py")))
ROOT = Path(__file__).resolve().parents[3]


def scripted(script: str, **wishes: object) -> CameraSource:
    request = Request(script, v4l2=False, **wishes)  # type: ignore[arg-type]
    return CameraSource(request, lambda asked: CameraProcess(asked, SCRIPTED))


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """No process and no file descriptor outlives a source."""
    me = psutil.Process()
    before = me.num_fds()
    others.update(child.pid for child in me.children())
    yield
    assert not capture_processes()
    assert me.num_fds() == before


others: set[int] = set()  # children of other tests: the browser that they share


def capture_processes() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if child.pid not in others]


def capture_process() -> psutil.Process:
    (child,) = capture_processes()
    return child


def test_gives_the_cameras_pictures_in_order_and_in_rgb() -> None:
    source = scripted("384x96*1000")
    frames = list(islice(source, 15))
    indices = [frame.index for frame in frames]
    assert [read_index(frame.image) for frame in frames] == indices
    assert indices == sorted(set(indices))
    assert source.granted == Granted(384, 96, 50.0, "YUYV")
    stamps = [frame.captured_ns for frame in frames]
    assert stamps == sorted(stamps)
    assert 0 <= time.monotonic_ns() - stamps[-1] < 60e9


def test_frames_stay_as_they_were_when_the_memory_is_used_again() -> None:
    source = scripted("384x96*1000")
    frames = list(islice(source, 20))
    assert [read_index(frame.image) for frame in frames] == [frame.index for frame in frames]


def test_a_camera_that_changes_size_goes_on() -> None:
    source = scripted("64x48*40,1280x720*40,320x240*400")
    sizes = []
    for frame in source:
        sizes.append(frame.size)
        assert source.granted is not None
        assert (source.granted.width, source.granted.height) == frame.size
        if frame.size == (320, 240):
            break
    assert [*dict.fromkeys(sizes)] == [(64, 48), (1280, 720), (320, 240)]


def test_a_reader_that_pauses_gets_the_newest_picture_and_a_gap() -> None:
    source = iter(scripted("384x96*2000"))
    first = next(source)
    time.sleep(0.5)
    later = [next(source) for _ in range(4)][-1]
    assert later.index > first.index + 4
    assert read_index(later.image) == later.index
    assert time.monotonic_ns() - later.captured_ns < 1e9


def test_a_few_failed_reads_are_no_loss() -> None:
    source = scripted("false*3,384x96*5,false*4,384x96*1000")
    assert [frame.index for frame in islice(source, 10)][-1] >= 9


def test_a_read_that_never_returns_is_noticed_and_the_process_ended() -> None:
    last_s = 0.0

    def read() -> None:
        nonlocal last_s
        for _ in scripted("384x96*5,hang"):
            last_s = time.monotonic()

    with pytest.raises(SourceError, match="no picture for 0.8 s"):
        read()
    assert time.monotonic() - last_s < 3  # 0.8 s, and what a busy machine takes


def test_a_stopped_process_is_noticed_and_ended() -> None:
    source = iter(scripted("384x96*2000"))
    next(source)
    os.kill(capture_process().pid, signal.SIGSTOP)
    with pytest.raises(SourceError, match="unplugged or stuck"):
        for _ in source:
            pass


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("384x96*5,crash", r"the process that captures ended \(7\)"),
        ("384x96*5,false*1000", "gives no pictures"),
        ("busy", "does not open"),
    ],
)
def test_says_what_became_of_the_camera(script: str, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        list(scripted(script))


def test_a_camera_in_use_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRIPTED_TROUBLE", "busy")
    # /dev/null passes for a node; the process then finds it taken.
    source = CameraSource(Request("/dev/null"), lambda _: CameraProcess(Request("busy"), SCRIPTED))
    with pytest.raises(SourceError, match="in use. Close the other program"):
        list(source)


def test_a_device_that_is_no_camera_is_said_to_be() -> None:
    with pytest.raises(SourceError, match="no camera that captures"):
        list(CameraSource(Request("/dev/null")))


@pytest.mark.parametrize("script", ["hang", "384x96*5,hang", "384x96*2000"])
def test_close_from_another_thread_ends_the_iteration(script: str) -> None:
    source = scripted(script)
    closer = threading.Timer(0.6, source.close)
    closer.start()
    list(source)  # without an error
    closer.join()
    source.close()


def test_closed_before_it_was_opened_gives_nothing() -> None:
    source = scripted("384x96*5")
    source.close()
    assert list(source) == []


def test_after_a_loss_the_same_source_opens_anew() -> None:
    source = scripted("384x96*3,false*1000")
    for _ in range(2):
        indices = []
        with pytest.raises(SourceError):
            indices += [frame.index for frame in source]
        assert next(frame.index for frame in source) < 3


def test_what_was_refused_is_noted() -> None:
    source = scripted("384x96*50", size=(1280, 720), fps=30.0, pixel_format="MJPG")
    next(iter(source))
    assert source.note == "The camera gives YUYV for MJPG, 384x96 for 1280x720, 50 fps for 30."


def test_the_process_ends_when_its_parent_is_killed() -> None:
    program = f"""
        import sys, time
        from edge.sources._camera_process import CameraProcess, Request
        process = CameraProcess(Request("384x96*1,hang", v4l2=False), {SCRIPTED!r})
        process.newest(10)
        print(process._process.pid, flush=True)
        time.sleep(60)
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, cwd=ROOT
    ) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    gone, _ = psutil.wait_procs([child], timeout=10)
    assert gone or child.status() == psutil.STATUS_ZOMBIE


def test_opencv_itself_reads_and_its_endless_wait_is_ended() -> None:
    """With a stand-in that OpenCV opens by itself: nothing of the process is replaced."""
    with MjpegServer(size=(384, 96)) as server:
        source = CameraSource(Request(server.url, v4l2=False))
        frames = iter(source)
        taken = list(islice(frames, 10))
        numbers = [read_index(frame.image) for frame in taken]
        assert numbers == sorted(set(numbers))
        server.silent.set()
        with pytest.raises(SourceError, match="no picture"):
            for _ in frames:
                pass
        server.silent.clear()
        assert next(iter(source)).size == (384, 96)
