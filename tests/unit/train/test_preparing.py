"""prepare, check, split and sheets: a folder of pictures becomes one to train on."""

from __future__ import annotations

import xml.etree.ElementTree as ET  # noqa: S405 - our own file
from pathlib import Path

import cv2
import numpy as np
import pytest

from train.__main__ import main
from train.check import check
from train.data.layouts import read
from train.data.pictures import read_alpha, read_rgb
from train.data.records import read_index
from train.prepare import count_plot


@pytest.fixture
def flawed(people: Path) -> Path:
    """The drawn set with one fault of each kind."""
    image, alpha = people / "image", people / "alpha"
    (image / "p00.png").write_bytes((image / "p00.png").read_bytes()[:300])
    cv2.imwrite(str(alpha / "p01.png"), np.zeros((20, 30), np.uint8))
    cv2.imwrite(str(alpha / "p02.png"), np.zeros((96, 96), np.uint8))
    (alpha / "p03.png").unlink()
    copy = cv2.resize(cv2.imread(str(image / "p04.png")), (80, 80))
    cv2.imwrite(str(image / "p05.png"), copy)
    cv2.imwrite(str(alpha / "p05.png"), np.full((80, 80), 255, np.uint8))
    return people


def test_check_names_every_fault(flawed: Path) -> None:
    faults = check(read(flawed))
    assert {fault: len(names) for fault, names in faults.items()} == {
        "unreadable": 1,
        "size mismatch": 1,
        "empty mask": 1,
        "no mask": 1,
        "near-duplicate": 1,
    }
    assert "p00.png" in faults["unreadable"][0]
    assert faults["size mismatch"] == ["p01: 96x96 and 30x20"]
    assert faults["near-duplicate"] == ["p04 and p05"]


def test_a_good_set_has_no_faults(people: Path) -> None:
    assert check(read(people)) == {}


def test_check_tells_and_writes_a_report(
    flawed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.txt"
    assert main(["check", "--data", str(flawed), "--report", str(report)]) == 0
    assert "16 pictures, 13 good" in capsys.readouterr().out
    assert "p04 and p05" in report.read_text()


def test_check_refuses_a_set_without_one_good_picture(
    people: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in [*people.rglob("*.png")]:
        path.write_bytes(b"broken")
    assert main(["check", "--data", str(people)]) == 1
    assert "nothing to train on" in capsys.readouterr().err


def test_prepare_renames_shrinks_and_skips(
    flawed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    given = ["--data", str(flawed), "--output", str(out), "--side", "48", "--name", "set"]
    assert main(["prepare", *given]) == 0
    assert "14 pictures; 2 left out" in capsys.readouterr().out
    records = read_index(out)
    assert len(records) == 14
    assert all(record.name.startswith("set-") for record in records)
    for record in records:
        image = read_rgb(record.image)
        assert max(image.shape) == 48
        if record.alpha is not None:
            assert read_alpha(record.alpha).shape == image.shape[:2]
    assert (out / "skipped.txt").read_text().count("\n") == 2
    assert read(out) == records


def test_the_count_plot_has_a_bar_per_category_in_proportion() -> None:
    drawn = ET.fromstring(count_plot({"head": 40, "full & far": 10}))  # noqa: S314 - our own
    texts = [element.text for element in drawn.iter() if element.tag.endswith("text")]
    bars = [
        float(element.attrib["width"])
        for element in drawn.iter()
        if element.tag.endswith("rect") and element.attrib["width"] != "100%"
    ]
    assert texts == ["head", "40", "full & far", "10"]
    assert bars[0] == pytest.approx(4 * bars[1])


def test_split_writes_both_sides_and_loses_none(people: Path, tmp_path: Path) -> None:
    out = tmp_path / "sides"
    given = ["--data", str(people), "--output", str(out), "--share", "0.4"]
    assert main(["split", *given]) == 0
    sides = [
        {record.name for record in read_index(out / f"{n}.csv")} for n in ("train", "held-out")
    ]
    assert all(sides)
    assert not sides[0] & sides[1]
    assert sides[0] | sides[1] == {record.name for record in read(people)}


@pytest.mark.parametrize("share", ["0", "1", "-2"])
def test_an_impossible_share_is_refused(people: Path, tmp_path: Path, share: str) -> None:
    given = ["--data", str(people), "--output", str(tmp_path), "--share", share]
    assert main(["split", *given]) == 2


def test_sheets_show_picture_alpha_and_cut_out(flawed: Path, tmp_path: Path) -> None:
    out = tmp_path / "sheets"
    assert main(["sheets", "--data", str(flawed), "--output", str(out)]) == 0
    drawn = read_rgb(out / "sheet-001.png")
    assert drawn.shape == (4 * 160, 4 * 480, 3)
    assert (drawn == (0, 177, 64)).all(axis=2).mean() > 0.05  # green behind the cut-outs
