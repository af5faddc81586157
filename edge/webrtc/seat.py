"""One viewer between its sender and the hub: what it is shown, and what it reports."""

from __future__ import annotations

from edge.encoders import CodecName
from edge.webrtc.sending.sender import SharedSender
from edge.webrtc.sharing.hub import Hub
from edge.webrtc.sharing.packets import Picture
from edge.webrtc.sharing.watching import Watching
from edge.webrtc.view import View


class Seat:
    """
    A viewer's place in the hub, taken when its connection is ready.

    Attributes:
        view: what it sees.
        sender: to be set before the connection is made.
    """

    def __init__(self, hub: Hub, view: View) -> None:
        self.view = view
        self.sender: SharedSender | None = None
        self._hub = hub
        self._watching: Watching | None = None
        self._left = False

    @property
    def sent(self) -> int:
        """Pictures sent so far."""
        return 0 if self._watching is None else self._watching.sent

    @property
    def over(self) -> bool:
        """No more pictures can be made for it."""
        return self._watching is not None and self._watching.over

    def turn(self, view: View) -> None:
        """Show ``view`` from now on."""
        self.view = view
        if self._watching is not None:
            self._hub.turn(self._watching, view)

    def leave(self) -> None:
        """Watch no more."""
        self._left = True
        if self._watching is not None:
            self._hub.leave(self._watching)

    def ready(self, codec: CodecName) -> None:
        """See ``Feedback``."""
        if not self._left:
            self._watching = self._hub.watch(codec, self.view, self._show)

    def keyframe(self) -> None:
        """See ``Feedback``."""
        if self._watching is not None:
            self._hub.ask_for_keyframe(self._watching)

    def carries(self, bps: float) -> None:
        """See ``Feedback``."""
        if self._watching is not None:
            self._watching.follower.estimate.told(bps)

    def lost(self, share: float) -> None:
        """See ``Feedback``."""
        if self._watching is not None:
            self._hub.lost(self._watching, share)

    def _show(self, picture: Picture) -> bool:
        return self.sender is not None and self.sender.show(picture)
