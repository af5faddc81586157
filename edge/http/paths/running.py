"""What whoever runs the service asks: health, figures, access."""

from __future__ import annotations

from edge.http.operations import BODY, GUARDED, OPEN, Json, answer, model, operation, takes

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
