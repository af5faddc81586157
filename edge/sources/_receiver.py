"""Packets of a network stream, taken off the network by a thread of their own."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

import av
from av.container import InputContainer

from edge.errors import SourceError
from edge.secrets import mask
from edge.sources._limits import SILENCE_S

if TYPE_CHECKING:  # generic for the type checker alone
    VideoPacket: TypeAlias = av.Packet[av.VideoStream]

OPENING_S = 5.0
BACKLOG = 45  # packets: about a second and a half. Past that, decoding starts anew at a key frame

PROTOCOLS = "tcp,udp,tls,rtp,rtsp,rtmp,rtmps,http,https,httpproxy,crypto"
SCHEMES = ("rtsp", "rtsps", "http", "https", "rtmp", "rtmps")


class Receiver:
    """
    Opens a URL and keeps reading it, so that nothing queues in the network.

    Name resolution and a half-dead host can block FFmpeg for long, and nothing from outside ends
    that: it blocks this thread alone, which goes by itself once FFmpeg lets it.

    One thread takes ``packets``, decodes them and at last calls ``release``; any thread may
    ``close``, which only ends the waiting: a decoder in use must not lose its stream.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._changed = threading.Condition()
        self._packets: deque[VideoPacket] = deque()
        self._error: SourceError | None = None
        self._closed = False
        self._released = False
        self._skipping = False
        self.stream: av.VideoStream | None = None
        threading.Thread(target=self._run, name="stream", daemon=True).start()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def release(self) -> None:
        """Free the stream: no packet of it is used any more."""
        with self._changed:
            self._closed = self._released = True
            self._changed.notify_all()

    def waiting(self) -> bool:
        """True if more packets have come already: the picture in hand is not the newest."""
        return bool(self._packets)

    def packets(self) -> Iterator[VideoPacket]:
        """
        Packets of the video stream in order, until ``close``. After ``stream`` is set.

        Raises:
            SourceError: the host is dead, silent or gone, or there is no video in it.
        """
        timeout_s = OPENING_S + 1  # FFmpeg's own time-out has better words: let it be first
        while True:
            with self._changed:
                ready = self._changed.wait_for(self._something, timeout_s)
                if self._closed:
                    return
                if not self._packets:
                    if self._error:
                        raise self._error
                    if not ready:
                        raise SourceError("it fell silent" if self.stream else "it does not answer")
                packet = self._packets.popleft()
            yield packet
            timeout_s = SILENCE_S

    def _something(self) -> bool:
        return bool(self._packets or self._error or self._closed)

    def _run(self) -> None:
        begin_s = time.monotonic()
        try:
            self._read()
        except SourceError as error:
            self._fail(error)
        except (av.FFmpegError, OSError, ValueError) as error:
            # Of a time-out, FFmpeg's RTSP makes "invalid data".
            late = self.stream is None and time.monotonic() - begin_s >= OPENING_S
            self._fail(SourceError("it does not answer in time" if late else _words(error)))

    def _fail(self, error: SourceError) -> None:
        with self._changed:
            self._error = self._error or error  # the first one is the cause
            self._changed.notify_all()

    def _read(self) -> None:
        options = {
            "protocol_whitelist": PROTOCOLS,
            "rtsp_transport": "tcp",  # a lost UDP packet smears the picture until the next key
            "flags": "low_delay",
            # Microseconds; FFmpeg's default looks on for up to 5 s. Not with "nobuffer": that
            # throws away the key frame that came meanwhile, and the next may be seconds off.
            "analyzeduration": "400000",
            "probesize": "500000",
        }
        with av.open(self._url, options=options, timeout=(OPENING_S, SILENCE_S)) as container:
            if not container.streams.video:
                raise SourceError("there is sound but no picture in it")
            stream = container.streams.video[0]
            # Threads that each hold a frame back would add their number of frames to the latency.
            stream.thread_type = "SLICE"
            self.stream = stream
            try:
                self._demux(container, stream)
            except (av.FFmpegError, OSError) as error:
                self._fail(SourceError(_words(error)))
            self._fail(SourceError("the stream has ended"))
            with self._changed:
                self._changed.wait_for(lambda: self._released)

    def _demux(self, container: InputContainer, stream: av.VideoStream) -> None:
        for packet in container.demux(stream):
            if self._closed:
                return
            if packet.size:  # the empty one at the end flushes a decoder
                self._keep(packet)

    def _keep(self, packet: VideoPacket) -> None:
        """Queue ``packet``; a reader that falls behind goes on at the newest key frame."""
        with self._changed:
            if len(self._packets) >= BACKLOG:
                self._packets.clear()
                self._skipping = True
            if self._skipping and not packet.is_keyframe:
                return
            self._skipping = False
            self._packets.append(packet)
            self._changed.notify_all()


def _words(error: Exception) -> str:
    if isinstance(error, av.HTTPUnauthorizedError):
        return "the user name or password is wrong"
    if isinstance(error, (TimeoutError, av.ExitError)):
        return "it does not answer in time"
    return mask(getattr(error, "strerror", None) or str(error))
