"""Before and after side by side, on one picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from edge.compose import compose
from edge.frame import Alpha, Frame, Matte, Rgb
from edge.matting import MattingModel
from edge.media.cover import cover
from train.data.pictures import read_alpha, read_rgb, write_rgb
from train.data.records import Record
from train.label import matte

SIDE = (256, 144)  # (width, height) of a picture on the sheet
BEHIND = (0, 177, 64)  # chroma green: what is left of the room shows on it
HEADS = ("frame", "the teacher's", "before", "after")
MOST = 12  # rows


def draw_sheet(
    path: Path, held: Sequence[Record], models: tuple[MattingModel, MattingModel]
) -> None:
    """
    Write a row for each of some held-out frames: the frame, and three cut-outs of it.

    Raises:
        UndecodableInput: a frame or label cannot be read.
        OSError: the sheet cannot be written.
    """
    count = min(MOST, len(held))
    chosen = [held[i * len(held) // count] for i in range(count)]
    rows = [_row(record, models) for record in chosen]
    head = np.full((24, rows[0].shape[1], 3), 32, np.uint8)
    for column, text in enumerate(HEADS):
        at = (column * SIDE[0] + 6, 17)
        cv2.putText(head, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, (240, 240, 240), 1, cv2.LINE_AA)
    write_rgb(path, np.asarray(np.vstack([head, *rows]), np.uint8))


def _row(record: Record, models: tuple[MattingModel, MattingModel]) -> Rgb:
    image = read_rgb(record.image)
    label = np.zeros(image.shape[:2], np.float32)
    if record.alpha is not None:
        label = read_alpha(record.alpha)
    mattes = [label, *(matte(model, image) for model in models)]
    parts = [image, *(_over_green(image, alpha) for alpha in mattes)]
    return np.asarray(np.hstack([cover(part, SIDE) for part in parts]), np.uint8)


def _over_green(image: Rgb, alpha: Alpha) -> Rgb:
    behind = np.full(image.shape, BEHIND, np.uint8)
    return compose(Frame(image, 0, 0), Matte(alpha), behind)
