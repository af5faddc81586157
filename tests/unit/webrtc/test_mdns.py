"""Names in place of addresses."""

from __future__ import annotations

from typing import Any

import pytest

from edge.webrtc.mdns import Names


class Connection:
    """Takes candidates as aiortc does, or fails as told."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.asked: list[object] = []

    async def addIceCandidate(self, candidate: object) -> None:  # noqa: N802  aiortc's name
        self.asked.append(candidate)
        if self.error is not None:
            raise self.error


async def test_a_name_is_handed_on_to_be_looked_up() -> None:
    connection: Any = Connection()
    candidate: Any = object()
    await Names().add(connection, candidate)
    assert connection.asked == [candidate]


@pytest.mark.parametrize(
    ("error", "asked"), [(OSError(19, "No such device"), 1), (ValueError("closed"), 2)]
)
async def test_where_multicast_is_impossible_nobody_asks_again(
    error: Exception, asked: int
) -> None:
    names, connection = Names(), Connection(error)
    candidate: Any = object()
    for _ in range(2):
        await names.add(connection, candidate)  # type: ignore[arg-type]
    assert len(connection.asked) == asked
