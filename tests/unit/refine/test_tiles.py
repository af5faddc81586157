from __future__ import annotations

import cv2
import numpy as np
import pytest

from edge.refine.tiles import around, tiles

SHAPES = [
    ((320, 320), (720, 1280)),
    ((192, 320), (720, 1280)),
    ((320, 320), (1280, 853)),
    ((144, 256), (1080, 1920)),
    ((90, 160), (90, 160)),
    ((7, 5), (48, 64)),
    ((192, 320), (480, 854)),
]
RANDOM = np.random.default_rng(3)


def outline(shape: tuple[int, int]) -> np.ndarray:
    mask = np.zeros(shape, np.uint8)
    middle = (shape[1] // 2, shape[0] // 2)
    cv2.circle(mask, middle, shape[0] // 3, 1, 2)
    return mask > 0


def half(shape: tuple[int, int]) -> np.ndarray:
    mask = np.zeros(shape, np.bool_)
    mask[:, shape[1] // 2 :] = True
    return mask


@pytest.mark.parametrize(("small", "full"), SHAPES)
@pytest.mark.parametrize("marks", [outline, np.zeros, np.ones, half])
def test_the_pieces_cover_every_pixel_once_and_those_unmarked_hold_nothing_of_the_mask(
    small, full, marks
):
    mask = np.asarray(marks(small), np.bool_)
    seen = np.zeros(full, np.int32)
    for tile in tiles(mask, full):
        seen[tile.full] += 1
        if not tile.marked:
            rows, columns = (
                slice(span.start * s // f, span.stop * s // f)
                for span, s, f in zip(tile.full, small, full, strict=True)
            )
            assert not mask[rows, columns].any()
            assert rows.start <= tile.corner[0] < rows.stop
            assert columns.start <= tile.corner[1] < columns.stop
    assert (seen == 1).all()


@pytest.mark.parametrize(("small", "full"), SHAPES)
def test_enlarged_pieces_join_to_what_one_enlargement_gives(small, full):
    values = RANDOM.random(small, dtype=np.float32)
    joined = np.full(full, np.nan, np.float32)
    for tile in tiles(outline(small), full):
        joined[tile.full] = tile.enlarged(values)
    assert np.abs(joined - cv2.resize(values, full[::-1])).max() < 1e-5


def test_marked_pieces_are_narrow():
    mask = outline((320, 320))
    marked = [tile for tile in tiles(mask, (720, 1280)) if tile.marked]
    area = sum(tile.size[0] * tile.size[1] for tile in marked)
    assert len(marked) > 8
    assert area < 0.25 * 720 * 1280


def test_an_area_holds_the_mask_and_its_margin_inside_the_picture():
    mask = np.zeros((90, 160), np.bool_)
    mask[60:80, 2:11] = True
    assert around(mask, 5) == (slice(55, 85), slice(0, 16))


def test_an_empty_mask_has_no_area():
    assert around(np.zeros((32, 32), np.bool_), 2) is None
