"""A data set as people bring it: what is good is used, the rest named, or what is wanted said."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.unit.train.conftest import draw_person
from train.__main__ import main
from train.errors import ConfigError, DataError
from train.fit import command, sides
from train.fit.account import Pictures
from train.fit.config import Config, Data, Fit, Network

FULL = 257  # from 8 bits to 16


def config(people: Path) -> Config:
    return Config(
        network=Network(name="portrait_fast"),
        data=Data(index=people, sizes=((64, 64),), side=96, held_out=0.2),
        fit=Fit(batch=2, device="cpu", precision="fp32"),
    )


def gathered(people: Path) -> Pictures:
    return sides.gather(config(people), people.parent / "runs" / "one").pictures


def test_grey_and_16_bit_pictures_and_masks_are_learned_from(people: Path) -> None:
    image, alpha = draw_person(1)
    cv2.imwrite(str(people / "image" / "p01.png"), image[..., 0])
    cv2.imwrite(str(people / "image" / "p02.png"), image[..., 0].astype(np.uint16) * FULL)
    cv2.imwrite(str(people / "image" / "p03.png"), image.astype(np.uint16) * FULL)
    cv2.imwrite(str(people / "alpha" / "p04.png"), alpha.astype(np.uint16) * FULL)
    cv2.imwrite(str(people / "alpha" / "p05.png"), cv2.merge([alpha] * 3))
    found = gathered(people)
    assert not found.left_out
    assert found.people + found.rooms + found.held == 16


def test_what_is_not_used_is_named_with_its_reason_and_counted(people: Path) -> None:
    whole = cv2.imencode(".jpg", draw_person(0)[0])[1].tobytes()
    (people / "image" / "p00.png").unlink()
    (people / "image" / "p00.jpg").write_bytes(whole[: len(whole) // 2])
    cv2.imwrite(str(people / "alpha" / "p01.png"), np.full((20, 30), 255, np.uint8))
    cv2.imwrite(str(people / "alpha" / "p02.png"), np.zeros((96, 96), np.uint8))
    (people / "alpha" / "p03.png").unlink()
    found = gathered(people)
    assert set(found.left_out) == {"p00", "p01", "p02", "p03"}
    assert found.people + found.rooms + found.held == 12
    told = found.told()
    assert "left out: 4\n" in told
    for words in ("truncated", "30x20, its picture is 96x96", "empty; if nobody", "has no mask"):
        assert words in told


def test_of_many_that_are_not_used_some_are_named_and_all_are_counted() -> None:
    told = Pictures(5, 0, 1, {f"p{n:04}": "cut off" for n in range(3000)}).told()
    assert "left out: 3000" in told
    assert "and 2990 more" in told
    assert len(told.splitlines()) < 20
    assert "No background/ folder" in told


def test_masks_of_other_names_are_no_masks_and_it_says_how_they_are_made(people: Path) -> None:
    for mask in (people / "alpha").iterdir():
        mask.rename(mask.with_stem(f"{mask.stem}_mask"))
    with pytest.raises(DataError, match=r"no picture of a person has a mask, of 12.*train label"):
        gathered(people)


def test_a_set_whose_masks_are_all_empty_is_refused(people: Path) -> None:
    for mask in (people / "alpha").iterdir():
        cv2.imwrite(str(mask), np.zeros((96, 96), np.uint8))
    with pytest.raises(DataError, match="no picture of a person with its alpha could be read"):
        gathered(people)


@pytest.mark.parametrize("gone", ["alpha", "content", "all"])
def test_an_empty_or_half_set_says_in_a_line_what_is_wanted(
    people: Path, gone: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if gone == "content":
        for file in (*(people / "image").iterdir(), *(people / "alpha").iterdir()):
            file.unlink()
    else:
        shutil.rmtree(people / "alpha" if gone == "alpha" else people)
    run = people.parent / "run.toml"
    run.write_text('[network]\nname = "portrait_fast"\n[data]\nindex = "people"\n')
    assert main(["fit", str(run), "--output", str(people.parent / "out")]) == 1
    told = capsys.readouterr().err.strip().splitlines()
    assert len(told) == 1
    wanted = {
        "alpha": "no picture of a person has a mask, of 12 in all",
        "content": "Wanted index.csv, or image/ and alpha/",
        "all": "no such folder",
    }
    assert wanted[gone] in told[0]


def test_one_person_leaves_none_to_measure_on(people: Path) -> None:
    for number in range(1, 12):
        (people / "image" / f"p{number:02}.png").unlink()
    with pytest.raises(ConfigError, match="no picture of a person is held out"):
        command.fit(config(people), people.parent / "out")


def test_a_full_disk_says_how_much_is_wanted(people: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sides, "open_store", full)
    with pytest.raises(DataError, match=r"No space left on device.*MB: make room"):
        gathered(people)


def test_an_output_that_is_no_folder_is_named(people: Path) -> None:
    (people.parent / "out").write_text("")
    with pytest.raises(ConfigError, match=r"--output .*out: File exists"):
        command.fit(config(people), people.parent / "out")
