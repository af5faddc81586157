"""``peak``, ``peers`` and ``plot``: the machine's ceiling, and what else there is."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from bench.commands import Report, add_json
from edge.errors import InputError

if TYPE_CHECKING:
    from bench.commands import Commands


def add(commands: Commands) -> None:
    """Add them."""
    peak = commands.add_parser("peak", help="the machine's ceiling, and what models reach of it")
    peak.add_argument("specs", nargs="*", metavar="SPEC", help="models; the default one if none")
    peak.add_argument("--rounds", type=int, default=15, help="of each (%(default)s)")
    peak.set_defaults(run=_peak)
    add_json(peak)


def _peak(asked: argparse.Namespace) -> Report:
    from bench.ceiling.report import report_peak
    from bench.live.stand import default_matting

    if asked.rounds < 1:
        raise InputError(f"--rounds {asked.rounds}: wanted 1 or more")
    return report_peak(asked.specs or [default_matting()], asked.rounds, not asked.json)
