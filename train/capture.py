"""
``python -m train capture``: pictures of your own room, by the camera that will be used.

They are kept on this machine, readable by their owner alone, and never leave it.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
from tqdm import tqdm

from edge import plugins
from edge.errors import SourceError, StorageError
from edge.files import PRIVATE, write_atomically
from edge.frame import Frame
from edge.sources import Source
from edge.zoo import Zoo, default_cache
from train.data.similar import bits_apart, perceptual_hash
from train.errors import ConfigError, DataError

ALIKE = 2  # bits of a perceptual hash: a frame no further from one that is kept adds nothing
EMPTY = "empty"  # the folder, inside that of the frames, for pictures that show nobody
QUALITY = 95  # of JPEG

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """
    Attributes:
        every_s: seconds between the frames that are looked at.
        count: frames to keep.
        patience_s: ends after so long without a frame that differs from those kept.
    """

    every_s: float = 2.0
    count: int = 100
    patience_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Captured:
    """
    Attributes:
        kept: files, as they came.
        alike: frames that were looked at and left out.
        patient: whether it ended for lack of anything new.
    """

    kept: tuple[Path, ...]
    alike: int
    patient: bool


def capture(frames: Iterable[Frame], folder: Path, rhythm: Rhythm) -> Captured:
    """
    Keep frames that differ.

    Ends after ``rhythm.count``, when nothing new comes, when the source fails, or on Ctrl-C.

    Raises:
        SourceError: it failed before one frame was kept.
        StorageError: the folder cannot be written to.
    """
    kept: list[Path] = []
    hashes: list[int] = []
    alike, patient = 0, False
    began = time.strftime("%Y%m%d-%H%M%S")
    with _private(folder), _ending(kept):
        bar = tqdm(total=rhythm.count, desc="capture", unit="frame")
        newest_ns = None
        for frame in _paced(frames, rhythm.every_s):
            newest_ns = newest_ns or frame.captured_ns
            seen = perceptual_hash(frame.image)
            if all(bits_apart(seen, other) > ALIKE for other in hashes):
                path = folder / f"{began}-{len(kept):04}.jpg"
                write_frame(path, frame)
                kept.append(path)
                hashes.append(seen)
                newest_ns = frame.captured_ns
                bar.update()
            else:
                alike += 1
            patient = frame.captured_ns - newest_ns >= rhythm.patience_s * 1e9
            if patient or len(kept) >= rhythm.count:
                break
        bar.close()
    return Captured(tuple(kept), alike, patient)


def write_frame(path: Path, frame: Frame) -> None:
    """As JPEG that only its owner may read. Raises OSError."""
    bgr = cv2.cvtColor(frame.image, cv2.COLOR_RGB2BGR)
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    write_atomically(path, data.tobytes(), PRIVATE)


def _paced(frames: Iterable[Frame], every_s: float) -> Iterator[Frame]:
    """One frame for each period: the first one after it."""
    due_ns = None
    for frame in frames:
        if due_ns is None or frame.captured_ns >= due_ns:
            due_ns = frame.captured_ns + round(every_s * 1e9)
            yield frame


@contextlib.contextmanager
def _ending(kept: Sequence[Path]) -> Iterator[None]:
    """Ctrl-C ends it; so does a source that fails, unless it never gave anything."""
    try:
        yield
    except KeyboardInterrupt:
        return
    except SourceError as error:
        if not kept:
            raise
        logger.warning("the source ended: %s", error)


@contextlib.contextmanager
def _private(folder: Path) -> Iterator[None]:
    """Makes the folder, for its owner alone; its faults become ours."""
    try:
        if not folder.exists():
            folder.mkdir(parents=True)
            folder.chmod(0o700)
        yield
    except OSError as error:
        reason = error.strerror or error
        raise StorageError(
            f"{error.filename or folder}: {reason}; choose another: --output"
        ) from error


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    usual = Rhythm()
    add = parser.add_argument
    add("--source", default="auto:", help="as for the service, such as camera:/dev/video0 (auto:)")
    add("--output", type=Path, required=True, help="folder for the pictures")
    add("--empty", action="store_true", help=f"nobody is in them: into OUTPUT/{EMPTY}")
    add(
        "--every",
        type=float,
        default=usual.every_s,
        metavar="SECONDS",
        help=f"between two frames that are looked at (default: {usual.every_s:g})",
    )
    add("--count", type=int, default=usual.count, help=f"frames to keep ({usual.count})")
    add(
        "--patience",
        type=float,
        default=usual.patience_s,
        metavar="SECONDS",
        help=f"end after so long without anything new (default: {usual.patience_s:g})",
    )


def run(options: argparse.Namespace) -> str:
    """
    Do it; returns what to tell the user.

    Raises:
        ConfigError: an option is out of range, or the source needs the service.
        SourceError: the source gives nothing; the service may be using the camera.
        DataError: not one frame came.
    """
    if options.every < 0 or options.count < 1 or options.patience <= 0:
        raise ConfigError("--every, --count and --patience: wanted numbers above 0")
    if options.source.partition(":")[0] == "browser":
        raise ConfigError("browser: needs the service; wanted a camera, file: or stream:")
    zoo = Zoo(Path(os.environ.get("EDGE_CACHE_DIR", default_cache())))
    source: Source = plugins.make("edge.sources", options.source, zoo=zoo)
    folder = options.output / EMPTY if options.empty else options.output
    rhythm = Rhythm(options.every, options.count, options.patience)
    try:
        captured = capture(source, folder, rhythm)
    finally:
        source.close()
    if not captured.kept:
        raise DataError(f"{options.source}: not one frame came")
    why = "; it ended because nothing new came" if captured.patient else ""
    note = f" ({source.note})" if source.note else ""
    return (
        f"{folder}: {len(captured.kept)} pictures of {source.label}{note}; "
        f"{captured.alike} left out for being like one that is kept{why}"
    )
