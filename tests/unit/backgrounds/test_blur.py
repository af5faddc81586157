from __future__ import annotations

import cv2
import numpy as np
import pytest

from edge.backgrounds.blur import Blur
from edge.frame import Frame, Matte, Rgb


def room(height: int) -> Rgb:
    """Lettering a seventh of the picture high, on a wall."""
    image = np.full((height, height * 16 // 9, 3), 235, np.uint8)
    for row in range(1, 5):
        where = (height // 20, row * height // 5)
        cv2.putText(image, "PASSWORD 1234", where, 0, height / 165, (20, 20, 20), height // 45)
    return image


def strokes(height: int) -> Rgb:
    """Upright bars, as far apart as the strokes of letters a seventh of the picture high."""
    image = np.full((height, height * 16 // 9, 3), 20, np.uint8)
    image[:, np.arange(image.shape[1]) * 32 // height % 2 == 0] = 235
    return image


def contrast(picture: Rgb) -> float:
    """Between the lightest and the darkest place, the picture's rims left out."""
    rim = picture.shape[0] // 5
    grey = picture[rim:-rim, rim:-rim, 1].astype(np.float32)
    return float(grey.max() - grey.min())


@pytest.mark.parametrize("height", [360, 720, 1080])
def test_the_weakest_blur_takes_lettering_away_at_any_size(height: int) -> None:
    blurred = Blur(21).behind(Frame(strokes(height), 0, 0))
    assert contrast(blurred) < 0.05 * contrast(strokes(height))


def test_the_blur_looks_the_same_at_every_size() -> None:
    small = Blur(35).behind(Frame(room(360), 0, 0))
    large = Blur(35).behind(Frame(room(1080), 0, 0))
    large = np.asarray(cv2.resize(large, small.shape[1::-1], interpolation=cv2.INTER_AREA))
    assert np.abs(small.astype(int) - large).mean() < 2


def test_a_stronger_blur_is_stronger() -> None:
    left = [float(Blur(n).behind(Frame(room(360), 0, 0)).std()) for n in (21, 45, 120)]
    assert left == sorted(left, reverse=True)
    assert left[2] < 0.7 * left[0]


def test_an_even_wall_keeps_its_colour() -> None:
    wall = np.full((240, 426, 3), (12, 180, 77), np.uint8)
    alpha = np.zeros((240, 426), np.float32)
    alpha[60:, 100:300] = 1
    blur = Blur(35)
    for matte in (None, Matte(alpha), Matte(np.ones_like(alpha))):
        assert np.abs(blur.behind(Frame(wall, 0, 0), matte).astype(int) - wall).max() <= 1


def test_the_person_leaves_no_halo_in_the_room() -> None:
    image = np.full((360, 640, 3), (40, 160, 60), np.uint8)
    alpha = np.zeros((360, 640), np.float32)
    alpha[90:, 220:420] = 1
    image[alpha == 1] = (250, 20, 30)
    frame, outside = Frame(image, 0, 0), alpha == 0
    plain = np.abs(Blur(35).behind(frame).astype(int) - (40, 160, 60))[outside]
    apart = np.abs(Blur(35).behind(frame, Matte(alpha)).astype(int) - (40, 160, 60))[outside]
    assert plain.max() > 80  # the halo there would be
    assert apart.max() < 12
    assert apart.mean() < 0.05 * plain.mean()


def test_a_matte_smaller_than_the_blurs_copy_will_do() -> None:
    blurred = Blur(21).behind(Frame(room(360), 0, 0), Matte(np.zeros((18, 32), np.float32)))
    assert np.abs(blurred.astype(int) - Blur(21).behind(Frame(room(360), 0, 0))).max() <= 1


def test_each_frame_gets_its_own_picture() -> None:
    blur = Blur(21)
    first = blur.behind(Frame(room(180), 0, 0))
    kept = first.copy()
    blur.behind(Frame(np.zeros_like(room(180)), 1, 0))
    assert (first == kept).all()
