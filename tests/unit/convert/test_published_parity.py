"""The project's graphs against the published one, on real pictures at 320x320."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

from convert import weights
from convert.export import export
from convert.graph import serialise
from convert.networks import make
from convert.precision import to_fp16
from edge.fit import fit, place

EVERY = 8  # of the pictures: six

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ours(published: Path) -> onnx.ModelProto:
    network = make("u2netp")
    weights.load(network, published)
    return export(network, (320, 320))


@pytest.fixture(scope="module")
def inputs(shared_data: Path) -> list[NDArray[np.uint8]]:
    paths = sorted((shared_data / "public_test" / "image").glob("*.jpg"))[::EVERY]
    if not paths:
        pytest.skip("no pictures in public_test")
    return list(map(resized, paths))


def resized(path: Path) -> NDArray[np.uint8]:
    picture = cv2.imread(str(path))
    assert picture is not None
    rgb = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)
    height, width, _ = rgb.shape
    return fit(rgb, place((width, height), (320, 320), "stretch"), "linear")[None]


def alphas(model: bytes, inputs: list[NDArray[np.uint8]]) -> Iterator[NDArray[np.float32]]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options)
    for rgb in inputs:
        (alpha,) = session.run(["alpha"], {"rgb": rgb})
        yield np.asarray(alpha, np.float32)


def differences(
    first: bytes, second: bytes, inputs: list[NDArray[np.uint8]]
) -> NDArray[np.float32]:
    pairs = zip(alphas(first, inputs), alphas(second, inputs), strict=True)
    return np.abs([a - b for a, b in pairs])


def test_fp32_is_the_published_network(
    published: Path, ours: onnx.ModelProto, inputs: list[NDArray[np.uint8]]
) -> None:
    found = differences(published.read_bytes(), serialise(ours), inputs)
    assert found.max() <= 1e-3
    assert found.mean() <= 1e-5


def test_fp16_keeps_the_matte(
    published: Path, ours: onnx.ModelProto, inputs: list[NDArray[np.uint8]]
) -> None:
    found = differences(published.read_bytes(), serialise(to_fp16(ours)), inputs)
    assert found.mean() <= 2e-3


def test_the_graph_as_the_zoo_keeps_it_becomes_fp16_too(
    published: Path, inputs: list[NDArray[np.uint8]]
) -> None:
    half = to_fp16(onnx.load(str(published)))
    found = differences(published.read_bytes(), serialise(half), inputs)
    assert found.mean() <= 2e-3


def test_its_weights_are_the_published_ones_to_the_last_bit(
    published: Path, ours: onnx.ModelProto, tmp_path: Path
) -> None:
    from convert.onnx_weights import convolutions

    path = tmp_path / "ours.onnx"
    path.write_bytes(serialise(ours))
    pairs = list(zip(convolutions(path), convolutions(published), strict=True))
    assert len(pairs) == 119
    assert all(np.array_equal(a, b) for one, two in pairs for a, b in zip(one, two, strict=True))
