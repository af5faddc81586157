"""FFmpeg as a guest: numbered pictures through its own WHIP muxer, as ``ffmpeg -f whip`` sends."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import av
import numpy as np
from webrtc_stand import paint

SIZE = (320, 180)
FPS = 15
RATE = 48_000  # of sound
BASELINE = {"profile": "baseline", "preset": "ultrafast", "tune": "zerolatency", "g": str(FPS)}
PATIENCE_S = 90


class Ffmpeg(threading.Thread):
    """
    Pushes numbered pictures to ``url`` until it is told to stop.

    Args:
        pem: a P-256 key and its certificate for DTLS. FFmpeg with GnuTLS, as PyAV has it, makes
            itself one on P-224, which TLS has given up (RFC 8422, section 5.1.1).
        token: the access token, as FFmpeg's option ``authorization``.
        sound: silence goes beside the pictures.
        first: the number of the first picture.
    """

    def __init__(
        self, url: str, pem: Path, token: str = "", sound: bool = False, first: int = 0
    ) -> None:
        super().__init__(daemon=True)
        self.first = first
        self.error: Exception | None = None
        self._url = url
        self._sound = sound
        self._enough = threading.Event()
        self._options = {
            "cert_file": str(pem),
            "key_file": str(pem),
            "handshake_timeout": str(1000 * PATIENCE_S),  # its own 5 s are short on two busy cores
        }
        if token:
            self._options["authorization"] = token

    def run(self) -> None:
        try:
            with av.open(self._url, "w", format="whip", options=self._options) as container:
                self._push(container)
        except av.FFmpegError as error:
            self.error = error

    def stop(self) -> None:
        """End it as a user does, and wait until it has said goodbye."""
        self._enough.set()
        self.join(PATIENCE_S)
        assert not self.is_alive()

    def _push(self, container: av.container.OutputContainer) -> None:
        video = container.add_stream("libx264", rate=FPS, options=BASELINE)
        video.width, video.height = SIZE
        video.pix_fmt, video.max_b_frames = "yuv420p", 0
        audio = container.add_stream("libopus", rate=RATE, layout="stereo") if self._sound else None
        silence = np.zeros((1, 2 * RATE // FPS), np.int16)
        began_s, index = time.monotonic(), 0
        while not self._enough.wait(max(0, began_s + index / FPS - time.monotonic())):
            picture = av.VideoFrame.from_ndarray(paint(self.first + index, SIZE), format="rgb24")
            picture.pts = index
            container.mux(video.encode(picture))
            if audio is not None:
                sound = av.AudioFrame.from_ndarray(silence, format="s16", layout="stereo")
                sound.sample_rate, sound.pts = RATE, index * silence.size // 2
                container.mux(audio.encode(sound))
            index += 1
