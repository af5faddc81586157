"""``--matting tensorrt:``: what it is asked for, what it refuses, what it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edge import plugins
from edge.cuda.driver import Gpu
from edge.errors import InputError, ModelError, ModelMismatch, ModelMissing
from edge.matting import constant
from edge.matting import tensorrt as kind
from edge.tensorrt import library as library_module
from edge.tensorrt import record
from edge.tensorrt.library import load_library, wrap_library
from edge.zoo import Zoo
from tests.unit.tensorrt.fake_builder import FakeBuilder
from tests.unit.tensorrt.samples import ORIN, onnx_file


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """A machine with a GPU and TensorRT; what would be awaited is only noted."""
    asked: list[Any] = []
    fake = FakeBuilder("10")
    monkeypatch.setattr(kind, "require_gpu", lambda: ORIN)
    monkeypatch.setattr(library_module, "require_gpu", lambda: ORIN)
    monkeypatch.setattr(kind, "load_library", lambda: wrap_library(fake.module(), "tensorrt"))
    monkeypatch.setattr(kind, "Awaited", lambda standby, plan: asked.append((standby, plan)))
    monkeypatch.setattr(plugins, "make", lambda room, spec, **context: (room, spec))
    return asked


@pytest.mark.parametrize(
    "argument",
    [
        "",
        "u2netp?precision=fp8",
        "u2netp?dla=x",
        "u2netp?cuda=hip",
        "u2netp?fit=gpu",
        "u2netp?threads=2",
    ],
)
def test_a_malformed_argument_is_refused(argument: str, tmp_path: Path, waiting: Any) -> None:
    with pytest.raises(InputError, match="tensorrt:.*wanted"):
        kind.make(argument, zoo=Zoo(tmp_path))


def test_a_file_is_served_by_onnx_while_its_engine_is_built(
    tmp_path: Path, waiting: list[Any]
) -> None:
    path = onnx_file(tmp_path)
    kind.make(f"{path}?dla=1", zoo=Zoo(tmp_path / "cache"))
    ((standby, plan),) = waiting
    assert standby == ("edge.matting", f"onnx:{path}")
    assert plan.engine.parent == tmp_path / "cache" / "engines"
    assert plan.engine.name.startswith("small-fp16-48x32-trt10.3.0-sm_87-dla1-")
    wanted = ["--onnx", str(path), "--precision", "fp16", "--dla", "1"]
    assert plan.arguments == [*wanted, "--cache-dir", str(tmp_path / "cache")]
    assert plan.precision == "fp16"


def test_a_quantised_file_is_built_as_it_is(tmp_path: Path, waiting: list[Any]) -> None:
    path = onnx_file(tmp_path, precision="int8")
    kind.make(str(path), zoo=Zoo(tmp_path / "cache"))
    assert waiting[0][1].precision == "int8"


def test_the_service_and_the_converter_mean_the_same_file(
    tmp_path: Path, waiting: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    import argparse

    from convert.tensorrt import install, options

    path = onnx_file(tmp_path)
    kind.make(f"{path}?precision=fp32", zoo=Zoo(tmp_path / "cache"))
    plan = waiting[0][1]
    parser = argparse.ArgumentParser()
    options.configure(parser)
    fake = FakeBuilder("10")
    monkeypatch.setattr(
        install, "load_library", lambda name: wrap_library(fake.module(), "tensorrt")
    )
    order = options.order(parser.parse_args(plan.arguments))
    assert install.build_and_install(order, lambda done: None) == plan.engine


def test_a_good_engine_serves_at_once(
    tmp_path: Path, waiting: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, zoo = onnx_file(tmp_path), Zoo(tmp_path / "cache")
    kind.make(str(path), zoo=zoo)
    engine = waiting.pop()[1].engine
    engine.parent.mkdir(parents=True)
    engine.touch()
    record.accept(engine)
    model = constant.make("1")
    monkeypatch.setattr(kind, "TensorRt", lambda found, options, mend: model)
    assert kind.make(str(path), zoo=zoo) is model
    assert waiting == []


@pytest.mark.parametrize("fault", [ModelMismatch("damaged"), ModelMissing("no card")])
def test_an_engine_that_was_damaged_since_is_built_anew(
    tmp_path: Path, waiting: list[Any], monkeypatch: pytest.MonkeyPatch, fault: ModelError
) -> None:
    path, zoo = onnx_file(tmp_path), Zoo(tmp_path / "cache")
    kind.make(str(path), zoo=zoo)
    engine = waiting.pop()[1].engine
    engine.parent.mkdir(parents=True)
    engine.touch()
    record.accept(engine)

    def fail(*arguments: Any) -> None:
        raise fault

    monkeypatch.setattr(kind, "TensorRt", fail)
    kind.make(str(path), zoo=zoo)
    assert len(waiting) == 1
    assert not engine.exists()


def test_without_a_gpu_it_is_said_before_anything_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from edge.cuda import driver

    monkeypatch.setattr(driver, "LIBRARY", "libcuda-not-here.so")
    for argument in ("u2netp", str(onnx_file(tmp_path)), "some.engine"):
        with pytest.raises(ModelError, match=r"no NVIDIA GPU.*python -m edge doctor"):
            kind.make(argument, zoo=Zoo(tmp_path / "cache"))
    assert not (tmp_path / "cache").exists()


def test_without_tensorrt_it_says_how_to_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    for name in ("tensorrt", "tensorrt_rtx"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ModelError, match=r"nvidia-jetpack.*pip install tensorrt-rtx"):
        load_library()


@pytest.mark.parametrize("version", ["8.5.2", "7.1"])
def test_a_tensorrt_that_is_too_old_is_refused(version: str) -> None:
    fake = FakeBuilder("8.6").module()
    fake.__dict__["__version__"] = version
    with pytest.raises(ModelError, match=f"TensorRT {version} is too old; 8.6"):
        wrap_library(fake, "tensorrt")


def test_what_tensorrt_said_is_asked_once() -> None:
    library = wrap_library(FakeBuilder("8.6").module(), "tensorrt")
    severity = library.api.ILogger.Severity
    library.logger.log(severity.WARNING, "never mind")
    library.logger.log(severity.ERROR, "this is why ")
    assert library.said.why() == "this is why"
    assert library.said.why() == "it gave no reason"


def test_a_gpu_is_named_by_its_architecture() -> None:
    assert str(Gpu("Thor", (11, 0), True, "CUDA 13.0")) == "Thor (sm_110)"
