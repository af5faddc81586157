"""Pictures and masks from disk, whatever their depth and colours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from edge.errors import UndecodableInput
from edge.files import write_atomically
from edge.frame import Alpha, Rgb
from train.data.supervisely import read_mask

Image.MAX_IMAGE_PIXELS = 200_000_000  # a decompression bomb is refused, a large photo is not


def read_rgb(path: Path) -> Rgb:
    """
    A picture as (H, W, 3) uint8, turned upright; grey, palette and 16-bit files too.

    Raises:
        UndecodableInput: it is missing, cut off or no picture. A cut-off JPEG is not half used.
    """
    with _decoding(path) as picture:
        upright = ImageOps.exif_transpose(picture)
        if upright.mode.startswith("I"):
            grey = _eight_bits(np.asarray(upright))
            return np.ascontiguousarray(np.repeat(grey[..., None], 3, axis=2))
        return np.array(upright.convert("RGB"), np.uint8)


def read_alpha(path: Path) -> Alpha:
    """
    A mask or matte as (H, W) float32 in [0, 1].

    Takes grey of 8 or 16 bits, {0, 1} masks, the alpha channel of a cut-out, and Supervisely's
    annotations.

    Raises:
        UndecodableInput: as for ``read_rgb``.
    """
    if path.suffix == ".json":
        return np.asarray(read_mask(path) / 255, np.float32)
    with _decoding(path) as picture:
        upright = ImageOps.exif_transpose(picture)
        if upright.mode.startswith("I"):
            grey = _eight_bits(np.asarray(upright))
        elif upright.mode in ("RGBA", "LA") and upright.getchannel("A").getextrema()[0] != 255:
            grey = np.array(upright.getchannel("A"), np.uint8)
        else:
            grey = np.array(upright.convert("L"), np.uint8)
    largest = int(grey.max(initial=0))
    return np.asarray(grey / (1 if largest == 1 else 255), np.float32)


def write_alpha(path: Path, alpha: Alpha) -> None:
    """Write an alpha as 8-bit PNG, whole or not at all. Raises OSError."""
    _, data = cv2.imencode(".png", np.rint(np.clip(alpha, 0, 1) * 255).astype(np.uint8))
    write_atomically(path, data.tobytes())


def write_rgb(path: Path, image: Rgb) -> None:
    """Write a picture in the format of its name's ending, whole or not at all. Raises OSError."""
    _, data = cv2.imencode(path.suffix, cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    write_atomically(path, data.tobytes())


@contextmanager
def _decoding(path: Path) -> Iterator[Image.Image]:
    """Opens a picture and makes Pillow's many errors, also those of a bad EXIF, one of ours."""
    try:
        with Image.open(path) as picture:
            picture.load()
            yield picture
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UndecodableInput(f"{path}: {error}") from error


def _eight_bits(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    """16-bit grey to 8 bits; a 32-bit file that holds 16-bit values is the same."""
    wide = values.astype(np.int64)
    if wide.max(initial=0) > 255:
        wide = (wide + 128) // 257
    return np.clip(wide, 0, 255).astype(np.uint8)
