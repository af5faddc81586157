"""From weights to the best product this machine can make: each step tried, then all raced."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from convert.report import HEAD, record, row, table
from convert.steps import Order, Step, Work
from edge import plugins
from edge.errors import EdgeError
from edge.matting import MattingModel
from edge.matting._race import frames, race
from edge.zoo import Zoo

Write: TypeAlias = Callable[[str], None]


@dataclass(slots=True, eq=False)
class Outcome:
    """
    Attributes:
        times_s: of those that are there, by spec: median time of one matte, by turns.
        best: the spec of the fastest.
    """

    steps: list[Step] = field(default_factory=list)
    times_s: dict[str, float] = field(default_factory=dict)
    best: str = ""


def make_all(order: Order, write: Write) -> Outcome:
    """
    Make what can be made here; a product that cannot be had or is over its limit is left out.

    Raises:
        EdgeError: the weights cannot be had, or not even fp32 ONNX comes of them.
    """
    outcome = Outcome()
    work = Work(order)
    for name, step in work.steps():
        write(f"{name} ...")
        try:
            done = step()
        except EdgeError as error:
            if not outcome.steps:
                raise  # all others are made of the first
            done = Step(name, refused=str(error))
        outcome.steps.append(done)
        write(f"  {told(done)}")
    write("race ...")
    outcome.times_s = _raced(outcome.steps, order.zoo)
    outcome.best = min(outcome.times_s, key=lambda spec: outcome.times_s[spec])
    return outcome


def told(step: Step) -> str:
    """One line for people."""
    if step.compared is None:
        return f"left out: {step.refused}" if step.refused else f"{step.spec}"
    of = step.compared.overall
    return f"{step.spec}: mean difference {of.mean:.2e}, IoU {of.iou:.4f}"


def _raced(steps: Sequence[Step], zoo: Zoo) -> dict[str, float]:
    models: dict[str, MattingModel] = {}
    for step in steps:
        if step.spec is not None:
            models[step.spec] = plugins.make("edge.matting", step.spec, zoo=zoo)
    return race(models, frames())


def markdown(order: Order, outcome: Outcome) -> str:
    """The report for people."""
    quickest = outcome.times_s[outcome.best]
    compared = [step for step in outcome.steps if step.compared is not None]
    slowest = max(outcome.times_s.values())
    times = [
        (spec, f"{time_s * 1e3:.1f} ms", f"{slowest / time_s:.2f}")
        for spec, time_s in sorted(outcome.times_s.items(), key=lambda item: item[1])
    ]
    rows = [(step.name, *row(step.compared)) for step in compared if step.compared is not None]
    left_out = [f"* {step.name}: {step.refused}" for step in outcome.steps if step.refused]
    lines = [
        f"# {order.model}: what this machine can make of it",
        "",
        f"Best: `{outcome.best}`, {quickest * 1e3:.1f} ms a frame. Run it:",
        "",
        f"    python -m edge --matting '{outcome.best}'",
        "",
        "## Parity",
        "",
        f"fp32 with PyTorch, all others with ONNX fp32, on {order.judging.label}.",
        f"int8 was calibrated on {order.calibrating.label}.",
        "",
        *table(("product", *HEAD), rows),
        "",
        "## Speed",
        "",
        "Median time of one matte of 1280x720, by turns in one process.",
        "",
        *table(("what", "time", "times as fast as the slowest"), times),
        "",
    ]
    return "\n".join([*lines, *(["## Left out", "", *left_out, ""] if left_out else [])])


def data(order: Order, outcome: Outcome) -> dict[str, Any]:
    """The report for programs."""
    return {
        "model": order.model,
        "size": list(order.size),
        "calibration": order.calibrating.label,
        "pictures": order.judging.label,
        "best": outcome.best,
        "times_ms": {spec: round(1e3 * time_s, 2) for spec, time_s in outcome.times_s.items()},
        "steps": [
            {
                "name": step.name,
                "spec": step.spec,
                "refused": step.refused,
                "compared": record(step.compared) if step.compared else None,
            }
            for step in outcome.steps
        ],
    }
