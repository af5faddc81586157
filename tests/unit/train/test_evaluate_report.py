"""The page, the tables and the command."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge import plugins
from edge.errors import StorageError
from train.__main__ import main
from train.data.records import Record
from train.evaluate import Evaluation, Plan, compare, evaluate, find_scenes, write_report
from train.evaluate.charts import Axis, Series, histogram, lines

VOID = {"meta", "img", "line", "link", "br", "path"}


class Page(HTMLParser):
    """Where a page would fetch from, its pictures, and whether its tags are balanced."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.sources: list[str] = []
        self.open: list[str] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.sources += [value or "" for name, value in attrs if name in ("src", "href", "poster")]
        if tag not in VOID or tag == "path":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture
def measured(people: Path) -> Evaluation:
    half = plugins.make("edge.matting", "constant:0.6")
    return evaluate(half, find_scenes(people), "half", Plan(cases=2, progress=False))


def test_the_page_is_one_file_that_fetches_nothing(measured: Evaluation, tmp_path: Path):
    page = write_report(tmp_path, measured, "people", {"command": "python -m train evaluate"})
    text = page.read_text()
    found = Page(text)
    assert not found.open
    assert "script" not in found.tags
    cases = [*measured.worst, *measured.best]  # five pictures each; of a room there is no truth
    assert len(found.sources) == sum(4 + (case.truth is not None) for case in cases)
    assert all(source.startswith("data:image/webp;base64,") for source in found.sources)
    assert not re.search(r"url\(|@import", text)
    assert "default-src 'none'" in text


def test_the_page_says_what_was_measured_how_and_with_what(measured: Evaluation, tmp_path: Path):
    shown = replace(measured, card={"id": "half", "licence": {"spdx": "Apache-2.0"}})
    text = write_report(tmp_path, shown, "people", {"commit": "abc123"}).read_text()
    mad = measured.summary("refined")["mad"]["mean"]
    for wanted in ("half", "16 pictures", f"{mad:.2f}", "abc123", "licence.spdx", "Apache-2.0"):
        assert wanted in text
    for title in ("Precision and recall", "F1 over the threshold", "Errors of single pictures"):
        assert title in text
    assert "prefers-color-scheme: dark" in text


def test_names_are_text_and_never_markup(measured: Evaluation, tmp_path: Path):
    case = replace(measured.worst[0], name="<script>alert(1)</script>")
    shown = replace(
        measured,
        name="<b>bold</b>",
        worst=(case,),
        left_out={"<i>x": "& why"},
        hidden=("<u>",),
    )
    found = Page(write_report(tmp_path, shown, "<s>", {"command": "<code>"}).read_text())
    assert not {"script", "i", "u", "s"} & set(found.tags)


def test_score_csv_begins_with_the_columns_of_segmentation_tables(
    measured: Evaluation, tmp_path: Path
):
    write_report(tmp_path, measured, "people", {})
    rows = list(csv.DictReader(io.StringIO((tmp_path / "score.csv").read_text())))
    assert list(rows[0])[:6] == ["Image", "Accuracy", "F1", "Jaccard", "Recall", "Precision"]
    assert [row["Image"] for row in rows] == [score.name for score in measured.scores]
    first, room = rows[0], next(row for row in rows if row["Category"] == "background")
    # A constant alpha of 0.6 finds everything: recall 1, and precision is the person's share.
    share = measured.scores[0].treatments["raw"]["precision"]
    assert float(first["Recall"]) == 1
    assert float(first["Precision"]) == float(first["Accuracy"]) == pytest.approx(share, abs=1e-5)
    assert room["F1"] == room["MAD"] == ""
    assert float(room["MeanAlpha"]) == pytest.approx(0.6)
    assert first["MeanAlpha"] == first["dtSSD"] == ""
    refined = (tmp_path / "score-refined.csv").read_text()
    assert refined.splitlines()[0] == ",".join(rows[0])


def test_the_summary_is_json_with_units_categories_and_what_was_left_out(
    measured: Evaluation, tmp_path: Path
):
    shown = replace(measured, left_out={"gone": "no such file"})
    write_report(tmp_path, shown, "people", {"commit": "abc"})
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary["raw"]["mad"] == measured.summary("raw")["mad"]
    assert set(summary["categories"]) == {"person", "background"}
    assert summary["units"]["mad"] == "x 1e3"
    assert summary["left_out"] == {"gone": "no such file"}
    assert summary["how"] == {"commit": "abc"}


def test_a_comparison_shows_before_and_after_side_by_side(people: Path, tmp_path: Path):
    models = [plugins.make("edge.matting", f"constant:{alpha}") for alpha in (0.6, 0.3)]
    plan = Plan(cases=2, progress=False)
    found = compare((models[0], models[1]), find_scenes(people), ("old", "new"), plan)
    text = write_report(tmp_path, found, "people", {}).read_text()
    assert not Page(text).open
    for wanted in ("new", "against old", "alpha before", "composite after", "became better"):
        assert wanted in text
    assert (tmp_path / "before-score.csv").read_text() != (tmp_path / "score.csv").read_text()
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary["before"]["model"] == "old"
    assert sum(summary["verdicts"]["refined"].values()) == 12


