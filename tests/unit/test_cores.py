from __future__ import annotations

from pathlib import Path

import cv2
import pytest

from edge.cores import divide_cores, model_threads, picture_threads, usable_cores


@pytest.mark.parametrize(("quota", "low"), [("50000 100000\n", 0.5), ("150000 100000", 1)])
def test_a_containers_quota_counts_as_its_cores(quota: str, low: float, tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_text(quota)
    assert low <= usable_cores(tmp_path) <= int(quota.split()[0]) / 1e5


@pytest.mark.parametrize("quota", ["max 100000\n", "", "nonsense"])
def test_without_a_quota_all_cores_count(quota: str, tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_text(quota)
    assert usable_cores(tmp_path) >= 1
    assert usable_cores(tmp_path / "missing") == usable_cores(tmp_path)


@pytest.mark.parametrize(
    ("cores", "threads"),
    [(0.5, [1]), (1, [1]), (2, [1, 2]), (3.5, [1, 3]), (4, [2, 4]), (8, [4, 8]), (64, [8])],
)
def test_half_of_the_cores_are_tried_first(cores: float, threads: list[int]) -> None:
    assert model_threads(cores) == threads


def test_pictures_are_split_only_where_there_are_many_cores() -> None:
    assert [picture_threads(cores) for cores in (0.5, 2, 4, 8, 64)] == [1, 1, 1, 2, 8]


def test_opencv_gets_its_share() -> None:
    before = cv2.getNumThreads()
    try:
        divide_cores()
        assert cv2.getNumThreads() == picture_threads(usable_cores())
    finally:
        cv2.setNumThreads(before)
