from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.__main__ import main
from bench.dataset import Part, find_parts
from bench.quality import measure
from edge.controls import MatteControls
from edge.drawn.presenter import paint
from edge.errors import InputError
from edge.frame import Frame, Matte

SIZE = (128, 96)
FRAMES = 6


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All three kinds of part, drawn."""
    root = tmp_path_factory.mktemp("data")
    for folder in ("people/image", "people/alpha", "clips/talk/alpha", "empty", "other/deep"):
        (root / folder).mkdir(parents=True)
    coder = cv2.VideoWriter.fourcc(*"mp4v")
    clip = cv2.VideoWriter(str(root / "clips/talk/composite.mp4"), coder, 25, SIZE)
    for index in range(FRAMES):
        image, alpha = paint(index * 5, SIZE)
        clip.write(image[..., ::-1])
        cv2.imwrite(str(root / f"clips/talk/alpha/{index:04}.png"), np.rint(alpha * 255))
        if index < 2:
            cv2.imwrite(str(root / f"people/image/{index}.jpg"), image[..., ::-1])
            deep = np.rint(alpha * 65535).astype(np.uint16)
            cv2.imwrite(str(root / f"people/alpha/{index}.png"), deep)
    clip.release()
    cv2.imwrite(str(root / "empty/wall.png"), np.full((96, 128, 3), 90, np.uint8))
    return root


class Shy:
    """Knows the truth of each frame by its index, and says 0.9 where it is 1."""

    def __init__(self, step: int = 5) -> None:
        self._step = step

    def matte(self, frame: Frame) -> Matte:
        return Matte(paint(frame.index * self._step, SIZE)[1] * np.float32(0.9))

    def reset(self) -> None:
        """Nothing to forget."""


def part(data: Path, name: str) -> Part:
    return next(found for found in find_parts(data) if found.name == name)


def test_the_parts_are_found_by_what_lies_in_them(data: Path):
    found = [(p.name, p.kind, len(p)) for p in find_parts(data)]
    assert found == [("talk", "clip", FRAMES), ("empty", "empty", 1), ("people", "stills", 2)]


@pytest.mark.parametrize("inner", ["people", "clips", "clips/talk", "empty"])
def test_one_part_alone_can_be_named(data: Path, inner: str):
    assert len(find_parts(data / inner)) == 1


def test_a_folder_without_data_is_refused_with_what_was_wanted(data: Path):
    with pytest.raises(InputError, match=r"wanted image/ \+ alpha/"):
        find_parts(data / "other")


def test_alphas_of_8_and_of_16_bits_read_as_zero_to_one(data: Path):
    for name in ("people", "talk"):
        sample = next(iter(part(data, name).samples()))
        assert sample.truth is not None
        assert np.abs(sample.truth - paint(0, SIZE)[1]).max() < 0.005


def test_raw_numbers_are_the_models_and_refined_ones_are_better(data: Path):
    (measured,) = measure([part(data, "talk")], Shy(), MatteControls(softness=0.2))
    raw, refined = measured.summary("raw"), measured.summary("refined")
    coverage = np.mean([paint(i * 5, SIZE)[1].mean() for i in range(FRAMES)])
    assert raw["mad"]["mean"] == pytest.approx(100 * coverage, rel=0.01)
    assert refined["mad"]["mean"] < 0.5 * raw["mad"]["mean"]
    assert set(raw) == {"mad", "mse", "grad", "conn", "dtssd"}
    assert len(measured.numbers["raw"]["dtssd"]) == FRAMES - 1


def test_stills_are_scenes_of_their_own(data: Path):
    (measured,) = measure([part(data, "people")], Shy(), MatteControls(temporal=0.95))
    assert "dtssd" not in measured.summary("raw")


def test_empty_scenes_are_measured_by_their_mean_alpha(data: Path):
    class Haze(Shy):
        def matte(self, frame: Frame) -> Matte:
            haze = np.zeros((32, 32), np.float32)
            haze[:, :16] = 0.6
            return Matte(haze)

    (measured,) = measure([part(data, "empty")], Haze(), MatteControls())
    assert measured.summary("raw") == {"mean_alpha": {"mean": 0.3, "median": 0.3}}
    assert measured.summary("refined") == {"mean_alpha": {"mean": 0, "median": 0}}


def test_people_whom_the_gate_hides_are_counted(data: Path):
    class Unsure(Shy):
        def matte(self, frame: Frame) -> Matte:
            return Matte(super().matte(frame).alpha * np.float32(0.7))

    (measured,) = measure([part(data, "people")], Unsure(), MatteControls())
    assert measured.hidden == 2


def test_a_clip_with_fewer_frames_than_alphas_is_refused(data: Path, tmp_path: Path):
    (tmp_path / "alpha").mkdir()
    (tmp_path / "composite.mp4").symlink_to(data / "clips/talk/composite.mp4")
    for index in range(FRAMES + 1):
        cv2.imwrite(str(tmp_path / f"alpha/{index:04}.png"), np.zeros(SIZE[::-1], np.uint8))
    with pytest.raises(InputError, match=f"{FRAMES} frames decode, but there are {FRAMES + 1}"):
        list(find_parts(tmp_path)[0].samples())


def test_a_picture_without_alpha_or_of_another_size_is_refused(tmp_path: Path):
    for folder in ("image", "alpha"):
        (tmp_path / folder).mkdir()
    cv2.imwrite(str(tmp_path / "image/a.png"), np.zeros((8, 9, 3), np.uint8))
    (part,) = find_parts(tmp_path)
    with pytest.raises(InputError, match=r"alpha/a\.png: wanted the true alpha"):
        list(part.samples())
    cv2.imwrite(str(tmp_path / "alpha/a.png"), np.zeros((9, 8), np.uint8))
    with pytest.raises(InputError, match=r"picture is \(8, 9\), its alpha \(9, 8\)"):
        list(part.samples())


def test_the_command_prints_json_that_says_where_its_numbers_come_from(data: Path, capsys):
    arguments = ["quality", "--data", str(data / "empty"), "--matting", "constant:0.25"]

    assert main([*arguments, "--controls", "presence=false", "softness=1", "--json"]) == 0

    report = json.loads(capsys.readouterr().out)
    assert report["parts"][0]["raw"]["mean_alpha"]["mean"] == 0.25
    assert report["controls"]["presence"] is False
    assert {"machine", "versions", "commit", "matting", "units"} <= set(report)
    assert report["versions"]["numpy"] == np.__version__
    assert str(data) not in json.dumps(report)


def test_the_command_prints_a_row_for_each_part_and_treatment(data: Path, capsys):
    assert main(["quality", "--data", str(data), "--matting", "constant:0.25"]) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = [line.split()[:3] for line in lines[1:] if "hidden" not in line]
    assert rows == [
        [name, treatment, average]
        for name in ("talk", "empty", "people")
        for treatment in ("raw", "refined")
        for average in ("mean", "median")
    ]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--controls", "softness=9"], "softness: Input should be less than or equal to 1"),
        (["--controls", "sharpness=1"], "sharpness: Extra inputs are not permitted"),
        (["--matting", "nothing:"], "no such kind"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_one_line(
    data: Path, capsys, arguments: list[str], complaint: str
):
    assert main(["quality", "--data", str(data / "empty"), *arguments]) == 2
    error = capsys.readouterr().err.strip()
    assert complaint in error
    assert "\n" not in error
