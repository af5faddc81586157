"""Known layouts are read where they lie."""

from __future__ import annotations

import base64
import csv
import json
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.errors import UndecodableInput
from train.data.layouts import read
from train.data.pictures import read_alpha
from train.data.records import Record
from train.errors import DataError

SIDE = 24


def put(path: Path, value: int = 90) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((SIDE, SIDE), value, np.uint8))
    return path


def named(records: list[Record]) -> dict[str, Record]:
    return {record.name: record for record in records}


@pytest.mark.parametrize(
    ("images", "masks"),
    [("image", "alpha"), ("image", "matte"), ("images", "masks"), ("img", "mask")],
)
def test_pictures_and_masks_in_two_folders(tmp_path: Path, images: str, masks: str) -> None:
    put(tmp_path / images / "b.jpg")
    put(tmp_path / images / "a.jpg")
    put(tmp_path / images / ".hidden.jpg")
    mask = put(tmp_path / masks / "a.png")
    records = read(tmp_path)
    assert [record.name for record in records] == ["a", "b"]
    assert named(records)["a"].alpha == mask
    assert named(records)["b"].alpha is None


def test_backgrounds_beside_them_show_nobody(people: Path) -> None:
    records = read(people)
    assert [record.background for record in records] == [False] * 12 + [True] * 4


@pytest.mark.parametrize("place", ["image", "."])
def test_pictures_alone_are_people_to_be_labelled(tmp_path: Path, place: str) -> None:
    put(tmp_path / place / "a.jpg")
    put(tmp_path / "background" / "room.jpg")
    person, room = read(tmp_path)
    assert (person.name, person.alpha, person.background) == ("a", None, False)
    assert room.background


def test_p3m_10k(tmp_path: Path) -> None:
    for part in ("train/blurred_image", "validation/P3M-500-P/blurred_image"):
        put(tmp_path / part / "p_1.jpg")
    put(tmp_path / "validation/P3M-500-NP/original_image/p_2.jpg")
    for part in ("train", "validation/P3M-500-P", "validation/P3M-500-NP"):
        put(tmp_path / part / "mask" / "p_1.png")
        put(tmp_path / part / "mask" / "p_2.png")
    records = named(read(tmp_path))
    assert set(records) == {"train-p_1", "P3M-500-P-p_1", "P3M-500-NP-p_2"}
    found = records["P3M-500-NP-p_2"].alpha
    assert found == tmp_path / "validation/P3M-500-NP/mask/p_2.png"


def test_cod10k_by_super_class_without_pictures_that_hide_nothing(tmp_path: Path) -> None:
    names = ("COD10K-CAM-1-Aquatic-2-ClownFish-12", "COD10K-NonCAM-5-Background-1-Bg-7")
    for part in ("Train", "Test"):
        for name in names:
            put(tmp_path / part / "Image" / f"{part}{name}.jpg")
            put(tmp_path / part / "GT_Object" / f"{part}{name}.png")
    assert [record.category for record in read(tmp_path)] == ["aquatic", "aquatic"]


def supervisely(folder: Path, *objects: dict[str, object]) -> None:
    put(folder / "ds1" / "img" / "one.png")
    note = {"size": {"height": SIDE, "width": SIDE}, "objects": list(objects)}
    path = folder / "ds1" / "ann" / "one.png.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(note))


def polygon(title: str) -> dict[str, object]:
    outside, hole = [[4, 4], [15, 4], [15, 15], [4, 15]], [[8, 8], [10, 8], [10, 10], [8, 10]]
    points = {"exterior": outside, "interior": [hole]}
    return {"classTitle": title, "points": points, "bitmap": None}


def bitmap(title: str) -> dict[str, object]:
    stamp = np.zeros((5, 6, 4), np.uint8)
    stamp[1:, :, 3] = 255
    data = zlib.compress(cv2.imencode(".png", stamp)[1].tobytes())
    return {
        "classTitle": title,
        "bitmap": {"data": base64.b64encode(data).decode(), "origin": [18, 2]},
    }


def test_supervisely_draws_polygons_with_holes_and_bitmaps_of_people(tmp_path: Path) -> None:
    supervisely(tmp_path, polygon("person_poly"), bitmap("person_bmp"))
    (record,) = read(tmp_path)
    assert record.alpha is not None
    wanted = np.zeros((SIDE, SIDE), np.float32)
    wanted[4:16, 4:16] = 1
    wanted[8:11, 8:11] = 0
    wanted[3:7, 18:24] = 1
    assert np.array_equal(read_alpha(record.alpha), wanted)


def test_supervisely_leaves_out_what_is_no_person(tmp_path: Path) -> None:
    supervisely(tmp_path, polygon("dog"))
    (record,) = read(tmp_path)
    assert record.alpha is not None
    assert read_alpha(record.alpha).max() == 0


@pytest.mark.parametrize("text", ["", "[]", '{"size": {}}', '{"size": {"height": 2}}'])
def test_a_broken_annotation_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "one.json"
    path.write_text(text)
    with pytest.raises(UndecodableInput, match=r"one\.json"):
        read_alpha(path)


def test_a_manifest_gives_groups_and_its_strict_part(tmp_path: Path) -> None:
    rows = [
        ("images/p1.jpg", "github:x/y@aa:jane-doe.jpg", "CC0-1.0", "yes", "head"),
        ("images/p2.jpg", "github:x/y@bb:old/jane-doe-2.jpg", "Apache-2.0 (repo)", "no", "frame"),
        ("backgrounds/b1.jpg", "github:x/y@aa:hall.hdr#yaw=9", "Unsplash", "no", "background"),
    ]
    for file, *_ in rows:
        put(tmp_path / file)
    with (tmp_path / "manifest.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("file", "source", "licence", "has_mask", "kind"), *rows])
    records = named(read(tmp_path))
    assert records["p1"].group == records["p2"].group == "janedoe"
    assert records["p1"].alpha == tmp_path / "masks" / "p1.png"
    assert records["p2"].weight < records["p1"].weight
    assert records["b1"].background
    assert set(named(read(tmp_path, strict=True))) == {"p1"}
    excepted = read(tmp_path, strict=True, also=("(repo)",))
    assert set(named(excepted)) > {"p1"}


@pytest.mark.parametrize("make", [False, True])
def test_no_folder_or_no_known_layout_says_what_is_wanted(tmp_path: Path, make: bool) -> None:
    folder = tmp_path / "set"
    if make:
        put(folder / "stuff" / "x.jpg")
    with pytest.raises(DataError, match=r"image/ and alpha/|no such folder"):
        read(folder)
