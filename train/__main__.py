"""The command line: ``python -m train COMMAND``."""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import sys
from collections.abc import Sequence

from edge.errors import EdgeError, InputError
from train.errors import ConfigError

COMMANDS = {  # name: (module with add_arguments and run, what it does)
    "capture": ("train.capture", "pictures of your own room, by the camera that will be used"),
    "prepare": ("train.prepare", "one folder, one size and an index of any set of pictures"),
    "check": ("train.check", "what is wrong with a set: unreadable, mismatched, empty, twice"),
    "split": ("train.divide", "a set in two, near-duplicates on one side"),
    "sheets": ("train.sheets", "contact sheets: picture, alpha and cut-out side by side"),
    "label": ("train.label", "soft alpha for pictures that have none, by a teacher"),
    "evaluate": ("train.evaluate.command", "how good a model is: measures, and an HTML report"),
    "fit": ("train.fit.command", "fit a network as a TOML file says; resumes where it was"),
    "fine-tune": ("train.finetune.command", "a model fitted to frames of your own room"),
    "quantise": ("train.quantise.command", "int8, tuned until its mattes are those of fp32"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit status: 0 done, 1 it failed, 2 it was asked wrongly."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    # Before torch is loaded: threads that wait by spinning stop a busy machine, and each other.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(prog="python -m train", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (_, summary) in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        if given[:1] == [name]:  # only what is asked for is imported
            importlib.import_module(COMMANDS[name][0]).add_arguments(command)
    options = parser.parse_args(given)
    try:
        print(importlib.import_module(COMMANDS[options.command][0]).run(options))
    except EdgeError as error:
        print(f"train {options.command}: {error}", file=sys.stderr)
        return 2 if isinstance(error, (ConfigError, InputError)) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
