from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from convert import runners
from convert.__main__ import main
from convert.errors import ConversionError, ParityError
from convert.parity import compare
from convert.pictures import Pictures, load
from convert.report import parity_markdown, record
from convert.runners import Runner
from edge.errors import InputError, UnknownName
from edge.frame import Alpha, Rgb
from edge.zoo import Zoo
from tests.unit.convert.graphs import GIVEN, graph, put


def bright(image: Rgb) -> Alpha:
    return (image[::2, ::2, 0] > 127).astype(np.float32)


def runner(change: Callable[[Alpha], Alpha], precision: str = "int8") -> Runner:
    return Runner("played:", precision, lambda image: change(bright(image)))


REFERENCE = Runner("reference:", "fp32", bright)


@pytest.fixture
def shown() -> Pictures:
    draw = np.random.default_rng(0)
    images = tuple(draw.integers(0, 256, (20 + i, 30, 3), dtype=np.uint8) for i in range(3))
    return Pictures("3 noises", ("a", "b", "c"), images)


def test_the_same_mattes_pass_and_are_said_to_be_so(shown: Pictures) -> None:
    (found,) = compare(REFERENCE, [runner(lambda alpha: alpha, "fp32")], shown)
    found.require()
    assert (found.overall.mean, found.overall.iou) == (0, 1)
    assert found.fidelity(shown).data == "3 noises"


def test_one_over_its_limit_says_what_how_far_and_what_is_allowed(shown: Pictures) -> None:
    (found,) = compare(REFERENCE, [runner(lambda alpha: alpha * 0.9)], shown)
    with pytest.raises(ParityError, match=r"played: \(int8\): mean difference of alpha") as raised:
        found.require()
    assert raised.value.limit == 0.01
    assert raised.value.found == pytest.approx(0.05, rel=0.3)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda alpha: alpha * np.float32("nan"), "not finite"),
        (lambda alpha: alpha * 0, "nothing is left"),
    ],
    ids=["NaN", "all black"],
)
def test_broken_mattes_are_told_apart(
    change: Callable[[Alpha], Alpha], told: str, shown: Pictures
) -> None:
    (found,) = compare(REFERENCE, [runner(change)], shown)
    with pytest.raises(ParityError, match=told):
        found.require()
    json.dumps(record(found), allow_nan=False)
    assert found.worst.drawn().dtype == np.uint8


def test_the_worst_picture_is_the_one_that_is_most_off(shown: Pictures) -> None:
    calls = iter([0.0, 0.5, 0.1])
    (found,) = compare(REFERENCE, [runner(lambda alpha: alpha * (1 - next(calls)))], shown)
    assert found.worst.name == "b"
    drawn = found.worst.drawn()
    assert drawn.shape == (320, 4 * round(30 * 320 / 21), 3)


def test_a_reference_that_is_broken_is_none(shown: Pictures) -> None:
    broken = runner(lambda alpha: alpha * np.float32("nan"), "fp32")
    with (
        np.errstate(all="ignore"),
        pytest.raises(ConversionError, match="alpha of a is not finite"),
    ):
        list(compare(broken, [REFERENCE], shown))


def test_mattes_of_other_sizes_are_refused(shown: Pictures) -> None:
    other = Runner("other:", "fp32", lambda image: bright(image)[1:])
    with pytest.raises(ConversionError, match="wanted one input size"):
        list(compare(REFERENCE, [other], shown))


def test_the_report_shows_all_and_the_limits(shown: Pictures) -> None:
    found = list(compare(REFERENCE, [runner(lambda alpha: alpha), runner(lambda a: a * 0)], shown))
    text = parity_markdown("reference:", shown.label, found)
    assert "| played: | int8 | 0.00e+00 | 0.00e+00 | 1.0000 | passed | a |" in text
    assert "FAILED: nothing is left" in text
    assert "| int8 | 0.01 | - | 0.97 |" in text


def test_the_command_compares_writes_and_fails_where_it_must(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = put(tmp_path, graph(), "good")
    bad = put(tmp_path, graph(seed=9), "bad", precision="int8")
    asked = ["parity", f"onnx:{good}", f"onnx:{bad}", "--reference", f"onnx:{good}", "--count", "2"]
    status = main([*asked, "--output", str(tmp_path / "out"), "--cache-dir", str(tmp_path)])
    assert status == 1
    assert f"onnx:{bad} (int8): mean difference of alpha" in capsys.readouterr().err
    written = json.loads((tmp_path / "out" / "parity.json").read_text())
    assert [each["passed"] for each in written["compared"]] == [True, False]
    assert cv2.imread(str(tmp_path / "out" / "worst-bad.onnx.png")) is not None
    assert main([*asked[:2], *asked[3:]]) == 0


@pytest.mark.parametrize("arguments", [[], ["onnx:u2netp"]])
def test_without_a_reference_it_says_what_is_wanted(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["parity", *arguments]) == 2
    assert "wanted --model MODEL, or --reference SPEC" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("spec", "error", "told"),
    [
        ("torch:u3net", UnknownName, "no such network"),
        ("torch:u2netp?colour=1", InputError, "weights=FILE and size"),
        ("torch:u2netp?size=big", InputError, "wanted HEIGHTxWIDTH"),
        ("banana:u2netp", UnknownName, "no such kind"),
    ],
)
def test_a_spec_that_is_none_is_refused(
    spec: str, error: type[Exception], told: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=told):
        runners.load(spec, Zoo(tmp_path))


def test_the_lots_of_pictures_are_the_same_each_time(tmp_path: Path) -> None:
    draw = np.random.default_rng(1)
    for index in range(6):
        path = tmp_path / f"scene{index // 3}" / f"{index}.png"
        path.parent.mkdir(exist_ok=True)
        cv2.imwrite(str(path), draw.integers(0, 256, (8, 9, 3), dtype=np.uint8))
    first, again = load(tmp_path, 4), load(tmp_path, 4)
    assert first.names == again.names
    assert first.label == again.label
    assert {name[:6] for name in first.names} == {"scene0", "scene1"}
    assert load(tmp_path, 3).label != first.label
    assert first.fitted(GIVEN)[0].shape == (1, GIVEN.height, GIVEN.width, 3)


def test_a_folder_without_pictures_and_a_damaged_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no pictures"):
        load(tmp_path / "nowhere", 3)
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    with pytest.raises(InputError, match=r"a\.jpg: not a picture"):
        load(tmp_path, 3)
    with pytest.raises(InputError, match="wanted 1 or more"):
        load(tmp_path, 0)


def test_where_there_are_no_pictures_the_presenter_is_drawn() -> None:
    drawn = load(None, 3)
    assert drawn.label.startswith("3 pictures of the drawn presenter")
    assert drawn.images[0].shape == (720, 1280, 3)
    assert not np.array_equal(drawn.images[0], drawn.images[1])
