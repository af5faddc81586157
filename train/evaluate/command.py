"""``python -m train evaluate``: how good a model is, and a report of it."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from bench.provenance import provenance
from bench.treatments import TREATMENTS
from edge.matting import MattingModel
from train.errors import ConfigError
from train.evaluate.comparison import Comparison
from train.evaluate.evaluation import Evaluation
from train.evaluate.fitted import holding_out
from train.evaluate.measuring import Plan
from train.evaluate.models import CHECKPOINTS, SIZE, load, load_checkpoint
from train.evaluate.report import write_report
from train.evaluate.run import compare, evaluate
from train.evaluate.scenes import Scene, find_scenes, held_out, limited
from train.evaluate.scores import LABELS

TOLD = ("f1", "jaccard", "boundary_iou", "mad", "mse", "grad", "conn", "dtssd", "mean_alpha")
UNTOLD = ("best", "last", "model")  # names of files that say nothing without their folder's


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add = parser.add_argument
    add("--model", required=True, help="FILE.onnx, best.pt, or a spec such as onnx:u2netp")
    add("--compare", metavar="MODEL", help="another one, before; the report shows both")
    add("--data", type=Path, required=True, help="a set of any known layout, or clips")
    add("--output", type=Path, help="folder for report.html, score.csv ... (default: runs/...)")
    add("--size", metavar="HxW", help="input of a checkpoint (default: 192x320)")
    add("--network", help="of a checkpoint that does not say")
    add("--limit", type=int, metavar="N", help="so many pictures, and so many frames of a clip")
    add(
        "--held-out",
        type=float,
        nargs="?",
        const=0.0,
        metavar="SHARE",
        help="only what a fit of this set holds out (default: as the checkpoint's fit did)",
    )
    add("--cases", type=int, default=6, metavar="N", help="worst, and best, to show (default: 6)")


def run(options: argparse.Namespace) -> str:
    """
    Do it; returns what to tell the user.

    Raises:
        ConfigError: an option is out of range.
        DataError: nothing could be measured.
        EdgeError: a model is not to be had, or failed; the report cannot be written.
    """
    for name, least in (("limit", 1), ("cases", 0)):
        value = getattr(options, name)
        if value is not None and value < least:
            raise ConfigError(f"--{name} {value}: wanted {least} or more")
    how = _how()  # before the run: the checkout may move on during a long one
    given = [options.compare, options.model] if options.compare else [options.model]
    models = _models(given, options)
    scenes = _scenes(options)
    plan = Plan(cases=options.cases, clip_frames=options.limit)
    names = [_short(one) for one in given]
    result: Evaluation | Comparison
    if len(models) == 2:
        result = compare((models[0], models[1]), scenes, (names[0], names[1]), plan)
    else:
        result = evaluate(models[0], scenes, names[0], plan)
    folder = options.output or Path("runs") / f"evaluate-{names[-1]}"
    page = write_report(folder, result, options.data.resolve().name, how)
    return f"{_told(result)}\n{page}"


def _models(given: Sequence[str], options: argparse.Namespace) -> list[MattingModel]:
    """Checkpoints at --size; the others have theirs."""
    checkpoints = [Path(one).suffix.lower() in CHECKPOINTS for one in given]
    if not any(checkpoints) and (options.size or options.network):
        raise ConfigError(
            "--size and --network are for checkpoints; a graph has its own size. "
            "For another one: python -m convert onnx --size HxW"
        )
    size = _size(options.size) if options.size else SIZE
    return [
        load_checkpoint(Path(one).expanduser(), size, options.network) if is_one else load(one)
        for one, is_one in zip(given, checkpoints, strict=True)
    ]


def _size(text: str) -> tuple[int, int]:
    """``HxW`` as (width, height)."""
    height, _, width = text.partition("x")
    if not (height.isdecimal() and width.isdecimal() and int(height) and int(width)):
        raise ConfigError(f"--size {text}: wanted HEIGHTxWIDTH, as in 192x320")
    return int(width), int(height)


def _scenes(options: argparse.Namespace) -> list[Scene]:
    scenes = find_scenes(options.data)
    if options.held_out is not None:
        if not 0 <= options.held_out <= 1:
            raise ConfigError(f"--held-out {options.held_out}: wanted a share, up to 1")
        share, side = holding_out(Path(options.model).expanduser())
        scenes = held_out(scenes, options.held_out or share, side)
    return scenes if options.limit is None else limited(scenes, options.limit)


def _short(given: str) -> str:
    """A name for people, and for a folder."""
    path = Path(given.partition("?")[0])
    if path.stem in UNTOLD:
        return "-".join([*path.parent.parts[-1:], path.stem])
    return path.stem if path.suffix else given.replace(":", "-").replace("/", "-")


def _how() -> dict[str, str]:
    """For who wants to do it again."""
    origin = provenance()
    machine, versions = origin["machine"], origin["versions"]
    return {
        "command": "python -m train " + shlex.join(sys.argv[1:]),
        "commit": origin["commit"] or "not in a checkout",
        "machine": f"{machine['system']}, {machine['cpu']}, {machine['cores']} cores",
        "versions": ", ".join(
            f"{k} {v}" for k, v in {**versions, "torch": torch.__version__}.items()
        ),
    }


def _told(result: Evaluation | Comparison) -> str:
    """The means, a line per measure."""
    after = result.after if isinstance(result, Comparison) else result
    shown = [result.before, after] if isinstance(result, Comparison) else [after]
    columns = [(one.name, t, one.summary(t)) for one in shown for t in TREATMENTS]
    heads = [
        f"{name} {treatment}" if len(shown) > 1 else treatment for name, treatment, _ in columns
    ]
    lines = [f"{'':12}" + "".join(f"{head:>{max(12, len(head) + 2)}}" for head in heads)]
    for measure in TOLD:
        cells = [f"{s[measure]['mean']:.3f}" if measure in s else "-" for *_, s in columns]
        if set(cells) != {"-"}:
            wide = zip(cells, heads, strict=True)
            row = "".join(f"{cell:>{max(12, len(head) + 2)}}" for cell, head in wide)
            lines.append(f"{LABELS[measure]:12}{row}")
    counts = f"{len(after.scores)} pictures"
    if after.left_out:
        counts += f", {len(after.left_out)} left out, such as " + next(
            f"{name} ({reason})" for name, reason in after.left_out.items()
        )
    return "\n".join([*lines, counts])
