"""The store: what is drawn from, made once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from train.data.cutout import carry_on_shoulders, foreground_colors
from train.data.layouts import read
from train.data.pictures import read_rgb
from train.data.records import Record, read_index, write_index
from train.data.store import open_store
from train.errors import DataError


def test_pictures_come_back_as_they_lie_on_disk(people: Path, tmp_path: Path) -> None:
    records = read(people)
    store = open_store(tmp_path / "cache", records, 96)
    assert store.records() == records
    for number in (0, 5, len(store) - 1):
        stored = store[number]
        assert np.array_equal(stored.image, read_rgb(stored.record.image))
        assert stored.matte.shape == stored.image.shape[:2]
        assert stored.matte.any() == (not stored.record.background)


def test_a_large_picture_is_shrunk_and_a_small_one_left(people: Path, tmp_path: Path) -> None:
    records = read(people)[:1]
    assert open_store(tmp_path / "small", records, 48)[0].image.shape == (48, 48, 3)
    assert open_store(tmp_path / "large", records, 999)[0].image.shape == (96, 96, 3)


def test_the_store_is_made_once_and_anew_when_a_file_changes(people: Path, tmp_path: Path) -> None:
    cache, records = tmp_path / "cache", read(people)
    open_store(cache, records, 96)
    (made,) = cache.iterdir()
    open_store(cache, records, 96)
    assert list(cache.iterdir()) == [made]
    cv2.imwrite(str(people / "image" / "p00.png"), np.full((96, 96, 3), 7, np.uint8))
    assert int(open_store(cache, records, 96)[0].image.max()) == 7


def test_bad_pictures_among_many_are_named_and_skipped(people: Path, tmp_path: Path) -> None:
    (people / "image" / "p03.png").write_bytes(b"broken")
    cv2.imwrite(str(people / "alpha" / "p04.png"), np.zeros((10, 20), np.uint8))
    (people / "alpha" / "p05.png").unlink()
    cv2.imwrite(str(people / "alpha" / "p06.png"), np.zeros((96, 96), np.uint8))
    store = open_store(tmp_path / "cache", read(people), 96)
    assert set(store.skipped) == {"p03", "p04", "p05", "p06"}
    assert "it belongs into background/" in store.skipped["p06"]
    assert "20x10, its picture is 96x96" in store.skipped["p04"]
    assert "label it first" in store.skipped["p05"]
    assert len(store) == 12


def test_a_set_without_one_good_person_is_refused(people: Path, tmp_path: Path) -> None:
    for mask in (people / "alpha").iterdir():
        mask.write_bytes(b"broken")
    with pytest.raises(DataError, match="no picture of a person"):
        open_store(tmp_path / "cache", read(people), 96)


def test_an_index_moves_with_its_folder(tmp_path: Path) -> None:
    inside, outside = tmp_path / "set" / "image" / "a.png", tmp_path / "other" / "b.png"
    records = [
        Record("a", inside, inside, "head", "ann", 0.5),
        Record("b", outside, None, "background"),
    ]
    write_index(tmp_path / "set" / "index.csv", records)
    (tmp_path / "set").rename(tmp_path / "moved")
    there = read_index(tmp_path / "moved")
    moved = tmp_path / "moved" / "image" / "a.png"
    assert there == [replace(records[0], image=moved, alpha=moved), records[1]]


@pytest.mark.parametrize(
    "text", ["name,image\n", "name,picture\na,b\n", "name,image,weight\na,b,heavy\n"]
)
def test_an_index_that_names_nothing_or_nonsense_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "index.csv").write_text(text)
    with pytest.raises(DataError):
        read(tmp_path)


def test_one_name_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "index.csv").write_text("name,image\na,1.png\na,2.png\n")
    with pytest.raises(DataError, match="more than one row"):
        read_index(tmp_path)


def test_the_persons_colour_is_found_under_a_soft_edge() -> None:
    alpha = np.tile(np.clip(np.linspace(-4, 5, 96), 0, 1).astype(np.float32), (64, 1))
    person, room = np.array([200.0, 60, 40]), np.array([20.0, 120, 220])
    image = np.rint(alpha[..., None] * person + (1 - alpha[..., None]) * room).astype(np.uint8)
    colors = foreground_colors(image, alpha).astype(float)
    soft = (alpha > 0.2) & (alpha < 0.9)
    off = np.abs(colors[soft] - person).mean()
    assert off < 0.35 * np.abs(image[soft] - person).mean()


def test_cut_shoulders_are_carried_on_to_the_bottom() -> None:
    alpha = np.zeros((60, 40), np.float32)
    alpha[36:] = 1  # runs over both sides
    colors = np.full((60, 40, 3), 90, np.uint8)
    wide, longer, left = carry_on_shoulders(colors, alpha)
    assert left > 0
    assert wide.shape[:2] == longer.shape
    assert np.array_equal(longer[:, left : left + 40], alpha)
    assert longer[:58, 0].max() == 0
    heights = longer[:, :left].sum(axis=0)
    assert (np.diff(heights) >= 0).all()


def test_a_person_away_from_the_sides_is_left_as_is() -> None:
    alpha = np.zeros((60, 40), np.float32)
    alpha[20:, 10:30] = 1
    _, longer, left = carry_on_shoulders(np.zeros((60, 40, 3), np.uint8), alpha)
    assert left == 0
    assert np.array_equal(longer, alpha)
