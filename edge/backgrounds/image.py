"""``image:PATH``: a picture."""

from __future__ import annotations

from pathlib import Path

from edge.backgrounds._still import Still
from edge.errors import InputError
from edge.media.pictures import BACKGROUND_SIZE, read_picture


def make(argument: str) -> Still:
    """
    ``argument``: the path of a JPEG, PNG, WebP, AVIF or GIF file.

    Raises:
        InputError: no path, no such file, or (a subclass) not a picture that can be taken.
    """
    if not argument:
        raise InputError("image: wanted a path, as in image:beach.jpg")
    try:
        return Still(read_picture(Path(argument).expanduser(), BACKGROUND_SIZE))
    except InputError as error:
        raise type(error)(f"image:{argument}: {error}") from error
