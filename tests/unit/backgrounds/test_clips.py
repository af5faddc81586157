from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import av
import numpy as np
import pytest

from edge.errors import InputError, InputTooLarge, UndecodableInput, UnsupportedInput
from edge.media.clips import first_picture, frames, to_rgb
from tests.unit.backgrounds.media import BLUE, GREEN, RED, near, write_clip


def sound_only(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=48000)
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.float32), "fltp", "mono")
        silence.sample_rate = 48000
        container.mux(stream.encode(silence))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.mp4", "libx264"),
        ("a.mov", "libx264"),
        ("a.mkv", "libx264"),
        ("a.webm", "libvpx"),
        ("a.webm", "libvpx-vp9"),
        ("a.mp4", "mpeg4"),
    ],
)
def test_gives_every_frame_with_its_time(name: str, codec: str, tmp_path: Path) -> None:
    path = write_clip(tmp_path / name, (RED,) * 4 + (BLUE,) * 4, codec=codec)
    played = [(start, until, to_rgb(frame)) for start, until, frame in frames(path)]
    assert [start for start, _, _ in played] == pytest.approx([i / 10 for i in range(8)], abs=0.002)
    assert played[-1][1] == pytest.approx(0.8, abs=0.002)
    assert near(played[0][2], RED, 25)
    assert near(played[-1][2], BLUE, 25)


def test_the_ending_of_the_name_does_not_matter(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4").rename(tmp_path / "clip.jpg")
    assert near(first_picture(path), RED)


@pytest.mark.parametrize("size", [(32, 18), (18, 32), (320, 240), (64, 48), (3, 2)])
def test_a_frame_is_fitted_to_any_size(size: tuple[int, int], tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4", (GREEN,))
    picture = to_rgb(next(iter(frames(path)))[2], size)
    assert picture.shape == (size[1], size[0], 3)
    assert near(picture, GREEN)


def test_a_phones_clip_stands_upright(tmp_path: Path) -> None:
    half = np.zeros((48, 64, 3), np.uint8)
    half[:24], half[24:] = RED, BLUE
    path = tmp_path / "portrait.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(half, format="rgb24")))
        container.mux(stream.encode(None))
    data = path.read_bytes()
    # The track's matrix in its header (ISO 14496-12, 8.3.2): from 1 0 0 1 to 0 1 -1 0, a quarter.
    upright = bytes.fromhex(
        "00010000 00000000 00000000 00000000 00010000 00000000".replace(" ", "")
    )
    turned = bytes.fromhex("00000000 00010000 00000000 ffff0000 00000000 00000000".replace(" ", ""))
    at = data.index(upright, data.index(b"tkhd"))
    path.write_bytes(data[:at] + turned + data[at + len(turned) :])
    picture = first_picture(path)
    assert picture.shape == (64, 48, 3)
    assert near(picture[:, 40:], RED, 30)  # what was above is at the right
    assert near(picture[:, :8], BLUE, 30)
    fitted = to_rgb(next(iter(frames(path)))[2], (24, 32))
    assert near(fitted[:, 20:], RED, 30)


def test_sound_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedInput, match="sound but no pictures"):
        first_picture(sound_only(tmp_path / "song.mp4"))


def test_pictures_too_large_are_refused_before_they_are_decoded(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "huge.mp4", (RED,), size=(8192, 4320))
    with pytest.raises(InputTooLarge, match="8192 x 4320; wanted 4096 x 2304 at most"):
        first_picture(path)


def test_a_clip_too_long_is_refused(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "long.mp4", (RED,) * 3, fps=1)
    with av.open(str(path)) as clip, av.open(str(tmp_path / "slow.mp4"), "w") as slow:
        stream = slow.add_stream_from_template(clip.streams.video[0])
        for packet in clip.demux(video=0):
            if packet.pts is not None and packet.dts is not None:
                packet.pts, packet.dts, packet.stream = packet.pts * 400, packet.dts * 400, stream
                slow.mux(packet)
    with pytest.raises(InputTooLarge, match="minutes; wanted 10 at most"):
        first_picture(tmp_path / "slow.mp4")


def test_a_codec_nobody_has_is_refused(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "old.mkv", codec="mpeg2video", fps=25)
    with pytest.raises(UnsupportedInput, match=r"a mpeg2video video; wanted H\.264"):
        first_picture(path)


@pytest.mark.parametrize("part", [0.1, 0.5])
def test_a_clip_cut_short_is_refused(part: float, clip: Path) -> None:
    data = clip.read_bytes()  # its index is at the end
    clip.write_bytes(data[: int(len(data) * part)])
    with pytest.raises(UndecodableInput, match="broken or cut short"):
        first_picture(clip)


def test_damaged_bytes_give_frames_or_our_error_and_nothing_else(clip: Path) -> None:
    rng = np.random.default_rng(4)
    whole = clip.read_bytes()
    for _ in range(30):
        data = bytearray(whole)
        for place in rng.integers(12, len(data), 12):
            data[place] = rng.integers(256)
        clip.write_bytes(bytes(data))
        with suppress(InputError):
            assert sum(1 for _ in frames(clip)) < 1000


def test_no_other_file_is_opened_by_what_a_clip_says(
    clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, object]] = []
    real = av.open

    def spy(*args: object, **options: object) -> object:
        asked.append(options)
        return real(*args, **options)  # type: ignore[call-overload]

    monkeypatch.setattr("edge.media.clips.av.open", spy)
    first_picture(clip)
    assert asked[0]["format"] == "mov"
    assert asked[0]["options"] == {"protocol_whitelist": "file", "max_pixels": str(4096 * 2304)}
