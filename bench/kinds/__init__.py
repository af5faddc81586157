"""
Kinds that only the bench knows: a folder for each seam, as in ``edge``, one file for each kind.

The service itself knows nothing of being measured. Where a program of the bench calls ``offer``,
these are found beside the service's own kinds.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
SEAMS = ("compositors", "matting")


def offer() -> None:
    """Add them to this process. Any number of times."""
    for seam in SEAMS:
        path, folder = import_module(f"edge.{seam}").__path__, str(HERE / seam)
        if folder not in path:
            path.append(folder)
