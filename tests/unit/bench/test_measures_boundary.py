"""Boundary IoU, against values worked out by hand and the steps of its authors' program."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from bench.measures import boundary_iou, cut


def square(side: int, left: int = 20, top: int = 20) -> np.ndarray:
    alpha = np.zeros((60, 80), np.float32)  # its diagonal is 100, so 0.02 of it is 2 pixels
    alpha[top : top + side, left : left + side] = 1
    return alpha


def test_the_truth_itself_has_all_of_its_outline():
    assert boundary_iou(square(20), square(20)) == 1


def test_a_square_that_is_shifted_shares_a_known_part_of_its_outline():
    # Outlines of squares of 20, 2 wide, shifted by 1 to the right. Each has 400 - 16 * 16 = 144
    # pixels. They share of each 20-row column band 1 column on either side: 2 * 20; and of the two
    # upper and two lower rows what lies between, columns 3 ... 18 counted from 1: 2 * 2 * 17 = 68,
    # for the left band's shared column is 2 and the right band's 20, of columns 1 ... 20.
    shared = 2 * 20 + 2 * 2 * 17
    found = boundary_iou(square(20, left=21), square(20))
    assert found == pytest.approx(shared / (2 * 144 - shared))


def test_a_square_two_pixels_larger_all_around_shares_no_outline_though_most_of_its_area():
    large = square(44, left=8, top=8)
    small = square(40, left=10, top=10)
    assert boundary_iou(large, small) == 0
    assert cut(large, small).jaccard > 0.8


def test_the_end_of_the_picture_is_an_outline_too():
    # All person against a person without the two outermost pixels: no pixel in common.
    inner = np.zeros((60, 80), np.float32)
    inner[2:-2, 2:-2] = 1
    assert boundary_iou(np.ones((60, 80), np.float32), inner) == 0


def test_two_empty_mattes_agree_and_one_that_is_not_does_not():
    nothing = np.zeros((60, 80), np.float32)
    assert boundary_iou(nothing, nothing) == 1
    assert boundary_iou(square(20), nothing) == 0


def test_it_is_what_the_authors_program_gives():
    def outline(mask: np.ndarray) -> np.ndarray:
        # Their steps: pad by a pixel of zeros, erode 3x3 as often as the outline is wide, subtract.
        distance = max(1, round(0.02 * math.sqrt(mask.shape[0] ** 2 + mask.shape[1] ** 2)))
        padded = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
        eroded = cv2.erode(padded, np.ones((3, 3), np.uint8), iterations=distance)
        return mask - eroded[1:-1, 1:-1]

    rng = np.random.default_rng(5)
    for shape in ((33, 41), (200, 320), (360, 240)):
        noise = [cv2.GaussianBlur(rng.random(shape), (0, 0), 6) for _ in range(2)]
        masks = [(n > np.median(n)).astype(np.uint8) for n in noise]
        masks[0] = np.maximum(masks[0], masks[1] * (noise[0] > np.quantile(noise[0], 0.3)))
        a, b = (outline(mask) for mask in masks)
        theirs = (a & b).sum() / (a | b).sum()
        assert boundary_iou(*(mask.astype(np.float32) for mask in masks)) == pytest.approx(theirs)


def test_shapes_that_would_broadcast_are_refused():
    with pytest.raises(ValueError, match="both must be one"):
        boundary_iou(square(20)[:, :1], square(20))
