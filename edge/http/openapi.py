"""``GET /api/openapi.json``: the contract, for programs to read and for a test to hold us to."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from pydantic.json_schema import models_json_schema

from edge import __version__
from edge.controls import MatteControls
from edge.http.operations import Json
from edge.http.paths import PATHS
from edge.http.policy import POLICY, Policy
from edge.http.session import Login, cookie_name
from edge.http.watch import Offer, ViewChange
from edge.state import BackgroundChoice, Health, RecorderState, State, StateChange, StatsState
from edge.taken import RecordingState, SnapshotState

REF = "#/components/schemas/{model}"
ANSWERED = (
    *(State, StatsState, Health, BackgroundChoice),
    *(SnapshotState, RecordingState, RecorderState),
)
TAKEN = (StateChange, Login, Offer, ViewChange)

ERRORS = {
    "BadValue": "400: malformed, or a value that is not allowed",
    "NoToken": "401: no access token, or a wrong one",
    "Forbidden": "403: a foreign Host or Origin, or not allowed on this service",
    "Unknown": "404: nothing goes by that name",
    "Conflict": "409: not while another is chosen or in use",
    "TooLarge": "413: more bytes or pixels than are taken",
    "WrongType": "415: a type that is not taken",
    "Undecodable": "422: the right type, but broken inside",
    "TooMany": "429: too many wrong tokens from this address; see Retry-After",
    "NotReady": "503: not ready, full, or a part of the service has failed",
}
ABOUT = (
    "Live background replacement. A viewer sends an SDP offer to /whep and is shown the "
    "composite; what is shown is read and changed at /api/state. Every error is "
    '{"error": {"code", "message"}}; no input leads to a 5xx but 503.'
)


def document(policy: Policy) -> Json:
    """The OpenAPI 3.1 document of a service under ``policy``: does it ask for a token or not."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Edge Matting", "version": __version__, "description": ABOUT},
        "servers": [{"url": "/"}],
        "tags": [
            {"name": "watch", "description": "WebRTC out (WHEP) and in (WHIP)"},
            {"name": "state", "description": "What is shown, and changing it"},
            {"name": "backgrounds", "description": "The gallery"},
            {"name": "stills", "description": "Pictures cut out, beside the live one"},
            {"name": "taken", "description": "Snapshots and recordings"},
            {"name": "operation", "description": "Health, figures, login, this document"},
            {"name": "page", "description": "The page for people"},
        ],
        "security": [] if policy.token is None else [{"token": []}, {"session": []}],
        "paths": PATHS,
        "components": {
            "schemas": _schemas(),
            "responses": {name: _error(name, about) for name, about in ERRORS.items()},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": cookie_name(policy)},
            },
        },
    }


def install(app: web.Application) -> None:
    """Add the route. After ``security.install``: the document tells of its policy."""
    answer = document(app[POLICY])

    async def show(request: web.Request) -> web.Response:
        return web.json_response(answer)

    app.router.add_get("/api/openapi.json", show)


def _schemas() -> Json:
    """Those of our models, by their names, and the few that are no model."""
    _, answered = models_json_schema(
        [(model, "serialization") for model in ANSWERED], ref_template=REF
    )
    _, taken = models_json_schema([(model, "validation") for model in TAKEN], ref_template=REF)
    schemas: Json = {**answered["$defs"], **taken["$defs"]}
    schemas["MatteChange"] = _any_of_its_fields(MatteControls.model_json_schema())
    schemas["StateChange"]["properties"]["matte"] = {
        "anyOf": [{"$ref": REF.format(model="MatteChange")}, {"type": "null"}]
    }
    schemas["Event"] = {
        "description": "A message of the WebSocket: the state at first and at each change, the "
        "figures once a second",
        "oneOf": [_event("state", "State"), _event("stats", "StatsState")],
    }
    schemas["Answer"] = {
        "type": "object",
        "required": ["sdp", "type"],
        "additionalProperties": False,
        "properties": {"sdp": {"type": "string"}, "type": {"const": "answer"}},
    }
    schemas["Error"] = {
        "type": "object",
        "required": ["error"],
        "additionalProperties": False,
        "properties": {
            "error": {
                "type": "object",
                "required": ["code", "message"],
                "additionalProperties": False,
                "properties": {
                    "code": {"type": "string", "description": "For programs: a fixed word"},
                    "message": {
                        "type": "string",
                        "minLength": 1,
                        "description": "What was found, what was wanted, what to do",
                    },
                },
            }
        },
    }
    return schemas


def _any_of_its_fields(schema: Json) -> Json:
    """A change leaves out what stays as it is, so a field has no default here."""
    fields = {
        name: {key: value for key, value in field.items() if key != "default"}
        for name, field in schema["properties"].items()
    }
    return {
        "type": "object",
        "description": "Any of the matte's controls; what is left out stays",
        "properties": fields,
        "additionalProperties": False,
    }


def _event(kind: str, model: str) -> Json:
    return {
        "type": "object",
        "required": ["type", kind],
        "additionalProperties": False,
        "properties": {"type": {"const": kind}, kind: {"$ref": REF.format(model=model)}},
    }


def _error(name: str, about: str) -> Json:
    answer: dict[str, Any] = {
        "description": about.partition(": ")[2],
        "content": {"application/json": {"schema": {"$ref": REF.format(model="Error")}}},
    }
    if name == "NoToken":
        answer["headers"] = {"WWW-Authenticate": {"schema": {"const": "Bearer"}}}
    if name == "TooMany":
        answer["headers"] = {
            "Retry-After": {"schema": {"type": "integer"}, "description": "Seconds"}
        }
    return answer
