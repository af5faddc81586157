from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from edge import plugins
from edge.errors import InputError, UnknownName
from edge.zoo import Zoo


def test_an_unknown_scheme_lists_those_there_are() -> None:
    with pytest.raises(UnknownName, match=r"onyx.*constant.*onnx"):
        plugins.make("edge.matting", "onyx:u2netp")


def test_private_modules_are_no_kinds() -> None:
    assert not [name for name in plugins.schemes("edge.matting") if name.startswith("_")]


def test_a_kind_is_handed_only_the_context_that_it_takes() -> None:
    model = plugins.make("edge.matting", "constant:0.25", zoo=object())
    assert model.alpha == 0.25


@pytest.mark.parametrize("spec", ["constant:2", "onnx:?threads=2", "onnx:u2netp?speed=9"])
def test_what_is_malformed_is_refused_before_anything_is_loaded(spec: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="wanted|only option"):
        plugins.check("edge.matting", spec, zoo=Zoo(tmp_path / "cache"))


def test_a_kind_that_checks_nothing_is_known_by_its_scheme(tmp_path: Path) -> None:
    plugins.check("edge.backgrounds", "color:nonsense")
    with pytest.raises(UnknownName):
        plugins.check("edge.backgrounds", "colour:00ff00")
    assert list(tmp_path.iterdir()) == []


def test_one_kind_is_made_without_importing_the_others() -> None:
    code = (
        "import sys\nfrom edge import plugins\nplugins.make('edge.matting', 'constant:1')\n"
        "sys.exit('onnxruntime' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_scheme_is_known_without_importing_its_kind() -> None:
    assert plugins.scheme_of("edge.matting", "onnx:u2netp") == "onnx"
    with pytest.raises(UnknownName, match=r"onyx.*constant.*onnx"):
        plugins.scheme_of("edge.matting", "onyx:u2netp")
