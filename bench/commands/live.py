"""What is measured of the running service from outside, from ``throughput`` to ``soak``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from bench.commands import Report, add_json, numbers, size
from edge.errors import InputError

if TYPE_CHECKING:
    from bench.commands import Commands
    from bench.live.stand import Stand


def add(commands: Commands) -> None:
    """Add them."""
    throughput = commands.add_parser("throughput", help="frames a second with one viewer")
    throughput.add_argument("--seconds", type=float, default=60, help="to watch (%(default)g)")
    throughput.set_defaults(run=_throughput)
    latency = commands.add_parser("latency", help="from capture to the decoded picture")
    latency.add_argument("--seconds", type=float, default=20, help="to watch (%(default)g)")
    latency.add_argument("--codec", default="auto", choices=["auto", "vp8", "h264"])
    latency.set_defaults(run=_latency)
    viewers = commands.add_parser("viewers", help="what each further viewer costs")
    viewers.add_argument("--counts", default="1,5,10,25", help="of viewers (%(default)s)")
    viewers.add_argument(
        "--baseline", default="1,3", help="the same for plain aiortc, or '' (%(default)s)"
    )
    viewers.add_argument("--seconds", type=float, default=8, help="for each count (%(default)g)")
    viewers.set_defaults(run=_viewers)
    startup = commands.add_parser("startup", help="how long until it listens and shows a picture")
    startup.add_argument("--runs", type=int, default=5, help="(%(default)s)")
    startup.set_defaults(run=_startup)
    soak = commands.add_parser("soak", help="hours of use: does anything grow?")
    soak.add_argument("--minutes", type=float, default=30, help="(%(default)g)")
    soak.add_argument("--each", type=float, default=5, help="seconds between looks (%(default)g)")
    soak.set_defaults(run=_soak)
    for command in (throughput, latency, viewers, startup, soak):
        _add_stand(command)
        add_json(command)


def _add_stand(command: argparse.ArgumentParser) -> None:
    command.add_argument("--matting", default="", metavar="SPEC", help="other than the default")
    command.add_argument(
        "--source", default="", metavar="SPEC", help="other than a drawn presenter in MJPEG"
    )
    command.add_argument("--size", default="1280x720", help="of that clip (%(default)s)")
    command.add_argument("--fps", type=int, default=30, help="of that clip (%(default)s)")
    command.add_argument(
        "--flags", default="", help="further ones of python -m edge serve, in quotes"
    )


def _stand(asked: argparse.Namespace) -> Stand:
    from bench.live.stand import Stand

    if asked.fps < 1:
        raise InputError(f"--fps {asked.fps}: wanted 1 or more")
    if getattr(asked, "seconds", 1) <= 0:
        raise InputError(f"--seconds {asked.seconds}: wanted more than 0")
    return Stand(size(asked.size), asked.fps, asked.source, asked.matting, asked.flags)


def _throughput(asked: argparse.Namespace) -> Report:
    from bench.throughput import report_throughput

    return report_throughput(_stand(asked), asked.seconds, not asked.json)


def _latency(asked: argparse.Namespace) -> Report:
    from bench.latency import report_latency

    return report_latency(_stand(asked), asked.seconds, asked.codec, not asked.json)


def _viewers(asked: argparse.Namespace) -> Report:
    from bench.viewers import report_viewers

    counts, baseline = numbers(asked.counts), numbers(asked.baseline)
    return report_viewers(_stand(asked), counts, baseline, asked.seconds, not asked.json)


def _startup(asked: argparse.Namespace) -> Report:
    from bench.startup import report_startup

    return report_startup(_stand(asked), asked.runs, not asked.json)


def _soak(asked: argparse.Namespace) -> Report:
    from bench.soak import report_soak

    return report_soak(_stand(asked), asked.minutes, asked.each, not asked.json)
