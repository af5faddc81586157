"""Pictures and masks as people have them: grey, deep, cut off, turned."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from edge.errors import UndecodableInput
from train.data.pictures import read_alpha, read_rgb, write_alpha

RAMP = np.tile(np.linspace(0, 255, 40, dtype=np.uint8), (30, 1))


def test_a_colour_picture_comes_as_rgb(tmp_path: Path) -> None:
    red = np.zeros((4, 6, 3), np.uint8)
    red[..., 0] = 200
    Image.fromarray(red).save(tmp_path / "red.png")
    assert np.array_equal(read_rgb(tmp_path / "red.png"), red)


@pytest.mark.parametrize("depth", [8, 16])
def test_grey_of_either_depth_becomes_three_channels(tmp_path: Path, depth: int) -> None:
    values = RAMP if depth == 8 else RAMP.astype(np.uint16) * 257
    cv2.imwrite(str(tmp_path / "grey.png"), values)
    image = read_rgb(tmp_path / "grey.png")
    assert np.array_equal(image, np.repeat(RAMP[..., None], 3, axis=2))


def test_a_photo_held_upright_is_turned_by_its_exif(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: turn by 90 degrees
    Image.fromarray(RAMP).convert("RGB").save(tmp_path / "photo.jpg", exif=exif)
    assert read_rgb(tmp_path / "photo.jpg").shape == (40, 30, 3)


def test_a_cut_off_jpeg_is_refused_and_not_half_used(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (80, 80, 3), np.uint8)).save(tmp_path / "whole.jpg")
    data = (tmp_path / "whole.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(data[: len(data) // 2])
    with pytest.raises(UndecodableInput, match=r"cut\.jpg"):
        read_rgb(tmp_path / "cut.jpg")


def test_a_photo_whose_exif_is_damaged_is_refused_by_name(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(RAMP).convert("RGB").save(tmp_path / "photo.webp", exif=exif)
    data = (tmp_path / "photo.webp").read_bytes()
    (tmp_path / "photo.webp").write_bytes(data.replace(b"MM\0*", b"M\0\0*"))
    with pytest.raises(UndecodableInput, match=r"photo\.webp"):
        read_rgb(tmp_path / "photo.webp")


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\xff\xd8\xff\xe0"])
def test_what_is_no_picture_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "odd.jpg").write_bytes(content)
    with pytest.raises(UndecodableInput, match=r"odd\.jpg"):
        read_rgb(tmp_path / "odd.jpg")


@pytest.mark.parametrize("scale", [1, 255, 257 * 255])
def test_masks_of_zero_and_one_or_full_scale_or_16_bits_mean_the_same(
    tmp_path: Path, scale: int
) -> None:
    mask = (RAMP > 127).astype(np.uint16) * scale
    cv2.imwrite(str(tmp_path / "m.png"), mask if scale > 255 else mask.astype(np.uint8))
    assert np.array_equal(read_alpha(tmp_path / "m.png"), (RAMP > 127).astype(np.float32))


def test_a_cut_out_gives_its_own_alpha(tmp_path: Path) -> None:
    rgba = np.dstack((np.full((30, 40, 3), 90, np.uint8), RAMP))
    Image.fromarray(rgba).save(tmp_path / "cut-out.png")
    assert np.allclose(read_alpha(tmp_path / "cut-out.png"), RAMP / 255)


def test_an_alpha_comes_back_as_it_was_written(tmp_path: Path) -> None:
    alpha = np.asarray(RAMP / 255, np.float32)
    write_alpha(tmp_path / "folder" / "a.png", alpha)
    assert np.allclose(read_alpha(tmp_path / "folder" / "a.png"), alpha, atol=1e-6)
