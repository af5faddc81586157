"""The page and its files."""

from __future__ import annotations

from edge.http.operations import FILE, OPEN, PARTIAL, Json, answer, named, operation

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
            {"200": answer("The file", {"*/*": FILE}), **PARTIAL},
            (*OPEN, 404),
            operationId="file",
            security=[],
        ),
    },
}
