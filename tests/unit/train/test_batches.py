"""Batches are made by number: the same ones in any process and after any restart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from train.data.batches import Batch, Batches, Mix, loader
from train.data.layouts import read
from train.data.store import Store, open_store
from train.errors import DataError

MIX = Mix(sizes=((64, 64), (64, 128)), size=6)


@pytest.fixture
def store(people: Path, tmp_path: Path) -> Store:
    return open_store(tmp_path / "cache", read(people), 96)


def batches(store: Store, mix: Mix = MIX, seed: int = 3) -> Batches:
    return Batches(store, range(len(store)), mix, seed)


def same(a: Batch, b: Batch) -> bool:
    return a.image.shape == b.image.shape and all(
        torch.equal(x, y) for x, y in zip(a[:3], b[:3], strict=True)
    )


def test_a_step_has_one_batch_whoever_makes_it_and_whenever(store: Store) -> None:
    here = batches(store)
    unbroken = list(loader(here, 0, 6, workers=0))
    resumed = list(loader(batches(store), 4, 6, workers=1))
    assert same(unbroken[4], resumed[0])
    assert same(unbroken[5], resumed[1])


def test_other_steps_seeds_and_processes_see_other_pictures(store: Store) -> None:
    first = batches(store)[0]
    others = [
        batches(store)[1],
        batches(store, seed=4)[0],
        Batches(store, range(len(store)), MIX, 3, rank=1)[0],
    ]
    assert not any(same(first, other) for other in others)


def test_both_sizes_come_and_shapes_are_as_said(store: Store) -> None:
    seen = set()
    for step in range(8):
        batch = batches(store)[step]
        assert batch.image.dtype == batch.alpha.dtype == torch.uint8
        assert batch.image.shape[0] == batch.alpha.shape[0] == batch.contrast.shape[0] == 6
        assert batch.image.shape[2:] == batch.alpha.shape[2:]
        seen.add(tuple(batch.image.shape[2:]))
    assert seen == {(64, 64), (128, 64)}


def test_empty_rooms_have_no_alpha(store: Store) -> None:
    batch = batches(store, replace(MIX, composited=0.0, empty=1.0))[0]
    assert int(batch.alpha.max()) == 0
    assert float(batch.image.float().std()) > 5


def test_a_new_room_keeps_the_person_and_knows_its_contrast(store: Store) -> None:
    batch = batches(store, replace(MIX, composited=1.0, empty=0.0, pairs=0.0))[0]
    share = (batch.alpha > 127).float().mean(dim=(1, 2, 3))
    assert bool((share > 0.02).all())
    assert int(batch.contrast.max()) > 0


def test_a_pair_is_one_scene_that_moved_a_little(store: Store) -> None:
    batch = batches(store, replace(MIX, composited=1.0, empty=0.0, pairs=1.0))[2]
    before, after = (half.float() / 255 for half in batch.alpha.chunk(2))
    change = (after - before).abs().mean(dim=(1, 2, 3))
    assert batch.pairs
    assert bool((change < 0.2).all())
    assert bool((change > 0).any())
    other = batches(store, replace(MIX, composited=1.0, empty=0.0, pairs=0.0))[2]
    assert not other.pairs


def test_without_rooms_people_are_put_before_walls(store: Store) -> None:
    people = [n for n, record in enumerate(store.records()) if not record.background]
    batch = Batches(store, people, replace(MIX, composited=0.7, empty=0.3), 0)[0]
    assert bool((batch.alpha.float().mean(dim=(1, 2, 3)) > 0).all())


def test_no_people_is_refused_with_what_to_do(store: Store) -> None:
    rooms = [n for n, record in enumerate(store.records()) if record.background]
    with pytest.raises(DataError, match="hold out less"):
        Batches(store, rooms, MIX, 0)


def test_validation_scenes_are_always_the_same(store: Store) -> None:
    once, again = (batches(store).shots(4, "composited", (64, 64)) for _ in range(2))
    assert len(once) == 4
    for a, b in zip(once, again, strict=True):
        assert np.array_equal(a.image, b.image)
        assert np.array_equal(a.alpha, b.alpha)


def test_weights_decide_how_often_a_picture_is_drawn(people: Path, tmp_path: Path) -> None:
    records = [replace(r, weight=100.0 if r.name == "p03" else 0.01) for r in read(people)]
    store = open_store(tmp_path / "cache", records, 96)
    mix = replace(MIX, sizes=((64, 64),), composited=0.0, empty=0.0, pairs=0.0)
    made = Batches(store, range(len(store)), mix, 0)
    numbers = [made._person(np.random.default_rng(i)) for i in range(30)]
    wanted = [r.name for r in store.records()].index("p03")
    assert numbers.count(wanted) > 27
