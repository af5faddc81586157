"""What a run found, on disk: JSON for programs, Markdown for people, PNG of the worst case."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2

from convert.errors import ConversionError
from convert.parity import Compared, limits_table
from edge.errors import StorageError
from edge.files import write_atomically
from edge.frame import Rgb

HEAD = ("what", "held to", "mean", "largest", "IoU", "verdict", "worst picture")


def record(of: Compared) -> dict[str, Any]:
    """Ready for JSON: what is not finite becomes null."""
    return {
        "spec": of.spec,
        "precision": of.precision,
        **{key: _plain(value) for key, value in asdict(of.overall).items()},
        "passed": of.fault is None,
        "fault": {k: _plain(v) for k, v in asdict(of.fault).items()} if of.fault else None,
        "worst": of.worst.name,
    }


def row(of: Compared) -> tuple[str, ...]:
    """Its line in a table, under ``HEAD``."""
    overall = of.overall
    verdict = "passed" if of.fault is None else f"FAILED: {of.fault.what}"
    return (
        of.spec,
        of.precision,
        f"{overall.mean:.2e}",
        f"{overall.largest:.2e}",
        f"{overall.iou:.4f}",
        verdict,
        of.worst.name,
    )


def parity_markdown(reference: str, label: str, found: Sequence[Compared]) -> str:
    """The table of one comparison, and the limits."""
    lines = [
        f"# Parity with {reference}",
        "",
        f"On {label}. Mean and largest: of the absolute difference of alpha.",
        "",
        *table(HEAD, [row(each) for each in found]),
        "",
        "Limits:",
        "",
        *table(("precision", "mean", "largest", "IoU"), limits_table()),
        "",
    ]
    return "\n".join(lines)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Markdown's."""
    escaped = [[cell.replace("|", "\\|") for cell in each] for each in (head, *rows)]
    lines = [f"| {' | '.join(cells)} |" for cells in escaped]
    return [lines[0], "|" + "---|" * len(head), *lines[1:]]


def write(folder: Path, name: str, markdown: str, data: dict[str, Any]) -> Path:
    """
    ``name.md`` and ``name.json`` into ``folder``.

    Raises:
        StorageError: it cannot be written to.
    """
    store(folder / f"{name}.json", (json.dumps(data, indent=1, allow_nan=False) + "\n").encode())
    return store(folder / f"{name}.md", markdown.encode())


def write_picture(path: Path, image: Rgb) -> Path:
    """
    A PNG.

    Raises:
        StorageError: it cannot be written.
    """
    done, data = cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    if not done:
        raise ConversionError(f"{path}: the picture cannot be encoded")
    return store(path, data.tobytes())


def file_name(spec: str) -> str:
    """A spec as part of a file's name."""
    return re.sub(r"[^\w.-]+", "-", spec.rpartition("/")[2] or spec).strip("-")


def store(path: Path, data: bytes) -> Path:
    """Write whole or not at all. Raises StorageError."""
    try:
        write_atomically(path, data)
    except OSError as error:
        raise StorageError(
            f"{path}: {error.strerror or error}. Make room, or choose another: --output FOLDER"
        ) from error
    return path


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
