"""What went wrong, as HTTP: a status and ``{"error": {"code", "message"}}``, made in one place."""

from __future__ import annotations

import logging
from http import HTTPStatus

from aiohttp import web
from aiohttp.http import HttpProcessingError
from aiohttp.typedefs import Handler
from pydantic import ValidationError

from edge.errors import (
    Conflict,
    EdgeError,
    EncoderError,
    Forbidden,
    InputError,
    InputTooLarge,
    ModelError,
    NoGStreamer,
    NotChosen,
    PublishError,
    SignalingError,
    SourceError,
    StorageError,
    TooBusy,
    TooManyViewers,
    UndecodableInput,
    UnknownName,
    UnsupportedInput,
)
from edge.http.bodies import readable

log = logging.getLogger(__name__)

STATUS: dict[type, int] = {
    Conflict: 409,
    Forbidden: 403,
    InputError: 400,
    InputTooLarge: 413,
    EncoderError: 503,
    NoGStreamer: 503,
    PublishError: 503,
    ModelError: 503,
    NotChosen: 409,
    SignalingError: 400,
    SourceError: 503,
    StorageError: 503,
    TooBusy: 503,
    TooManyViewers: 503,
    UndecodableInput: 422,
    UnknownName: 400,  # 404 where the path itself names the thing: see ``status_of``
    UnsupportedInput: 415,
}
CODES = {  # of the answers that aiohttp itself gives, in the words of ``edge.errors``
    400: InputError.code,
    401: "no_token",
    403: Forbidden.code,
    404: UnknownName.code,
    405: "method_not_allowed",
    409: Conflict.code,
    413: InputTooLarge.code,
    415: UnsupportedInput.code,
    422: UndecodableInput.code,
    429: "too_many_requests",
    503: "not_ready",
}
INTERNAL = "internal"
GONE = 499  # nobody reads it: the client went away before its answer


def error(
    status: int, code: str, message: str, headers: dict[str, str] | None = None
) -> web.Response:
    """An error as every answer of this service gives it."""
    body = {"error": {"code": code, "message": message}}
    return web.json_response(body, status=status, headers=headers)


def status_of(failure: EdgeError, request: web.Request) -> int:
    """
    The status of one of our errors: that of its nearest type in ``STATUS``.

    An unknown name is 404 where the path names the thing (``/whep/{id}``), and 400 where it came
    in the query or the body: then the resource is there, and the value is wrong.
    """
    if isinstance(failure, UnknownName) and request.match_info:
        return 404
    return next((STATUS[kind] for kind in type(failure).__mro__ if kind in STATUS), 500)


def is_worth_a_line(record: logging.LogRecord) -> bool:
    """A log filter: what is no HTTP at all is answered 400 by aiohttp, and is nobody's trouble."""
    failure = record.exc_info[1] if record.exc_info else None
    return not isinstance(failure, HttpProcessingError)


@web.middleware
async def errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """
    Answer what a handler raises. This is where an error is handled, and so nowhere else logs it.

    What nobody foresaw is a fault of this service: 500 ``internal``, logged with its traceback.
    No input may lead there, and the document does not list it, so that the tests notice.
    """
    try:
        return await handler(request)
    except web.HTTPException as answer:
        return _plain_http(answer)
    except EdgeError as failure:
        status = status_of(failure, request)
        if status >= 500:
            log.warning("%s %s: %s", request.method, request.path, failure)
        return error(status, failure.code, str(failure))
    except ValidationError as failure:
        return error(400, InputError.code, readable(failure))
    except (web.RequestPayloadError, HttpProcessingError) as failure:
        return error(400, InputError.code, f"the body is broken: {failure}; send it again")
    except ConnectionError as failure:
        log.debug("%s %s: the client went away (%s)", request.method, request.path, failure)
        return web.Response(status=GONE)
    except Exception:  # noqa: BLE001 - the last stop: whatever it is, it is logged and answered
        log.exception("%s %s: a fault of this service", request.method, request.path)
        return error(
            500, INTERNAL, "a fault of this service, not of the request: its log says more"
        )


def _plain_http(answer: web.HTTPException) -> web.StreamResponse:
    """aiohttp's own refusals in our shape. Those that are no errors stay as they are."""
    if answer.status < 400:
        raise answer
    phrase = HTTPStatus(answer.status).phrase
    default = f"{answer.status}: {answer.reason}"
    message = answer.text if answer.text and answer.text != default else phrase
    if isinstance(answer, web.HTTPNotFound) and message == phrase:
        message = "there is nothing at this address; GET /api/openapi.json lists what there is"
    if isinstance(answer, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted(answer.allowed_methods))
        message = f"{answer.method} is not for this path; it takes {allowed}"
    kept = {name: value for name, value in answer.headers.items() if name != "Content-Type"}
    return error(answer.status, CODES.get(answer.status, "http"), message, kept)
