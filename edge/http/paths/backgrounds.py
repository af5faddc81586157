"""Backgrounds: listed, added, removed."""

from __future__ import annotations

from edge.http.operations import (
    BODY,
    FILE,
    GUARDED,
    LOCATED,
    Json,
    answer,
    asked,
    list_of,
    model,
    named,
    operation,
    takes,
)

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

BACKGROUNDS: Json = {
    "/api/backgrounds": {
        "get": operation(
            "backgrounds",
            "The backgrounds that may be chosen",
            {"200": answer("All of them", list_of("BackgroundChoice"))},
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
