"""``scheme:argument`` names a module and what to hand it. Adding a kind is adding one file."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from types import ModuleType
from typing import Any

from edge.errors import UnknownName


def schemes(room: str) -> list[str]:
    """The kinds there are in ``room``, such as "edge.sources". None of them is imported."""
    path = importlib.import_module(room).__path__
    return sorted(m.name for m in pkgutil.iter_modules(path) if not m.name.startswith("_"))


def scheme_of(room: str, spec: str) -> str:
    """
    The scheme of ``spec``. Nothing is imported.

    Raises:
        UnknownName: there is no such kind. The message lists those there are.
    """
    scheme = spec.partition(":")[0]
    if scheme not in schemes(room):
        word = room.rpartition(".")[2]
        raise UnknownName(f"{spec!r}: no such kind; {word} has {', '.join(schemes(room))}")
    return scheme


def kind(room: str, spec: str) -> ModuleType:
    """
    The module that the scheme of ``spec`` names. No other module of the room is imported.

    Raises:
        UnknownName: as ``scheme_of``.
    """
    return importlib.import_module(f"{room}.{scheme_of(room, spec)}")


def make(room: str, spec: str, **context: Any) -> Any:
    """
    Call ``make(argument)`` of the module in ``room`` that ``spec`` names.

    Args:
        room: a package of kinds, such as "edge.sources".
        spec: ``scheme:argument``; the argument may be empty, and then the colon may be missing.
        context: handed on to those kinds whose ``make`` takes a parameter of that name
            (``cache`` for the folder of downloaded files, say).

    Raises:
        UnknownName: no such scheme.
        InputError: the argument is malformed.
    """
    return _call(kind(room, spec).make, spec, context)


def check(room: str, spec: str, **context: Any) -> None:
    """
    Refuse what can be told to be wrong with ``spec`` before anything is loaded.

    Calls ``check(argument)`` of the module, if it has one; else the scheme alone is looked at.

    Raises:
        UnknownName: no such scheme, or nothing goes by that name.
        InputError: the argument is malformed.
    """
    refuse = getattr(kind(room, spec), "check", None)
    if refuse is not None:
        _call(refuse, spec, context)


def _call(function: Callable[..., Any], spec: str, context: dict[str, Any]) -> Any:
    """With the argument of ``spec``, and what it takes of ``context``."""
    wanted = inspect.signature(function).parameters
    taken = {name: value for name, value in context.items() if name in wanted}
    return function(spec.partition(":")[2], **taken)
