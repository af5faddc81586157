"""``estimate``: what is worked out, not measured."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from bench.commands import Report, add_json

if TYPE_CHECKING:
    from bench.commands import Commands

MODELS = ["onnx:portrait_fast", "onnx:u2netp", "onnx:modnet"]


def add(commands: Commands) -> None:
    """Add it."""
    estimate = commands.add_parser("estimate", help="models on Jetsons, from their public figures")
    estimate.add_argument(
        "specs", nargs="*", metavar="SPEC", help=f"models; {' '.join(MODELS)} if none"
    )
    estimate.set_defaults(run=_estimate)
    add_json(estimate)


def _estimate(asked: argparse.Namespace) -> Report:
    from bench.jetson.report import report_estimate

    return report_estimate(asked.specs or MODELS, not asked.json)
