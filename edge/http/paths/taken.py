"""Snapshots and recordings: made, listed, fetched, removed."""

from __future__ import annotations

from edge.http.operations import (
    FILE,
    GUARDED,
    LOCATED,
    PARTIAL,
    Json,
    answer,
    asked,
    list_of,
    model,
    named,
    operation,
)

WITH = {"type": "string", "pattern": "^((alpha|original)(,|$))*$"}
PART = {"enum": ["composite", "alpha", "original"]}

SNAPSHOTS: Json = {
    "/api/snapshot": {
        "post": operation(
            "taken",
            "Take a snapshot of the picture as viewers see it",
            {"201": answer("It is kept", model("SnapshotState"), LOCATED)},
            (*GUARDED, 400, 503),
            operationId="snapshot",
            description="503 while there is no matted picture, and where the disk is full. The "
            "oldest snapshots go when all of them are over their quota (keep.snapshots_mb).",
            parameters=[
                asked("with", WITH, "What is kept beside: alpha, and original where allowed")
            ],
        )
    },
    "/api/snapshots": {
        "get": operation(
            "taken",
            "The snapshots, the oldest first",
            {"200": answer("All of them", list_of("SnapshotState"))},
            operationId="snapshots",
        )
    },
    "/api/snapshots/{id}": {
        "parameters": [named("id", "Of a snapshot")],
        "get": operation(
            "taken",
            "A snapshot",
            {"200": answer("The picture", {"image/png": FILE}), **PARTIAL},
            (*GUARDED, 404),
            operationId="showSnapshot",
            parameters=[asked("part", PART, "Which of its pictures; 403 where it is not allowed")],
        ),
        "delete": operation(
            "taken",
            "Remove a snapshot",
            {"204": answer("It is gone")},
            (*GUARDED, 404, 503),
            operationId="removeSnapshot",
        ),
    },
}
RECORDINGS: Json = {
    "/api/record": {
        "get": operation(
            "taken",
            "Is it recorded?",
            {"200": answer("Whether, and why not any more", model("RecorderState"))},
            operationId="recorder",
        ),
        "post": operation(
            "taken",
            "Record what viewers see, on the device",
            {"201": answer("It is recorded", model("RecordingState"), LOCATED)},
            (*GUARDED, 409, 503),
            operationId="record",
            description="409 while it is recorded, 503 before the first picture and where the disk "
            "is full. A long recording is several files; the oldest files go when all of them are "
            "over their quota (keep.recordings_mb).",
        ),
        "delete": operation(
            "taken",
            "End the recording",
            {"200": answer("Its last file, whole", model("RecordingState"))},
            (*GUARDED, 409),
            operationId="endRecord",
            description="409 while nothing is recorded.",
        ),
    },
    "/api/recordings": {
        "get": operation(
            "taken",
            "The recordings, the oldest first",
            {"200": answer("All of them", list_of("RecordingState"))},
            operationId="recordings",
        )
    },
    "/api/recordings/{id}": {
        "parameters": [named("id", "Of a recording")],
        "get": operation(
            "taken",
            "A recording; it may be played while it grows",
            {"200": answer("The video", {"video/mp4": FILE}), **PARTIAL},
            (*GUARDED, 404),
            operationId="showRecording",
        ),
        "delete": operation(
            "taken",
            "Remove a recording",
            {"204": answer("It is gone")},
            (*GUARDED, 404, 409, 503),
            operationId="removeRecording",
            description="409 for the one that grows.",
        ),
    },
}
