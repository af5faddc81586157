from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from edge.errors import ModelMismatch, ModelMissing, StorageError
from edge.zoo.card import Card, Presence
from edge.zoo.card_file import card_path, check_file, file_sha256, read_card

MEND = "Run: mend it"


def card(model: Path, **changes: Any) -> Card:
    return Card.model_validate(
        {
            "id": "m",
            "label": "M",
            "task": "matting",
            "runtime": "onnx",
            "precision": "fp32",
            "input": {"width": 8, "height": 6, "fit": "letterbox", "interpolation": "linear"},
            "file": model.name,
            "sha256": file_sha256(model),
            "size_bytes": model.stat().st_size,
            "licence": {"spdx": "GPL-3.0-only", "notice": "what it asks"},
            "origin": {"source": "https://example.org"},
            "quality": [{"data": "PPM-100", "mad": 8.3}],
            "engine": {"version": "TensorRT 10.3.0", "gpu": "Orin (sm_87)", "driver": "540.4"},
            **changes,
        }
    )


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "m.onnx"
    path.write_bytes(b"the model's bytes")
    return path


def test_a_card_written_and_read_is_the_same(model: Path) -> None:
    written = card(model)
    card_path(model).write_text(written.to_json())

    assert card_path(model).name == "m.json"
    assert read_card(model, MEND) == written
    check_file(written, model, MEND)


def test_a_card_is_frozen_and_takes_no_unknown_words(model: Path) -> None:
    with pytest.raises(ValidationError):
        card(model).id = "other"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        card(model, colour="BGR")


def test_a_missing_card_is_named_with_the_command_that_mends_it(model: Path) -> None:
    with pytest.raises(ModelMissing, match=r"no card m\.json.*Run: mend it"):
        read_card(model, MEND)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the file: Invalid JSON"),
        ("\xff\x00 text", "not a model card"),
        ("[]", "the file"),
        ("{}", "id: Field required"),
    ],
)
def test_what_is_no_card_is_refused_and_the_reason_named(model: Path, text: str, says: str) -> None:
    card_path(model).write_text(text, "latin-1")

    with pytest.raises(ModelMismatch, match=rf"{says}.*Run: mend it"):
        read_card(model, MEND)


def test_a_wrong_field_is_named_by_its_path(model: Path) -> None:
    value = json.loads(card(model).to_json())
    value["input"]["fit"] = "crop"
    card_path(model).write_text(json.dumps(value))

    with pytest.raises(ModelMismatch, match=r"input\.fit: Input should be 'stretch', 'lett"):
        read_card(model, MEND)


@pytest.mark.parametrize(("enter", "leave"), [(0.6, 0.7), (1.2, 0.5), (0.4, 0.3)])
def test_certainties_that_would_flicker_or_mean_nothing_are_refused(
    enter: float, leave: float
) -> None:
    with pytest.raises(ValidationError):
        Presence(enter=enter, leave=leave)


def test_the_card_of_another_file_is_refused(model: Path) -> None:
    card_path(model).write_text(card(model, file="other.onnx").to_json())

    with pytest.raises(ModelMismatch, match=r"the card of other\.onnx, not of m\.onnx"):
        read_card(model, MEND)


def test_a_card_cannot_point_outside_its_folder(model: Path) -> None:
    with pytest.raises(ValidationError):
        card(model, file="../m.onnx")


def test_a_folder_in_the_cards_place_is_a_storage_error(model: Path) -> None:
    card_path(model).mkdir()
    with pytest.raises(StorageError, match="Is a directory"):
        read_card(model, MEND)


def test_a_truncated_file_is_told_from_a_damaged_one(model: Path) -> None:
    good = card(model)
    model.write_bytes(b"the model's byt")
    with pytest.raises(ModelMismatch, match=r"15 bytes, and its card says 17: cut off.*mend it"):
        check_file(good, model, MEND)

    model.write_bytes(b"the model's bytez")
    with pytest.raises(ModelMismatch, match=r"sha256 .* its card says .*: damaged.*mend it"):
        check_file(good, model, MEND)

    model.unlink()
    with pytest.raises(ModelMissing, match="no such file. Run: mend it"):
        check_file(good, model, MEND)


def test_a_card_without_a_checksum_vouches_for_no_file(model: Path) -> None:
    with pytest.raises(ModelMismatch, match="its card says none"):
        check_file(card(model, sha256=None), model, MEND)
