"""
``python driver.py PEER FILE``: one peer as a program, run by the peers' own Python.

It imports nothing of this project. Each line of standard input asks for one thing:
``{"do": "time", "frames": FILE}``: (N, H, W, 3) uint8 RGB, one after the other; seconds of each,
from the frame to the composed picture.
``{"do": "mattes", "pictures": [[FILE, FILE], ...], "video": false}``: pairs of a PNG to read and an
alpha, 16-bit PNG of its size, to write; of a video the peer may remember the frames before.
"""

from __future__ import annotations

import json
import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np

BACKGROUND = (32, 80, 128)


class Rembg:
    """``rembg.remove`` with the session a user makes once."""

    def __init__(self, file: Path) -> None:
        from rembg import new_session, remove  # type: ignore[import-not-found]

        self._remove, self._session = remove, new_session(file.stem)

    def alpha(self, image: Any) -> Any:
        return self._remove(image, session=self._session)[..., 3].astype(np.float32) / 255

    def reset(self) -> None:
        """Remembers nothing."""


class OnnxPeer:
    """What the peers on ONNX Runtime have in common: a session with its defaults."""

    def __init__(self, file: Path) -> None:
        import onnxruntime

        self._session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])

    def reset(self) -> None:
        """Remembers nothing."""


class Modnet(OnnxPeer):
    """MODNet at 512x512, as its ONNX file wants it."""

    def alpha(self, image: Any) -> Any:
        small = cv2.resize(image, (512, 512), interpolation=cv2.INTER_AREA)
        planes = ((small.astype(np.float32) - 127.5) / 127.5).transpose(2, 0, 1)[None]
        found = self._session.run(None, {self._session.get_inputs()[0].name: planes})[0]
        return cv2.resize(found[0, 0], image.shape[1::-1])


class Rvm(OnnxPeer):
    """Robust Video Matting as its authors' inference scripts run it, states handed on."""

    inner = 480  # the long side that its trunk sees: 0.375 of 1280, as its README advises for it

    def __init__(self, file: Path) -> None:
        super().__init__(file)
        self.reset()

    def reset(self) -> None:
        self._states = [np.zeros((1, 1, 1, 1), np.float32)] * 4

    def alpha(self, image: Any) -> Any:
        planes = (image.astype(np.float32) / 255).transpose(2, 0, 1)[None]
        ratio = min(1.0, self.inner / max(image.shape[:2]))
        feed = {f"r{i}i": state for i, state in enumerate(self._states, 1)}
        feed.update(src=planes, downsample_ratio=np.asarray([ratio], np.float32))
        _, alpha, *self._states = self._session.run(None, feed)
        return alpha[0, 0]


class QuickRvm(Rvm):
    """At a quarter of 1280x720: quicker and coarser than advised."""

    inner = 320


class MediaPipe:
    """
    The selfie segmentation of MediaPipe in LiteRT: its landscape network (144x256) for wide
    pictures, its general one (256x256), which lies beside, for others.
    """

    def __init__(self, file: Path) -> None:
        from ai_edge_litert.interpreter import Interpreter  # type: ignore[import-not-found]

        general = file.with_name("selfie_segmentation.tflite")
        self._networks = [Interpreter(model_path=str(f), num_threads=2) for f in (file, general)]
        for network in self._networks:
            network.allocate_tensors()

    def alpha(self, image: Any) -> Any:
        network = self._networks[0 if image.shape[1] / image.shape[0] > 4 / 3 else 1]
        given, made = network.get_input_details()[0], network.get_output_details()[0]
        height, width = (int(side) for side in given["shape"][1:3])
        small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
        network.set_tensor(given["index"], small[None].astype(np.float32) / 255)
        network.invoke()
        found = network.get_tensor(made["index"])[0, ..., -1]
        return cv2.resize(np.clip(found, 0, 1), image.shape[1::-1])

    def reset(self) -> None:
        """Remembers nothing."""


class Aiortc(OnnxPeer):
    """
    What one writes after aiortc's example: in ``recv`` U2NETP with its authors' own steps, the
    sum in floats, and then aiortc's encoder.
    """

    def __init__(self, file: Path) -> None:
        super().__init__(file)
        self._encoder: Any = None

    def alpha(self, image: Any) -> Any:
        small = cv2.resize(image, (320, 320)).astype(np.float32)
        small = (small / max(small.max(), 1e-6) - (0.485, 0.456, 0.406)) / (0.229, 0.224, 0.225)
        planes = small.transpose(2, 0, 1)[None].astype(np.float32)
        found = self._session.run(None, {self._session.get_inputs()[0].name: planes})[0][0, 0]
        spread = (found - found.min()) / max(found.max() - found.min(), 1e-6)
        return cv2.resize(spread, image.shape[1::-1])

    def show(self, image: Any, background: Any) -> Any:
        from aiortc.codecs.vpx import Vp8Encoder
        from av import VideoFrame

        alpha = self.alpha(image)[..., None]
        made = (image * alpha + background * (1 - alpha)).astype(np.uint8)
        if self._encoder is None:
            self._encoder, self._count = Vp8Encoder(), 0
            self._encoder.target_bitrate = 1_500_000
        frame = VideoFrame.from_ndarray(made, format="rgb24")
        frame.pts, frame.time_base = self._count * 3000, Fraction(1, 90_000)
        self._count += 1
        return self._encoder.encode(frame)


PEERS = {
    "rembg": Rembg,
    "modnet": Modnet,
    "rvm": Rvm,
    "rvm-quick": QuickRvm,
    "mediapipe": MediaPipe,
    "aiortc": Aiortc,
}


def show(peer: Any, image: Any, background: Any) -> Any:
    """Frame to picture: the best blend there is, so that peers differ in their mattes alone."""
    if hasattr(peer, "show"):
        return peer.show(image, background)
    alpha = np.ascontiguousarray(peer.alpha(image), np.float32)
    return cv2.blendLinear(image, background, alpha, 1 - alpha)


def time_frames(peer: Any, file: str) -> dict[str, Any]:
    frames = np.load(file)
    background = np.empty_like(frames[0])
    background[:] = BACKGROUND
    seconds = []
    for image in frames:
        begin = time.perf_counter()
        show(peer, image, background)
        seconds.append(time.perf_counter() - begin)
    return {"seconds": seconds}


def write_mattes(peer: Any, pictures: list[list[str]], video: bool) -> dict[str, Any]:
    peer.reset()
    for source, target in pictures:
        if not video:
            peer.reset()
        image = cv2.imread(source, cv2.IMREAD_COLOR_RGB)
        alpha = np.clip(peer.alpha(image), 0, 1)
        cv2.imwrite(target, np.round(alpha * 65535).astype(np.uint16))
    peer.reset()
    return {"pictures": len(pictures)}


def main(name: str, file: Path) -> None:
    peer: Any = PEERS[name](file)
    for line in sys.stdin:
        asked = json.loads(line)
        if asked["do"] == "time":
            answer = time_frames(peer, asked["frames"])
        else:
            answer = write_mattes(peer, asked["pictures"], asked["video"])
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
