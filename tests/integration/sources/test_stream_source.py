"""Network cameras over real sockets: good ones, dead ones, and those that fall silent."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from itertools import islice

import pytest

from edge.errors import SourceError
from edge.sources import stream
from edge.sources.bars import read_index
from tests.integration.sources.rtsp_server import RtspServer
from tests.integration.sources.servers import MjpegServer, SilentServer

PASSWORD = "s3cr3t%40sign"


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """FFmpeg lets go of a dead host after its time-out, and then the thread goes too."""
    yield
    for thread in threading.enumerate():
        if thread.name == "stream":
            thread.join(20)
            assert not thread.is_alive()


@pytest.fixture
def rtsp() -> Iterator[RtspServer]:
    with RtspServer() as server:
        yield server


def test_http_mjpeg_comes_in_order() -> None:
    with MjpegServer((384, 96)) as server:
        source = stream.make(server.url)
        frames = list(islice(source, 20))
        numbers = [read_index(frame.image) for frame in frames]
        assert numbers == sorted(set(numbers))
        assert source.granted is not None
        assert (source.granted.width, source.granted.height) == (384, 96)
        assert source.granted.pixel_format == "MJPEG"


def test_rtsp_comes_in_order(rtsp: RtspServer) -> None:
    source = stream.make(f"rtsp://viewer:{PASSWORD}@127.0.0.1:{rtsp.port}/live")
    frames = list(islice(source, 40))
    numbers = [read_index(frame.image) for frame in frames]
    assert numbers == sorted(set(numbers))
    assert source.granted is not None
    assert source.granted.pixel_format == "H264"


def test_a_stream_that_changes_size_goes_on() -> None:
    with MjpegServer((384, 96)) as server:
        source = stream.make(server.url)
        sizes = []
        for frame in source:
            sizes.append(frame.size)
            if len(sizes) == 5:
                server.size = (768, 192)
            if frame.size == (768, 192) or len(sizes) > 300:
                break
        assert sizes[0] == (384, 96)
        assert sizes[-1] == (768, 192)
        assert source.granted is not None
        assert source.granted.width == 768


def test_a_reader_that_pauses_goes_on_with_what_is_new() -> None:
    with MjpegServer((384, 96)) as server:
        frames = iter(stream.make(server.url))
        first = next(frames)
        time.sleep(3)  # 90 pictures: more than are ever queued
        later = [next(frames) for _ in range(3)][-1]
        assert read_index(later.image) - read_index(first.image) > 40


@pytest.mark.parametrize("kind", ["http", "rtsp"])
def test_silence_is_noticed(kind: str, rtsp: RtspServer) -> None:
    with MjpegServer((384, 96)) as mjpeg:
        url = mjpeg.url if kind == "http" else f"rtsp://127.0.0.1:{rtsp.port}/live"
        frames = iter(stream.make(url))
        next(frames)
        for server in (mjpeg, rtsp):
            server.silent.set()
        last_s = time.monotonic()

        def drain() -> None:
            nonlocal last_s
            for _ in frames:
                last_s = time.monotonic()

        with pytest.raises(SourceError, match="fell silent|in time"):
            drain()
        assert time.monotonic() - last_s < 3  # 0.8 s, and what a busy machine takes


def test_after_a_loss_the_same_source_opens_anew(rtsp: RtspServer) -> None:
    source = stream.make(f"rtsp://127.0.0.1:{rtsp.port}/live")
    frames = iter(source)
    next(frames)
    rtsp.silent.set()
    with pytest.raises(SourceError):
        list(frames)
    rtsp.silent.clear()
    assert next(iter(source)).index == 0


@pytest.mark.parametrize("scheme", ["rtsp", "http", "rtmp"])
def test_a_host_that_answers_nothing_is_an_error_in_some_seconds(scheme: str) -> None:
    with SilentServer() as server:
        url = f"{scheme}://viewer:{PASSWORD}@127.0.0.1:{server.port}/live"
        begin_s = time.monotonic()
        with pytest.raises(SourceError, match="does not answer") as raised:
            list(stream.make(url))
        assert time.monotonic() - begin_s < 15
        assert "s3cr3t" not in str(raised.value)


def test_a_port_where_nobody_listens_is_an_error_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with pytest.raises(SourceError, match="(?i)connection refused.*camera is on"):
        list(stream.make(f"rtsp://127.0.0.1:{port}/live"))


def test_a_wrong_password_is_said_to_be_and_not_shown() -> None:
    with MjpegServer((384, 96), path="/private") as server:
        url = server.url.replace("//", f"//viewer:{PASSWORD}@")
        with pytest.raises(SourceError, match="password is wrong") as raised:
            list(stream.make(url))
        assert "s3cr3t" not in str(raised.value)


def test_close_from_another_thread_ends_an_opening_at_once() -> None:
    with SilentServer() as server:
        source = stream.make(f"rtsp://127.0.0.1:{server.port}/live")
        closer = threading.Timer(0.3, source.close)
        closer.start()
        begin_s = time.monotonic()
        assert list(source) == []
        assert time.monotonic() - begin_s < 3  # FFmpeg's own time-out is 5 s
        closer.join()


def test_close_ends_a_running_stream() -> None:
    with MjpegServer((384, 96)) as server:
        source = stream.make(server.url)
        frames = iter(source)
        next(frames)
        source.close()
        assert len(list(frames)) <= 1
