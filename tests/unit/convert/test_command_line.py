"""These hold without torch too, but for those that export."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from convert.__main__ import main
from edge.frame import Frame
from edge.matting.onnx import make as load_model
from edge.zoo.card_file import read_card

ROOT = Path(__file__).resolve().parents[3]

needs_torch = pytest.mark.skipif(
    find_spec("torch") is None or find_spec("onnxscript") is None,
    reason="torch is not installed, so convert is not tested: pip install 'edge-matting[convert]'",
)


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("package", ["torch", "onnxscript", "onnx"])
@needs_torch
def test_without_a_package_it_says_which_extra_brings_it(package: str, tmp_path: Path) -> None:
    weights = tmp_path / "w.pth"
    run(f"import torch; from convert.networks import make; "
        f"torch.save(make('u2netp').state_dict(), {str(weights)!r})")  # fmt: skip
    arguments = ["onnx", "--model", "u2netp", "--size", "32x32", "--weights", str(weights)]
    done = run(
        f"import sys; sys.modules[{package!r}] = None; from convert.__main__ import main; "
        f"sys.exit(main({[*arguments, '--output', str(tmp_path / 'out')]}))"
    )
    assert done.returncode == 1
    assert "pip install 'edge-matting[convert]'" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_help_needs_no_torch() -> None:
    done = run(
        "import sys; from convert.__main__ import main\n"
        "try: main(['onnx', '--help'])\n"
        "finally: sys.exit('torch' in sys.modules)"
    )
    assert done.returncode == 0
    assert "HEIGHTxWIDTH" in done.stdout


@pytest.mark.parametrize("size", ["320", "320x", "x320", "axb", "320x320x3", "-32x32", "3.2x32"])
def test_a_size_that_is_none_is_refused(size: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["onnx", "--model", "u2netp", f"--size={size}"])
    assert "wanted HEIGHTxWIDTH" in capsys.readouterr().err


@needs_torch
@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["--model", "u3net"], 2, "there are u2netp, u2net, portrait, portrait_fast"),
        (["--model", "u2netp", "--size", "33x64"], 1, "the nearest is 32x64"),
        (["--model", "rmbg", "--size", "64x64"], 1, "no weights of rmbg"),
        (["--model", "u2netp", "--weights", "nowhere.pth"], 1, "nowhere.pth: No such file"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(
    arguments: list[str],
    status: int,
    told: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("convert.origins.OWN", tmp_path)
    folders = ["--output", str(tmp_path / "out"), "--cache-dir", str(tmp_path / "cache")]
    assert main(["onnx", *arguments, *folders]) == status
    assert told in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's own weights."""
    import torch

    from convert.networks import make
    from tests.unit.convert.tiny import settled

    network = make("u2netp")
    settled(network)
    path = tmp_path_factory.mktemp("trained") / "mine.pth"
    torch.save(network.state_dict(), path)
    return path


def convert(trained: Path, folder: Path, *more: str) -> int:
    names = ["--model", "u2netp", "--size", "32x64", "--weights", str(trained)]
    return main(["onnx", *names, "--output", str(folder), *more])


@needs_torch
@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_the_service_runs_what_it_makes(trained: Path, tmp_path: Path, precision: str) -> None:
    status = convert(trained, tmp_path, "--precision", precision, "--fit", "letterbox")
    assert status == 0
    path = tmp_path / f"u2netp-32x64-{precision}.onnx"
    card = read_card(path, "")
    assert (card.precision, card.input.size, card.input.fit) == (precision, (64, 32), "letterbox")
    assert card.licence.spdx == "NOASSERTION"
    assert load_model(str(path)).card == card  # checks checksum, input and output
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".json", ".onnx"]


@needs_torch
@pytest.mark.slow
def test_several_sizes_make_one_file_that_is_tried_at_each(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert convert(trained, tmp_path, "--size", "64x32", "--precision", "fp16") == 0
    told = capsys.readouterr().out
    assert "32x64: " in told
    assert "64x32: " in told
    path = tmp_path / "u2netp-fp16.onnx"
    card = read_card(path, "")
    assert (card.id, card.precision) == ("u2netp-fp16", "fp16")
    assert card.input.choices == ((64, 32), (32, 64))
    assert card.fidelity is not None
    shapes = [load_model(str(path)).matte(shown(*size)).alpha.shape for size in ((90, 40), (4, 9))]
    assert shapes == [(32, 64), (64, 32)]
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".json", ".onnx"]


@needs_torch
def test_a_graph_that_is_off_at_a_size_is_not_installed(trained: Path, tmp_path: Path) -> None:
    """One of other weights stands in for one that goes wrong."""
    from convert import pictures
    from convert.errors import ParityError
    from convert.export import export
    from convert.graph import serialise
    from convert.networks import make
    from convert.product import UNKNOWN, Provenance, describe
    from convert.sizes import install_tried
    from edge.zoo.card import ModelInput, Origin
    from tests.unit.convert.tiny import settled

    network = make("u2netp")
    settled(network, seed=7)
    graph = serialise(export(network, (64, 32), dynamic=True))
    sizes = ((64, 32), (32, 64))
    given = ModelInput(width=64, height=32, sizes=sizes, fit="stretch", interpolation="linear")
    card = describe("u2netp", given, "fp32", Provenance(UNKNOWN, Origin(source="")), graph)
    shown = pictures.load(None, 1)
    with pytest.raises(ParityError):
        install_tried((graph, card), ("u2netp", trained), shown, tmp_path, lambda _: None)
    assert list(tmp_path.iterdir()) == []


def shown(width: int, height: int) -> Frame:
    return Frame(np.zeros((height, width, 3), np.uint8), 0, 0)


@needs_torch
def test_a_full_disk_leaves_nothing_half_written(
    trained: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    assert convert(trained, tmp_path / "out") == 1
    told = capsys.readouterr().err
    assert "No space left on device" in told
    assert "--output FOLDER" in told
    assert list((tmp_path / "out").iterdir()) == []


@needs_torch
def test_a_card_beside_the_weights_gives_their_licence(trained: Path, tmp_path: Path) -> None:
    from convert.origins import find
    from edge.errors import ModelMismatch
    from edge.zoo import Zoo

    assert convert(trained, tmp_path) == 0
    made = tmp_path / "u2netp-32x64-fp32.onnx"
    card = tmp_path / "u2netp-32x64-fp32.json"
    card.write_text(card.read_text().replace("NOASSERTION", "CC-BY-4.0"))
    zoo = Zoo(tmp_path / "cache")
    assert find("u2netp", made, zoo).provenance.licence.spdx == "CC-BY-4.0"
    card.write_text("{}")
    with pytest.raises(ModelMismatch, match="not a model card"):
        find("u2netp", made, zoo)


@needs_torch
def test_the_projects_own_weights_are_its_own(trained: Path, tmp_path: Path) -> None:
    from convert.origins import find
    from edge.zoo import Zoo

    (tmp_path / "u2netp.pth").write_bytes(trained.read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("convert.origins.OWN", tmp_path)
        found = find("u2netp", None, Zoo(tmp_path / "cache"))
    assert found.path == tmp_path / "u2netp.pth"
    assert found.provenance.licence.spdx == "Apache-2.0"
