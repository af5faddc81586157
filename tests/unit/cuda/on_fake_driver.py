"""
Run by ``test_on_fake_driver.py`` in a process whose CUDA driver is the fake one.

The seam's packages, ctypes and the kernels are the real ones.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.compose import compose
from edge.compositors.cuda import CudaCompositor
from edge.compositors.opencv import OpenCv
from edge.cuda import Cuda
from edge.cuda.buffers import allocate
from edge.cuda.driver import require_gpu
from edge.cuda.graph import Replay
from edge.cuda.opening import open_cuda
from edge.errors import InputError, ModelError, ModelMismatch
from edge.frame import Frame, Matte
from edge.matting import tensorrt as kind
from edge.tensorrt import library as library_module
from edge.tensorrt.library import wrap_library
from edge.zoo.card import Card, Engine, Licence, ModelInput, Origin
from edge.zoo.card_file import card_path, file_sha256, read_card
from tests.unit.tensorrt.fake_runtime import VERSIONS, FakeRuntime, plan

PACKAGE = os.environ.get("PACKAGE", "cuda-python")
INTEGRATED = "FAKE_INTEGRATED" in os.environ
GRAPHS = "FAKE_NO_CAPTURE" not in os.environ
RANDOM = np.random.default_rng(5)


@pytest.fixture(autouse=True)
def driver() -> Iterator[Any]:
    """The fake driver; every test must leave it without a fault and without anything alive."""
    sys.setdlopenflags(os.RTLD_LAZY)  # PyCUDA refers to many functions that it never calls here
    library = ctypes.CDLL("libcuda.so.1")
    library.fake_faults.restype = ctypes.c_char_p
    library.fake_forget()
    yield library
    gc.collect()
    assert library.fake_faults().decode() == ""
    assert library.fake_alive() == 0


@pytest.fixture
def cuda() -> Iterator[Cuda]:
    opened = open_cuda(PACKAGE)
    yield opened
    gc.collect()
    opened.close()
    opened.close()  # more calls do nothing


def test_the_gpu_is_asked_of_the_driver() -> None:
    gpu = require_gpu()
    assert str(gpu) == "Fake (sm_87)"
    assert gpu.integrated is INTEGRATED
    assert gpu.driver.endswith("CUDA 13.0")


def test_a_buffer_goes_there_and_back(cuda: Cuda) -> None:
    with cuda.active():
        buffer, stream = allocate(cuda, (3, 5), np.float32), cuda.stream()
        assert (buffer.host == 0).all()
        buffer.host[:] = 4
        buffer.upload(cuda, stream)
        cuda.synchronize(stream)
        if not buffer.mapped:
            buffer.host[:] = 9
        buffer.download(cuda, stream)
        cuda.synchronize(stream)
        assert (buffer.host == 4).all()
    assert buffer.mapped is INTEGRATED
    del buffer


def test_it_works_in_another_thread_than_it_was_opened_in(cuda: Cuda) -> None:
    failures: list[BaseException] = []

    def use() -> None:
        try:
            with cuda.active():
                cuda.synchronize(cuda.stream())
        except BaseException as error:  # noqa: BLE001 - shown by the test
            failures.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert failures == []


def test_full_memory_is_told(cuda: Cuda, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_FULL", "1")
    ctypes.CDLL(None).setenv(b"FAKE_FULL", b"1", 1)
    with cuda.active(), pytest.raises(ModelError, match="CUDA: .*(MEMORY|out of memory)"):
        cuda.memory(100)
    ctypes.CDLL(None).unsetenv(b"FAKE_FULL")


def test_kernels_that_are_not_for_this_gpu_are_refused(cuda: Cuda) -> None:
    with cuda.active(), pytest.raises(ModelError, match="CUDA"):
        cuda.kernels(b"ELSE" * 8, ["composite"])


def test_repeated_work_becomes_a_graph(cuda: Cuda, driver: Any) -> None:
    with cuda.active():
        stream, done = cuda.stream(), []
        replay = Replay(stream, lambda: done.append(1))
        for _ in range(4):
            replay()
            cuda.synchronize(stream)
        del replay
    assert driver.fake_calls(b"cuGraphLaunch") == (3 if GRAPHS else 0)
    assert len(done) == (2 if GRAPHS else 4)  # once as it is, once recorded


def test_work_that_fails_while_it_is_recorded_leaves_the_stream_usable(cuda: Cuda) -> None:
    with cuda.active():
        stream, times = cuda.stream(), []

        def work() -> None:
            times.append(1)
            if len(times) == 2:
                raise ValueError("broken")

        replay = Replay(stream, work)
        replay()
        with pytest.raises(ValueError, match="broken"):
            replay()
        replay()
        cuda.synchronize(stream)
        del replay


@pytest.mark.parametrize("small", [False, True])
def test_the_compositor_gives_what_the_cpu_gives(small: bool) -> None:
    compositor = CudaCompositor(lambda: open_cuda(PACKAGE), b"FAKE kernels")
    for width, height in ((64, 48), (64, 48), (64, 48), (30, 20)):
        image, background = RANDOM.integers(0, 256, (2, height, width, 3), np.uint8)
        frame = Frame(image, 0, 0)
        alpha = RANDOM.random((height // 2, width // 2), np.float32)
        large = np.repeat(np.repeat(alpha, 2, 0), 2, 1)
        found = compositor.compose(frame, Matte(alpha if small else large), background)
        if small:
            wanted = OpenCv().compose(frame, Matte(alpha), background)
        else:
            wanted = compose(frame, Matte(large), background)
        assert np.abs(found.astype(int) - wanted.astype(int)).max() <= 1


def test_the_compositor_takes_the_mattes_own_foreground() -> None:
    compositor = CudaCompositor(lambda: open_cuda(PACKAGE), b"FAKE kernels")
    image, background, foreground = RANDOM.integers(0, 256, (3, 8, 8, 3), np.uint8)
    matte = Matte(np.ones((8, 8), np.float32), foreground)
    assert (compositor.compose(Frame(image, 0, 0), matte, background) == foreground).all()
    with pytest.raises(ValueError, match=r"the background is \(4, 8, 3\)"):
        compositor.compose(Frame(image, 0, 0), matte, background[:4])


@pytest.fixture(params=VERSIONS)
def fake(request: pytest.FixtureRequest, driver: Any, monkeypatch: Any) -> FakeRuntime:
    """Each TensorRT there is, in the place of the real one."""
    made = FakeRuntime(request.param, driver)
    module = "tensorrt_rtx" if request.param == "rtx" else "tensorrt"
    wrapped = wrap_library(made.module(), module)
    monkeypatch.setattr(kind, "load_library", lambda: wrapped)
    return made


def engine_file(folder: Path, fake: FakeRuntime, data: bytes, **changes: Any) -> Path:
    path = folder / "test.engine"
    path.write_bytes(data)
    title = "TensorRT RTX" if fake.version == "rtx" else "TensorRT"
    made = Engine(version=f"{title} {VERSIONS[fake.version]}", gpu="Fake (sm_87)", driver="x")
    card = Card(
        id="test",
        label="Test",
        task="matting",
        runtime="tensorrt",
        precision="fp16",
        input=ModelInput(width=48, height=32, fit="letterbox", interpolation="linear"),
        file=path.name,
        sha256=file_sha256(path),
        size_bytes=len(data),
        licence=Licence(spdx="Apache-2.0"),
        origin=Origin(source="test"),
        engine=made.model_copy(update=changes),
    )
    card_path(path).write_text(card.to_json())
    return path


def load(path: Path, fit_on_gpu: bool = False) -> kind.TensorRt:
    options = kind.Options(cuda=PACKAGE, fit_on_gpu=fit_on_gpu)
    return kind.TensorRt(path, options, "Run: MEND")


def frame(level: int, width: int = 96, height: int = 64) -> Frame:
    return Frame(np.full((height, width, 3), level, np.uint8), 0, 0)


def test_an_engine_mattes_frame_after_frame(fake: FakeRuntime, tmp_path: Path, driver: Any) -> None:
    model = load(engine_file(tmp_path, fake, plan(fake.version)))
    mattes = [model.matte(frame(level)) for level in (0, 51, 255, 102)]
    for matte, alpha in zip(mattes, (0, 0.2, 1, 0.4), strict=True):
        assert matte.alpha.shape == (32, 48)
        np.testing.assert_allclose(matte.alpha, alpha, atol=1e-6)
    assert model.matte(frame(9, 40, 80)).alpha.shape == (32, 16)  # letterboxed, upright
    assert driver.fake_calls(b"cuGraphLaunch") == (4 if GRAPHS else 0)
    assert fake.calls.count("execute_async_v3") == (2 if GRAPHS else 5)
    assert driver.fake_calls(b"cuMemcpyHtoDAsync_v2") == (0 if INTEGRATED else 2 if GRAPHS else 5)


def test_the_gpu_fits_frames_as_the_cpu_does(
    fake: FakeRuntime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kind, "compile_kernels", lambda architecture: b"FAKE kernels")
    path = engine_file(tmp_path, fake, plan(fake.version))
    models = [load(path, fit_on_gpu) for fit_on_gpu in (False, True)]
    for width, height in ((96, 64), (96, 64), (96, 64), (40, 80), (200, 100), (200, 100)):
        image = RANDOM.integers(0, 256, (height, width, 3), np.uint8)
        wanted, found = (model.matte(Frame(image, 0, 0)).alpha for model in models)
        np.testing.assert_allclose(found, wanted, atol=1.01 / 255)


def test_a_card_that_wants_another_resize_is_not_fitted_on_the_gpu(
    fake: FakeRuntime, tmp_path: Path
) -> None:
    path = engine_file(tmp_path, fake, plan(fake.version))
    card = card_path(path).read_text().replace('"linear"', '"area"')
    card_path(path).write_text(card)
    with pytest.raises(InputError, match="fit=cuda resizes bilinearly; its card says area"):
        load(path, fit_on_gpu=True)


def test_what_tensorrt_made_goes_before_what_it_was_made_of(
    fake: FakeRuntime, tmp_path: Path
) -> None:
    model = load(engine_file(tmp_path, fake, plan(fake.version)))
    model.matte(frame(1))
    assert fake.alive == ["runtime", "engine", "context"]
    del model
    gc.collect()
    assert fake.alive == []
    assert not [call for call in fake.calls if call.startswith("freed")]


def test_an_engine_with_an_open_size_is_given_that_of_its_card(
    fake: FakeRuntime, tmp_path: Path
) -> None:
    ends = [("rgb", "INPUT", "UINT8", [1, -1, -1, 3]), ("alpha", "OUTPUT", "FLOAT", [1, 1, -1, -1])]
    model = load(engine_file(tmp_path, fake, plan(fake.version, ends)))
    assert model.matte(frame(255)).alpha.shape == (32, 48)
    assert "set_input_shape rgb" in fake.calls


def test_an_engine_for_several_sizes_takes_each_frame_at_the_nearest(
    fake: FakeRuntime, tmp_path: Path
) -> None:
    ends = [("rgb", "INPUT", "UINT8", [1, -1, -1, 3]), ("alpha", "OUTPUT", "FLOAT", [1, 1, -1, -1])]
    path = engine_file(tmp_path, fake, plan(fake.version, ends))
    card = read_card(path, "")
    several = card.input.model_copy(update={"sizes": ((48, 32), (32, 48)), "fit": "stretch"})
    card_path(path).write_text(card.model_copy(update={"input": several}).to_json())
    model = load(path)
    assert fake.alive == ["runtime", "engine", "context"]  # one of a size, made when it is met
    for width, height, shape in ((96, 54, (32, 48)), (54, 96, (48, 32)), (96, 54, (32, 48))):
        alpha = model.matte(frame(51, width, height)).alpha
        assert alpha.shape == shape
        np.testing.assert_allclose(alpha, 0.2, atol=1e-6)
    assert len(fake.alive) == 6
    del model
    gc.collect()
    assert fake.alive == []


WRONG_ENDS = {
    "another size": [
        ("rgb", "INPUT", "UINT8", [1, 32, 32, 3]),
        ("alpha", "OUTPUT", "FLOAT", [1, 1, 32, 32]),
    ],
    "half floats out": [
        ("rgb", "INPUT", "UINT8", [1, 32, 48, 3]),
        ("alpha", "OUTPUT", "HALF", [1, 1, 32, 48]),
    ],
    "floats in": [
        ("rgb", "INPUT", "FLOAT", [1, 32, 48, 3]),
        ("alpha", "OUTPUT", "FLOAT", [1, 1, 32, 48]),
    ],
    "another name": [
        ("image", "INPUT", "UINT8", [1, 32, 48, 3]),
        ("alpha", "OUTPUT", "FLOAT", [1, 1, 32, 48]),
    ],
    "a second output": [
        ("rgb", "INPUT", "UINT8", [1, 32, 48, 3]),
        ("alpha", "OUTPUT", "FLOAT", [1, 1, 32, 48]),
        ("side", "OUTPUT", "FLOAT", [1, 1, 32, 48]),
    ],
}


@pytest.mark.parametrize("what", WRONG_ENDS)
def test_an_engine_with_other_ends_is_refused(fake: FakeRuntime, tmp_path: Path, what: str) -> None:
    path = engine_file(tmp_path, fake, plan(fake.version, WRONG_ENDS[what]))
    with pytest.raises(ModelMismatch, match="the engine's ends are .*its card says.*Run: MEND"):
        load(path)


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"no plan", "Magic tag"), (json.dumps({"version": "9"}).encode(), "another version")],
)
def test_a_file_that_tensorrt_refuses_is_told_with_its_reason(
    fake: FakeRuntime, tmp_path: Path, data: bytes, said: str
) -> None:
    with pytest.raises(ModelMismatch, match=f"refuses it: .*{said}.*Run: MEND"):
        load(engine_file(tmp_path, fake, data))


def test_no_memory_for_a_context_is_told(fake: FakeRuntime, tmp_path: Path) -> None:
    path = engine_file(tmp_path, fake, plan(fake.version, no_context=True))
    with pytest.raises(ModelError, match="out of memory.*end other programs"):
        load(path)


def test_a_shape_that_is_refused_is_told(fake: FakeRuntime, tmp_path: Path) -> None:
    path = engine_file(tmp_path, fake, plan(fake.version, no_shape=True))
    with pytest.raises(ModelMismatch, match="refuses rgb as.*outside of the profile"):
        load(path)


@pytest.mark.parametrize("run", [1, 2])
def test_a_run_that_fails_is_told(fake: FakeRuntime, tmp_path: Path, run: int) -> None:
    model = load(engine_file(tmp_path, fake, plan(fake.version, fails_at=run)))
    if run == 2:
        model.matte(frame(1))
        if GRAPHS:  # a run that cannot be recorded is made without a graph
            assert model.matte(frame(255)).alpha.min() == 1
            return
    with pytest.raises(ModelError, match="could not be run: CUDA error 700"):
        model.matte(frame(1))


def test_an_engine_of_another_gpu_or_version_is_refused_by_its_card(
    fake: FakeRuntime, tmp_path: Path
) -> None:
    good = plan(fake.version)
    with pytest.raises(ModelMismatch, match=r"built for Orin \(sm_87\); this is Fake"):
        load(engine_file(tmp_path, fake, good, gpu="Orin (sm_87)"))
    with pytest.raises(ModelMismatch, match="built by TensorRT 9.9; this is TensorRT"):
        load(engine_file(tmp_path, fake, good, version="TensorRT 9.9"))
    assert fake.calls == []


def test_without_a_gpu_tensorrt_is_not_touched(
    fake: FakeRuntime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = engine_file(tmp_path, fake, plan(fake.version))
    monkeypatch.setattr(library_module, "load_library", None)
    ctypes.CDLL(None).setenv(b"FAKE_NO_DEVICE", b"1", 1)
    try:
        with pytest.raises(ModelError, match="no NVIDIA GPU: .*no device.*edge doctor"):
            load(path)
    finally:
        ctypes.CDLL(None).unsetenv(b"FAKE_NO_DEVICE")
    assert fake.calls == []
