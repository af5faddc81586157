"""Watching, and bringing a camera: WHEP, WHIP and the convention of aiortc's examples."""

from __future__ import annotations

from edge.http.operations import (
    BODY,
    GUARDED,
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
