"""Each path and method of the contract, as OpenAPI says it. The schemas are in ``openapi``."""

from __future__ import annotations

from edge.http.operations import (
    BODY,
    GUARDED,
    OPEN,
    SDP,
    Json,
    answer,
    asked,
    model,
    named,
    operation,
    takes,
)


def _joined(description: str) -> Json:
    where = {"Location": {"schema": {"type": "string"}, "description": "DELETE it to leave"}}
    return answer(description, SDP, where)


LOCATED = {"Location": {"schema": {"type": "string"}, "description": "DELETE it to remove it"}}
FILE: Json = {"schema": {}}  # any bytes: what they are is found out from the bytes themselves
UPLOAD = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "required": ["file"],
            "properties": {"file": {"type": "string", "format": "binary"}},
        }
    },
    "image/*": FILE,
    "video/*": FILE,
    "application/octet-stream": FILE,
}
CHOICES = {
    "application/json": {
        "schema": {"type": "array", "items": {"$ref": "#/components/schemas/BackgroundChoice"}}
    }
}

WATCH: Json = {
    "/whep": {
        "post": operation(
            "watch",
            "Watch: an SDP offer in, an answer with all candidates out (WHEP)",
            {"201": _joined("You are a viewer")},
            (*GUARDED, *BODY, 503),
            operationId="watch",
            description="503 when all places are taken. Split shows the room itself to this viewer "
            "alone, and is 403 unless the service was started with --allow-original.",
            parameters=[asked("view", {"enum": ["composite", "split"]}, "What this viewer sees")],
            requestBody=takes(SDP),
        )
    },
    "/whep/{viewer}": {
        "parameters": [named("viewer", "From Location")],
        "patch": operation(
            "watch",
            "Change what this viewer sees",
            {"204": answer("Changed")},
            (*GUARDED, *BODY, 404),
            operationId="look",
            requestBody=takes(model("ViewChange")),
        ),
        "delete": operation(
            "watch",
            "Leave",
            {"200": answer("You are gone, now or already")},
            GUARDED,
            operationId="leave",
        ),
    },
    "/whip": {
        "post": operation(
            "watch",
            "Bring your own camera as the source browser: (WHIP)",
            {"201": _joined("Your camera is the source")},
            (*GUARDED, *BODY, 409, 503),
            operationId="bring",
            description="409 unless the source browser: was chosen, and while another guest is in.",
            requestBody=takes(SDP),
        )
    },
    "/whip/{guest}": {
        "parameters": [named("guest", "From Location")],
        "delete": operation(
            "watch",
            "Take your camera back; the source before it returns",
            {"200": answer("It is gone, now or already")},
            GUARDED,
            operationId="takeBack",
        ),
    },
    "/offer": {
        "post": operation(
            "watch",
            "Watch, by the convention of aiortc's examples",
            {"200": answer("The SDP answer", model("Answer"))},
            (*GUARDED, *BODY, 503),
            operationId="offer",
            requestBody=takes(model("Offer")),
        )
    },
}
STATE: Json = {
    "/api/state": {
        "get": operation(
            "state",
            "What is shown, and what may be chosen",
            {"200": answer("The state", model("State"))},
            operationId="state",
        ),
        "patch": operation(
            "state",
            "Change any of it, all or nothing",
            {"200": answer("The new state", model("State"))},
            (*GUARDED, *BODY, 409, 503),
            operationId="change",
            requestBody=takes(model("StateChange")),
        ),
    },
    "/api/stats": {
        "get": operation(
            "state",
            "The figures of this moment",
            {"200": answer("The figures", model("StatsState"))},
            operationId="stats",
        )
    },
    "/api/events": {
        "get": operation(
            "state",
            "A WebSocket of state and figures",
            {"101": answer("Each message is an Event; what a client sends is ignored")},
            (*GUARDED, 400),
            operationId="events",
        )
    },
}
BACKGROUNDS: Json = {
    "/api/backgrounds": {
        "get": operation(
            "backgrounds",
            "The backgrounds that may be chosen",
            {"200": answer("All of them", CHOICES)},
            operationId="backgrounds",
        ),
        "post": operation(
            "backgrounds",
            "Add a picture or a clip",
            {"201": answer("It may be chosen now", model("BackgroundChoice"), LOCATED)},
            (*GUARDED, *BODY, 422, 503),
            operationId="addBackground",
            parameters=[asked("name", {"type": "string"}, "A name for people, of a raw body")],
            requestBody=takes(UPLOAD, "At most 32 MiB; a picture at most 50 megapixels"),
        ),
    },
    "/api/backgrounds/{id}": {
        "parameters": [named("id", "Of an upload")],
        "delete": operation(
            "backgrounds",
            "Remove an upload",
            {"204": answer("It is gone")},
            (*GUARDED, 400, 404, 503),
            operationId="removeBackground",
            description="400 for one that was drawn by the project: those stay.",
        ),
    },
    "/api/backgrounds/{id}/thumbnail": {
        "parameters": [named("id", "As in the choices, without gallery:")],
        "get": operation(
            "backgrounds",
            "A small picture of it",
            {"200": answer("The picture", {"image/webp": FILE})},
            (*GUARDED, 404, 503),
            operationId="thumbnail",
        ),
    },
}
OPERATION: Json = {
    "/healthz": {
        "get": operation(
            "operation",
            "Is it well?",
            {
                "200": answer("ok, or degraded: a slate is shown, and why", model("Health")),
                "503": answer("failed, and why", model("Health")),
            },
            OPEN,
            operationId="healthz",
            security=[],
        )
    },
    "/metrics": {
        "get": operation(
            "operation",
            "The figures for Prometheus",
            {"200": answer("Text", {"text/plain": {"schema": {"type": "string"}}})},
            operationId="metrics",
        )
    },
    "/api/session": {
        "post": operation(
            "operation",
            "Exchange the access token for a cookie",
            {"204": answer("You are in", None, {"Set-Cookie": {"schema": {"type": "string"}}})},
            (*GUARDED, *BODY),
            operationId="login",
            security=[],
            requestBody=takes(model("Login")),
        ),
        "delete": operation(
            "operation",
            "Forget the cookie",
            {"204": answer("This browser is out")},
            operationId="logout",
        ),
    },
    "/api/openapi.json": {
        "get": operation(
            "operation",
            "This document",
            {"200": answer("It", {"application/json": {"schema": {"type": "object"}}})},
            operationId="document",
        )
    },
}
PAGE: Json = {
    "/": {
        "get": operation(
            "page",
            "The page",
            {
                "200": answer("HTML", {"text/html": {"schema": {"type": "string"}}}),
                "304": answer("As you have it"),
            },
            OPEN,
            operationId="page",
            security=[],
        )
    },
    "/web/{path}": {
        "parameters": [named("path", "Of a file of the page; it may hold slashes")],
        "get": operation(
            "page",
            "A file of the page",
            {
                "200": answer("The file", {"*/*": FILE}),
                "206": answer("A part of it, as Range asked", {"*/*": FILE}),
                "304": answer("As you have it"),
                "412": answer("It is not as If-Match asked"),
                "416": answer("It has no such part"),
            },
            (*OPEN, 404),
            operationId="file",
            security=[],
        ),
    },
}
PATHS: Json = {**WATCH, **STATE, **BACKGROUNDS, **OPERATION, **PAGE}
