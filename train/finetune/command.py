"""``python -m train fine-tune --from DIR``: a model that knows your room."""

from __future__ import annotations

import argparse
import logging
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from convert import origins
from convert.commands.onnx import size
from convert.networks import NETWORKS
from edge import plugins
from edge.errors import StorageError, UnknownName
from edge.files import home
from edge.zoo import Zoo, default_cache
from edge.zoo.own import FOLDER
from train.data.records import Record
from train.errors import ConfigError
from train.evaluate import Comparison, write_report
from train.finetune.fitting import Gentle, fit_to, shape_of
from train.finetune.gather import Gathered, gather
from train.finetune.labels import Labels, Teachers, label_frames
from train.finetune.offering import (
    Model,
    Shelf,
    check_name,
    exported,
    measured,
    offered,
    table,
)
from train.finetune.sheet import draw_sheet

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add = parser.add_argument
    add("--from", type=Path, required=True, dest="source", metavar="DIR", help="captured frames")
    add("--model", default="portrait_fast", help="what to start from (default: portrait_fast)")
    add("--weights", type=Path, help="FILE.pth to start from; else the project's own")
    add("--minutes", type=float, default=10, help="to fit for (default: 10)")
    add("--output", type=Path, help="folder of the run (default: runs/fine-tune-DAY)")
    add("--size", type=size, help="HEIGHTxWIDTH of the input; by the frames' shape unless given")
    add("--name", help="of the model that comes of it (default: MODEL-DAY)")
    add("--teacher", default="modnet", help="model id or spec that labels (default: modnet)")
    add("--second", default="u2netp", help="must agree with it (default: u2netp)")
    add("--agreement", type=float, default=0.8, help="least IoU of the two (default: 0.8)")
    add("--every", type=float, default=1.0, help="seconds between frames of a video (1)")
    add("--most", type=int, default=400, help="frames at most (default: 400)")
    add("--rate", type=float, default=1e-4, help="learning rate (default: 1e-4)")
    add("--anyway", action="store_true", help="offer the model even if it is worse")
    add("--state-dir", type=Path, help="the service's, where it looks for models made here")


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """What was asked for, made whole."""

    network: str
    name: str
    run: Path
    weights: origins.Origins
    zoo: Zoo


def run(options: argparse.Namespace) -> str:
    """
    Do it; returns what to tell the user.

    Raises:
        ConfigError: an option is out of range.
        DataError: no frames, or too few with somebody.
        EdgeError: a teacher or the weights cannot be had; see ``train.errors``.
    """
    plan = _plan(options)
    gathered = gather(options.source, plan.run / "frames", options.every, options.most)
    labels = _label(options, plan, gathered)
    logger.info("%s", labels.told())
    people = {record.name for record in labels.records if not record.background}
    shape = options.size or shape_of([f.size for f in gathered.frames if f.name in people])
    how = Gentle(options.minutes, options.rate)
    start = plan.network, plan.weights.path
    best, names = fit_to(labels.records, start, shape, how, plan.run)
    held = [record for record in labels.records if record.name in names]
    provenance = plan.weights.provenance
    before, after = (
        exported(plan.network, file, shape, provenance, plan.run / folder)
        for file, folder in ((plan.weights.path, "before"), (best, "after"))
    )
    found = measured(before, after, held, (options.model, plan.name))
    _show(plan, found, held, (before, after))
    learned = len(labels.records) - len(held)
    said = [
        _told(gathered, labels),
        f"Fitted for {options.minutes:g} min to {learned} frames; {len(held)} others are held out:",
        table(found),
        f"See {plan.run / 'report.html'} and {plan.run / 'before-after.png'}",
    ]
    made_of = f"{len(people)} frames with somebody, {len(labels.records) - len(people)} without"
    shelf = Shelf(plan.name, _shelf(options), options.anyway)
    said.append(offered(shelf, after.card, after.graph, found, made_of))
    return "\n".join(said)


def _plan(options: argparse.Namespace) -> _Plan:
    for name in ("minutes", "every", "most", "rate"):
        if getattr(options, name) <= 0:
            raise ConfigError(f"--{name} {getattr(options, name)}: wanted more than 0")
    if not 0 < options.agreement <= 1:
        raise ConfigError(f"--agreement {options.agreement}: wanted above 0, at most 1")
    if options.model not in NETWORKS:
        raise UnknownName(f"--model {options.model}: there are {', '.join(NETWORKS)}")
    day = time.strftime("%Y%m%d")
    name = options.name or f"{options.model}-{day}"
    check_name(name)
    cache = Path(os.environ.get("EDGE_CACHE_DIR", default_cache()))
    zoo = Zoo(cache, own=[_shelf(options)])
    weights = origins.find(options.model, options.weights, zoo)
    run = options.output or Path("runs") / f"fine-tune-{day}"
    try:
        if not run.exists():
            run.mkdir(parents=True)
            run.chmod(0o700)  # pictures of a home lie in it
    except OSError as error:
        raise StorageError(f"{run}: {error.strerror}; choose another: --output") from error
    return _Plan(options.model, name, run, weights, zoo)


def _label(options: argparse.Namespace, plan: _Plan, gathered: Gathered) -> Labels:
    specs = [s if ":" in s else f"onnx:{s}" for s in (options.teacher, options.second)]
    first, second = (plugins.make("edge.matting", spec, zoo=plan.zoo) for spec in specs)
    teachers = Teachers(first, second, (specs[0], specs[1]), options.agreement)
    return label_frames(gathered, teachers, plan.run / "labels")


def _show(
    plan: _Plan, found: Comparison, held: Sequence[Record], models: tuple[Model, Model]
) -> None:
    how = {
        "labels": "by a teacher, where a second network agrees",
        "held out": "stretches of time that nothing was learned from; the room is the same",
    }
    write_report(plan.run, found, f"{len(held)} held-out frames of this room", how)
    try:
        draw_sheet(plan.run / "before-after.png", held, (models[0].runs, models[1].runs))
    except OSError as error:
        raise StorageError(f"{plan.run}: {error.strerror or error}") from error


def _told(gathered: Gathered, labels: Labels) -> str:
    said = f"{len(gathered.frames)} frames ({gathered.alike} more were like another): "
    said += labels.told()
    if gathered.unreadable:
        name, reason = next(iter(gathered.unreadable.items()))
        said += f"; {len(gathered.unreadable)} files unreadable, such as {name} ({reason})"
    return said


def _shelf(options: argparse.Namespace) -> Path:
    """Where the service looks for models that were made here."""
    given = options.state_dir or os.environ.get("EDGE_STATE_DIR")
    state = Path(given) if given else home("XDG_STATE_HOME", ".local/state")
    return state / FOLDER
