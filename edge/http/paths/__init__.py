"""Each path and method of the contract, as OpenAPI says it. The schemas are in ``openapi``."""

from __future__ import annotations

from edge.http.operations import Json
from edge.http.paths.backgrounds import BACKGROUNDS
from edge.http.paths.page import PAGE
from edge.http.paths.running import OPERATION
from edge.http.paths.state import STATE
from edge.http.paths.stills import STILLS
from edge.http.paths.taken import RECORDINGS, SNAPSHOTS
from edge.http.paths.watch import WATCH

PATHS: Json = {
    **WATCH,
    **STATE,
    **BACKGROUNDS,
    **STILLS,
    **SNAPSHOTS,
    **RECORDINGS,
    **OPERATION,
    **PAGE,
}
