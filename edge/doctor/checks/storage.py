"""What the service keeps and where it listens: files, folders, the port."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from edge.doctor.checks import Finding

if TYPE_CHECKING:
    from edge.zoo import Zoo
    from edge.zoo.card import Card

ENOUGH_DISK_BYTES = 500_000_000


def assets(zoo: Zoo) -> Iterable[Finding]:
    """A row for each model and clip: here already, or fetched when it is first chosen."""
    for card in zoo.cards():
        if zoo.own(card.id) is not None:
            yield _own(zoo, card)
    for asset in zoo.assets():
        name = f"{asset.kind} {asset.id}"
        if zoo.installed(asset.id):
            yield Finding(name, "ok", str(zoo.location(asset.id)))
        else:
            found = f"not here yet, {asset.size_bytes / 1e6:.1f} MB"
            meaning = "fetched when it is first chosen, which needs the network"
            yield Finding(
                name, "missing", found, meaning, f"python -m edge models fetch {asset.id}"
            )


def _own(zoo: Zoo, card: Card) -> Finding:
    name, found = f"model {card.id}", str(zoo.location(card.id))
    if zoo.installed(card.id):
        return Finding(name, "ok", found)
    meaning = "the file is missing or cut off, and its card is there"
    return Finding(name, "problem", found, meaning, "take the file anew from where it came")


def folder(name: str, path: Path, setting: str) -> Finding:
    """Whether ``path`` can be written to, and has room. Makes nothing but a short-lived file."""
    advice = f"give this user the folder, or choose another with {setting} FOLDER"
    existing = path
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    try:
        if not existing.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        with tempfile.TemporaryFile(dir=existing) as file:
            file.write(b"edge")
            file.flush()
        free = shutil.disk_usage(existing).free
    except OSError as error:
        found = f"{path}: {error.strerror or error}"
        return Finding(name, "problem", found, "nothing can be kept there", advice)
    found = f"{path}, {free / 1e9:.1f} GB free"
    if free < ENOUGH_DISK_BYTES:
        meaning = "too little room for models and uploads"
        return Finding(name, "problem", found, meaning, f"free some, or use {setting} FOLDER")
    return Finding(name, "ok", found)


def port(address: tuple[str, int]) -> Finding:
    """Whether the service could listen at ``address`` (host, port) now."""
    host, number = address
    name = f"port {number}"
    try:
        family, kind, protocol, _, target = socket.getaddrinfo(
            host or None, number, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(target)
            listener.listen(1)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            meaning = "another program listens there: this service itself, if it is running"
            return Finding(name, "problem", f"{host} is in use", meaning, "or use --listen")
        if error.errno == errno.EACCES:
            meaning = "ports under 1024 are for root"
            return Finding(name, "problem", f"{host} is refused", meaning, "use --listen")
        meaning = "this machine has no such address"
        return Finding(name, "problem", f"{host}: {error}", meaning, "use --listen")
    return Finding(name, "ok", f"free at {host}")
