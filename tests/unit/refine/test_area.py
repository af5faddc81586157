from __future__ import annotations

import cv2
import numpy as np
import pytest

from edge.refine.area import aligned_area, enlarged, enlarged_height, strips

SHAPES = [((320, 320), (720, 1280)), ((320, 320), (1280, 853)), ((144, 256), (1080, 1920))]


@pytest.mark.parametrize(("small", "full"), SHAPES)
def test_an_area_holds_the_mask_and_its_margin_and_maps_to_whole_pixels(small, full):
    mask = np.zeros(small, np.bool_)
    mask[60:80, 100:111] = True

    area = aligned_area(mask, full, 5)

    assert area is not None
    rows, columns = area
    assert rows.start <= 55
    assert rows.stop >= 85
    assert columns.start <= 95
    assert columns.stop >= 116
    for axis, (span, there) in enumerate(zip(area, enlarged(area, small, full), strict=True)):
        assert there.start * small[axis] == span.start * full[axis]
        assert there.stop * small[axis] == span.stop * full[axis]


def test_an_empty_mask_has_no_area():
    assert aligned_area(np.zeros((32, 32), np.bool_), (64, 64), 2) is None


@pytest.mark.parametrize(("small", "full"), SHAPES)
def test_strips_join_to_what_one_enlargement_gives(small, full):
    values = np.random.default_rng(3).random(small, dtype=np.float32)
    joined = np.full(full, np.nan, np.float32)

    for rows, kept, onto in strips(small, full):
        size = full[1], enlarged_height(rows, small, full)
        joined[onto] = cv2.resize(values[rows], size)[kept]

    assert np.abs(joined - cv2.resize(values, full[::-1])).max() < 1e-5
