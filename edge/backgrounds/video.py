"""
``video:PATH``: a clip, looped at its own pace.

A thread of its own decodes a few pictures ahead; the matting thread only takes the one that is due.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from pathlib import Path

import av

from edge.errors import InputError, UndecodableInput
from edge.frame import Frame, Matte, Rgb
from edge.media.clips import first_picture, frames, to_rgb
from edge.media.cover import cover

logger = logging.getLogger(__name__)

AHEAD = 4  # pictures decoded ahead: 11 MB at 720p, and over 100 ms to reopen the file at its end
PAUSE_S = 0.25  # a longer gap between frames (a lost camera) pauses the clip
STARVED_S = 0.5  # when decoding cannot keep up, the clip's clock waits for it so soon


class Video:
    """
    Its clock is the frames' own stamps. A clip that breaks mid-way keeps its last good picture.

    Args:
        path: the clip.

    Raises:
        InputError: it cannot be played (see ``edge.media.clips.frames``).
    """

    shows_room = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._shown = first_picture(path)
        self._shown_s = 0.0  # when in the clip the shown picture is due, loops counted on
        self._position_s = 0.0
        self._last_ns: int | None = None
        self._size = (0, 0)
        self._closed = False
        self._ahead: deque[tuple[float, Rgb]] = deque()
        self._changed = threading.Condition()
        self._decoder = threading.Thread(target=self._decode, name="background-video", daemon=True)

    def behind(self, frame: Frame, matte: Matte | None = None) -> Rgb:
        with self._changed:
            self._fit(frame.size)
            self._advance(frame.captured_ns)
            while self._ahead and self._ahead[0][0] <= self._position_s:
                self._shown_s, self._shown = self._ahead.popleft()
            self._changed.notify()
            return self._shown

    def close(self) -> None:
        """Let the decoder go. It ends after the frame it is at; nobody waits for it."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _fit(self, size: tuple[int, int]) -> None:
        if size == self._size:
            return
        started = self._size != (0, 0)
        self._size = size
        self._ahead.clear()
        self._shown = cover(self._shown, size)
        if not started and not self._closed:
            self._decoder.start()

    def _advance(self, captured_ns: int) -> None:
        last_ns, self._last_ns = self._last_ns, captured_ns
        if last_ns is None:
            return
        position_s = self._position_s + min(max(0, captured_ns - last_ns) / 1e9, PAUSE_S)
        if not self._ahead:
            position_s = min(position_s, max(self._position_s, self._shown_s + STARVED_S))
        self._position_s = position_s

    def _decode(self) -> None:
        loop_began_s = 0.0
        try:
            while True:
                ended_s = 0.0
                for start_s, until_s, picture in frames(self._path):
                    if not self._offer(loop_began_s + start_s, picture):
                        return
                    ended_s = until_s
                if ended_s == 0:
                    raise UndecodableInput("no pictures in it any more")
                loop_began_s += ended_s
        except InputError as error:
            logger.warning("background %s: %s; its last picture stays", self._path.name, error)

    def _offer(self, due_s: float, picture: av.VideoFrame) -> bool:
        """Get ``picture`` ready for ``due_s``, once there is room. False: closed meanwhile."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or len(self._ahead) < AHEAD)
            size, late = self._size, due_s < self._position_s
        if self._closed:
            return False
        if late:
            return True  # decoding fell behind: the next ones are wanted, not this one
        fitted = to_rgb(picture, size)
        with self._changed:
            if size == self._size:
                self._ahead.append((due_s, fitted))
        return True


def make(argument: str) -> Video:
    """
    ``argument``: the path of an MP4, MOV, WebM or MKV file.

    Raises:
        InputError: no path, no such file, or (a subclass) not a video that can be played.
    """
    if not argument:
        raise InputError("video: wanted a path, as in video:clouds.mp4")
    try:
        return Video(Path(argument).expanduser())
    except InputError as error:
        raise type(error)(f"video:{argument}: {error}") from error
