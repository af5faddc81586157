"""Shares of a cut matte, against values worked out by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest

from bench.measures import Confusion, cut, precision_recall, sad

#   truth        alpha
# 1 1 1 0     .9 .6 .4 0
# 1 1 0 0     .8 .5  0 .7
# Above 0.5: found at (0,0) (0,1) (1,0) (1,3); the person is at (0,0) (0,1) (0,2) (1,0) (1,1).
TRUTH = np.array([[1, 1, 1, 0], [1, 1, 0, 0]], np.float32)
ALPHA = np.array([[0.9, 0.6, 0.4, 0], [0.8, 0.5, 0, 0.7]], np.float32)
NOTHING = np.zeros((2, 4), np.float32)


def test_pixels_are_counted_by_what_they_are_and_what_they_were_taken_for():
    # Both: (0,0) (0,1) (1,0). Extra: (1,3). Missed: (0,2), and (1,1), which is not above 0.5.
    assert cut(ALPHA, TRUTH) == Confusion(both=3, extra=1, missed=2, neither=2)


def test_shares_are_those_of_the_counts():
    counts = cut(ALPHA, TRUTH)
    assert counts.accuracy == pytest.approx(5 / 8)
    assert counts.precision == pytest.approx(3 / 4)
    assert counts.recall == pytest.approx(3 / 5)
    assert counts.f1 == pytest.approx(2 * (3 / 4) * (3 / 5) / (3 / 4 + 3 / 5))
    assert counts.jaccard == pytest.approx(3 / 6)


def test_who_finds_nobody_in_an_empty_room_has_made_no_mistake():
    counts = cut(NOTHING, NOTHING)
    shares = (counts.accuracy, counts.precision, counts.recall, counts.f1, counts.jaccard)
    assert shares == (1, 1, 1, 1, 1)


def test_who_finds_somebody_in_an_empty_room_is_wrong_in_all_but_recall():
    counts = cut(ALPHA, NOTHING)
    assert (counts.precision, counts.recall, counts.f1, counts.jaccard) == (0, 1, 0, 0)


def test_the_shares_are_those_of_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed")
    rng = np.random.default_rng(3)
    for share in (0, 0.02, 0.4, 1):
        truth = (rng.random((30, 40)) < share).astype(np.float32)
        alpha = np.clip(0.6 * truth + 0.6 * rng.random((30, 40)), 0, 1).astype(np.float32)
        wanted, found = truth.ravel() > 0.5, alpha.ravel() > 0.5
        counts = cut(alpha, truth)
        assert counts.accuracy == pytest.approx(metrics.accuracy_score(wanted, found))
        assert counts.precision == pytest.approx(
            metrics.precision_score(wanted, found, zero_division=1)
        )
        assert counts.recall == pytest.approx(metrics.recall_score(wanted, found, zero_division=1))
        assert counts.f1 == pytest.approx(metrics.f1_score(wanted, found, zero_division=1))
        assert counts.jaccard == pytest.approx(
            metrics.jaccard_score(wanted, found, zero_division=1)
        )


def test_precision_and_recall_over_thresholds_end_where_they_must():
    precision, recall = precision_recall(ALPHA, TRUTH)
    # At 0 all 8 pixels are found, 5 of them the person's; above every alpha none is: no mistake.
    assert (precision[0], recall[0]) == (5 / 8, 1)
    assert (precision[255], recall[255]) == (1, 0)
    # At 166/255 = .651: found .9, .8 and the wrong .7. At 128/255: .9 .6 .8 .5 (rounded up) and .7.
    assert (precision[166], recall[166]) == pytest.approx((2 / 3, 2 / 5))
    assert (precision[128], recall[128]) == pytest.approx((4 / 5, 4 / 5))


def test_the_curve_is_that_of_scikit_learn_at_each_threshold():
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed")
    rng = np.random.default_rng(4)
    truth = (rng.random((30, 40)) < 0.3).astype(np.float32)
    byte = np.clip(110 * truth + rng.integers(0, 146, truth.shape), 0, 255)
    precision, recall = precision_recall((byte / 255).astype(np.float32), truth)
    theirs = metrics.precision_recall_curve(truth.ravel() > 0.5, byte.ravel())
    for p, r, threshold in zip(*theirs, strict=False):
        assert precision[int(threshold)] == pytest.approx(p)
        assert recall[int(threshold)] == pytest.approx(r)


def test_recall_is_whole_where_there_is_nobody_to_find():
    precision, recall = precision_recall(ALPHA, NOTHING)
    assert (recall == 1).all()
    assert precision[1] == 0
    assert precision[255] == 1


def test_sad_is_the_sum_of_differences_in_thousands():
    # .1 + .4 + .6 + 0 and .2 + .5 + 0 + .7: 2.5
    assert sad(ALPHA, TRUTH) == pytest.approx(0.0025, rel=1e-5)


@pytest.mark.parametrize("measure", [cut, precision_recall, sad])
def test_shapes_that_would_broadcast_are_refused(measure):
    with pytest.raises(ValueError, match="both must be one"):
        measure(ALPHA[:, :1], TRUTH)
