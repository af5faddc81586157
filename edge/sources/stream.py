"""``stream:URL``: a network camera by RTSP, HTTP (MJPEG) or RTMP."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import av

from edge.errors import InputError, SourceError
from edge.frame import Frame, Rgb
from edge.media.clips import to_rgb
from edge.secrets import mask
from edge.sources import Granted
from edge.sources._limits import SILENCE_S
from edge.sources._receiver import OPENING_S, SCHEMES, Receiver

if TYPE_CHECKING:
    from edge.sources._receiver import VideoPacket

LATE_S = 0.1  # a decoder that never quite keeps up still shows a picture this often


def make(argument: str) -> StreamSource:
    """The camera's URL, with user name and password if it wants them. Raises InputError."""
    try:
        url = urlsplit(argument)
        known = url.scheme.lower() in SCHEMES and bool(url.hostname) and url.port != 0
    except ValueError:  # its words, and its traceback, may hold a part of the password
        raise InputError(
            f"stream:{mask(argument)}: the port or the host is malformed. In a password, "
            "write / as %2F, @ as %40, # as %23"
        ) from None
    if not known or not argument.isprintable():
        kinds = ", ".join(f"{scheme}://" for scheme in SCHEMES)
        raise InputError(f"stream:{mask(argument)}: wanted a URL that begins with one of {kinds}")
    return StreamSource(argument)


class StreamSource:
    """
    The newest picture of a stream: those that came meanwhile are decoded, but not shown.

    Args:
        url: its password is in no label and no error message.
    """

    note = ""

    def __init__(self, url: str) -> None:
        self.label = mask(url)
        self.granted: Granted | None = None
        self._url = url
        self._receiver: Receiver | None = None
        self._closed = False

    def __iter__(self) -> Iterator[Frame]:
        receiver = self._receiver = Receiver(self._url)
        try:
            if not self._closed:
                yield from self._frames(receiver)
        except SourceError as error:
            raise SourceError(
                f"{self.label}: {mask(str(error))}. Check that the camera is on, and its URL."
            ) from error
        finally:
            receiver.release()

    def close(self) -> None:
        self._closed = True
        if self._receiver is not None:
            self._receiver.close()

    def _frames(self, receiver: Receiver) -> Iterator[Frame]:
        count, good_s, shown_s = 0, time.monotonic() + OPENING_S, 0.0
        for packet in receiver.packets():
            now_s = time.monotonic()
            pictures = _decoded(packet)
            if not pictures and now_s - good_s > SILENCE_S:
                raise SourceError("what comes in does not decode")
            for picture in pictures:
                count += 1
                good_s = now_s
                if receiver.waiting() and now_s - shown_s < LATE_S:
                    continue  # a newer one is here already: a gap in the indices
                shown_s = now_s
                image = to_rgb(picture)
                self.granted = _granted(image, packet.stream)
                yield Frame(image, count - 1, time.monotonic_ns())


def _decoded(packet: VideoPacket) -> list[av.VideoFrame]:
    """Its pictures; none if it is damaged, which a live stream recovers from."""
    try:
        return packet.decode()
    except av.FFmpegError:
        return []


def _granted(image: Rgb, stream: av.VideoStream) -> Granted:
    height, width = image.shape[:2]
    rate = stream.average_rate
    codec = stream.codec_context.name.upper()
    return Granted(width, height, round(float(rate), 3) if rate else None, codec)
