"""A tiny published network, the ways it may be had, and nobody else's network in between."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from edge.zoo.assets import Asset, Manifest, Network, Package, Release
from edge.zoo.card import Licence, ModelInput
from edge.zoo.wrapping import Recipe

WIDTH, HEIGHT = 8, 6
RECIPE = Recipe(input="x", output="d0", mean=(120.0, 110.0, 100.0), std=(60.0, 50.0, 40.0))
WEIGHT = np.array([0.7, -0.4, 0.2], np.float32).reshape(1, 3, 1, 1)


@dataclass(frozen=True)
class Tiny:
    """A saliency network of one 1x1 convolution, with a side output, as published ones have."""

    published: bytes
    recipe: Recipe = RECIPE
    size: tuple[int, int] = (WIDTH, HEIGHT)

    def alpha(self, rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        """What it must give for (H, W, 3) uint8: worked out without any graph."""
        normalised = (rgb.astype(np.float64) - RECIPE.mean) / RECIPE.std
        logit = normalised @ WEIGHT.reshape(3).astype(np.float64)
        return (1 / (1 + np.exp(-logit))).astype(np.float32)


def build() -> bytes:
    floats = TensorProto.FLOAT
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["rgb"]),  # a name that the wrapper wants for itself
        helper.make_node("Mul", ["rgb", "two"], ["side"]),
        helper.make_node("Sigmoid", ["rgb"], ["d0"]),
        helper.make_node("Sigmoid", ["side"], ["d1"]),
    ]
    shape = [1, 1, "h", "w"]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("x", floats, [1, 3, "h", "w"])],
        [helper.make_tensor_value_info(name, floats, shape) for name in ("d0", "d1")],
        [
            numpy_helper.from_array(WEIGHT, "w"),
            numpy_helper.from_array(np.array([2], np.float32), "two"),
        ],
    )
    opset = helper.make_opsetid("", 13)
    data: bytes = helper.make_model(graph, opset_imports=[opset], ir_version=8).SerializeToString()
    onnx.checker.check_model(data)
    return data


@pytest.fixture(scope="session")
def tiny() -> Tiny:
    return Tiny(build())


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def wheel_bytes(files: dict[str, bytes]) -> bytes:
    """A wheel that pip takes, holding ``files``."""
    info = "tiny_weights-1.0.dist-info/"
    meta = {
        info + "METADATA": b"Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\n",
        info + "WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        info + "RECORD": b"",
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in {**files, **meta}.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def sdist_bytes(files: dict[str, bytes]) -> bytes:
    """A source archive that cannot be built: its back end, were it run, would end the process."""
    project = b'[build-system]\nrequires = ["boom"]\nbuild-backend = "boom.build"\n'
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in {"pyproject.toml": project, **files}.items():
            member = tarfile.TarInfo(f"tiny_clips-1.0/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def zip_bytes(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@dataclass(frozen=True)
class Wares:
    """The two archives, and the packages that tell of them."""

    wheel: bytes
    wheel_package: Package
    sdist: bytes
    sdist_package: Package
    clip: bytes


@pytest.fixture(scope="session")
def wares(tiny: Tiny) -> Wares:
    clip = bytes(range(256)) * 400
    wheel = wheel_bytes({"tiny/net.onnx": tiny.published})
    sdist = sdist_bytes({"assets/bundle.zip": zip_bytes({"color.mp4": clip})})
    common = {"kind": "package", "version": "1.0"}
    return Wares(
        wheel,
        Package(
            **common,
            name="tiny-weights",
            archive="tiny_weights-1.0-py3-none-any.whl",
            sha256=sha256(wheel),
            size_bytes=len(wheel),
            members=("tiny/net.onnx",),
        ),
        sdist,
        Package(
            **common,
            name="tiny-clips",
            archive="tiny_clips-1.0.tar.gz",
            sha256=sha256(sdist),
            size_bytes=len(sdist),
            members=("tiny_clips-1.0/assets/bundle.zip", "color.mp4"),
            backend="boom.build",
        ),
        clip,
    )


@pytest.fixture
def model_asset(tiny: Tiny) -> Callable[..., Asset]:
    """Make an Asset of the tiny network; keywords change it."""

    def make(*sources: Package | Release, **changes: Any) -> Asset:
        return Asset(
            **{
                "id": "tiny",
                "label": "Tiny",
                "kind": "model",
                "file": "net.onnx",
                "sha256": sha256(tiny.published),
                "size_bytes": len(tiny.published),
                "licence": Licence(spdx="MIT"),
                "homepage": "https://example.org",
                "sources": sources or (Release(kind="release", url="http://127.0.0.1:9/none"),),
                "network": Network(
                    task="saliency",
                    input=ModelInput(
                        width=WIDTH, height=HEIGHT, fit="stretch", interpolation="area"
                    ),
                    recipe=RECIPE,
                ),
                **changes,
            }
        )

    return make


@pytest.fixture
def clip_asset(wares: Wares) -> Asset:
    return Asset(
        id="clip",
        label="Clip",
        kind="clip",
        file="clip.mp4",
        sha256=sha256(wares.clip),
        size_bytes=len(wares.clip),
        licence=Licence(spdx="MIT"),
        homepage="https://example.org",
        sources=(wares.sdist_package,),
    )


@pytest.fixture
def listing() -> Callable[..., Manifest]:
    return lambda *assets: Manifest(assets=assets)


@pytest.fixture
def local_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wares: Wares) -> Path:
    """A folder that is all the package index that pip knows of, with both archives in it."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "index"
    folder.mkdir()
    (folder / wares.wheel_package.archive).write_bytes(wares.wheel)
    (folder / wares.sdist_package.archive).write_bytes(wares.sdist)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@dataclass
class FileServer:
    """
    One file at any path, with faults on order.

    Attributes:
        statuses: what the next requests get instead of the file, such as 503.
        cuts: after how many bytes the next answers are cut off.
        ranges: whether ``Range`` is understood.
        asked: the ``Range`` header of each request so far.
        gate: answers wait for it.
    """

    content: bytes
    url: str = ""
    ranges: bool = True
    statuses: list[int] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)
    asked: list[str | None] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def server(tiny: Tiny) -> Iterator[FileServer]:
    state = FileServer(tiny.published)
    state.gate.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802 - the base class calls it by this name
            wanted = self.headers.get("Range")
            state.asked.append(wanted)
            state.gate.wait(30)
            if state.statuses:
                self.send_error(state.statuses.pop(0))
                return
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
            if not state.ranges:
                start = 0
            if start > len(state.content):
                self.send_error(416)
                return
            body = state.content[start:]
            self.send_response(206 if start else 200)
            if start:
                end = len(state.content)
                self.send_header("Content-Range", f"bytes {start}-{end - 1}/{end}")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: state.cuts.pop(0)] if state.cuts else body)

        def log_message(self, *_: object) -> None:
            """The test's output is no place for it."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    state.url = f"http://127.0.0.1:{http.server_port}/net.onnx"
    thread = threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield state
    state.gate.set()
    http.shutdown()
    http.server_close()
    thread.join()


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second attempt follows the first at once."""
    monkeypatch.setattr("edge.zoo.fetching.web.PAUSE_S", 0.0)
