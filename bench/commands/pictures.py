"""``quality``, ``follow``, ``stages`` and ``runtimes``: the models and the stages by themselves."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from bench.commands import Report, add_json, controls, size
from edge.errors import InputError

if TYPE_CHECKING:
    from bench.commands import Commands


def add(commands: Commands) -> None:
    """Add them."""
    quality = commands.add_parser("quality", help="how far mattes are from the truth")
    quality.add_argument("--data", type=Path, required=True, help="a folder of test data")
    quality.set_defaults(run=_quality)
    follow = commands.add_parser("follow", help="a slow model's mattes that follow the motion")
    follow.add_argument("--data", type=Path, required=True, help="a folder of test clips")
    follow.add_argument(
        "--every", type=int, default=6, help="frames the model takes for one (%(default)s)"
    )
    follow.add_argument("--matting", default="onnx:u2netp", help="the model (%(default)s)")
    follow.set_defaults(run=_follow)
    stages = commands.add_parser("stages", help="how long each stage takes")
    stages.add_argument("--size", default="1280x720", help="of the frames (%(default)s)")
    stages.add_argument("--frames", type=int, default=100, help="to time (%(default)s)")
    stages.set_defaults(run=_stages)
    for command in (quality, stages):
        command.add_argument("--matting", default="onnx:u2netp", help="the model (%(default)s)")
        command.add_argument(
            "--controls",
            nargs="*",
            default=[],
            metavar="NAME=VALUE",
            help="other than the defaults",
        )
    runtimes = commands.add_parser("runtimes", help="one model in several runtimes, by turns")
    runtimes.add_argument("--data", type=Path, required=True, help="a folder of stills with alpha")
    runtimes.add_argument("specs", nargs="+", metavar="SPEC", help="the reference, then others")
    runtimes.set_defaults(run=_runtimes)
    for command in (quality, follow, stages, runtimes):
        add_json(command)


def _quality(asked: argparse.Namespace) -> Report:
    from bench.report import report_quality  # not before it is asked for: it loads OpenCV

    return report_quality(asked.data, asked.matting, controls(asked.controls), not asked.json)


def _follow(asked: argparse.Namespace) -> Report:
    from bench.follow import report_follow

    return report_follow(asked.data, asked.matting, asked.every, not asked.json)


def _stages(asked: argparse.Namespace) -> Report:
    from bench.report import report_stages

    pixels = size(asked.size)
    if asked.frames < 2:
        raise InputError(f"--frames {asked.frames}: wanted 2 or more")
    return report_stages(
        pixels, asked.frames, asked.matting, controls(asked.controls), not asked.json
    )


def _runtimes(asked: argparse.Namespace) -> Report:
    from bench.runtimes import report_runtimes

    return report_runtimes(asked.data, asked.specs, not asked.json)
