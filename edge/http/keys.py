"""What the handlers find in the application."""

from __future__ import annotations

from aiohttp import web

from edge.album import Albums
from edge.gallery import Gallery
from edge.http.events import Events
from edge.latest import Broadcast
from edge.publishers._keeping import Publishers
from edge.recorder import Recorder
from edge.stills import Stills
from edge.studio import Studio
from edge.webrtc.guests import Guests
from edge.webrtc.viewers import Viewers

BROADCAST = web.AppKey("broadcast", Broadcast)
STUDIO = web.AppKey("studio", Studio)
VIEWERS = web.AppKey("viewers", Viewers)
GUESTS = web.AppKey("guests", Guests)
STILLS = web.AppKey("stills", Stills)
GALLERY = web.AppKey("gallery", Gallery)
ALBUMS = web.AppKey("albums", Albums)
RECORDER = web.AppKey("recorder", Recorder)
EVENTS = web.AppKey("events", Events)
PUBLISHERS = web.AppKey("publishers", Publishers)
