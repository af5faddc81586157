"""The command line: ``python -m edge [serve | doctor | models | sources]``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from edge import __version__
from edge.ending import leave
from edge.errors import EdgeError, InputError
from edge.memory import keep_freed_memory

if TYPE_CHECKING:
    from edge.settings import Settings

USAGE = """\
Live background replacement: camera -> matte -> browser.

  python -m edge [serve] [--source SPEC] [--background SPEC] [--listen ADDRESS:PORT] ...
                          run the service (the default); --help lists every setting
  python -m edge doctor   what this machine can do, and what is missing; --report [FILE] makes one
                          file to attach to a bug report
  python -m edge models   the matting models: list | fetch ID | verify
  python -m edge sources  the cameras and other sources that may be chosen

Examples
  python -m edge                                     the first camera, else a demo clip
  python -m edge --source camera:/dev/video0?size=1280x720&fps=30&format=MJPG
  python -m edge --source stream:rtsp://camera.local/live --background blur:45
  python -m edge --listen 0.0.0.0:8443               for others too: TLS and a token

Settings come from flags, then environment (EDGE_SOURCE=...), then a TOML file (--config FILE or
EDGE_CONFIG), then defaults. `python -m edge serve --help` describes them all.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit status: 0 done, 1 it failed, 2 it was asked wrongly."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given in (["--help"], ["-h"], ["help"]):
        print(USAGE)
        return 0
    if given == ["--version"]:
        print(f"Edge Matting {__version__}")
        return 0
    command = given.pop(0) if given and not given[0].startswith("-") else "serve"
    commands = {"serve": _serve, "doctor": _doctor, "models": _models, "sources": _sources}
    if command not in commands:
        print(f"{command!r}: no such command\n\n{USAGE}", file=sys.stderr)
        return 2
    try:
        return commands[command](given)
    except EdgeError as error:
        print(f"edge {command}: {error}", file=sys.stderr)
        return 2 if isinstance(error, InputError) else 1


def _settings(arguments: Sequence[str]) -> tuple[Settings, frozenset[str]]:
    """The settings, and the names of those that the command line gave."""
    from edge.settings import load  # half of the service: not needed for --help

    config = argparse.ArgumentParser(add_help=False)
    config.add_argument("--config", type=Path, default=os.environ.get("EDGE_CONFIG"))
    known, flags = config.parse_known_args(arguments)
    return load(flags, known.config)


def _serve(arguments: Sequence[str]) -> int:
    keep_freed_memory()
    settings, explicit = _settings(arguments)

    from edge.serve import configure_logging, serve  # the whole service: not needed for --help

    configure_logging(settings.log_level)
    return serve(settings, explicit, _say)


def _say(line: str) -> None:
    """In one write: where output is not buffered, print makes two, and the log comes between."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _sources(arguments: Sequence[str]) -> int:
    from edge.catalog.sources import SourceCatalog
    from edge.zoo import Zoo

    settings, _ = _settings(arguments)
    zoo = Zoo(settings.cache_dir, settings.models_dir)
    for choice in SourceCatalog([settings.source, *settings.sources], zoo).choices():
        print(f"{choice.id:32} {choice.label}")
        for mode in choice.modes:
            print(f"    {mode.width}x{mode.height} {mode.fps or '?'} fps {mode.pixel_format}")
    return 0


def _doctor(arguments: Sequence[str]) -> int:
    from edge.doctor import bundle, examine, report
    from edge.zoo import Zoo

    words = argparse.ArgumentParser("python -m edge doctor", description="What this machine can do")
    words.add_argument("--json", action="store_true", help="for programs")
    words.add_argument(
        "--report",
        nargs="?",
        type=Path,
        const=Path(),
        metavar="FILE",
        help="write one file to attach to a bug report, without secrets",
    )
    known, flags = words.parse_known_args(arguments)
    settings, _ = _settings(flags)
    zoo = Zoo(settings.cache_dir, settings.models_dir, own=[settings.own_models])
    findings = examine(zoo, settings.state_dir, settings.address, settings.publish)
    text = report(findings)
    print(json.dumps([asdict(f) for f in findings]) if known.json else text)
    if known.report is not None:
        path = known.report if known.report.name else bundle.default_name()
        contents = bundle.contents(settings, zoo, findings, text)
        bundle.write(path, contents, bundle.scrubber(settings))
        print(f"\nThe report is {path}: look through it, then attach it.", file=sys.stderr)
    return 0


def _models(arguments: Sequence[str]) -> int:
    from edge.zoo import Zoo
    from edge.zoo.models import run

    words = argparse.ArgumentParser("python -m edge models", description="The matting models")
    words.add_argument("action", nargs="?", choices=["list", "fetch", "verify"], default="list")
    words.add_argument("ids", nargs="*", metavar="ID", help="as the list shows them")
    known, flags = words.parse_known_args(arguments)
    settings, _ = _settings(flags)
    zoo = Zoo(settings.cache_dir, settings.models_dir, own=[settings.own_models])
    return run([known.action, *known.ids], zoo, print)


if __name__ == "__main__":
    sys.exit(leave(main()))
