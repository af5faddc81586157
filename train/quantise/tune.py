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
        learning_rate: of weights and biases, as parts of an average weight's effect, and of scales,
            as parts of themselves. A step of an int8 weight is some 3e-2: what moves weights by
            many of these tears down what was learnt in fp32.
        warm_up: steps in which the rate rises.
        clip: largest norm of the gradient.
        checks: how often it is looked at how near the student is; the nearest is kept.
    """

    steps: int = 300
    minutes: float | None = None
    learning_rate: float = 1e-4
    warm_up: int = 20
    clip: float = 1.0
    checks: int = 5


def tune(
    start: Ready,
    batches: Iterable[Tensor],
    watched: Sequence[Picture],
    settings: Settings,
    device: torch.device,
) -> int:
    """
    Tune ``start.graph`` in place, with the fp32 graph as its teacher.

    Args:
        batches: pictures, each (N, H, W, 3) uint8.
        watched: pictures that decide what is kept, which may be the start itself.

    Returns:
        The steps done.

    Raises:
        Diverged: the loss is no number; the graph is not to be used.
    """
    teacher = Graph(start.model).to(device)
    student = start.graph.to(device)
    nearest = _Nearest(student, teacher, watched)
    optimizer = torch.optim.Adam(student.parameters(), lr=settings.learning_rate)
    schedule = Schedule("cosine", settings.warm_up, 1)
    began, step, checked = time.monotonic(), 0, 0
    bar = tqdm(islice(batches, settings.steps), total=settings.steps, desc="tune", unit="step")
    for batch in bar:
        progress = step / settings.steps
        if settings.minutes is not None:
            progress = max(progress, (time.monotonic() - began) / (60 * settings.minutes))
        if progress >= 1:
            break
        if int(progress * settings.checks) > checked:
            checked = int(progress * settings.checks)
            nearest.look()
        for group in optimizer.param_groups:
            group["lr"] = settings.learning_rate * schedule.rate(step, progress)
        value = _learn((student, teacher), batch.to(device), optimizer, settings.clip)
        if not math.isfinite(value):
            raise Diverged(f"step {step}: loss {value}; lower the learning rate: --rate")
        step += 1
        bar.set_postfix(loss=f"{value:.4f}", nearest=f"{nearest.mean:.5f}")
    nearest.look()
    nearest.restore()
    student.cpu()
    return step


def _learn(
    graphs: tuple[Graph, Graph], rgb: Tensor, optimizer: torch.optim.Optimizer, clip: float
) -> float:
    """One step of the first towards the second: the loss, NaN if its gradient is not finite."""
    student, teacher = graphs
    with torch.no_grad():
        wanted = teacher(rgb)
    loss = distance(student(rgb), wanted)
    optimizer.zero_grad(set_to_none=True)
    torch.autograd.backward(loss)
    norm = float(nn.utils.clip_grad_norm_(student.parameters(), clip))
    if not math.isfinite(norm):
        return float("nan")
    optimizer.step()
    return float(loss.detach())


class _Nearest:
    """
    The state of the student at which its mattes were nearest to the teacher's.

    Attributes:
        mean: difference of alpha there.
    """

    def __init__(self, student: Graph, teacher: Graph, pictures: Sequence[Picture]) -> None:
        self._student, self._pictures = student, pictures
        self._wanted = alphas(teacher, pictures)
        self.mean = float("inf")
        self.look()

    def look(self) -> None:
        """Compare, and keep the state if it is nearer."""
        mean = apart(alphas(self._student, self._pictures), self._wanted).mean
        if mean < self.mean:
            self.mean = mean
            self._state = {k: v.detach().clone() for k, v in self._student.state_dict().items()}

    def restore(self) -> None:
        """Back to the nearest."""
        self._student.load_state_dict(self._state)


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
    device = next(graph.buffers()).device
    found = [torch.sigmoid(graph(torch.from_numpy(one).to(device)))[0, 0] for one in pictures]
    return [np.asarray(alpha.cpu().numpy(), np.float32) for alpha in found]


def apart(found: Sequence[Alpha], wanted: Sequence[Alpha]) -> Difference:
    """Of all pictures together."""
    return together([difference(ours, theirs) for ours, theirs in zip(found, wanted, strict=True)])
