from __future__ import annotations

import struct
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from edge.errors import InputError, InputTooLarge, UndecodableInput, UnsupportedInput
from edge.media.pictures import BACKGROUND_SIZE, read_picture
from tests.unit.backgrounds.media import BLUE, RED, encoded, flat, near


def png_header(width: int, height: int) -> bytes:
    """A PNG of that size by its header, with next to nothing in it."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def halves() -> Image.Image:
    """Red above, blue below."""
    picture = flat(RED, (64, 48))
    picture[24:] = BLUE
    return Image.fromarray(picture)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_reads_each_type_from_bytes_and_from_a_file(kind: str, tmp_path: Path) -> None:
    data = encoded(Image.fromarray(flat(RED)), kind)
    path = tmp_path / "without an ending"
    path.write_bytes(data)
    for source in (data, path):
        picture = read_picture(source)
        assert picture.shape == (48, 64, 3)
        assert picture.dtype == np.uint8
        assert near(picture, RED)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    ("orientation", "red_corner"), [(1, (0, 0)), (3, (-1, 0)), (6, (0, -1)), (8, (0, 0))]
)
def test_a_photo_taken_sideways_stands_upright(
    kind: str, orientation: int, red_corner: tuple[int, int]
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = read_picture(encoded(halves(), kind, exif=exif, quality=95))
    assert picture.shape == ((48, 64, 3) if orientation in (1, 3) else (64, 48, 3))
    assert near(picture[red_corner], RED, 25)
    opposite = tuple(-1 - place for place in red_corner)
    assert near(picture[opposite], BLUE, 25)


def test_transparency_lies_over_a_neutral_grey() -> None:
    rgba = np.zeros((20, 20, 4), np.uint8)
    rgba[:10] = (*RED, 255)
    for kind in ("PNG", "WEBP"):
        picture = read_picture(encoded(Image.fromarray(rgba), kind, lossless=True))
        assert near(picture[:10], RED, 1)
        assert (picture[10:] == 128).all()


def test_a_transparent_colour_of_a_palette_is_transparent() -> None:
    palette = Image.fromarray(np.zeros((8, 8), np.uint8), "L").convert("P")
    picture = read_picture(encoded(palette, "PNG", transparency=palette.getpixel((0, 0))))
    assert (picture == 128).all()


@pytest.mark.parametrize(
    ("image", "level"),
    [
        (Image.new("L", (9, 9), 77), 77),
        (Image.new("1", (9, 9), 1), 255),
        (Image.fromarray(np.full((9, 9), 77 * 257, np.uint16)), 77),
        (Image.new("LA", (9, 9), (77, 255)), 77),
    ],
    ids=["grey", "black and white", "16-bit grey", "grey with alpha"],
)
def test_grey_pictures_work(image: Image.Image, level: int) -> None:
    picture = read_picture(encoded(image, "PNG"))
    assert picture.shape == (9, 9, 3)
    assert (picture == level).all()


def test_a_picture_for_print_works() -> None:
    picture = read_picture(encoded(Image.new("CMYK", (64, 48), (0, 255, 255, 0)), "JPEG"))
    assert picture[:, :, 0].min() > 250
    assert picture[:, :, 1:].max() < 10


def test_a_colour_profile_is_honoured_and_a_broken_one_is_not_fatal() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = Image.fromarray(flat(RED))
    assert near(read_picture(encoded(image, "PNG", icc_profile=srgb)), RED, 2)
    assert near(read_picture(encoded(image, "PNG", icc_profile=b"none of it")), RED, 0)
    assert near(read_picture(encoded(image, "PNG", icc_profile=profile)), RED, 0)  # not for RGB


def test_a_large_photo_is_kept_only_as_large_as_backgrounds_need() -> None:
    photo = Image.new("RGB", (6000, 4000), RED)
    picture = read_picture(encoded(photo, "JPEG"), BACKGROUND_SIZE)
    assert picture.shape == (1707, 2560, 3)
    assert near(picture, RED)


@pytest.mark.parametrize("size", [(20000, 20000), (7072, 7072), (65000, 65000), (10000, 6000)])
def test_too_many_pixels_are_refused_by_the_header_alone(size: tuple[int, int]) -> None:
    with pytest.raises(InputTooLarge, match="megapixels") as refusal:
        read_picture(png_header(*size))
    assert "50 megapixels" in str(refusal.value)


@pytest.mark.parametrize("kind", ["WEBP", "GIF", "PNG"])
def test_an_animation_is_refused_with_the_way_out(kind: str) -> None:
    second = Image.fromarray(flat(BLUE))
    data = encoded(Image.fromarray(flat(RED)), kind, save_all=True, append_images=[second])
    with pytest.raises(UnsupportedInput, match=r"animated .* or a video \(MP4, WebM\)"):
        read_picture(data)


def test_a_phones_jpeg_with_a_second_picture_inside_is_no_animation() -> None:
    second = Image.fromarray(flat(BLUE))
    data = encoded(Image.fromarray(flat(RED)), "MPO", save_all=True, append_images=[second])
    assert near(read_picture(data), RED)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
@pytest.mark.parametrize("part", [0.02, 0.5, 0.9])
def test_a_picture_cut_short_is_refused(kind: str, part: float) -> None:
    noisy = np.random.default_rng(0).integers(0, 255, (120, 160, 3), np.uint8)
    data = encoded(Image.fromarray(noisy), kind)
    with pytest.raises(UndecodableInput, match="broken or cut short"):
        read_picture(data[: max(40, int(len(data) * part))])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_damaged_bytes_give_a_picture_or_our_error_and_nothing_else(kind: str) -> None:
    rng = np.random.default_rng(3)
    whole = encoded(halves(), kind)
    for _ in range(60):
        data = bytearray(whole)
        for place in rng.integers(8, len(data), 6):
            data[place] = rng.integers(256)
        with suppress(InputError):
            assert read_picture(bytes(data)).dtype == np.uint8


def test_a_video_is_no_picture(clip: Path) -> None:
    with pytest.raises(UnsupportedInput, match=r"found a video \(MP4\); wanted a picture"):
        read_picture(clip)
