"""``file:`` shows a clip at its own pace, for ever, and says what is wrong with a file."""

from __future__ import annotations

import struct
import threading
import time
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest

from edge.errors import InputError, SourceError
from edge.sources import Granted, file
from edge.sources.bars import read_index
from tests.unit.sources.conftest import MakeClip


def test_loops_in_order_with_a_count_that_goes_on(make_clip: MakeClip) -> None:
    frames = list(islice(file.make(str(make_clip())), 25))
    assert [frame.index for frame in frames] == list(range(25))
    assert [read_index(frame.image) for frame in frames] == [i % 10 for i in range(25)]
    assert frames[0].image.dtype == np.uint8
    assert frames[0].image.flags.c_contiguous


def test_keeps_the_pace_of_the_clip(make_clip: MakeClip) -> None:
    source = file.make(str(make_clip(count=5, rate=10)))
    begin_ns = time.monotonic_ns()
    stamps = [frame.captured_ns for frame in islice(source, 8)]
    assert stamps[-1] - begin_ns >= 0.69e9  # over its end; late on a busy machine, never early
    assert source.granted == Granted(384, 96, 10.0)


def test_follows_uneven_time_stamps(make_clip: MakeClip) -> None:
    source = file.make(str(make_clip(count=3, rate=20, stamps=[0, 1, 11])))
    begin_ns = time.monotonic_ns()
    stamps = [frame.captured_ns for frame in islice(source, 3)]
    assert stamps[2] - begin_ns >= 0.54e9


def test_a_gap_in_the_time_stamps_is_no_pause(make_clip: MakeClip) -> None:
    source = file.make(str(make_clip(count=3, rate=20, stamps=[0, 1, 20_000])))
    assert len(list(islice(source, 4))) == 4  # it would be a quarter of an hour


def test_close_ends_the_wait_for_the_next_frame(make_clip: MakeClip) -> None:
    source = file.make(str(make_clip(count=3, rate=2)))
    closer = threading.Timer(0.2, source.close)
    closer.start()
    begin_s = time.monotonic()
    frames = list(source)
    assert 1 <= len(frames) < 6
    assert time.monotonic() - begin_s < 3
    closer.join()
    assert list(source) == []


def test_after_an_error_the_same_source_opens_anew(tmp_path: Path, make_clip: MakeClip) -> None:
    path = tmp_path / "later.mp4"
    source = file.make(str(path))
    with pytest.raises(SourceError, match="no such file"):
        next(iter(source))
    make_clip().rename(path)
    assert next(iter(source)).index == 0


def test_a_picture_of_odd_size_comes_whole(make_clip: MakeClip, tmp_path: Path) -> None:
    path = tmp_path / "odd.gif"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("gif", rate=10)
        stream.width, stream.height, stream.pix_fmt = 31, 17, "rgb8"
        picture = av.VideoFrame.from_ndarray(np.full((17, 31, 3), 255, np.uint8), format="rgb24")
        for _ in range(2):
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    frame = next(iter(file.make(str(path))))
    assert frame.size == (31, 17)
    assert frame.image.min() > 200


def test_a_clip_filmed_upright_is_turned_as_its_metadata_say(make_clip: MakeClip) -> None:
    path = make_clip(count=2)
    content = path.read_bytes()
    at = content.index(b"tkhd") + 4 + 40  # the track's matrix, version 0 of the box
    quarter_turn = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
    path.write_bytes(content[:at] + quarter_turn + content[at + 36 :])
    frame = next(iter(file.make(str(path))))
    assert frame.size == (96, 384)
    assert read_index(np.ascontiguousarray(np.rot90(frame.image))) == 0
    assert frame.image[:32, -32:].max() < 60  # the index's first cell, black, is now on the right


def test_a_clip_that_changes_size_goes_on(make_clip: MakeClip) -> None:
    parts = [make_clip("a.h264", count=5), make_clip("b.h264", count=5, size=(768, 192))]
    joined = parts[0].with_name("joined.h264")
    joined.write_bytes(b"".join(part.read_bytes() for part in parts))
    frames = list(islice(file.make(str(joined)), 10))
    assert [frame.size for frame in frames] == [(384, 96)] * 5 + [(768, 192)] * 5
    assert [read_index(frame.image) for frame in frames] == [0, 1, 2, 3, 4] * 2


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:1000])


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.mp4", b"", "Wanted a whole video file"),
        ("text.mp4", b"This is not a video.\n" * 100, "Wanted a whole video file"),
        ("noise.mp4", bytes(range(256)) * 64, "Wanted a whole video file"),
    ],
)
def test_what_is_no_video_is_an_error(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SourceError, match=words) as refusal:
        next(iter(file.make(str(path))))
    assert name in str(refusal.value)
    assert str(tmp_path) not in str(refusal.value)  # viewers read it


def test_a_truncated_mp4_is_an_error(make_clip: MakeClip) -> None:
    path = make_clip()
    cut_short(path)
    with pytest.raises(SourceError, match="Wanted a whole video file"):
        next(iter(file.make(str(path))))


def test_a_clip_cut_off_in_the_middle_plays_up_to_the_cut(make_clip: MakeClip) -> None:
    path = make_clip("clip.mkv", count=30)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    shown = [read_index(frame.image) for frame in islice(file.make(str(path)), 40)]
    assert shown[:3] == [0, 1, 2]
    assert shown.count(0) >= 2  # it began again


def test_sound_alone_is_an_error(sound_file: Path) -> None:
    with pytest.raises(SourceError, match="no pictures"):
        next(iter(file.make(str(sound_file))))


def test_a_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        next(iter(file.make(str(tmp_path))))


def test_a_playlist_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "list.mp4"
    path.write_text("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n")
    with pytest.raises(SourceError):
        next(iter(file.make(str(path))))


@pytest.mark.parametrize("argument", ["", "a\0b"])
def test_a_path_that_is_none_is_refused(argument: str) -> None:
    with pytest.raises(InputError, match="wanted a path"):
        file.make(argument)


def test_the_real_demo_clip_plays(shared_data: Path) -> None:
    clips = sorted((shared_data / "demo").glob("*640x480*.mp4"))
    frames = list(islice(file.make(str(clips[0])), 12))
    assert frames[0].size == (640, 480)
    assert not np.array_equal(frames[0].image, frames[11].image)
