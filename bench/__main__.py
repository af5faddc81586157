"""The command line: ``python -m bench quality``, ``stages`` and ``runtimes``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bench.provenance import provenance
from edge.controls import MatteControls
from edge.errors import EdgeError, InputError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what ``arguments`` (by default the process's) ask for. Returns the exit status."""
    asked = _parser().parse_args(arguments)
    origin = provenance()  # before the run: the checkout may move on during a long one
    try:
        report: dict[str, Any] = asked.run(asked)
    except EdgeError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    if asked.json:
        print(json.dumps({"command": asked.command, **origin, **report}, indent=1))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    quality = commands.add_parser("quality", help="how far mattes are from the truth")
    quality.add_argument("--data", type=Path, required=True, help="a folder of test data")
    quality.set_defaults(run=_quality)
    stages = commands.add_parser("stages", help="how long each stage takes")
    stages.add_argument("--size", default="1280x720", help="of the frames (%(default)s)")
    stages.add_argument("--frames", type=int, default=100, help="to time (%(default)s)")
    stages.set_defaults(run=_stages)
    runtimes = commands.add_parser("runtimes", help="one model in several runtimes, by turns")
    runtimes.add_argument("--data", type=Path, required=True, help="a folder of stills with alpha")
    runtimes.add_argument("specs", nargs="+", metavar="SPEC", help="the reference, then others")
    runtimes.add_argument("--json", action="store_true", help="print JSON instead of a table")
    runtimes.set_defaults(run=_runtimes)
    for command in (quality, stages):
        command.add_argument("--matting", default="onnx:u2netp", help="the model (%(default)s)")
        command.add_argument(
            "--controls",
            nargs="*",
            default=[],
            metavar="NAME=VALUE",
            help="other than the defaults",
        )
        command.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser


def _quality(asked: argparse.Namespace) -> dict[str, Any]:
    from bench.report import report_quality  # not before it is asked for: it loads OpenCV

    return report_quality(asked.data, asked.matting, _controls(asked.controls), not asked.json)


def _stages(asked: argparse.Namespace) -> dict[str, Any]:
    from bench.report import report_stages

    width, _, height = asked.size.partition("x")
    if not (width.isdecimal() and height.isdecimal() and int(width) >= 16 and int(height) >= 16):
        raise InputError(f"--size {asked.size}: wanted WIDTHxHEIGHT, as in 1280x720")
    if asked.frames < 2:
        raise InputError(f"--frames {asked.frames}: wanted 2 or more")
    size = int(width) // 2 * 2, int(height) // 2 * 2
    return report_stages(
        size, asked.frames, asked.matting, _controls(asked.controls), not asked.json
    )


def _runtimes(asked: argparse.Namespace) -> dict[str, Any]:
    from bench.runtimes import report_runtimes

    return report_runtimes(asked.data, asked.specs, not asked.json)


def _controls(pairs: list[str]) -> MatteControls:
    changes = dict(pair.partition("=")[::2] for pair in pairs)
    try:
        return MatteControls.model_validate(changes)  # words of a command line, not JSON's types
    except ValidationError as error:
        faults = "; ".join(f"{fault['loc'][0]}: {fault['msg']}" for fault in error.errors())
        raise InputError(f"--controls: {faults}") from error


if __name__ == "__main__":
    sys.exit(main())
