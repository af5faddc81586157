from __future__ import annotations

import io
import logging
import os
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edge.drawn import DRAWINGS
from edge.errors import (
    Forbidden,
    InputError,
    InputTooLarge,
    StorageError,
    UndecodableInput,
    UnknownName,
    UnsupportedInput,
)
from edge.gallery import Gallery, label
from edge.gallery.shelf import LEFTOVER_S
from edge.media.uploads import JPEG, MAX_BYTES, MP4
from tests.unit.backgrounds.media import BLUE, RED, encoded, flat, frame, near

DRAWN = [drawing.id for drawing in DRAWINGS]


def jpeg(color: tuple[int, int, int] = RED) -> bytes:
    return encoded(Image.fromarray(flat(color, (160, 120))), "JPEG", quality=95)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "backgrounds"


@pytest.fixture
def gallery(folder: Path) -> Gallery:
    return Gallery(folder)


def shown(thumbnail: bytes) -> np.ndarray:
    image = Image.open(io.BytesIO(thumbnail))
    assert (image.format, image.size) == ("WEBP", (320, 180))
    return np.asarray(image.convert("RGB"))


def test_the_drawn_ones_are_there_from_the_start(gallery: Gallery, folder: Path) -> None:
    items = gallery.items()
    assert [item.id for item in items] == DRAWN
    assert all(item.label and item.kind == "image" and not item.deletable for item in items)
    for item in items:
        assert shown(gallery.thumbnail(item.id)).std() > 5
    assert gallery.background("dots").behind(frame((128, 72))).shape == (72, 128, 3)
    assert not folder.exists()


def test_a_picture_is_kept_and_shown(gallery: Gallery) -> None:
    item = gallery.add(jpeg(), "Summer beach.JPG")
    assert (item.label, item.kind, item.deletable) == ("Summer beach", "image", True)
    assert gallery.items()[-1] == item
    assert near(shown(gallery.thumbnail(item.id)), RED)
    background = gallery.background(item.id)
    assert not background.shows_room
    assert near(background.behind(frame((320, 180))), RED)


def test_a_clip_is_kept_and_played(gallery: Gallery, clip: Path) -> None:
    item = gallery.add(clip, "clouds.mp4")
    assert item.kind == "video"
    assert near(shown(gallery.thumbnail(item.id)), RED)
    background = gallery.background(item.id)
    assert near(background.behind(frame((320, 180))), RED)
    background.close()


def test_uploads_survive_a_restart_in_their_order(gallery: Gallery, folder: Path) -> None:
    added = [gallery.add(jpeg(color), f"{i}.jpg") for i, color in enumerate((RED, BLUE, RED))]
    again = Gallery(folder)
    assert again.items() == gallery.items()
    assert again.items()[len(DRAWN) :] == added
    assert near(again.background(added[1].id).behind(frame()), BLUE)
    assert again.thumbnail(added[1].id) == gallery.thumbnail(added[1].id)


def test_an_upload_can_be_removed_and_leaves_nothing(gallery: Gallery, folder: Path) -> None:
    kept, gone = gallery.add(jpeg(), "kept.jpg"), gallery.add(jpeg(BLUE), "gone.jpg")
    gallery.remove(gone.id)
    for use in (gallery.remove, gallery.thumbnail, gallery.background):
        with pytest.raises(UnknownName, match="no such upload"):
            use(gone.id)
    assert not list(folder.glob(f"*{gone.id}*"))
    assert gallery.items()[len(DRAWN) :] == [kept]
    assert Gallery(folder).items() == gallery.items()


def test_what_is_drawn_cannot_be_removed(gallery: Gallery) -> None:
    with pytest.raises(Forbidden, match="drawn by the project"):
        gallery.remove("dots")
    assert "dots" in [item.id for item in gallery.items()]


@pytest.mark.parametrize("id", ["", "..", "../x", "/etc/passwd", "a" * 5000, "\0", "*"])
def test_an_id_is_never_a_path(gallery: Gallery, id: str) -> None:
    gallery.add(jpeg(), "a.jpg")
    for use in (gallery.remove, gallery.thumbnail, gallery.background):
        with pytest.raises(UnknownName):
            use(id)
    assert len(gallery.items()) == len(DRAWN) + 1


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", UndecodableInput),
        (b"milk, bread", UnsupportedInput),
        (b"<svg/>", UnsupportedInput),
        (b"#EXTM3U\n", UnsupportedInput),
        (jpeg()[:400], UndecodableInput),
        (b"\0\0\0\x20ftypisom" + b"\0" * 500, UndecodableInput),
        (b"\x1a\x45\xdf\xa3" + b"\0" * 500, UndecodableInput),
        (b"\0" * (MAX_BYTES + 1), InputTooLarge),
    ],
    ids=["empty", "text", "svg", "playlist", "cut jpeg", "no mp4", "no webm", "too large"],
)
def test_what_is_refused_leaves_nothing(
    data: bytes, error: type[InputError], gallery: Gallery, folder: Path
) -> None:
    with pytest.raises(error) as refusal:
        gallery.add(data, "beach.jpg")
    assert type(refusal.value) is error
    assert str(folder) not in str(refusal.value)
    assert [item.id for item in gallery.items()] == DRAWN
    assert not folder.exists() or not list(folder.iterdir())


