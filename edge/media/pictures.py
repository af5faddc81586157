"""
Still pictures from outside, decoded once, with their size checked before a pixel is.

Pillow decodes: it reads the header alone first, and only the one format that was sniffed is tried.
"""

from __future__ import annotations

import io
import warnings
from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps

from edge.errors import InputError, InputTooLarge, UndecodableInput, UnsupportedInput
from edge.frame import Rgb
from edge.media.cover import shrink_to_cover
from edge.media.uploads import JPEG, FileType, type_of

MAX_PIXELS = 50_000_000
BACKGROUND_SIZE = (2560, 1440)  # backgrounds are kept no larger than what covers this
NEUTRAL = (128, 128, 128)  # behind transparent pixels: black and white logos both show on it


def read_picture(data: bytes | Path, within: tuple[int, int] | None = None) -> Rgb:
    """
    Decode a still picture: upright (EXIF), in sRGB, transparency over a neutral grey.

    Args:
        data: the file, or its content.
        within: shrink it to what covers (width, height), while decoding where that is faster.

    Returns:
        (h, w, 3) uint8 sRGB.

    Raises:
        InputError: the file cannot be read.
        InputTooLarge: over 50 megapixels.
        UnsupportedInput: not a picture of a type that is taken, or an animation.
        UndecodableInput: broken inside.
    """
    found = type_of(data, "image")
    try:
        with _open(data, found) as image:
            _check(image, found)
            if within is not None:
                image.draft("RGB", (max(within), max(within)))  # JPEG: decodes at 1/2, 1/4 or 1/8
            picture = _rgb(image)
    except InputError:
        raise
    except Image.DecompressionBombError as error:
        raise InputTooLarge(f"a {found.name} picture over {MAX_PIXELS / 1e6:.0f} megapixels") from (
            error
        )
    except Exception as error:  # noqa: BLE001 - broken input makes decoders raise anything
        raise UndecodableInput(
            f"the {found.name} picture is broken or cut short ({error}): export or send it again"
        ) from error
    return picture if within is None else shrink_to_cover(picture, within)


def _open(data: bytes | Path, found: FileType) -> Image.Image:
    with warnings.catch_warnings():  # Pillow warns of sizes that are then refused here
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        source = io.BytesIO(data) if isinstance(data, bytes) else data
        return Image.open(source, formats=(found.decoder,))


def _check(image: Image.Image, found: FileType) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise InputTooLarge(
            f"the picture has {width} x {height} pixels ({width * height / 1e6:.0f} megapixels); "
            f"wanted {MAX_PIXELS / 1e6:.0f} megapixels at most: make it smaller"
        )
    # A JPEG with several pictures is a photo with its preview or depth map, no animation.
    if found is not JPEG and getattr(image, "is_animated", False):
        raise UnsupportedInput(
            f"found an animated {found.name}; wanted a still picture, or a video (MP4, WebM)"
        )


def _rgb(image: Image.Image) -> Rgb:
    profile = image.info.get("icc_profile")
    if image.mode in ("I", "I;16", "I;16B", "I;16L"):  # 16-bit grey: Pillow would clip it
        grey = np.asarray(image).astype(np.int64).clip(0, 65535) >> 8
        image = _upright(Image.fromarray(grey.astype(np.uint8)), image)
    image = ImageOps.exif_transpose(image)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, (*NEUTRAL, 255))
        image = Image.alpha_composite(ground, image)
    elif profile:
        image = _srgb(image, profile)
    return np.array(image.convert("RGB"), np.uint8)


def _upright(grey: Image.Image, original: Image.Image) -> Image.Image:
    """``grey`` with the EXIF data of ``original``, so that it is turned the same way."""
    grey.info["exif"] = original.getexif().tobytes()
    return grey


def _srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Phones write Display P3 and cameras Adobe RGB. A broken profile is no reason to refuse."""
    with suppress(ImageCms.PyCMSError, OSError, ValueError):
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
        return converted or image
    return image
