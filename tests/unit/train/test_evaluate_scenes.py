"""What is found to evaluate, and which part of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.dataset import Part
from train.data.layouts import read
from train.data.records import write_index
from train.data.similar import perceptual_hash
from train.data.split import split
from train.data.store import open_store
from train.errors import DataError
from train.evaluate import evaluate, find_scenes, held_out
from train.evaluate.fitted import holding_out
from train.evaluate.scenes import category, frames, limited
from train.fit import checkpoint
from train.fit.config import Config


def make_clip(folder: Path, count: int) -> None:
    (folder / "alpha").mkdir(parents=True)
    coder = cv2.VideoWriter.fourcc(*"mp4v")
    writer = cv2.VideoWriter(str(folder / "composite.mp4"), coder, 25, (64, 48))
    for index in range(count):
        writer.write(np.full((48, 64, 3), 10 * index, np.uint8))
        cv2.imwrite(str(folder / f"alpha/{index:04}.png"), np.zeros((48, 64), np.uint8))
    writer.release()


def test_a_known_layout_is_read_as_the_trainer_reads_it(people: Path):
    assert find_scenes(people) == read(people)


def test_an_index_is_read_too(people: Path, tmp_path: Path):
    write_index(tmp_path / "held-out.csv", read(people)[:3])
    assert [s.name for s in find_scenes(tmp_path / "held-out.csv")] == ["p00", "p01", "p02"]


def test_clips_stills_and_rooms_are_found_side_by_side(people: Path, tmp_path: Path):
    root = tmp_path / "all"
    make_clip(root / "clips" / "talk", 5)
    shutil.copytree(people / "background", root / "empty")
    shutil.copytree(people, root / "faces", ignore=shutil.ignore_patterns("background"))

    found = find_scenes(root)

    assert sum(isinstance(scene, Part) for scene in found) == 1
    assert [category(scene) for scene in found].count("faces") == 12
    assert [category(scene) for scene in found].count("background") == 4
    assert sum(map(frames, found)) == 5 + 12 + 4
    names = [scene.name for scene in found]
    assert len(set(names)) == len(names)
    assert {"talk", "empty/r0", "faces/p00"} <= set(names)


def test_a_folder_with_nothing_known_says_what_was_wanted(tmp_path: Path):
    (tmp_path / "notes").mkdir()
    with pytest.raises(DataError, match=r"Wanted index\.csv, or image/ and alpha/"):
        find_scenes(tmp_path)
    with pytest.raises(DataError, match="no such folder"):
        find_scenes(tmp_path / "elsewhere")


def test_what_is_wrong_with_an_index_is_told_and_not_passed_over(people: Path):
    (people / "index.csv").write_text("name,picture\na,b\n")
    with pytest.raises(DataError, match="wanted the columns"):
        find_scenes(people)


def test_what_is_held_out_is_what_a_fit_of_the_same_set_holds_out(people: Path, tmp_path: Path):
    store = open_store(tmp_path, read(people), side=64)
    hashes = [perceptual_hash(store[n].image) for n in range(len(store))]
    _, numbers = split(store.records(), hashes, 0.4)
    held = held_out(find_scenes(people), 0.4, side=64)
    assert held == [store.records()[n] for n in numbers]
    assert 0 < len(held) < len(store)


def test_a_checkpoint_says_what_its_fit_held_out(tmp_path: Path):
    config = Config.model_validate(
        {
            "network": {"name": "u2netp"},
            "data": {"index": "people", "held_out": 0.25, "side": 128},
        }
    )
    saved = {"state_dict": {}, "config": config.model_dump_json()}
    checkpoint.save(tmp_path / "best.pt", saved)
    assert holding_out(tmp_path / "best.pt") == (0.25, 128)
    checkpoint.save(tmp_path / "other.pt", {"state_dict": {}})
    for other in ("other.pt", "nowhere.onnx"):
        assert holding_out(tmp_path / other) == (0.06, 416)


def test_clips_are_never_split(tmp_path: Path, people: Path):
    make_clip(tmp_path / "talk", 2)
    clip = find_scenes(tmp_path / "talk")
    held = held_out([*find_scenes(people), *clip], 0.4)
    assert held[-1] == clip[0]


def test_unreadable_pictures_do_not_end_a_split(people: Path):
    (people / "image/p03.png").write_bytes(b"no picture")
    assert "p03" not in {scene.name for scene in held_out(find_scenes(people), 1)}


def test_nothing_held_out_is_an_error(people: Path):
    rooms = [scene for scene in find_scenes(people) if scene.category == "background"]
    with pytest.raises(DataError, match="of 4 pictures none is held out"):
        held_out(rooms, 1e-9)


def test_a_limit_spreads_over_the_set_and_keeps_the_clips(people: Path, tmp_path: Path):
    make_clip(tmp_path / "talk", 2)
    everything = [*find_scenes(tmp_path / "talk"), *find_scenes(people)]
    kept = limited(everything, 4)
    assert [scene.name for scene in kept] == ["p00", "p04", "p08", "background-r0", "talk"]
    assert len(limited(everything, 99)) == len(everything)


@pytest.mark.parametrize("part", ["franck_blue", "liveportrait_d0"])
def test_the_keyed_clips_can_be_measured(shared_data: Path, part: str):
    from edge import plugins
    from train.evaluate import Plan

    scenes = find_scenes(shared_data / "clips" / part)
    nobody = plugins.make("edge.matting", "constant:0")
    found = evaluate(nobody, scenes, plan=Plan(clip_frames=3, cases=1, progress=False))
    assert len(found.scores) == 3
    assert found.summary("raw")["recall"]["mean"] == 0
    assert found.summary("raw")["mad"]["mean"] > 100
