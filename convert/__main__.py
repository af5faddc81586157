"""The command line: ``python -m convert COMMAND``. Commands are the modules of convert.commands."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Sequence
from types import ModuleType

from convert import commands
from convert.errors import MissingExtra
from edge.errors import EdgeError, InputError

DESCRIPTION = "PyTorch -> ONNX -> TensorRT and OpenVINO, each step proven by parity."
EXTRAS = {"torch": "convert", "onnx": "convert", "onnxscript": "convert"}  # what brings a package


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit status: 0 done, 1 it failed, 2 it was asked wrongly."""
    there = _commands()
    parser = argparse.ArgumentParser(prog="python -m convert", description=DESCRIPTION)
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, module in there.items():
        summary = (module.__doc__ or "").strip().splitlines()[0]
        module.configure(subparsers.add_parser(name, help=summary, description=module.__doc__))
    given = parser.parse_args(arguments)
    try:
        return _run(there[given.command], given)
    except EdgeError as error:
        print(f"convert {given.command}: {error}", file=sys.stderr)
        return 2 if isinstance(error, InputError) else 1
    except KeyboardInterrupt:
        print(f"convert {given.command}: stopped; nothing was installed", file=sys.stderr)
        return 130


def _run(module: ModuleType, given: argparse.Namespace) -> int:
    try:
        status: int = module.run(given, lambda line: print(line, flush=True))
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in EXTRAS:
            raise
        raise MissingExtra(package, EXTRAS[package]) from error
    return status


def _commands() -> dict[str, ModuleType]:
    names = sorted(module.name for module in pkgutil.iter_modules(commands.__path__))
    return {
        name: importlib.import_module(f"{commands.__name__}.{name}")
        for name in names
        if not name.startswith("_")
    }


if __name__ == "__main__":
    sys.exit(main())
