"""An engine and its card are there whole, or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import onnx
import pytest

from convert.errors import ConversionError
from convert.tensorrt import install
from convert.tensorrt.install import build_and_install
from convert.tensorrt.options import Order, Tuning
from edge.errors import ModelError, ModelMismatch, StorageError
from edge.files import write_atomically
from edge.tensorrt import library as library_module
from edge.tensorrt import record
from edge.tensorrt.library import wrap_library
from edge.zoo.card_file import card_path, check_file, file_sha256, read_card
from tests.unit.tensorrt.fake_builder import FakeBuilder
from tests.unit.tensorrt.samples import ORIN, graph, onnx_file


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeBuilder:
    """TensorRT 10 on an Orin."""
    made = FakeBuilder("10")
    use(made, monkeypatch)
    return made


def use(fake: FakeBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    module = "tensorrt_rtx" if fake.version == "rtx" else "tensorrt"
    monkeypatch.setattr(install, "load_library", lambda name: wrap_library(fake.module(), module))
    monkeypatch.setattr(library_module, "require_gpu", lambda: ORIN)


def order(folder: Path, **more: Any) -> Order:
    model, card = more.pop("model", None), more.pop("card", {})
    path = onnx_file(folder, model, **card)
    return Order(model=None, onnx=path, cache=folder / "cache", **more)


def left(folder: Path) -> set[str]:
    """Names of the files that a build left, but for its lock."""
    return {path.name for path in (folder / "cache" / "engines").iterdir()} - {".small.lock"}


def ignore(done: float) -> None:
    pass


def test_the_engines_name_and_card_say_what_it_is_tied_to(
    fake: FakeBuilder, tmp_path: Path
) -> None:
    wanted = order(tmp_path)
    told: list[float] = []
    engine = build_and_install(wanted, told.append)
    sha = read_card(wanted.onnx or engine, "").sha256 or ""
    assert engine.name == f"small-fp16-48x32-trt10.3.0-sm_87-{sha[:12]}.engine"
    card = read_card(engine, "")
    check_file(card, engine, "")
    assert (card.runtime, card.precision) == ("tensorrt", "fp16")
    assert card.engine is not None
    assert (card.engine.version, card.engine.gpu) == ("TensorRT 10.3.0", "Orin (sm_87)")
    assert card.engine.driver == ORIN.driver
    assert card.origin.sha256 == sha
    assert left(tmp_path) == {
        engine.name,
        engine.with_suffix(".json").name,
        "timings-tensorrt10.3.0-sm_87.cache",
    }
    assert (told[0], told[-1]) == (0.0, 1.0)
    assert told == sorted(told)


def test_fp16_is_in_the_graph_itself(fake: FakeBuilder, tmp_path: Path) -> None:
    build_and_install(order(tmp_path), ignore)
    made = onnx.load_from_string(fake.graph)
    weights = {tensor.name: tensor.data_type for tensor in made.graph.initializer}
    assert onnx.TensorProto.FLOAT16 in weights.values()


def test_a_graph_of_the_wanted_precision_is_built_as_it_is(
    fake: FakeBuilder, tmp_path: Path
) -> None:
    wanted = order(tmp_path, model=graph(quantised=True), card={"precision": "int8"})
    engine = build_and_install(wanted, ignore)
    assert engine.name.startswith("small-int8-")
    assert wanted.onnx is not None
    assert fake.graph == wanted.onnx.read_bytes()


@pytest.mark.parametrize(("has", "asked"), [("fp32", "int8"), ("fp16", "fp32"), ("int8", "fp16")])
def test_a_precision_that_must_be_made_first_is_refused(
    fake: FakeBuilder, tmp_path: Path, has: str, asked: Any
) -> None:
    wanted = order(tmp_path, precision=asked, card={"precision": has})
    with pytest.raises(ConversionError, match=f"is {has}, and does not become {asked}.*Make it"):
        build_and_install(wanted, ignore)


def test_it_is_built_once(fake: FakeBuilder, tmp_path: Path) -> None:
    steps: list[int] = []
    fake.meanwhile = steps.append
    first = build_and_install(order(tmp_path), ignore)
    told: list[float] = []
    assert build_and_install(order(tmp_path), told.append) == first
    assert (len(steps), told) == (4, [1.0])
    build_and_install(order(tmp_path, rebuild=True), ignore)
    assert len(steps) == 8


@pytest.mark.parametrize("damage", ["engine", "json"])
def test_a_damaged_one_is_built_anew(fake: FakeBuilder, tmp_path: Path, damage: str) -> None:
    engine = build_and_install(order(tmp_path), ignore)
    engine.with_suffix(f".{damage}").write_bytes(b"cut")
    record.accept(engine)
    build_and_install(order(tmp_path), ignore)
    check_file(read_card(engine, ""), engine, "")
    assert not record.passed(engine)  # that was said of the other file


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"precision": "fp32"}, "small-fp32-"),
        ({"tuning": Tuning(dla_core=0)}, "-sm_87-dla0-"),
    ],
)
def test_what_makes_another_engine_makes_another_file(
    fake: FakeBuilder, tmp_path: Path, changed: dict[str, Any], named: str
) -> None:
    fake.dla_cores = 1
    one = build_and_install(order(tmp_path), ignore)
    other = build_and_install(order(tmp_path, **changed), ignore)
    assert one != other
    assert named in other.name


def test_an_engine_that_is_finished_where_it_is_loaded_needs_no_gpu(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    use(FakeBuilder("rtx"), monkeypatch)
    monkeypatch.setattr(library_module, "require_gpu", None)
    engine = build_and_install(order(tmp_path), ignore)
    assert "-rtx1.7.1.116-any-" in engine.name


def test_without_a_gpu_nothing_of_tensorrt_is_made(
    fake: FakeBuilder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none() -> None:
        raise ModelError("no NVIDIA GPU")

    monkeypatch.setattr(library_module, "require_gpu", none)
    fake.no_builder = True
    with pytest.raises(ModelError, match="no NVIDIA GPU"):
        build_and_install(order(tmp_path), ignore)
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_full_disk_leaves_no_engine_without_its_card(
    fake: FakeBuilder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nth: int
) -> None:
    real, writes = write_atomically, []

    def write(path: Path, data: bytes) -> None:
        writes.append(path)
        if len(writes) == nth:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        real(path, data)

    monkeypatch.setattr(install, "write_atomically", write)
    with pytest.raises(StorageError, match="No space left on device.*--cache-dir"):
        build_and_install(order(tmp_path), ignore)
    assert not [name for name in left(tmp_path) if name.endswith(".json")]
    monkeypatch.setattr(install, "write_atomically", real)
    engine = build_and_install(order(tmp_path), ignore)  # what is there is not taken for whole
    check_file(read_card(engine, ""), engine, "")


def test_a_build_that_fails_leaves_nothing(fake: FakeBuilder, tmp_path: Path) -> None:
    fake.refuses = "out of memory"
    with pytest.raises(ConversionError, match="out of memory"):
        build_and_install(order(tmp_path), ignore)
    assert left(tmp_path) == set()


@pytest.mark.parametrize(
    ("card", "said"),
    [
        ({"runtime": "tensorrt"}, "wanted an ONNX file"),
        ({"recurrent": True}, "a recurrent network"),
    ],
)
def test_a_file_that_is_no_plain_onnx_is_refused(
    fake: FakeBuilder, tmp_path: Path, card: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConversionError, match=said):
        build_and_install(order(tmp_path, card=card), ignore)


def test_another_file_than_its_card_says_is_refused(fake: FakeBuilder, tmp_path: Path) -> None:
    wanted = order(tmp_path)
    assert wanted.onnx is not None
    data = bytearray(wanted.onnx.read_bytes())
    data[-1] ^= 1
    wanted.onnx.write_bytes(data)
    with pytest.raises(ModelMismatch, match="damaged or another file.*convert card"):
        build_and_install(wanted, ignore)


@pytest.mark.parametrize("data", [b"this is no ONNX file", b"", b"\x00" * 64])
def test_what_is_no_onnx_is_refused_before_tensorrt_sees_it(
    fake: FakeBuilder, tmp_path: Path, data: bytes
) -> None:
    path = onnx_file(tmp_path)
    path.write_bytes(data)
    changed = {"sha256": file_sha256(path), "size_bytes": max(1, len(data))}
    card_path(path).write_text(read_card(path, "").model_copy(update=changed).to_json())
    fake.no_builder = True
    wanted = Order(None, path, tmp_path / "cache")
    with pytest.raises((ConversionError, ModelMismatch), match="is no ONNX file|0 bytes"):
        build_and_install(wanted, ignore)
