"""One encoder and its thread: composites in, packetised pictures out."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from typing import Protocol

from edge.encoders import CLOCK_HZ, CodecName, Coded, Encoder, Kind, Wanted
from edge.encoders._order import Encoders
from edge.errors import EncoderError
from edge.frame import Composite
from edge.webrtc.sharing.keyframes import KeyframeGate
from edge.webrtc.sharing.packets import Picture, packetised
from edge.webrtc.view import View, picture, to_i420

# A still picture is shown again this often, or a viewer who lost the last one would stay without.
REPEAT_S = 0.5
# A key frame that is asked for waits for the next composite, but not longer than this.
PATIENCE_S = 0.1
WORTH_TELLING = 0.05  # a change of bitrate by this much is
CAMERA_FPS = 30.0
GIVE_UP_AFTER = 5  # pictures in a row that no encoder took


@dataclass(frozen=True, slots=True)
class Key:
    """
    What a rendition is of.

    Attributes:
        divisor: 1: every composite at its size; 2: every second at half its width and height.
    """

    codec: CodecName
    view: View = View()
    divisor: int = 1


class Listener(Protocol):
    """Who hears of a rendition, in its thread."""

    def coded(self, picture: Picture, seconds: float) -> None:
        """``picture`` is ready; converting and encoding took ``seconds``."""
        ...

    def ended(self, error: EncoderError) -> None:
        """No encoder works any more: there will be no more pictures."""
        ...


class Rendition:
    """
    Encodes the newest composite each time it is ready for one. Every method may be called from any
    thread.

    Attributes:
        key: what it is of; its view may be changed at any time.
        gate: is asked for key frames.
        encoder: the name of the encoder in use, or "" before the first picture.
        size: (width, height) of the last picture.
        pictures, keyframes, octets: made so far.
    """

    def __init__(
        self, key: Key, encoders: Encoders, listener: Listener, wanted: Wanted, gate: KeyframeGate
    ) -> None:
        self.key = key
        self.gate = gate
        self.encoder = ""
        self.size = (0, 0)
        self.pictures = self.keyframes = self.octets = 0
        self._encoders = encoders
        self._listener = listener
        self._wanted = wanted
        self._open: tuple[Kind, Encoder] | None = None
        self._aim_bps, self._max_bps = wanted.bitrate_bps, wanted.max_bps
        self._failures = 0
        self._changed = threading.Condition()
        self._newest: Composite | None = None
        self._shown = self._taken = 0
        self._closed = False
        self._clock = Clock()
        self._thread = threading.Thread(target=self._run, name="encoder", daemon=True)
        self._thread.start()

    @property
    def bitrate_bps(self) -> int:
        """What its encoder aims at."""
        return self._aim_bps

    def show(self, composite: Composite) -> None:
        """``composite`` is the newest. One that could not be encoded in time is left out."""
        with self._changed:
            self._newest = composite
            self._shown += 1
            self._changed.notify()

    def ask_for_keyframe(self) -> None:
        """Make a key frame as soon as one may be made."""
        self.gate.ask()
        with self._changed:
            self._changed.notify()

    def aim(self, bitrate_bps: int, max_bps: int) -> None:
        """Encode at another bitrate from now on, which will never be over ``max_bps``."""
        self._aim_bps, self._max_bps = bitrate_bps, max_bps

    def close(self) -> None:
        """End the thread, after the picture in work. Does not wait for it."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _run(self) -> None:
        try:
            while (composite := self._next()) is not None:
                self._encode(composite)
        except EncoderError as error:
            self._listener.ended(error)
        except Exception as error:  # noqa: BLE001  a thread's death is told, whatever it died of
            broken = EncoderError(f"encoding broke: {type(error).__name__}: {error}")
            broken.__cause__ = error
            self._listener.ended(broken)
        finally:
            if self._open is not None:
                self._open[1].close()

    def _next(self) -> Composite | None:
        """The next composite to encode: a new one, or a still one again; None: closed."""
        with self._changed:
            since_s = time.monotonic()
            while not self._closed:
                if self._newest is None:
                    self._changed.wait()
                    continue
                if self._shown - self._taken >= self.key.divisor or not self._clock.started:
                    self._taken = self._shown
                    return self._newest
                patience_s = self._patience_s(time.monotonic() - since_s)
                if patience_s <= 0:
                    return self._newest
                self._changed.wait(patience_s)
        return None

    def _patience_s(self, still_s: float) -> float:
        """How much longer to wait for a new composite, before the last is encoded once more."""
        due_in_s = self.gate.due_in_s
        if due_in_s is None:
            return REPEAT_S - still_s
        return min(REPEAT_S - still_s, max(PATIENCE_S - still_s, due_in_s))

    def _encode(self, composite: Composite) -> None:
        begin_s = time.perf_counter()
        planes = to_i420(picture(composite, self.key.view), self.key.divisor)
        height, width = planes.shape[0] * 2 // 3, planes.shape[1]
        encoder = self._encoder(width, height)
        keyframe, ticks = self.gate.take(), self._clock.ticks(composite.captured_ns)
        try:
            coded = encoder.encode(planes, ticks, keyframe)
        except EncoderError as error:
            self._try_another(error)
            return
        self._failures = 0
        pictures = [packetised(one, self.key.codec) for one in coded]
        self._count(coded, (width, height))
        for made in pictures:
            self._listener.coded(made, time.perf_counter() - begin_s)

    def _encoder(self, width: int, height: int) -> Encoder:
        """The open encoder, for pictures of this size and at the bitrate aimed at."""
        aim_bps, before = self._aim_bps, self._wanted
        same = (before.width, before.height) == (width, height) and aim_bps <= before.max_bps
        if self._open is not None and not same:
            self._open[1].close()
            self._open = None
        if self._open is None:
            fps, max_bps = CAMERA_FPS / self.key.divisor, max(aim_bps, self._max_bps)
            self._wanted = Wanted(width, height, fps, aim_bps, max_bps, before.threads)
            self._open = self._encoders.open(self.key.codec, self._wanted)
            self.encoder = self._open[0].name
        elif abs(aim_bps - before.bitrate_bps) > WORTH_TELLING * before.bitrate_bps:
            self._wanted = replace(before, bitrate_bps=aim_bps)
            if self._open[1].aim(aim_bps):
                self.gate.ask()
        return self._open[1]

    def _try_another(self, error: EncoderError) -> None:
        """The encoder in use gave up: the next picture goes to another."""
        self._failures += 1
        if self._open is None or self._failures > GIVE_UP_AFTER:
            raise error
        kind, encoder = self._open
        self._encoders.failed(kind, error)
        encoder.close()
        self._open = None
        self.gate.ask()

    def _count(self, coded: list[Coded], size: tuple[int, int]) -> None:
        self.size = size
        self.pictures += len(coded)
        self.octets += sum(len(one.data) for one in coded)
        made = sum(one.keyframe for one in coded)
        self.keyframes += made
        if made:
            self.gate.made()


class Clock:
    """The time of capture on RTP's clock, always growing, whatever the source does."""

    def __init__(self) -> None:
        self._last = -1
        self._captured_ns: int | None = None
        self._given_ns = 0

    @property
    def started(self) -> bool:
        """Whether it gave a time yet."""
        return self._captured_ns is not None

    def ticks(self, captured_ns: int) -> int:
        """
        The time of a picture. Of one that is shown again: as long after the last as it is now.
        """
        now_ns = time.monotonic_ns()
        if captured_ns == self._captured_ns:
            ticks = self._last + (now_ns - self._given_ns) * CLOCK_HZ // 10**9
        else:
            ticks = captured_ns * CLOCK_HZ // 10**9
        self._captured_ns, self._given_ns = captured_ns, now_ns
        self._last = max(ticks, self._last + 1)
        return self._last
