"""Labels by a teacher that another network must agree with."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from edge.frame import Frame, Matte
from train import label
from train.data.layouts import read
from train.data.pictures import read_alpha
from train.data.records import read_index
from train.label import JOURNAL, iou, label_all

Alpha = np.ndarray


class Drawn:
    """A MattingModel that sees a column of people; ``wide`` of the picture."""

    def __init__(self, wide: Callable[[Frame], float]) -> None:
        self._wide, self.calls = wide, 0

    def matte(self, frame: Frame) -> Matte:
        self.calls += 1
        alpha = np.zeros((32, 32), np.float32)
        alpha[:, : round(32 * self._wide(frame))] = 1
        return Matte(alpha)

    def reset(self) -> None: ...


@pytest.fixture
def networks(monkeypatch: pytest.MonkeyPatch) -> dict[str, Drawn]:
    """``onnx:one`` and ``onnx:two``, which agree until a test says otherwise."""
    made = {"onnx:one": Drawn(lambda _: 0.5), "onnx:two": Drawn(lambda _: 0.5)}
    monkeypatch.setattr(label.plugins, "make", lambda room, spec: made[spec])
    return made


SPECS = ("onnx:one", "onnx:two")


def hands_off(people: Path) -> None:
    for mask in (people / "alpha").iterdir():
        mask.unlink()


def test_where_both_agree_the_teachers_alpha_is_the_label(
    people: Path, tmp_path: Path, networks: dict[str, Drawn]
) -> None:
    counts = label_all(read(people), SPECS, tmp_path / "out", 0.8)
    assert counts == {"teacher": 12}
    records = read_index(tmp_path / "out")
    assert sum(record.background for record in records) == 4
    (first, *_) = (record for record in records if record.alpha)
    assert read_alpha(first.alpha).mean() == pytest.approx(0.5, abs=0.02)


def test_where_they_differ_the_mask_made_by_hand_is_used_and_else_none(
    people: Path, tmp_path: Path, networks: dict[str, Drawn]
) -> None:
    networks["onnx:two"] = Drawn(lambda _: 0.2)
    (people / "alpha" / "p00.png").unlink()
    counts = label_all(read(people), SPECS, tmp_path / "out", 0.8)
    assert counts == {"hand": 11, "dropped": 1}
    by_name = {record.name: record for record in read_index(tmp_path / "out")}
    assert "p00" not in by_name
    hand = read_alpha(people / "alpha" / "p01.png")
    assert np.allclose(read_alpha(by_name["p01"].alpha), hand, atol=1 / 255)


def test_a_teacher_that_sees_nobody_is_not_believed(
    people: Path, tmp_path: Path, networks: dict[str, Drawn]
) -> None:
    networks |= {spec: Drawn(lambda _: 0.0) for spec in SPECS}
    hands_off(people)
    assert label_all(read(people), SPECS, tmp_path / "out", 0.8) == {"dropped": 12}


def test_a_broken_picture_is_named_and_the_rest_is_labelled(
    people: Path, tmp_path: Path, networks: dict[str, Drawn]
) -> None:
    broken = people / "image" / "p05.png"
    broken.write_bytes(broken.read_bytes()[:200])
    assert label_all(read(people), SPECS, tmp_path / "out", 0.8) == {"teacher": 11, "unreadable": 1}
    rows = list(csv.reader((tmp_path / "out" / JOURNAL).open()))
    assert [row[0] for row in rows if "p05.png" in row[3]] == ["p05"]


def test_after_a_kill_only_what_is_left_is_done(
    people: Path, tmp_path: Path, networks: dict[str, Drawn]
) -> None:
    out = tmp_path / "out"
    label_all(read(people)[:7], SPECS, out, 0.8)
    journal = (out / JOURNAL).read_text()
    (out / JOURNAL).write_text(journal + "p07,tea")  # cut off while it was written
    networks["onnx:one"].calls = 0
    assert label_all(read(people), SPECS, out, 0.8) == {"teacher": 12}
    assert networks["onnx:one"].calls == 5
    label_all(read(people), SPECS, out, 0.8)
    assert networks["onnx:one"].calls == 5
    assert len(read_index(out)) == 16


def test_iou_of_alphas_cut_at_a_half() -> None:
    a, b = np.zeros((4, 4), np.float32), np.zeros((4, 4), np.float32)
    assert iou(a, b) == 1
    a[:2], b[1:3] = 0.9, 0.6
    assert iou(a, b) == pytest.approx(1 / 3)
    assert iou(a, np.full((4, 4), 0.4, np.float32)) == 0
