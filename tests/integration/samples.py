"""What clients send: offers, pictures, clips, forms. All of it is made here."""

from __future__ import annotations

import io

import av
import cv2
import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection

from edge.frame import Rgb


async def offer(direction: str) -> str:
    """An SDP offer of aiortc's, "recvonly" to watch or "sendonly" to bring a camera."""
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    try:
        peer.addTransceiver("video", direction=direction)
        await peer.setLocalDescription(await peer.createOffer())
        return str(peer.localDescription.sdp)
    finally:
        await peer.close()


def picture(width: int = 64, height: int = 36, form: str = ".png") -> bytes:
    """A small picture file."""
    ramp = np.linspace(0, 255, width * height * 3).reshape(height, width, 3)
    return encoded(ramp.astype(np.uint8), form)


def encoded(image: Rgb, form: str = ".png") -> bytes:
    """A picture file."""
    return cv2.imencode(form, image)[1].tobytes()


def decoded(file: bytes) -> np.ndarray:
    """(H, W), (H, W, 3) BGR or (H, W, 4) BGRA uint8, as the file holds it."""
    return cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_UNCHANGED)


def clip(form: str = "mp4") -> bytes:
    """A short clip of a changing colour."""
    file = io.BytesIO()
    with av.open(file, "w", format=form) as container:
        stream = container.add_stream({"mp4": "libx264", "webm": "libvpx"}[form], rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for level in range(0, 250, 50):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), level, np.uint8), "rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def multipart(
    content: bytes, name: str = "a.png", field: str = "file", edge: str = "edge"
) -> tuple[bytes, str]:
    """A form with one file, and its Content-Type."""
    head = f'--{edge}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
    return (
        head.encode()
        + b"Content-Type: image/png\r\n\r\n"
        + content
        + f"\r\n--{edge}--\r\n".encode(),
        f"multipart/form-data; boundary={edge}",
    )
