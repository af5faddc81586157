"""The tuning itself: a few hundred gentle steps towards what the fp32 graph says."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from convert.session import Picture
from edge.frame import Alpha
from edge.parity import Difference, difference, together
from train.errors import Diverged
from train.fit.schedule import Schedule
from train.losses import laplacian
from train.quantise.graph import Graph
from train.quantise.start import Ready


@dataclass(frozen=True, slots=True)
class Settings:
    """
    Attributes:
        steps: of tuning, at most.
        minutes: after which it ends. The rate falls to zero over the steps, or over the minutes.
        learning_rate: of weights, biases and scales. A step of an int8 weight is some 4e-4: more
            than 1e-4 tears down what was learnt in fp32.
        warm_up: steps in which the rate rises.
        clip: largest norm of the gradient.
    """

    steps: int = 300
    minutes: float | None = None
    learning_rate: float = 2e-5
    warm_up: int = 20
    clip: float = 1.0


def tune(start: Ready, batches: Iterable[Tensor], settings: Settings, device: torch.device) -> int:
    """
    Tune ``start.graph`` in place, with the fp32 graph as its teacher.

    Args:
        batches: pictures, each (N, H, W, 3) uint8.

    Returns:
        The steps done.

    Raises:
        Diverged: the loss is no number; the graph is not to be used.
    """
    teacher = Graph(start.model).to(device).requires_grad_(False)
    student = start.graph.to(device)
    optimizer = torch.optim.Adam(student.parameters(), lr=settings.learning_rate)
    schedule = Schedule("cosine", settings.warm_up, 1)
    began, step = time.monotonic(), 0
    bar = tqdm(islice(batches, settings.steps), total=settings.steps, desc="tune", unit="step")
    for batch in bar:
        progress = step / settings.steps
        if settings.minutes is not None:
            progress = max(progress, (time.monotonic() - began) / (60 * settings.minutes))
        if progress >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = settings.learning_rate * schedule.rate(step, progress)
        rgb = batch.to(device)
        with torch.no_grad():
            wanted = teacher(rgb)
        loss = distance(student(rgb), wanted)
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        norm = float(nn.utils.clip_grad_norm_(student.parameters(), settings.clip))
        value = float(loss.detach())
        if not (math.isfinite(value) and math.isfinite(norm)):
            raise Diverged(f"step {step}: loss {value}; lower the learning rate: --rate")
        optimizer.step()
        student.settle()
        step += 1
        bar.set_postfix(loss=f"{value:.4f}")
    student.cpu()
    return step


def distance(found: Tensor, wanted: Tensor) -> Tensor:
    """
    How far the student's logits are from the teacher's, both (N, 1, H, W).

    The difference of alphas, of their Laplacian pyramids, and the cross-entropy beyond the
    teacher's own: it still has a gradient where alpha is nearly 0 or 1.
    """
    ours, theirs = torch.sigmoid(found), torch.sigmoid(wanted)
    crossed = functional.binary_cross_entropy_with_logits(found, theirs)
    own = functional.binary_cross_entropy_with_logits(wanted, theirs)
    return functional.l1_loss(ours, theirs) + laplacian(ours, theirs) + crossed - own


@torch.no_grad()
def alphas(graph: Graph, pictures: Sequence[Picture]) -> list[Alpha]:
    """What a graph says of each picture, (H, W) float32."""
    return [
        np.asarray(torch.sigmoid(graph(torch.from_numpy(picture)))[0, 0].numpy(), np.float32)
        for picture in pictures
    ]


def apart(found: Sequence[Alpha], wanted: Sequence[Alpha]) -> Difference:
    """Of all pictures together."""
    return together([difference(ours, theirs) for ours, theirs in zip(found, wanted, strict=True)])
