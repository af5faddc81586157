from __future__ import annotations

import errno
import sys
from pathlib import Path
from typing import Any

import pytest

from convert.__main__ import main
from convert.errors import ConversionError, ParityError
from convert.openvino import resolve, to_ir
from convert.parity import Compared
from convert.quantise import CPU, TENSORRT, quantise
from edge.matting.openvino import make as load_model
from edge.zoo import Zoo
from edge.zoo.card import Quantised
from edge.zoo.card_file import read_card
from tests.unit.convert.graphs import graph, pictures, put

pytest.importorskip("openvino", reason="OpenVINO is not installed: pip install openvino")


def convert(source: Path, output: Path, *more: str) -> int:
    cache = str(source.parent / "cache")
    asked = ["--onnx", str(source), "--output", str(output), "--count", "2", "--cache-dir", cache]
    return main(["openvino", *asked, *more])


def test_an_ir_is_tried_installed_and_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = put(tmp_path, graph(), "small-fp32")
    assert convert(source, tmp_path / "out") == 0
    path = tmp_path / "out" / "small-fp32-openvino.xml"
    assert f"openvino:{path}?device=CPU" in capsys.readouterr().out
    card = read_card(path, "")
    assert (card.runtime, card.precision) == ("openvino", "fp32")
    assert card.fidelity is not None
    assert card.fidelity.mean < 1e-5
    assert card.companion is not None
    load_model(str(path), zoo=Zoo(tmp_path / "cache"))
    found = {path.name for path in (tmp_path / "out").iterdir()}
    assert found == {f"small-fp32-openvino.{ending}" for ending in ("xml", "bin", "json")}


def test_bf16_is_of_fp32_and_on_the_card(tmp_path: Path) -> None:
    source = put(tmp_path, graph(), "small-fp32")
    made = to_ir(source, read_card(source, ""), "bf16", tmp_path)
    assert made.name == "small-bf16-openvino.xml"
    assert read_card(made, "").precision == "bf16"


def test_int8_stays_int8(tmp_path: Path) -> None:
    quantised = quantise(graph(), pictures(), CPU)
    record = Quantised(calibration="noises", scheme="cpu", floats=quantised.floats)
    source = put(tmp_path, quantised.model, "small-int8", precision="int8", quantised=record)
    assert convert(source, tmp_path / "out") == 0
    card = read_card(tmp_path / "out" / "small-int8-openvino.xml", "")
    assert card.precision == "int8"
    assert card.quantised == record
    text = (tmp_path / "out" / card.file).read_text()
    assert 'type="FakeQuantize"' in text


def test_one_over_its_limit_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = put(tmp_path, graph())
    out = tmp_path / "out"

    def off(*_: object) -> None:
        raise ParityError("mean difference of alpha", 0.5, 0.01)

    monkeypatch.setattr(Compared, "require", off)
    assert convert(source, out) == 1
    assert "found 0.5, the limit is 0.01" in capsys.readouterr().err
    assert not list(out.iterdir())


@pytest.mark.parametrize(
    ("changes", "asked", "told"),
    [
        ({"precision": "int8"}, "bf16", "is int8, and does not become bf16"),
        ({"precision": "fp32"}, "int8", "convert onnx --precision int8"),
        ({"runtime": "tensorrt"}, None, "is made of an ONNX graph"),
        ({"recurrent": True}, None, "without memory"),
    ],
)
def test_what_has_no_such_form_says_what_to_make_first(
    changes: dict[str, Any], asked: str | None, told: str, tmp_path: Path
) -> None:
    card = read_card(put(tmp_path, graph(), **changes), "")
    with pytest.raises(ConversionError, match=told):
        resolve(card, asked)


def test_integers_for_tensorrt_are_refused_before_anything_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = quantise(graph(), pictures(), TENSORRT)
    record = Quantised(calibration="noises", scheme="tensorrt", floats=made.floats)
    source = put(tmp_path, made.model, precision="int8", quantised=record)
    assert convert(source, tmp_path / "out") == 1
    assert "OpenVINO runs wrongly" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_an_unreadable_graph_is_told_as_ours(tmp_path: Path) -> None:
    source = put(tmp_path, graph())
    card = read_card(source, "")
    source.write_bytes(b"no graph")
    with pytest.raises(ConversionError, match="OpenVINO cannot read it"):
        to_ir(source, card, "fp32", tmp_path)


def test_a_full_disk_installs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device", str(target))

    source = put(tmp_path, graph())
    monkeypatch.setattr(Path, "replace", full)
    assert convert(source, tmp_path / "out") == 1
    told = capsys.readouterr().err
    assert "No space left on device. Make room" in told
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--onnx", "nowhere.onnx"], "nowhere.onnx: no card"),
        (["--model", "u3net"], "no such model"),
    ],
)
def test_a_source_that_is_not_there_is_named(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["openvino", *arguments]) in (1, 2)
    assert told in capsys.readouterr().err


def test_without_openvino_it_says_which_extra_brings_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = put(tmp_path, graph())
    monkeypatch.setitem(sys.modules, "openvino", None)
    assert convert(source, tmp_path / "out") == 1
    assert "pip install 'edge-matting[openvino]'" in capsys.readouterr().err
