"""What one viewer sees: one channel's pictures, and another's once it can be joined."""

from __future__ import annotations

from collections.abc import Callable

from edge.encoders import CodecName
from edge.webrtc.sharing.channel import Channel
from edge.webrtc.sharing.ladder import Follower
from edge.webrtc.sharing.packets import Picture
from edge.webrtc.view import View

# Takes a picture for one viewer. False: it and what still waits is left out, for the way there is
# full; the next one to be taken is a key frame.
Sink = Callable[[Picture], bool]


class Watching:
    """
    One viewer's place.

    Attributes:
        sent: pictures handed over so far.
        channel: whose pictures it gets; None before the first, and after the end.
        coming: whose pictures it gets from the next key frame on, or None.
        follower: its place on the ladder.
    """

    def __init__(self, codec: CodecName, view: View, follower: Follower, sink: Sink) -> None:
        self.codec = codec
        self.view = view
        self.follower = follower
        self.sent = 0
        self.over = False
        self.channel: Channel | None = None
        self.coming: Channel | None = None
        self._sink = sink
        self._behind = True

    def ask_for_keyframe(self) -> None:
        """This viewer cannot go on without one."""
        for channel in (self.channel, self.coming):
            if channel is not None:
                channel.rendition.ask_for_keyframe()

    def move(self, channel: Channel) -> None:
        """Go over to ``channel``, at its next key frame."""
        if self.coming is not None and self.coming is not channel:
            self.coming.leave(self)
        if channel is self.channel:
            self.coming = None
        elif channel is not self.coming:
            self.coming = channel
            channel.join(self)

    def leave(self) -> None:
        """Take nothing any more."""
        for channel in (self.channel, self.coming):
            if channel is not None:
                channel.leave(self)
        self.channel = self.coming = None

    def take(self, channel: Channel, picture: Picture) -> None:
        """See ``Watcher``."""
        if channel is self.coming and picture.keyframe:
            if self.channel is not None:
                self.channel.leave(self)
            self.channel, self.coming = channel, None
        if channel is not self.channel or (self._behind and not picture.keyframe):
            return
        self._behind = not self._sink(picture)
        if self._behind:
            channel.rendition.ask_for_keyframe()
        else:
            self.sent += 1

    def ended(self, channel: Channel) -> None:
        """See ``Watcher``."""
        if channel in (self.channel, self.coming):
            self.leave()
            self.over = True
