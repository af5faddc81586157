"""
Files that another version of this service wrote, or was told by: brought to this one, step by step.

A file says its version, or has none and is of version 1. Whoever changes what a file holds adds one
step to its row here: the version that this service knows is one more than there are steps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Json = dict[str, Any]
Step = Callable[[Json], Json]


class NewerVersion(ValueError):
    """The file is of a version that only a later service knows."""

    def __init__(self, found: int, known: int, written_by: str = "") -> None:
        by = f", written by Edge Matting {written_by}" if written_by else ""
        super().__init__(f"it is of version {found}{by}; this service knows {known} and older")
        self.found = found


def known_version(steps: Sequence[Step]) -> int:
    """The newest version of a file with these steps."""
    return len(steps) + 1


def migrated(content: Json, steps: Sequence[Step]) -> Json:
    """
    ``content`` as this version has it; ``content`` itself stays as it is.

    Args:
        content: what the file holds.
        steps: the first brings version 1 to 2, and so on.

    Raises:
        NewerVersion: it comes from a later service.
        ValueError: its version is none.
    """
    version = content.get("version", 1)
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise ValueError(f"found version {version!r}, wanted a whole number from 1")
    known = known_version(steps)
    if version > known:
        raise NewerVersion(version, known, str(content.get("written_by", "")))
    for step in steps[version - 1 :]:
        content = step(dict(content))
    return {**content, "version": known}


def _state_says_who_wrote_it(content: Json) -> Json:
    return {**content, "written_by": "0.1"}


def _codec_is_one_of_several_about_encoding(content: Json) -> Json:
    if "codec" in content:
        encoding = {"codec": content.pop("codec"), **content.get("encoding", {})}
        content["encoding"] = encoding
    return content


STATE: tuple[Step, ...] = (_state_says_who_wrote_it,)
SETTINGS: tuple[Step, ...] = (_codec_is_one_of_several_about_encoding,)
