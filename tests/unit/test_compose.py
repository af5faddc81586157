from __future__ import annotations

import numpy as np
import pytest

from edge.compose import compose
from edge.frame import Frame, Matte

RNG = np.random.default_rng(5)
SIZE = (36, 50)  # height, width


def noise() -> np.ndarray:
    return RNG.integers(0, 256, (*SIZE, 3), dtype=np.uint8)


def test_a_composite_is_the_equation_within_one_level():
    image, background = noise(), noise()
    alpha = RNG.random(SIZE, dtype=np.float32)

    composite = compose(Frame(image, 0, 0), Matte(alpha), background)

    exact = alpha[..., None] * image + (1 - alpha[..., None]) * background
    assert composite.dtype == np.uint8
    assert np.abs(composite - exact).max() <= 1


def test_alpha_one_is_the_frame_and_alpha_zero_the_background_bit_for_bit():
    image, background = noise(), noise()
    alpha = np.zeros(SIZE, np.float32)
    alpha[:, 25:] = 1

    composite = compose(Frame(image, 0, 0), Matte(alpha), background)

    assert np.array_equal(composite[:, :25], background[:, :25])
    assert np.array_equal(composite[:, 25:], image[:, 25:])


def test_an_estimated_foreground_takes_the_place_of_the_frame():
    image, foreground, background = noise(), noise(), noise()
    matte = Matte(np.ones(SIZE, np.float32), foreground)

    assert np.array_equal(compose(Frame(image, 0, 0), matte, background), foreground)


def test_nothing_is_written_to_what_is_handed_in():
    image, background = noise(), noise()
    alpha = np.full(SIZE, 0.5, np.float32)
    before = image.copy(), background.copy(), alpha.copy()

    compose(Frame(image, 0, 0), Matte(alpha), background)

    assert all(
        np.array_equal(a, b) for a, b in zip(before, (image, background, alpha), strict=True)
    )


@pytest.mark.parametrize("wrong", ["alpha", "foreground", "background"])
def test_a_wrong_size_is_refused_by_name_with_both_sizes(wrong: str):
    image = noise()
    parts = {
        "alpha": np.ones(SIZE, np.float32),
        "foreground": image,
        "background": image,
    }
    parts[wrong] = parts[wrong][:-2]
    matte = Matte(parts["alpha"], parts["foreground"])

    with pytest.raises(ValueError, match=rf"{wrong} is \(34, 50.*needs \(36, 50"):
        compose(Frame(image, 0, 0), matte, parts["background"])
