from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.__main__ import main


@pytest.fixture
def stills(tmp_path: Path) -> Path:
    draw = np.random.default_rng(0)
    for name, shape in (("image", (40, 60, 3)), ("alpha", (40, 60))):
        (tmp_path / "people" / name).mkdir(parents=True)
        picture = draw.integers(0, 256, shape, dtype=np.uint8)
        cv2.imwrite(str(tmp_path / "people" / name / "one.png"), picture)
    return tmp_path


def test_each_is_compared_with_the_first(stills: Path, capsys: pytest.CaptureFixture[str]) -> None:
    specs = ["constant:0.75", "constant:0.7", "constant:0.25"]
    assert main(["runtimes", "--data", str(stills), "--json", *specs]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["reference"] == "constant:0.75"
    first, near, far = (report["runtimes"][spec] for spec in specs)
    assert (first["mean_difference"], first["iou"], first["times_as_fast"]) == (0, 1, 1)
    assert near["mean_difference"] == pytest.approx(0.05, abs=1e-6)
    assert near["iou"] == 1
    assert far["iou"] == 0


def test_one_alone_cannot_be_compared(stills: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runtimes", "--data", str(stills), "constant:1"]) == 2
    assert "at least one more" in capsys.readouterr().err


def test_data_without_stills_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert main(["runtimes", "--data", str(tmp_path), "constant:1", "constant:0"]) == 2
    assert "no stills with alpha" in capsys.readouterr().err
