"""Reading what a request carries: the right type, within its limit, valid."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar
from urllib.parse import unquote

from aiohttp import BodyPartReader, web
from pydantic import BaseModel, ValidationError

from edge.errors import InputError, InputTooLarge, UnsupportedInput

Model = TypeVar("Model", bound=BaseModel)

MAX_BODY = 32 * 1024 * 1024  # bytes, of any request: ``client_max_size`` of the application
MAX_TEXT = 256 * 1024  # bytes of JSON or SDP: far more than any of ours is


async def json(request: web.Request, model: type[Model]) -> Model:
    """
    The body as a ``model``.

    Raises:
        UnsupportedInput: it is not said to be JSON, which also keeps other sites' forms out.
        InputTooLarge: over ``MAX_TEXT`` bytes.
        InputError: not JSON, or not what ``model`` wants.
    """
    raw = await read(request, "application/json")
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        raise InputError(readable(error)) from error


async def text(request: web.Request, content_type: str) -> str:
    """
    The body as text in UTF-8, such as an SDP offer ("application/sdp").

    Raises:
        UnsupportedInput: it is said to be another type.
        InputTooLarge: over ``MAX_TEXT`` bytes.
        InputError: not UTF-8.
    """
    raw = await read(request, content_type)
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise InputError(f"the body is not UTF-8: {error.reason} at byte {error.start}") from error


async def read(request: web.Request, content_type: str, limit: int = MAX_TEXT) -> bytes:
    """
    The body, in memory. A body that is too large is refused before all of it has come.

    Raises:
        UnsupportedInput, InputTooLarge
    """
    found = request.content_type if "Content-Type" in request.headers else "no Content-Type"
    if found != content_type:
        raise UnsupportedInput(f"the body is {found}; this takes {content_type}")
    too_large = f"the body is over {limit} bytes; no more is taken here"
    return await _within(limit, request.content.readany, too_large)


async def upload(request: web.Request) -> tuple[bytes, str]:
    """
    The content and the name of one file, as multipart/form-data or as the body itself.

    Raises:
        InputTooLarge: over ``MAX_BODY`` bytes.
        InputError: a form that is broken, or has no file in it.
    """
    too_large = f"over {MAX_BODY // 2**20} MiB; send a smaller picture or clip"
    if request.content_type != "multipart/form-data":
        name = unquote(request.headers.get("X-Filename", "")) or request.query.get("name", "")
        return await _within(MAX_BODY, request.content.readany, too_large), name
    try:
        parts = await request.multipart()
        while (part := await parts.next()) is not None:
            if isinstance(part, BodyPartReader) and part.filename is not None:
                return await _within(MAX_BODY, part.read_chunk, too_large), part.filename
    except (ValueError, AssertionError) as error:
        raise InputError(f"the multipart body is broken: {error}") from error
    raise InputError("the multipart body has no file in it; send one part with a file name")


async def _within(limit: int, more: Callable[[], Awaitable[bytes]], too_large: str) -> bytes:
    """All that ``more`` gives, until it gives nothing; over ``limit`` bytes InputTooLarge."""
    chunks, size = [], 0
    while chunk := await more():
        chunks.append(chunk)
        size += len(chunk)
        if size > limit:
            raise InputTooLarge(too_large)
    return b"".join(chunks)


def readable(failure: ValidationError) -> str:
    """Each field that is wrong: its name, what is wanted and what was found."""
    return "; ".join(
        f"{'.'.join(map(str, detail['loc'])) or 'body'}: {detail['msg']}, found "
        f"{_shortened(detail['input'])}"
        for detail in failure.errors(include_url=False, include_context=False)[:5]
    )


def _shortened(value: object) -> str:
    text = type(value).__name__ if isinstance(value, (dict, list)) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