@pytest.mark.parametrize("kind", ["rooms", "people"])
def test_a_set_of_one_kind_has_a_page_too(people: Path, tmp_path: Path, kind: str):
    scenes = [s for s in find_scenes(people) if (s.category == "background") == (kind == "rooms")]
    model = plugins.make("edge.matting", "constant:0")
    found = evaluate(model, scenes, plan=Plan(cases=0, progress=False))
    text = write_report(tmp_path, found, kind, {}).read_text()
    assert not Page(text).open
    assert ("Precision and recall" in text) == (kind == "people")


def test_a_folder_that_cannot_be_written_is_said(measured: Evaluation, tmp_path: Path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StorageError, match="give another --output"):
        write_report(tmp_path / "taken", measured, "people", {})


def test_ticks_are_round_and_within_the_axis():
    assert Axis("", 0, 1).ticks() == [0, 0.2, 0.4, 0.6, 0.8, 1]
    assert Axis("", 0.7, 1).ticks() == [0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1]
    assert Axis("", 0, 239).ticks() == [0, 50, 100, 150, 200]
    assert Axis("", 4, 130, log=True).ticks() == [5, 10, 20, 50, 100]
    for high in (0.011, 3, 7.7, 1e4):
        assert 3 <= len(Axis("", 0, high).ticks()) <= 7


def test_a_line_runs_from_end_to_end_however_many_points_it_has():
    series = Series("a", "raw", range(1001), [n / 1000 for n in range(1001)])
    (mark,) = lines("t", [series], (Axis("x", 0, 1000), Axis("y", 0, 1))).marks
    points = re.findall(r"([\d.]+) ([\d.]+)", mark.d)
    assert len(points) < 300
    assert points[0] == ("52.0", "220.0")  # the plot's lower left corner, and its upper right one
    assert points[-1] == ("448.0", "12.0")


def test_a_histogram_counts_every_picture_once():
    drawn = histogram("t", "MAD", [Series("a", "raw", (), [0.0, 1, 1, 10, 100])])
    counts = [int(re.search(r"a: (\d+)", mark.title)[1]) for mark in drawn.marks]
    assert sum(counts) == 5
    assert max(counts) == 2


def test_the_command_measures_reports_and_says_what_came_of_it(people: Path, tmp_path, capsys):
    out = tmp_path / "out"
    (people / "image/p00.png").write_bytes(b"no picture")
    arguments = ["evaluate", "--model", "constant:0.25", "--data", str(people)]
    assert main([*arguments, "--output", str(out), "--cases", "1"]) == 0
    said = capsys.readouterr().out
    assert "15 pictures, 1 left out, such as p00" in said
    assert str(out / "report.html") in said
    assert {p.name for p in out.iterdir()} == {
        "report.html", "score.csv", "score-refined.csv", "summary.json"
    }  # fmt: skip
    row = next(line for line in said.splitlines() if line.startswith("mean alpha"))
    assert row.split()[-2:] == ["0.250", "0.000"]  # the gate hides what nobody is in


def test_the_command_compares_and_limits(people: Path, tmp_path: Path, capsys):
    arguments = ["evaluate", "--model", "constant:0.25", "--compare", "constant:0.6"]
    more = ["--data", str(people), "--output", str(tmp_path / "out"), "--limit", "4"]
    assert main([*arguments, *more, "--held-out", "0.9"]) == 0
    assert "4 pictures" in capsys.readouterr().out
    assert (tmp_path / "out/before-score.csv").exists()


@pytest.mark.parametrize(
    ("more", "complaint", "status"),
    [
        (["--limit", "0"], "--limit 0: wanted 1 or more", 2),
        (["--size", "192x320"], "--size and --network are for checkpoints", 2),
        (["--held-out", "3"], "--held-out 3.0: wanted a share", 2),
        (["--compare", "best.pt", "--size", "big"], "--size big: wanted HEIGHTxWIDTH", 2),
        (["--compare", "best.pt"], "best.pt: no such checkpoint", 1),
        (["--data", "nowhere"], "nowhere: no such folder", 1),
        (["--model", "onnx:nowhere.onnx"], "no such file", 1),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    people: Path, tmp_path: Path, capsys, more: list[str], complaint: str, status: int
):
    arguments = ["evaluate", "--model", "constant:0.25", "--data", str(people)]
    assert main([*arguments, "--output", str(tmp_path / "out"), *more]) == status
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert complaint in error
    assert not (tmp_path / "out").exists()


def test_nothing_to_measure_is_refused(tmp_path: Path):
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((8, 8, 3), np.uint8))
    lonely = Record("a", tmp_path / "a.png")
    model = plugins.make("edge.matting", "constant:0")
    with pytest.raises(Exception, match="no mask or alpha to compare with"):
        evaluate(model, [lonely], plan=Plan(progress=False))
