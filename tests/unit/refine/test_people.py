from __future__ import annotations

import numpy as np

from edge.refine.people import NOBODY, find_foreground


def test_two_people_and_a_speck_are_two_boxes_largest_first():
    alpha = np.zeros((320, 320), np.float32)
    alpha[80:160, 10:30] = 0.9  # 1600
    alpha[160:320, 100:200] = 0.7  # 16000
    alpha[300:304, 300:304] = 1  # a speck

    found = find_foreground(alpha, (1280, 720))

    assert found.count == 2
    assert found.boxes == [(400, 360, 400, 360), (40, 180, 80, 180)]
    assert found.coverage == (1600 + 16000 + 16) / 320**2


def test_parts_that_touch_at_a_corner_are_one():
    alpha = np.zeros((100, 100), np.float32)
    alpha[10:40, 10:40] = 1
    alpha[40:60, 40:60] = 1
    assert find_foreground(alpha, (200, 100)).boxes == [(20, 10, 100, 50)]


def test_one_half_is_not_foreground_and_an_empty_matte_is_nobody():
    assert find_foreground(np.full((64, 64), 0.5, np.float32), (640, 480)) == NOBODY


def test_boxes_stay_inside_a_frame_that_is_no_multiple_of_alpha():
    found = find_foreground(np.ones((320, 320), np.float32), (853, 1279))
    assert found.boxes == [(0, 0, 853, 1279)]
    assert found.coverage == 1