def test_the_quota_is_told_and_room_made_counts(folder: Path) -> None:
    gallery = Gallery(folder, quota_bytes=int(2.5 * len(jpeg())))
    first = gallery.add(jpeg(), "1.jpg")
    gallery.add(jpeg(), "2.jpg")
    with pytest.raises(InputTooLarge, match="remove some first"):
        gallery.add(jpeg(), "3.jpg")
    gallery.remove(first.id)
    gallery.add(jpeg(), "3.jpg")
    assert [item.label for item in gallery.items()[len(DRAWN) :]] == ["2", "3"]


def test_broken_files_in_the_folder_are_left_out_with_a_word(
    gallery: Gallery, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    good, lost = gallery.add(jpeg(), "good.jpg"), gallery.add(jpeg(), "lost.jpg")
    (folder / f"{lost.id}.jpg").unlink()
    (folder / "notes.json").write_text("{")
    other = (folder / f"{good.id}.json").read_text()
    (folder / f"{'0' * 24}.json").write_text(other)
    (folder / f"{'1' * 24}.json").write_text(other.replace(f"{good.id}.jpg", "../../passwd"))
    (folder / f"{'2' * 24}.json").mkdir()
    with caplog.at_level(logging.WARNING):
        again = Gallery(folder)
    assert again.items()[len(DRAWN) :] == [good]
    assert len(caplog.records) == 5
    assert all("is left out" in record.getMessage() for record in caplog.records)


def test_what_a_cut_of_power_left_is_swept_once_it_is_old(gallery: Gallery, folder: Path) -> None:
    item = gallery.add(jpeg(), "a.jpg")
    old, new = folder / f"{'a' * 24}.mp4", folder / f"{'b' * 24}.mp4"
    hidden, foreign = folder / f".{'c' * 24}.mp4-x1y2", folder / "holiday.jpg"
    for path in (old, new, hidden, foreign):
        path.write_bytes(b"x")
        age = 0 if path == new else 2 * LEFTOVER_S
        os.utime(path, (path.stat().st_mtime - age,) * 2)
    for path in folder.glob(f"{item.id}*"):
        os.utime(path, (0, 0))
    again = Gallery(folder)
    assert [path.exists() for path in (old, new, hidden, foreign)] == [False, True, False, True]
    assert near(again.background(item.id).behind(frame()), RED)


def test_a_lost_thumbnail_is_made_anew(gallery: Gallery, folder: Path) -> None:
    item = gallery.add(jpeg(), "a.jpg")
    (folder / f"{item.id}.thumb.webp").unlink()
    assert near(shown(Gallery(folder).thumbnail(item.id)), RED)
    assert (folder / f"{item.id}.thumb.webp").is_file()


def test_an_upload_that_broke_on_disk_says_so(gallery: Gallery, folder: Path) -> None:
    item = gallery.add(jpeg(), "beach.jpg")
    (folder / f"{item.id}.jpg").write_bytes(jpeg()[:300])
    with pytest.raises(UndecodableInput, match=r"upload 'beach': .*; remove it") as refusal:
        gallery.background(item.id)
    assert str(folder) not in str(refusal.value)


def test_a_folder_that_cannot_be_made_costs_only_uploads(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    gallery = Gallery(tmp_path / "file" / "backgrounds")
    with pytest.raises(StorageError, match="make that folder writable"):
        gallery.add(jpeg(), "a.jpg")
    assert [item.id for item in gallery.items()] == DRAWN


def test_a_disk_that_fails_halfway_leaves_no_item(
    gallery: Gallery, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes, mode: int) -> None:
        if path.suffix == ".json":
            raise OSError(28, "No space left on device")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    monkeypatch.setattr("edge.gallery.shelf.write_atomically", full)
    with pytest.raises(StorageError, match="No space left on device"):
        gallery.add(jpeg(), "a.jpg")
    assert [item.id for item in gallery.items()] == DRAWN
    assert not list(folder.iterdir())


def test_uploads_are_private_to_this_user(gallery: Gallery, folder: Path) -> None:
    gallery.add(jpeg(), "a.jpg")
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_many_threads_may_use_it(gallery: Gallery, folder: Path) -> None:
    errors: list[BaseException] = []

    def use(i: int) -> None:
        try:
            item = gallery.add(jpeg(), f"{i}.jpg")
            gallery.thumbnail(item.id)
            if i % 2:
                gallery.remove(item.id)
            gallery.items()
        except BaseException as error:  # noqa: BLE001 - told below, in the test's thread
            errors.append(error)

    threads = [threading.Thread(target=use, args=(i,)) for i in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    labels = {item.label for item in gallery.items()[len(DRAWN) :]}
    assert labels == {str(i) for i in range(0, 12, 2)}
    assert {item.label for item in Gallery(folder).items()[len(DRAWN) :]} == labels


@pytest.mark.parametrize(
    ("filename", "wanted"),
    [
        ("beach.jpg", "beach"),
        ("C:\\Users\\me\\beach.jpg", "beach"),
        ("../../etc/passwd", "passwd"),
        ("my.holiday.2026.jpeg", "my.holiday.2026"),
        ("Straße  am\tMeer.png", "Straße am Meer"),
        ("海.jpg", "海"),
        ("evil\u202egpj.exe", "evil gpj"),
        ("a\0b\x1b[2J.jpg", "a b [2J"),
        (".jpg", "jpg"),
        ("", "JPEG"),
        ("...", "JPEG"),
        ("x" * 500, "x" * 60),
    ],
)
def test_a_label_is_made_of_the_files_name(filename: str, wanted: str) -> None:
    assert label(filename, JPEG) == wanted


def test_a_nameless_clip_is_called_by_its_type() -> None:
    assert label("", MP4) == "MP4"
