"""A process that builds with a fake TensorRT, slowly, for a test to end it."""

from __future__ import annotations

import sys
import time

from convert.__main__ import main
from convert.tensorrt import cancel, install
from edge.tensorrt.library import Library, wrap_library
from tests.unit.tensorrt.fake_builder import FakeBuilder

LONG_S = 100.0

how, *arguments = sys.argv[1:]  # "asks" between short steps whether to go on, or is "deaf"
fake = FakeBuilder("rtx")
fake.steps = round(LONG_S / 0.05) if how == "asks" else 2


def meanwhile(step: int) -> None:
    """Asks after each short step, or begins one that takes for ever."""
    if how == "asks":
        time.sleep(0.05)
    elif step == 1:
        sys.stdout.write('{"progress": "deaf"}\n')
        sys.stdout.flush()
        time.sleep(LONG_S)


fake.meanwhile = meanwhile
cancel.GRACE_S = LONG_S if how == "asks" else 0.2


def load_library(name: str) -> Library:
    """In the place of the real one."""
    return wrap_library(fake.module(), "tensorrt_rtx")


setattr(install, "load_library", load_library)  # noqa: B010 - it is replaced, not exported
sys.exit(main(["tensorrt", "--progress", "json", *arguments]))
