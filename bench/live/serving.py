"""
``python -m bench.live.serving``: ``python -m edge``, with the kinds of ``bench/live/kinds`` too.

The service itself knows nothing of being measured: a kind is a file in a folder, and this adds one
folder to those that are looked into.
"""

from __future__ import annotations

import sys
from pathlib import Path

import edge.compositors
from edge.__main__ import main
from edge.ending import leave

KINDS = Path(__file__).parent / "kinds"

if __name__ == "__main__":
    edge.compositors.__path__.append(str(KINDS))
    sys.exit(leave(main()))
