"""The words in which ``edge.http.paths`` tells of each operation: small pieces of OpenAPI."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

ERROR_NAMES = {
    400: "BadValue",
    401: "NoToken",
    403: "Forbidden",
    404: "Unknown",
    409: "Conflict",
    413: "TooLarge",
    415: "WrongType",
    422: "Undecodable",
    429: "TooMany",
    503: "NotReady",
}
GUARDED = (401, 403, 429)  # what any request may meet where a token is asked for
OPEN = (403,)
BODY = (400, 413, 415)

FILE: Json = {"schema": {}}  # any bytes: what they are is found out from the bytes themselves
LOCATED = {"Location": {"schema": {"type": "string"}, "description": "DELETE it to remove it"}}
SDP = {"application/sdp": {"schema": {"type": "string", "description": "SDP in UTF-8"}}}


def model(name: str) -> Json:
    """A body in JSON that is a ``name``."""
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def list_of(name: str) -> Json:
    """A body in JSON that is a list of ``name``."""
    schema = {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}
    return {"application/json": {"schema": schema}}


def answer(description: str, content: Json | None = None, headers: Json | None = None) -> Json:
    """One response of an operation."""
    parts = {"description": description, "content": content, "headers": headers}
    return {name: part for name, part in parts.items() if part is not None}


def operation(
    tag: str, summary: str, answers: Json, errors: tuple[int, ...] = GUARDED, **more: Any
) -> Json:
    """
    An operation.

    Args:
        answers: status -> response, of the good ones.
        errors: the statuses of the others.
        more: ``operationId``, ``requestBody``, ``parameters``, ``security``, ``description``.
    """
    refused = {
        str(status): {"$ref": f"#/components/responses/{ERROR_NAMES[status]}"}
        for status in sorted(set(errors))
    }
    return {"tags": [tag], "summary": summary, "responses": {**answers, **refused}, **more}


def takes(content: Json, description: str = "") -> Json:
    """A request body that must be there."""
    return {"required": True, "content": content, "description": description}


def named(name: str, description: str) -> Json:
    """A part of the path."""
    schema = {"type": "string", "minLength": 1}
    return {
        "name": name,
        "in": "path",
        "required": True,
        "schema": schema,
        "description": description,
    }


def asked(name: str, schema: Json, description: str) -> Json:
    """A part of the query that may be missing."""
    return {"name": name, "in": "query", "schema": schema, "description": description}


# What a file may answer beside 200 to a request with Range, If-None-Match or If-Match.
PARTIAL: Json = {
    "206": answer("A part of it, as Range asked", {"*/*": FILE}),
    "304": answer("As you have it"),
    "412": answer("It is not as If-Match asked"),
    "416": answer("It has no such part"),
}
