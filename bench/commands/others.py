"""``peak``, ``peers`` and ``plot``: the machine's ceiling, and what else there is."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

from bench.commands import Report, add_json
from edge.errors import InputError

if TYPE_CHECKING:
    from bench.commands import Commands

PEERS = ("rembg", "rvm", "rvm-quick", "modnet", "mediapipe", "aiortc")


def add(commands: Commands) -> None:
    """Add them."""
    peak = commands.add_parser("peak", help="the machine's ceiling, and what models reach of it")
    peak.add_argument("specs", nargs="*", metavar="SPEC", help="models; the default one if none")
    peak.add_argument("--rounds", type=int, default=15, help="of each (%(default)s)")
    peak.set_defaults(run=_peak)
    peers = commands.add_parser("peers", help="what a user would pick instead, on the same frames")
    peers.add_argument("--data", type=Path, required=True, help="stills and clips with alpha")
    peers.add_argument(
        "--ours", nargs="*", default=[], metavar="SPEC", help="models of ours; first the default"
    )
    peers.add_argument("--peers", default=",".join(PEERS), help="(%(default)s)")
    peers.add_argument("--rounds", type=int, default=4, help="of turns (%(default)s)")
    peers.set_defaults(run=_peers)
    plot = commands.add_parser("plot", help="figures of results, as SVG")
    plot.add_argument(
        "results",
        nargs="+",
        type=Path,
        help="JSON of peers, viewers or soak, or a training run's CSV",
    )
    plot.add_argument("--out", type=Path, default=Path("docs"), help="folder (%(default)s)")
    plot.set_defaults(run=_plot)
    for command in (peak, peers, plot):
        add_json(command)


def _peak(asked: argparse.Namespace) -> Report:
    from bench.ceiling.report import report_peak
    from bench.live.stand import chosen

    if asked.rounds < 1:
        raise InputError(f"--rounds {asked.rounds}: wanted 1 or more")
    specs = asked.specs or [re.sub(r"[?&]threads=\d+", "", chosen())]  # the ceiling is of all cores
    return report_peak(specs, asked.rounds, not asked.json)


def _peers(asked: argparse.Namespace) -> Report:
    from bench.live.stand import chosen
    from bench.peers.contest import report_peers

    names = [name for name in asked.peers.split(",") if name]
    unknown = set(names) - set(PEERS)
    if unknown:
        raise InputError(f"--peers {','.join(sorted(unknown))}: there are {', '.join(PEERS)}")
    if asked.rounds < 1:
        raise InputError(f"--rounds {asked.rounds}: wanted 1 or more")
    specs = asked.ours or [chosen()]
    return report_peers(asked.data, names, specs, asked.rounds, not asked.json)


def _plot(asked: argparse.Namespace) -> Report:
    from bench.plots.drawing import report_plots

    return report_plots(asked.results, asked.out, not asked.json)
