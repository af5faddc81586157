"""``file:PATH``: a video file, looped at its own pace."""

from __future__ import annotations

import logging
from pathlib import Path

from edge.errors import InputError
from edge.media.clips import to_rgb
from edge.sources._clip import Clip

logger = logging.getLogger(__name__)


def make(argument: str) -> FileSource:
    """The path, as the file system has it. Raises InputError."""
    if not argument or "\0" in argument:
        raise InputError("file: wanted a path, such as file:clips/talk.mp4")
    path = Path(argument).expanduser()
    logger.info("file: reads %s", path.absolute())  # viewers are told the name alone
    return FileSource(path)


class FileSource(Clip):
    """A clip shown as it is, turned upright where its metadata say so."""

    note = ""

    def __init__(self, path: Path) -> None:
        super().__init__(path, to_rgb)
        self.label = path.name
