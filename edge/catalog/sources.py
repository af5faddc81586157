"""The sources that may be chosen: cameras, what the operator configured, what is always there."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qs

from edge import plugins
from edge.catalog import public_id
from edge.errors import UnknownName
from edge.sources import Source
from edge.state import Mode, SourceChoice
from edge.v4l2 import Camera, cameras
from edge.zoo import Zoo

ALWAYS = {
    "auto:": "Automatic",
    "demo:": "Demo clip",
    "browser:": "My browser's camera",
    "presenter:": "Drawn presenter",
}


class SourceCatalog:
    """
    Args:
        configured: specs of the operator, in any number; they may hold paths and passwords.
        zoo: where ``demo:`` gets its clip.
    """

    def __init__(self, configured: Sequence[str], zoo: Zoo) -> None:
        self._zoo = zoo
        self._specs: dict[str, str] = {}
        for spec in configured:
            self._specs.setdefault(self._free_id(spec), spec)

    def id_of(self, spec: str) -> str:
        """The id under which a configured spec may be chosen."""
        return next((id for id, known in self._specs.items() if known == spec), public_id(spec))

    def choices(self) -> list[SourceChoice]:
        """All there are at this moment: cameras come and go."""
        found = [
            SourceChoice(
                id=f"camera:{camera.path}",
                label=f"{camera.name} ({camera.path})",
                kind="camera",
                modes=_modes(camera),
            )
            for camera in cameras()
        ]
        listed = {choice.id for choice in found} | set(ALWAYS)
        configured = [
            SourceChoice(id=id, label=_label(id), kind=id.partition(":")[0], modes=[])
            for id in self._specs
            if id not in listed
        ]
        always = [
            SourceChoice(id=id, label=label, kind=id[:-1], modes=[]) for id, label in ALWAYS.items()
        ]
        return found + configured + always

    def make(self, id: str) -> Source:
        """
        The source of an id.

        Raises:
            UnknownName: it may not be chosen; a camera or mode that is not there.
        """
        source: Source = plugins.make("edge.sources", self._spec(id), zoo=self._zoo)
        return source

    def _spec(self, id: str) -> str:
        if id in self._specs:
            return self._specs[id]
        choices = {choice.id: choice for choice in self.choices()}
        base, _, query = id.partition("?")
        if base not in choices or (query and not _offers(choices[base], query)):
            raise UnknownName(f"source {id!r}: not among those offered: {', '.join(choices)}")
        return id

    def _free_id(self, spec: str) -> str:
        """Two streams may differ in their passwords alone."""
        wanted = public_id(spec)
        taken, number = wanted, 2
        while taken in self._specs and self._specs[taken] != spec:
            taken, number = f"{wanted}#{number}", number + 1
        return taken


def _label(id: str) -> str:
    """What a configured source is called: its file or address, or its kind and the options."""
    scheme, _, argument = id.partition(":")
    known = ALWAYS.get(f"{scheme}:")
    return f"{known} {argument.lstrip('?')}".strip() if known else argument


def _offers(choice: SourceChoice, query: str) -> bool:
    """Whether ``query`` asks for a mode that the camera lists."""
    asked = {key: values[-1] for key, values in parse_qs(query).items()}
    if not asked or not set(asked) <= {"size", "fps", "format"}:
        return False
    return any(
        asked.get("size", f"{mode.width}x{mode.height}") == f"{mode.width}x{mode.height}"
        and asked.get("format", mode.pixel_format) == mode.pixel_format
        and ("fps" not in asked or (mode.fps is not None and asked["fps"] == f"{mode.fps:g}"))
        for mode in choice.modes
    )


def _modes(camera: Camera) -> list[Mode]:
    """One entry for each rate of each size and format."""
    return [
        Mode(width=mode.width, height=mode.height, fps=fps, pixel_format=mode.pixel_format)
        for mode in camera.modes
        for fps in mode.fps or (None,)
    ]
