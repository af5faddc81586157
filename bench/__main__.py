"""The command line: ``python -m bench COMMAND``, each with ``--help`` and ``--json``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from bench.commands import estimates, live, others, pictures
from bench.provenance import provenance
from edge.errors import EdgeError


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
    for group in (pictures, live, others, estimates):
        group.add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
