"""``python -m bench.live.serving``: ``python -m edge``, with the bench's own kinds too."""

from __future__ import annotations

import sys

from bench import kinds
from edge.__main__ import main
from edge.ending import leave

if __name__ == "__main__":
    kinds.offer()
    sys.exit(leave(main()))
