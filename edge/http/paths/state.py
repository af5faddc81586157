"""What is shown, changes of it, and figures."""

from __future__ import annotations

from edge.http.operations import BODY, GUARDED, Json, answer, model, operation, takes

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
