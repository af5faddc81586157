"""How far contestants' mattes are from the truth: MAD on stills, MAD and dtSSD on clips."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from bench.dataset import Part, Sample
from bench.measures import dtssd, mad
from bench.peers.contestants import Contestant
from edge.errors import InputError
from edge.files import write_atomically
from edge.frame import Alpha

Errors = dict[str, dict[str, float]]  # part -> measure -> mean


def judge(contestant: Contestant, parts: list[Part], kept: Path) -> Errors:
    """
    Let it matte all ``parts`` that have a truth, and measure.

    Args:
        kept: a folder where the errors of what does not change are kept.

    Raises:
        InputError: it fails, or the data is broken.
    """
    return {part.name: _part(contestant, part, kept) for part in parts if part.kind != "empty"}


def _part(contestant: Contestant, part: Part, kept: Path) -> dict[str, float]:
    if contestant.key is None:
        return _measured(contestant, part)
    path = kept / f"errors-{contestant.name}-{contestant.key}-{part.name}-{_key(part)}.json"
    if not path.is_file():
        errors = _measured(contestant, part)
        write_atomically(path, json.dumps(errors).encode())
    known: dict[str, float] = json.loads(path.read_text())
    return known


def _measured(contestant: Contestant, part: Part) -> dict[str, float]:
    with TemporaryDirectory(prefix="bench-") as room:
        folder = Path(room)
        pairs, truths = [], []
        for index, sample in enumerate(part.samples()):
            pair = (folder / f"{index:05}.png", folder / f"{index:05}-alpha.png")
            _write(sample, pair[0])
            pairs.append([str(path) for path in pair])
            truths.append(_truth(sample))
        contestant.program.ask("mattes", pictures=pairs, video=part.kind == "clip")
        alphas = [_read(Path(made)) for _, made in pairs]
    errors = {"mad": float(np.mean([mad(a, t) for a, t in zip(alphas, truths, strict=True)]))}
    if part.kind == "clip":
        steps = zip(alphas[1:], alphas[:-1], truths[1:], truths[:-1], strict=True)
        errors["dtssd"] = float(np.mean([dtssd(*step) for step in steps]))
    return {name: round(value, 3) for name, value in errors.items()}


def _truth(sample: Sample) -> Alpha:
    if sample.truth is None:
        raise InputError(f"{sample.name}: no true alpha")
    return sample.truth


def _write(sample: Sample, path: Path) -> None:
    bgr = np.ascontiguousarray(sample.frame.image[..., ::-1])
    cv2.imwrite(str(path), bgr, [cv2.IMWRITE_PNG_COMPRESSION, 1])


def _read(path: Path) -> Alpha:
    levels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if levels is None or levels.dtype != np.uint16:
        raise InputError(f"{path}: the contestant wrote no 16-bit alpha")
    return np.asarray(levels / np.float32(65535), np.float32)


def _key(part: Part) -> str:
    files = sorted(path for path in part.folder.rglob("*") if path.is_file())
    text = "".join(f"{path.name} {path.stat().st_size}\n" for path in files)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
