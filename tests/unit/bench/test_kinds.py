"""Kinds that only the bench knows, and what becomes of those that this machine lacks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from bench import kinds
from bench.__main__ import main
from bench.live.codes import Code, read
from edge import plugins
from edge.drawn.presenter import paint
from edge.errors import InputError, ModelError, UnknownName
from edge.frame import Frame, Matte

FRAME = Frame(paint(0, (320, 180))[0], 7, 5_000_000)


@pytest.fixture(autouse=True)
def offered() -> None:
    kinds.offer()


def test_the_service_knows_them_only_where_they_are_offered() -> None:
    code = "from edge import plugins; print(plugins.schemes('edge.compositors'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "coded" not in done.stdout
    assert "coded" in plugins.schemes("edge.compositors")
    assert "torch" in plugins.schemes("edge.matting")


def test_coded_paints_over_what_another_compositor_made() -> None:
    plain = plugins.make("edge.compositors", "opencv:")
    coded = plugins.make("edge.compositors", "coded:opencv:")
    matte, background = Matte(np.ones((45, 80), np.float32)), np.zeros_like(FRAME.image)
    image = coded.compose(FRAME, matte, background)
    assert (image[60:] == plain.compose(FRAME, matte, background)[60:]).all()
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2YUV_I420)[:180]
    assert read(gray) == Code(7, 5_000_000)
    with pytest.raises(UnknownName):
        plugins.make("edge.compositors", "coded:nothing:")


def test_torch_mattes_frames() -> None:
    pytest.importorskip("torch")
    model = plugins.make("edge.matting", "torch:portrait_fast?size=128x64&device=cpu")
    alpha = model.matte(FRAME).alpha
    assert alpha.shape == (64, 128)
    assert alpha.dtype == np.float32
    assert 0 <= alpha.min() < alpha.max() <= 1


@pytest.mark.parametrize("option", ["size=big", "device=tpu", "precision=f8", "speed=high"])
def test_an_option_that_is_not_there_is_refused(option: str) -> None:
    with pytest.raises(InputError, match="wanted size"):
        plugins.make("edge.matting", f"torch:portrait_fast?{option}")


def test_half_precision_is_for_a_gpu() -> None:
    pytest.importorskip("torch")
    with pytest.raises(ModelError, match="for a GPU"):
        plugins.make("edge.matting", "torch:portrait_fast?device=cpu&precision=f16")


def test_runtimes_skips_what_this_machine_lacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for name, shape in (("image", (40, 60, 3)), ("alpha", (40, 60))):
        (tmp_path / name).mkdir()
        cv2.imwrite(str(tmp_path / name / "one.png"), np.full(shape, 90, np.uint8))
    specs = ["constant:0.5", "constant:0.25", "torch:u2netp?device=cuda"]
    assert main(["runtimes", "--data", str(tmp_path), "--json", *specs]) == 0
    report = json.loads(capsys.readouterr().out)
    assert list(report["runtimes"]) == specs[:2]
    assert report["skipped"] == {specs[2]: "PyTorch finds no GPU here"}
    assert main(["runtimes", "--data", str(tmp_path), specs[2], specs[0]]) == 2
    assert "no GPU" in capsys.readouterr().err
