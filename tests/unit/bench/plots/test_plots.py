"""Figures of results: well-formed, complete, and where they should be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from bench.__main__ import main
from bench.plots.axes import Axis, linear, logarithmic
from bench.plots.chart import HEIGHT, WIDTH, Chart
from bench.plots.drawing import draw

SVG = "{http://www.w3.org/2000/svg}"


def row(name: str, fps: float, mad: float, ours: bool = False) -> dict[str, Any]:
    return {"name": name, "label": name, "ours": ours, "fps": {"median": fps}, "mad": mad}


PEERS: dict[str, Any] = {
    "command": "peers",
    "machine": {"cores": 2},
    "size": [1280, 720],
    "rows": [
        {**row("ours", 50, 12, ours=True), "dtssd": 1.0},
        {**row("quick & bad", 150, 30), "dtssd": 3.0},
        {**row("slow <good>", 5, 8), "dtssd": 2.0},
        {**row("beaten", 4, 40), "dtssd": 4.0},
        {"name": "absent", "skipped": "not there"},
    ],
}
VIEWERS: dict[str, Any] = {
    "command": "viewers",
    "ours": [{"viewers": n, "cpu_percent": {"median": 100.0 + n}} for n in (1, 5, 25)],
    "aiortc": [{"viewers": n, "cpu_percent": {"median": 20.0 * n}} for n in (1, 3)],
}


def texts(root: Xml.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def test_each_measure_has_a_figure_with_everyone_who_ran() -> None:
    figures = draw(PEERS)
    assert set(figures) == {"peers_mad.svg", "peers_dtssd.svg"}
    for svg in figures.values():
        root = Xml.fromstring(svg)
        assert {"ours", "quick & bad", "slow <good>", "beaten"} <= set(texts(root))
        assert "absent" not in texts(root)
        assert len(list(root.iter(f"{SVG}circle"))) == 4


def test_points_lie_within_and_the_faster_one_to_the_right() -> None:
    circles = list(Xml.fromstring(draw(PEERS)["peers_mad.svg"]).iter(f"{SVG}circle"))
    places = [(float(c.get("cx", "")), float(c.get("cy", ""))) for c in circles]
    assert all(0 < x < WIDTH and 0 < y < HEIGHT for x, y in places)
    ours, quick, slow, beaten = places
    assert beaten[0] < slow[0] < ours[0] < quick[0]
    assert beaten[1] < quick[1] < ours[1] < slow[1]  # pixels count downwards


def test_the_edge_leaves_out_whom_another_beats_in_both() -> None:
    lines = [
        line
        for line in Xml.fromstring(draw(PEERS)["peers_mad.svg"]).iter(f"{SVG}polyline")
        if line.get("class") == "edge"
    ]
    (edge,) = lines
    assert len(edge.get("points", "").split()) == 3


def test_a_figure_follows_the_page_from_light_to_dark() -> None:
    style = Xml.fromstring(draw(PEERS)["peers_mad.svg"]).find(f"{SVG}style")
    assert style is not None
    assert "prefers-color-scheme: dark" in (style.text or "")


def test_names_do_not_cover_each_other() -> None:
    chart = Chart("crowd", linear("x", [1.0]), linear("y", [1.0]))
    for index in range(4):
        chart.point((0.5, 0.5), f"one of a crowd {index}", "other")
    placed = [
        (e.get("x"), e.get("y"))
        for e in Xml.fromstring(chart.svg()).iter(f"{SVG}text")
        if (e.text or "").startswith("one of")
    ]
    assert len(set(placed)) == 4


def test_viewers_are_drawn_with_and_without_a_baseline() -> None:
    assert "plain aiortc, encoding alone" in texts(Xml.fromstring(draw(VIEWERS)["viewers_cpu.svg"]))
    alone = Xml.fromstring(draw({**VIEWERS, "aiortc": []})["viewers_cpu.svg"])
    assert len(list(alone.iter(f"{SVG}circle"))) == 3


@pytest.mark.parametrize(
    ("axis", "expected"),
    [
        (Axis("", 0, 45), [0, 10, 20, 30, 40]),
        (Axis("", 0, 1.1), [0, 0.5, 1.0]),
        (Axis("", 3, 60, log=True), [5, 10, 20, 50]),
    ],
)
def test_ticks_are_round_numbers(axis: Axis, expected: list[float]) -> None:
    assert axis.ticks() == pytest.approx(expected)


def test_equal_ratios_are_equal_lengths_on_a_logarithmic_axis() -> None:
    axis = logarithmic("", [1, 100])
    assert axis.part(10) - axis.part(1) == pytest.approx(axis.part(100) - axis.part(10))


def test_the_command_writes_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = tmp_path / "peers.json"
    result.write_text(json.dumps(PEERS))
    assert main(["plot", str(result), "--out", str(tmp_path / "figures"), "--json"]) == 0
    written = json.loads(capsys.readouterr().out)["written"]
    assert sorted(Path(path).name for path in written) == ["peers_dtssd.svg", "peers_mad.svg"]
    assert all(Xml.parse(path) for path in written)


@pytest.mark.parametrize("text", ["{}", "nothing", '{"command": "stages"}', "[1]"])
def test_what_is_no_result_or_has_no_figure_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    (tmp_path / "r.json").write_text(text)
    assert main(["plot", str(tmp_path / "r.json"), "--out", str(tmp_path)]) == 2
    assert "r.json" in capsys.readouterr().err


def test_a_training_runs_log_has_a_line_for_each_kind(tmp_path: Path) -> None:
    log = tmp_path / "portrait.csv"
    log.write_text("step,score,as taken,empty\n0,20,25,\n100,12,14,3\n200,10,13,2\n")
    assert main(["plot", str(log), "--out", str(tmp_path)]) == 0
    root = Xml.parse(tmp_path / "training_portrait.svg").getroot()
    assert {"score", "as taken", "empty"} <= set(texts(root))
    lines = [line for line in root.iter(f"{SVG}polyline") if "path" in line.get("class", "")]
    assert [len(line.get("points", "").split()) for line in lines] == [3, 3, 2]
    assert [line.get("class") for line in lines] == ["path ours", "path other", "path other"]


@pytest.mark.parametrize("text", ["", "step,score\n", "a,b\n1,2\n", "step,score\n1,much\n"])
def test_a_csv_that_is_no_log_is_refused(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "other.csv"
    log.write_text(text)
    assert main(["plot", str(log), "--out", str(tmp_path)]) == 2
    assert "wanted the validations.csv of a run" in capsys.readouterr().err
