"""What ``python -m edge models`` does: list, fetch and verify the files of the zoo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from edge.errors import EdgeError, InputError, ModelError
from edge.zoo import Zoo
from edge.zoo.card import Card

Write: TypeAlias = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Row:
    """
    One line of the list.

    Attributes:
        size_bytes: of the published file.
        runs: whether it is a model that ``onnx:`` runs.
        notice: what its licence asks, where it binds.
    """

    id: str
    label: str
    kind: str
    size_bytes: int
    licence: str
    installed: bool
    runs: bool
    notice: str | None


def rows(zoo: Zoo) -> list[Row]:
    """All that can be had, and whether it is here."""
    own = [_own(card, zoo) for card in zoo.cards() if zoo.own(card.id) is not None]
    return own + [
        Row(
            id=asset.id,
            label=asset.label,
            kind=asset.kind,
            size_bytes=asset.size_bytes,
            licence=asset.licence.spdx,
            installed=zoo.installed(asset.id),
            runs=asset.network is not None,
            notice=asset.licence.notice,
        )
        for asset in zoo.assets()
    ]


def _own(card: Card, zoo: Zoo) -> Row:
    """Of a model that needs no fetching."""
    return Row(
        id=card.id,
        label=card.label,
        kind="model",
        size_bytes=card.size_bytes,
        licence=card.licence.spdx,
        installed=zoo.installed(card.id),
        runs=True,
        notice=card.licence.notice,
    )


def run(words: Sequence[str], zoo: Zoo, write: Write) -> int:
    """
    Do what ``words`` say and write what came of it, line by line.

    Args:
        words: ``list``; ``fetch ID...``; ``verify``, all that is here or the ids that follow.
        zoo: where they are kept and looked for.
        write: takes a line, such as ``print``.

    Returns:
        The exit status: 0, or 1 when something is not as it should be.

    Raises:
        InputError: no such action, or no id to fetch; nothing was done.
        UnknownName: one of the ids is none; nothing was done.
    """
    action, ids = (words[0], words[1:]) if words else ("list", [])
    for asset_id in ids:
        if zoo.own(asset_id) is None:
            zoo.asset(asset_id)
    if action == "list" and not ids:
        return _list(zoo, write)
    if action == "fetch" and ids:
        return _fetch(ids, zoo, write)
    if action == "verify":
        return _verify(ids or [row.id for row in rows(zoo) if row.installed], zoo, write)
    raise InputError(f"models {' '.join(words)}: wanted list, fetch ID... or verify [ID...]")


def _list(zoo: Zoo, write: Write) -> int:
    table = rows(zoo)
    wide = max((len(row.id) for row in table), default=0)
    for row in table:
        here = "here" if row.installed else "-"
        size = f"{row.size_bytes / 1e6:6.1f} MB"
        label = row.label + ("" if row.runs or row.kind != "model" else " [not run by onnx: yet]")
        write(f"{row.id:{wide}}  {here:4}  {size}  {row.licence:12}  {label}")
    for row in table:
        if row.notice:
            write(f"{row.id}: {row.notice}")
    write(f"Kept in {zoo.cache}. To get one: python -m edge models fetch ID")
    return 0


def _fetch(ids: Sequence[str], zoo: Zoo, write: Write) -> int:
    failed = False
    for asset_id in ids:
        try:
            write(f"{asset_id}: {zoo.path(asset_id)}")
        except EdgeError as error:  # the others are still worth getting
            write(str(error))
            failed = True
    return int(failed)


def _verify(ids: Sequence[str], zoo: Zoo, write: Write) -> int:
    if not ids:
        write(f"nothing is in {zoo.cache} yet. To get one: python -m edge models fetch ID")
    failed = False
    for asset_id in ids:
        try:
            zoo.check(asset_id)
        except ModelError as error:
            write(f"{asset_id}: {error}")
            failed = True
        else:
            write(f"{asset_id}: good ({zoo.location(asset_id)})")
    return int(failed)
