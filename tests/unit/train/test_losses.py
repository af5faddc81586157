"""The losses against values worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional

from train.losses import LEVELS, Weights, laplacian, soft_iou, ssim, temporal, total


def flat(value: float, count: int = 1, side: int = 32) -> torch.Tensor:
    return torch.full((count, 1, side, side), value)


def test_a_perfect_matte_costs_nothing_in_any_term() -> None:
    truth = (torch.rand(2, 1, 32, 32, generator=torch.Generator().manual_seed(0)) > 0.5).float()
    logits = (truth * 2 - 1) * 50
    loss, terms = total([logits, logits], truth, torch.ones_like(truth), True, Weights())
    assert float(loss) == pytest.approx(0, abs=1e-5)
    assert set(terms) == {
        "l1", "laplacian", "composition", "cross_entropy", "ssim", "iou", "temporal", "side"
    }  # fmt: skip


def test_the_loss_is_the_weighted_sum_of_its_terms() -> None:
    weights = Weights(l1=2, laplacian=0, composition=3, cross_entropy=0, ssim=0, iou=0, side=0)
    loss, _ = total([flat(0.0)], flat(0.25), flat(0.5), False, weights)
    assert float(loss) == pytest.approx(2 * 0.25 + 3 * 0.25 * 0.5)


def test_an_even_error_lives_in_the_coarsest_level_of_the_pyramid() -> None:
    assert float(laplacian(flat(0.5), flat(0.4))) == pytest.approx(
        0.1 * 2 ** (LEVELS - 1) / LEVELS, rel=1e-4
    )


def test_ssim_of_two_even_maps_is_that_of_their_means() -> None:
    c1 = 0.01**2
    wanted = (2 * 0.3 * 0.6 + c1) / (0.3**2 + 0.6**2 + c1)
    assert float(ssim(flat(0.3), flat(0.6))) == pytest.approx(wanted, rel=1e-3)


def test_an_edge_out_of_place_costs_more_the_farther_it_is() -> None:
    truth, near, far = flat(0.0), flat(0.0), flat(0.0)
    truth[..., 16:], near[..., 17:], far[..., 20:] = 1, 1, 1
    for loss in (laplacian, lambda found, true: 1 - ssim(found, true)):
        assert 0 < float(loss(near, truth)) < float(loss(far, truth))


def test_soft_iou_of_half_a_person_is_about_a_half() -> None:
    truth, half = flat(1.0), flat(1.0)
    half[..., 16:] = 0
    assert float(soft_iou(half, truth)) == pytest.approx(0.5, abs=1e-3)


def test_soft_iou_asks_for_nothing_where_nobody_is() -> None:
    found = flat(0.01).requires_grad_()
    value = soft_iou(found, flat(0.0))
    value.backward()
    assert found.grad is not None
    assert 0.05 < float(value) < 0.95
    assert bool((found.grad < 0).all())  # less alpha is better
    assert bool(found.grad.isfinite().all())


def test_the_temporal_term_sees_flicker_and_forgives_a_steady_error() -> None:
    truth = torch.cat([flat(0.2), flat(0.5)])
    assert float(temporal(truth + 0.1, truth)) == pytest.approx(0, abs=1e-6)
    flicker = truth + torch.cat([flat(0.1), flat(-0.1)])
    assert float(temporal(flicker, truth)) == pytest.approx(0.2, rel=1e-4)


def test_cross_entropy_of_an_undecided_network_is_log_two() -> None:
    weights = Weights(l1=0, laplacian=0, composition=0, cross_entropy=1, ssim=0, iou=0, side=0)
    loss, _ = total([flat(0.0)], flat(1.0), flat(0.0), False, weights)
    assert float(loss) == pytest.approx(math.log(2), rel=1e-5)


def test_side_maps_each_have_their_own_say() -> None:
    truth = flat(1.0)
    good, bad = flat(20.0), flat(-20.0)
    one, _ = total([good, bad], truth, truth, False, Weights())
    two, _ = total([good, bad, bad], truth, truth, False, Weights())
    assert float(two) == pytest.approx(2 * float(one), rel=1e-3)


@pytest.mark.parametrize("shape", [(32, 48), (37, 23)])
def test_ssim_and_pyramid_are_what_their_definitions_give(shape: tuple[int, int]) -> None:
    """The short cuts (running sums; filter and halving at once) against PyTorch's own pooling."""
    draw = torch.Generator().manual_seed(1)
    found, truth = torch.rand(2, 2, 1, *shape, generator=draw)

    def mean(x: torch.Tensor) -> torch.Tensor:
        return functional.avg_pool2d(x, 11, 1, 5, count_include_pad=False)

    a, b = mean(found), mean(truth)
    spread = mean(found**2) - a**2 + mean(truth**2) - b**2 + 0.03**2
    like = (2 * a * b + 0.01**2) * (2 * (mean(found * truth) - a * b) + 0.03**2)
    wanted = (like / ((a**2 + b**2 + 0.01**2) * spread)).mean()
    assert float(ssim(found, truth)) == pytest.approx(float(wanted), abs=1e-5)

    tap = torch.tensor([1.0, 4, 6, 4, 1]) / 16
    difference, levels = found - truth, []
    for level in range(LEVELS):
        blurred = functional.conv2d(
            functional.pad(difference, (2, 2, 2, 2), "replicate"), torch.outer(tap, tap)[None, None]
        )
        big = torch.zeros(())  # the coarsest level is all that is left
        if level < LEVELS - 1:
            small = functional.avg_pool2d(blurred, 2)
            big = functional.interpolate(small, difference.shape[-2:], mode="bilinear")
        levels.append(float((difference - big).abs().mean()) * 2**level)
        difference = small
    assert float(laplacian(found, truth)) == pytest.approx(sum(levels) / LEVELS, rel=1e-5)
