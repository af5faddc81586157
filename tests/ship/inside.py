"""
Runs inside an image, as its user: the service starts, says that it is well, sends a matted frame
over WebRTC and stops. Prints what was seen as one line of JSON; needs what the image has.

    python -I inside.py WITHIN_S
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from typing import Any

import numpy as np
from aiortc import RTCPeerConnection, RTCSessionDescription

BEHIND = (0, 177, 64)  # RGB of the background
NEAR = 30  # video codecs change colours a little
SERVICE = [sys.executable, "-I", "-m", "edge", "serve"]
SETTINGS = ["--source", "presenter:?size=320x180", "--matting", "onnx:portrait_fast"]
SETTINGS += ["--background", "color:00b140"]


def free_port() -> int:
    """One that nobody listens at."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def healthy(service: subprocess.Popen[bytes], url: str, until: float) -> float:
    """Wait until the service is well; how long that took, in seconds."""
    begun = time.monotonic()
    while service.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=60) as answer:
                if json.load(answer)["status"] == "ok":
                    return time.monotonic() - begun
        except OSError:
            pass
        if time.monotonic() > until:
            raise TimeoutError("the service did not get well")
        time.sleep(0.2)
    raise RuntimeError(f"the service ended by itself: {service.returncode}")


async def matted_frame(url: str, until: float) -> dict[str, Any]:
    """Watch by WHEP until a frame shows the background at its corner and somebody in the middle."""
    peer = RTCPeerConnection()
    peer.addTransceiver("video", direction="recvonly")
    await peer.setLocalDescription(await peer.createOffer())
    request = urllib.request.Request(
        f"{url}/whep",
        peer.localDescription.sdp.encode(),
        {"Content-Type": "application/sdp"},
        method="POST",
    )
    answer = await asyncio.to_thread(lambda: urllib.request.urlopen(request).read().decode())
    await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    track = peer.getReceivers()[0].track
    try:
        while time.monotonic() < until:
            image = (await asyncio.wait_for(track.recv(), 60)).to_ndarray(format="rgb24")
            height, width = image.shape[:2]
            corner, middle = image[2:8, 2:8], image[height // 2 :, 2 * width // 5 : 3 * width // 5]
            behind = np.abs(corner.mean((0, 1)) - BEHIND).max()
            person = np.abs(middle.mean((0, 1)) - BEHIND).max()
            if behind < NEAR < person:
                return {"size": [width, height], "behind": float(behind), "person": float(person)}
        raise TimeoutError("no matted frame came")
    finally:
        await peer.close()


def main(within_s: float) -> dict[str, Any]:
    """What was seen."""
    until = time.monotonic() + within_s
    os.environ["EDGE_LISTEN"] = f"127.0.0.1:{free_port()}"
    url = f"http://{os.environ['EDGE_LISTEN']}"
    service = subprocess.Popen([*SERVICE, *SETTINGS])
    try:
        seen: dict[str, Any] = {"user": os.getuid(), "groups": sorted(os.getgroups())}
        seen["well_after_s"] = round(healthy(service, url, until), 1)
        check = [sys.executable, "-I", "/opt/edge-matting/healthcheck.py"]
        seen["healthcheck"] = subprocess.run(check, stdout=subprocess.DEVNULL).returncode
        seen["frame"] = asyncio.run(matted_frame(url, until))
    finally:
        service.send_signal(signal.SIGTERM)
        begun = time.monotonic()
        status = service.wait()
    return {**seen, "stopped_after_s": round(time.monotonic() - begun, 1), "status": status}


if __name__ == "__main__":
    seen = main(float(sys.argv[1]))
    sys.stdout.write(json.dumps(seen) + "\n")
