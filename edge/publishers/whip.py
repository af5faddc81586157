"""``whip:URL``: the picture goes by WHIP (RFC 9725) to a media server, or to another service."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from edge.errors import PublishError, SignalingError
from edge.publishers import Supply
from edge.publishers._endpoint import Endpoint, endpoint
from edge.webrtc.push import Push


def make(argument: str) -> WhipPush:
    """The URL, with credentials if the server wants them. Raises InputError."""
    return WhipPush(endpoint(argument))


class WhipPush:
    """Connects, and sends what viewers get, until the server is gone."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.label = endpoint.label
        self._endpoint = endpoint
        self._before = 0  # sent over connections that are closed
        self._push: Push | None = None

    @property
    def sent(self) -> int:
        """See ``Publisher``."""
        return self._before + (self._push.sent if self._push is not None else 0)

    async def publish(self, supply: Supply, live: Callable[[], None]) -> None:
        """See ``Publisher``."""
        push = self._push = supply.push(self.label)
        resource = None
        try:
            answer, resource = await self._endpoint.post(await push.offer())
            await push.accept(answer)
            raise PublishError(await push.until_gone(live))
        except SignalingError as error:
            raise PublishError(str(error)) from error
        finally:
            self._before, self._push = self.sent, None
            leaving = [push.close()]
            if resource is not None:
                leaving.append(self._endpoint.delete(resource))
            await asyncio.gather(*leaving)
