"""How the process ends: soon after it was told to, whatever still runs in it."""

from __future__ import annotations

import logging
import os
import sys
import threading

logger = logging.getLogger(__name__)

END_S = 4.5  # from the signal to the end: whoever starts services kills some seconds later


def deadline() -> threading.Timer:
    """Once started, ends the process with status 0 after ``END_S``, unless it is cancelled."""
    timer = threading.Timer(END_S, _end_now)
    timer.daemon = True
    return timer


def leave(status: int) -> int:
    """
    The exit status, where the interpreter can end as usual; else the process ends here with it.

    A thread of ours that is still busy in native code (a model that loads, a frame in work) would
    be unwound by the interpreter's end, and its C++ runtime aborts then: "terminate called".
    """
    busy = [each.name for each in threading.enumerate() if each.daemon]
    if busy:
        logger.debug("still busy at the end: %s", ", ".join(busy))
        _exit(status)
    return status


def _end_now() -> None:
    logger.warning("not stopped within %s s; the process ends as it is", END_S)
    _exit(0)


def _exit(status: int) -> None:
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
