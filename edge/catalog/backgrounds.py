"""The backgrounds that may be chosen: gallery, colours, blur, and what the operator configured."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from edge import plugins
from edge.backgrounds import Background
from edge.catalog import public_id
from edge.errors import Forbidden, UnknownName
from edge.gallery import Gallery
from edge.state import BackgroundChoice, BackgroundState

COLORS = {"color:00b140": "Green screen", "color:1f2937": "Slate grey", "color:f5f0e6": "Paper"}
BLURS = {"blur:25": "Soft blur", "blur:61": "Strong blur"}
FREE = ("color", "blur")  # kinds whose argument anyone may choose: the kind checks it
ORIGINAL = "original:"


class BackgroundCatalog:
    """
    Args:
        configured: the operator's spec; "gallery:" means the first of the gallery.
        gallery: drawn and uploaded pictures.
        allow_original: whether the room may be shown at all.
    """

    def __init__(self, configured: str, gallery: Gallery, allow_original: bool) -> None:
        if configured == "gallery:":
            configured = f"gallery:{gallery.items()[0].id}"
        if configured.partition(":")[0] == "original" and not allow_original:
            raise Forbidden("background original: shows the room; start with --allow-original too")
        self._configured = configured
        self._gallery = gallery
        self._allow_original = allow_original
        self.configured_id = public_id(configured)

    def choices(self) -> list[BackgroundChoice]:
        """The gallery first, then colours, blurs and what else there is."""
        listed = [
            BackgroundChoice(
                id=f"gallery:{item.id}",
                label=item.label,
                kind=item.kind,
                thumbnail=f"/api/backgrounds/{quote(item.id)}/thumbnail",
                deletable=item.deletable,
            )
            for item in self._gallery.items()
        ]
        listed += [_plain(id, label) for id, label in (BLURS | COLORS).items()]
        listed.append(_plain("none:", "Transparent"))
        if self._allow_original:
            listed.append(_plain(ORIGINAL, "Original room"))
        if self.configured_id not in {choice.id for choice in listed}:
            listed.insert(0, _plain(self.configured_id, self.configured_id.partition(":")[2]))
        return listed

    @staticmethod
    def describe(id: str, choices: Sequence[BackgroundChoice]) -> BackgroundState:
        """The id with its label among ``choices``, an own colour or strength included."""
        labels = {choice.id: choice.label for choice in choices}
        return BackgroundState(id=id, label=labels.get(id, id.replace(":", " ", 1)))

    def make(self, id: str) -> Background:
        """
        The background of an id.

        Raises:
            Forbidden: the room, where it may not be shown.
            UnknownName: it may not be chosen.
            InputError: a colour or strength that is none.
        """
        background: Background = plugins.make(
            "edge.backgrounds", self._spec(id), gallery=self._gallery
        )
        return background

    def remove(self, item: str) -> None:
        """
        Remove an upload from the gallery.

        Raises:
            UnknownName: there is no such item.
            InputError: it was drawn by the project and stays.
            StorageError: its files cannot be removed.
        """
        self._gallery.remove(item)

    def _spec(self, id: str) -> str:
        scheme = id.partition(":")[0]
        if scheme == "original" and not self._allow_original:
            raise Forbidden("the room may not be shown: this service runs without --allow-original")
        if id == self.configured_id:
            return self._configured
        known = {choice.id for choice in self.choices()}
        if id not in known and not (scheme in FREE and ":" in id):
            raise UnknownName(f"background {id!r}: there is {', '.join(sorted(known))}")
        return id


def _plain(id: str, label: str) -> BackgroundChoice:
    """A choice that needs no thumbnail: the page draws it."""
    kind = id.partition(":")[0]
    return BackgroundChoice.model_validate(
        {"id": id, "label": label, "kind": kind, "thumbnail": None, "deletable": False}
    )
