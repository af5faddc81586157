"""
Losses for matting; each takes alphas (N, 1, H, W) in [0, 1] and gives their mean error.

* L1, and L1 of the Laplacian pyramid (Hou and Liu, "Context-Aware Image Matting", ICCV 2019)
* composition: what a wrong alpha changes in the picture (Xu et al., "Deep Image Matting", 2017)
* cross-entropy, SSIM and soft IoU for deep supervision (Qin et al., "BASNet", CVPR 2019)
* temporal: the change from a frame to the next (Lin et al., "Robust Video Matting", WACV 2022)
* distillation: the same terms on a teacher's alpha, which is what the labels are
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor
from torch.nn import functional

LEVELS = 5  # of the pyramid


class Weights(BaseModel):
    """How much each term counts; 0 leaves it out. ``side`` is for each side map's own terms."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    l1: float = Field(1.0, ge=0)
    laplacian: float = Field(1.0, ge=0)
    composition: float = Field(0.5, ge=0)
    cross_entropy: float = Field(0.5, ge=0)
    ssim: float = Field(0.2, ge=0)
    iou: float = Field(0.3, ge=0)
    temporal: float = Field(1.0, ge=0)
    side: float = Field(0.1, ge=0)


def total(
    logits: list[Tensor], alpha: Tensor, contrast: Tensor, pairs: bool, weights: Weights
) -> tuple[Tensor, dict[str, Tensor]]:
    """
    The loss of a batch, and its terms before they are weighted.

    Args:
        logits: of the fused map, then of the side maps.
        alpha: the truth.
        contrast: mean difference of foreground and background colours, in [0, 1].
        pairs: whether the second half shows the first one frame later.
    """
    fused = logits[0].float()
    found = torch.sigmoid(fused)
    terms = {
        "l1": functional.l1_loss(found, alpha),
        "laplacian": laplacian(found, alpha),
        "composition": ((found - alpha).abs() * contrast).mean(),
        "cross_entropy": functional.binary_cross_entropy_with_logits(fused, alpha),
        "ssim": 1 - ssim(found, alpha),
        "iou": 1 - soft_iou(found, alpha),
    }
    if pairs:
        terms["temporal"] = temporal(found, alpha)
    if weights.side and len(logits) > 1:
        terms["side"] = torch.stack([_side(each.float(), alpha) for each in logits[1:]]).sum()
    table: Mapping[str, float] = weights.model_dump()
    loss = torch.stack([table[name] * term for name, term in terms.items()]).sum()
    return loss, terms


def laplacian(found: Tensor, truth: Tensor) -> Tensor:
    """Sum over levels of 2^level times the mean difference: coarse ones have fewer pixels."""
    difference = found - truth  # the pyramid is linear, so that of the difference is enough
    levels = []
    for level in range(LEVELS):
        if min(difference.shape[-2:]) < 2 or level == LEVELS - 1:
            levels.append(difference.abs().mean() * 2**level)
            break
        small = _halve(difference)
        big = functional.interpolate(small, difference.shape[-2:], mode="bilinear")
        levels.append((difference - big).abs().mean() * 2**level)
        difference = small
    return torch.stack(levels).sum() / LEVELS


def ssim(found: Tensor, truth: Tensor, window: int = 11) -> Tensor:
    """
    Mean structural similarity over a square window (Wang et al. 2004, with its constants).

    Every mean is that of the pixels which the window holds: a Gaussian one costs more and
    supervises no better.
    """
    held = _box(torch.ones_like(found[:1, :1]), window)

    def mean(x: Tensor) -> Tensor:
        return _box(x, window) / held

    a, b = mean(found), mean(truth)
    aa = (mean(found * found) - a * a).clamp_min(0)
    bb = (mean(truth * truth) - b * b).clamp_min(0)
    ab = mean(found * truth) - a * b
    c1, c2 = 0.01**2, 0.03**2
    return (((2 * a * b + c1) * (2 * ab + c2)) / ((a * a + b * b + c1) * (aa + bb + c2))).mean()


def soft_iou(found: Tensor, truth: Tensor) -> Tensor:
    """
    Mean of intersection over union, per picture.

    A few pixels are added to both, so that an empty truth asks for an empty answer and its
    gradient stays finite.
    """
    few = found[0].numel() * 1e-3
    both = (found * truth).sum(dim=(1, 2, 3))
    either = (found + truth - found * truth).sum(dim=(1, 2, 3))
    return ((both + few) / (either + few)).mean()


def temporal(found: Tensor, truth: Tensor) -> Tensor:
    """Mean absolute (change of alpha - change of truth) from the first half to the second."""
    before, after = found.chunk(2)
    truth_before, truth_after = truth.chunk(2)
    return ((after - before) - (truth_after - truth_before)).abs().mean()


def _side(logits: Tensor, truth: Tensor) -> Tensor:
    crossed = functional.binary_cross_entropy_with_logits(logits, truth)
    return crossed + 1 - soft_iou(torch.sigmoid(logits), truth)


def _halve(x: Tensor) -> Tensor:
    """
    The mean of 2x2 pixels after the 5x5 binomial filter of Burt and Adelson.

    Both at once, and only where a pixel is left.
    """
    tap = x.new_tensor([1, 5, 10, 10, 5, 1]) / 32
    padded = functional.pad(x, (2, 2, 2, 2), "replicate")
    return functional.conv2d(padded, torch.outer(tap, tap)[None, None], stride=2)


def _box(x: Tensor, window: int) -> Tensor:
    """
    Sums over a square window, zero outside: of running sums, two for a pixel however wide it is.

    A running sum of n values has n rounding errors; at
    4096 in [0, 1] that is 1e-4 of a window's sum.
    """
    reach = window // 2
    for axis, padding in ((-1, (reach + 1, reach)), (-2, (0, 0, reach + 1, reach))):
        running = functional.pad(x, padding).cumsum(axis)
        length = x.shape[axis]
        x = running.narrow(axis, window, length) - running.narrow(axis, 0, length)
    return x
