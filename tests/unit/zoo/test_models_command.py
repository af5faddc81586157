from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from edge.errors import InputError, UnknownName
from edge.zoo import Zoo, models
from edge.zoo.assets import Manifest, Release
from edge.zoo.card import Card

pytestmark = pytest.mark.usefixtures("no_pauses")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model_asset: Any, server: Any) -> Path:
    """A cache, with a manifest of two: one can be had, the other is bound by its licence."""
    release = Release(kind="release", url=server.url)
    bound = model_asset(
        id="bound", licence={"spdx": "GPL-3.0-only", "notice": "who passes it on"}, network=None
    )
    listing = Manifest(assets=(model_asset(release), bound))
    monkeypatch.setattr("edge.zoo.manifest", lambda: listing)
    monkeypatch.setattr("edge.zoo.SHIPPED", ())
    return tmp_path / "cache"


def run(cache: Path, *words: str) -> tuple[int, str]:
    lines: list[str] = []
    status = models.run(words, Zoo(cache), lines.append)
    return status, "\n".join(lines)


def test_the_list_tells_size_licence_and_what_is_here(cache: Path) -> None:
    status, before = run(cache)
    run(cache, "fetch", "tiny")
    _, after = run(cache, "list")

    assert status == 0
    assert before.splitlines()[0].split() == ["tiny", "-", "0.0", "MB", "MIT", "Tiny"]
    assert after.splitlines()[0].split()[1] == "here"
    assert "not run by onnx: yet" in before.splitlines()[1]
    assert "bound: who passes it on" in before


def test_fetch_brings_it_and_tells_where(cache: Path) -> None:
    status, text = run(cache, "fetch", "tiny")

    assert status == 0
    assert text == f"tiny: {cache / 'models' / 'tiny.onnx'}"


def test_one_that_fails_does_not_keep_the_others_away(cache: Path) -> None:
    status, text = run(cache, "fetch", "bound", "tiny")

    assert status == 1
    assert "cannot be reached" in text
    assert (cache / "models" / "tiny.onnx").exists()


def test_verify_reads_each_file_again(cache: Path) -> None:
    assert run(cache, "verify") == (
        0,
        f"nothing is in {cache} yet. To get one: python -m edge models fetch ID",
    )
    run(cache, "fetch", "tiny")
    assert run(cache, "verify")[0] == 0

    path = cache / "models" / "tiny.onnx"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    status, text = run(cache, "verify")
    assert status == 1
    assert "tiny: " in text
    assert "Run: python -m edge models fetch tiny" in text


def test_verify_of_a_named_file_that_is_missing_fails(cache: Path) -> None:
    for name in ("tiny", "bound"):
        status, text = run(cache, "verify", name)
        assert status == 1
        assert f"models fetch {name}" in text


@pytest.mark.parametrize("words", [("fetch",), ("delete", "tiny"), ("list", "tiny")])
def test_other_words_are_refused(cache: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match=r"wanted list, fetch ID\.\.\. or verify"):
        run(cache, *words)


def test_an_unknown_id_does_nothing(cache: Path) -> None:
    with pytest.raises(UnknownName, match="'u3net'"):
        run(cache, "fetch", "tiny", "u3net")
    assert not cache.exists()


def test_models_made_here_are_listed_and_verified(cache: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "room.onnx").write_bytes(b"graph")
    run(cache, "fetch", "tiny")
    given = Zoo(cache).card("tiny").model_dump() | {
        "id": "room",
        "label": "My room",
        "file": "room.onnx",
        "size_bytes": 5,
        "sha256": hashlib.sha256(b"graph").hexdigest(),
    }
    (own / "room.json").write_text(Card.model_validate(given).to_json())
    zoo, lines = Zoo(cache, own=[own]), list[str]()

    assert models.run(["list"], zoo, lines.append) == 0
    assert any(line.split()[:2] == ["room", "here"] for line in lines)
    assert models.run(["verify", "room"], zoo, lines.append) == 0
    assert lines[-1].startswith("room: good")
