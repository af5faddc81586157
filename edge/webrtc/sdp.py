"""What an SDP offer must be before aiortc sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from aiortc import RTCIceCandidate
from aiortc.sdp import MediaDescription, SessionDescription

from edge.errors import SignalingError
from edge.webrtc.codecs import PREFERENCE, Codec

MAX_OFFER_CHARS = 64 * 1024  # a browser's offer of audio, video and data has some 8,000
MAX_CANDIDATES = 64
MAX_HIDDEN = 4  # each mDNS name is a question to the whole LAN
KINDS = ("audio", "video", "application")


@dataclass(frozen=True, slots=True)
class Offer:
    """
    An offer that was read and found good.

    Attributes:
        sdp: the offer without mDNS candidates and without end-of-candidates, so that nobody waits
            for names that may never resolve, and the peer's own checks are waited for instead.
        hidden: its mDNS candidates, to be looked up while the answer is already on its way.
    """

    sdp: str
    hidden: tuple[RTCIceCandidate, ...]


def read_offer(text: str, peer: Literal["receives", "sends"], codec: Codec = "auto") -> Offer:
    """
    Check an offer.

    Args:
        peer: what the other side must be willing to do with video.
        codec: what may be answered.

    Raises:
        SignalingError: it is no SDP, or lacks what a video connection needs. Says what.
    """
    if len(text) > MAX_OFFER_CHARS:
        raise SignalingError(
            f"an offer of {len(text)} characters; wanted at most {MAX_OFFER_CHARS}"
        )
    if not text.startswith("v=0"):
        raise SignalingError("this is no SDP offer: it does not start with v=0")
    try:
        session = SessionDescription.parse(text)
    except Exception as error:  # noqa: BLE001  the parser trips over garbage in every possible way
        raise SignalingError(f"this SDP offer cannot be read: {_words(error)}") from error
    _check_sections(session)
    _check_video(session, peer, codec)
    _check_bundle(session)
    return Offer(_reachable(text), _hidden(session))


def _check_sections(session: SessionDescription) -> None:
    for media in session.media:
        if media.kind not in KINDS or [m.kind for m in session.media].count(media.kind) > 1:
            raise SignalingError(
                f"the offer's sections are {' '.join(m.kind for m in session.media)[:80]}; "
                "wanted one of video, and at most one each of audio and application"
            )
        if not (media.ice and media.ice.usernameFragment and media.ice.password):
            raise SignalingError(f"the {media.kind} section has no ICE user name and password")
        if not (media.dtls and media.dtls.fingerprints):
            raise SignalingError(f"the {media.kind} section has no DTLS fingerprint and setup")
        if len(media.ice_candidates) > MAX_CANDIDATES:
            raise SignalingError(f"more than {MAX_CANDIDATES} candidates in one section")


def _check_bundle(session: SessionDescription) -> None:
    names = {media.rtp.muxId for media in session.media}
    for group in session.group:
        if group.semantic == "BUNDLE" and not names.issuperset(map(str, group.items)):
            raise SignalingError("the offer's BUNDLE names sections that are not in it")


def _check_video(session: SessionDescription, peer: str, codec: Codec) -> None:
    video = next((m for m in session.media if m.kind == "video" and m.port != 0), None)
    if video is None:
        raise SignalingError("the offer has no video section; this service has only video")
    willing = ("sendrecv", "recvonly" if peer == "receives" else "sendonly")
    if (video.direction or "sendrecv") not in willing:
        raise SignalingError(
            f"the offer's video is {video.direction}; wanted {' or '.join(reversed(willing))}"
        )
    offered = sorted({c.mimeType.lower() for c in video.rtp.codecs})
    if not set(offered) & set(PREFERENCE[codec]):
        raise SignalingError(_no_codec(offered, codec))


def _no_codec(offered: list[str], codec: Codec) -> str:
    found = ", ".join(name.removeprefix("video/").upper() for name in offered[:8]) or "no codec"
    wanted = " or ".join(name.removeprefix("video/").upper() for name in PREFERENCE[codec])
    return f"the offer's video has {found}; this service wants {wanted}"


def _is_hidden(address: str) -> bool:
    return address.lower().endswith(".local")


def _reachable(text: str) -> str:
    kept = [
        line
        for line in text.splitlines()
        if not line.startswith("a=end-of-candidates")
        and not (line.startswith("a=candidate:") and _is_hidden((line.split() + [""] * 5)[4]))
    ]
    return "\r\n".join(kept) + "\r\n"


def _hidden(session: SessionDescription) -> tuple[RTCIceCandidate, ...]:
    found: list[RTCIceCandidate] = []
    for index, media in enumerate(session.media):
        found += [_placed(c, media, index) for c in media.ice_candidates if _is_hidden(c.ip)]
    return tuple(found[:MAX_HIDDEN])


def _placed(candidate: RTCIceCandidate, media: MediaDescription, index: int) -> RTCIceCandidate:
    candidate.sdpMid, candidate.sdpMLineIndex = media.rtp.muxId, index
    return candidate


def _words(error: Exception) -> str:
    return f"{type(error).__name__} {error}".strip()[:200]
