"""The page and its files."""

from __future__ import annotations

from edge.http.operations import OPEN, Json, answer, named, operation

FILE: Json = {"schema": {}}  # any bytes
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
