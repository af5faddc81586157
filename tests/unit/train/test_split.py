"""No picture that is trained on has a twin among those held out."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from train.data.layouts import origin_group
from train.data.records import Record
from train.data.similar import NEAR, components, near_pairs, perceptual_hash
from train.data.split import split


def photo(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return cv2.resize(rng.integers(0, 256, (9, 9, 3), np.uint8), (200, 160))


def bits(a: int, b: int) -> int:
    return (a ^ b).bit_count()


def test_a_copy_that_was_scaled_compressed_and_brightened_hashes_alike() -> None:
    image = photo(1)
    _, data = cv2.imencode(".jpg", cv2.resize(image, (90, 70)), [cv2.IMWRITE_JPEG_QUALITY, 40])
    copy = cv2.convertScaleAbs(cv2.imdecode(data, cv2.IMREAD_COLOR), alpha=0.9, beta=15)
    assert bits(perceptual_hash(image), perceptual_hash(copy)) <= NEAR


def test_different_pictures_hash_apart() -> None:
    hashes = [perceptual_hash(photo(seed)) for seed in range(20)]
    assert near_pairs(hashes) == []


def test_near_pairs_are_those_within_the_distance() -> None:
    assert near_pairs([0b0000, 0b0011, 0b1111], distance=2) == [(0, 1), (1, 2)]


def test_twins_of_twins_are_one_group() -> None:
    assert components(5, [(3, 4), (0, 3)]) == [0, 1, 2, 0, 0]


def records(count: int, each: int) -> list[Record]:
    return [
        Record(f"{person}-{shot}", Path("x"), None, "head", f"person{person}")
        for person in range(count)
        for shot in range(each)
    ]


def test_a_person_is_on_one_side() -> None:
    people = records(60, 3)
    train, held = split(people, [n * 0x9E3779B97F4A7C15 % 2**64 for n in range(180)], 0.2)
    assert sorted(train + held) == list(range(180))
    assert 15 < len(held) < 70
    assert not {people[n].group for n in train} & {people[n].group for n in held}


def test_a_near_duplicate_under_another_name_goes_with_its_twin() -> None:
    people = records(200, 1)
    hashes = [n * 0x9E3779B97F4A7C15 % 2**64 for n in range(200)]
    hashes[100:] = [value ^ 0b101 for value in hashes[:100]]
    train, held = split(people, hashes, 0.3)
    assert held
    assert all((n in train) == (n + 100 in train) for n in range(100))


def test_a_set_that_grows_keeps_its_split() -> None:
    hashes = [n * 0x9E3779B97F4A7C15 % 2**64 for n in range(300)]
    _, before = split(records(200, 1), hashes[:200], 0.2)
    _, after = split(records(300, 1), hashes, 0.2)
    assert [n for n in after if n < 200] == before


def test_of_few_people_one_is_held_out_and_of_one_none() -> None:
    hashes = [n * 0x9E3779B97F4A7C15 % 2**64 for n in range(3)]
    train, held = split(records(3, 1), hashes, 0.0001)
    assert (len(train), len(held)) == (2, 1)
    assert split(records(1, 1), hashes[:1], 0.0001) == ([0], [])
    assert split(records(3, 1), hashes, 0.0) == ([0, 1, 2], [])


def test_another_seed_holds_out_others() -> None:
    hashes = [n * 0x9E3779B97F4A7C15 % 2**64 for n in range(200)]
    assert split(records(200, 1), hashes, 0.2, 0) != split(records(200, 1), hashes, 0.2, 1)


@pytest.mark.parametrize(
    ("first", "second", "one"),
    [
        ("r@aa:x/jane-doe.jpg", "r@bb:y/jane-doe-headshot-2.jpg", True),
        ("r@aa:photos/clip#t=1.0s", "r@aa:photos/clip#t=9.0s", True),
        ("r@aa:hdri/cellar_1k.hdr#yaw=0", "r@aa:hdri/cellar_1k.hdr#yaw=90", True),
        ("r@aa:x/jane-doe.jpg", "r@aa:x/john-doe.jpg", False),
        ("r@aa:one/001.jpg", "r@aa:two/001.jpg", False),
        ("r@aa:one/001.jpg", "r@aa:one/002.jpg", False),
    ],
)
def test_an_origin_tells_who_or_where(first: str, second: str, one: bool) -> None:
    assert (origin_group(first) == origin_group(second)) is one
