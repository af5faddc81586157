"""``file:PATH``: a video file, looped at its own pace."""

from __future__ import annotations

from pathlib import Path

from edge.errors import InputError
from edge.media.clips import to_rgb
from edge.sources._clip import Clip


def make(argument: str) -> FileSource:
    """The path, as the file system has it. Raises InputError."""
    if not argument or "\0" in argument:
        raise InputError("file: wanted a path, such as file:clips/talk.mp4")
    return FileSource(Path(argument).expanduser())


class FileSource(Clip):
    """A clip shown as it is, turned upright where its metadata say so."""

    note = ""

    def __init__(self, path: Path) -> None:
        super().__init__(path, to_rgb)
        self.label = path.name
