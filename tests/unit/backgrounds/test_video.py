from __future__ import annotations

import logging
import threading
import time
from pathlib import Path

import pytest

from edge.backgrounds import video
from edge.errors import UndecodableInput
from edge.media.clips import to_rgb
from tests.unit.backgrounds.media import BLUE, GREEN, RED, eventually, frame, near, write_clip


def ready(background: video.Video, count: int = 1) -> bool:
    """So many pictures are decoded ahead, or all there is room for."""
    return eventually(lambda: len(background._ahead) >= count)


def decoders() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "background-video"]


def test_each_picture_is_shown_when_it_is_due(clip: Path) -> None:
    """The clip is red for 0.5 s and blue for 0.5 s; frames come every 0.1 s, twice round."""
    background = video.make(str(clip))
    seen = []
    for tick in range(21):
        if tick:
            assert ready(background)
        picture = background.behind(frame(at_s=100 + tick / 10 + 0.03 * (tick > 0)))
        seen.append("red" if near(picture, RED) else "blue" if near(picture, BLUE) else "?")
    background.close()
    assert seen == (["red"] * 5 + ["blue"] * 5) * 2 + ["red"]


def test_the_size_follows_the_frame_at_once(clip: Path) -> None:
    background = video.make(str(clip))
    for i, size in enumerate([(64, 48), (320, 180), (33, 77), (64, 48)]):
        for j in range(3):
            picture = background.behind(frame(size, at_s=i / 10 + j / 100))
            assert picture.shape == (size[1], size[0], 3)
            assert near(picture, RED)
            assert ready(background)
    background.close()


def test_what_was_given_does_not_change_later(clip: Path) -> None:
    background = video.make(str(clip))
    given = []
    for tick in range(12):
        picture = background.behind(frame(at_s=tick / 10))
        given.append((picture, picture.copy()))
        assert ready(background)
    background.close()
    assert all((picture == kept).all() for picture, kept in given)


def test_a_long_pause_of_the_camera_pauses_the_clip(clip: Path) -> None:
    background = video.make(str(clip))
    background.behind(frame(at_s=0))
    assert ready(background)
    assert near(background.behind(frame(at_s=3600.6)), RED)  # not 0.6 s into some later round
    background.close()


def test_asking_never_waits_for_the_decoder(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stuck = threading.Event()
    background = video.make(str(clip))
    monkeypatch.setattr(video, "to_rgb", lambda picture, size: stuck.wait(60))
    asked = threading.Thread(
        target=lambda: [background.behind(frame(at_s=tick / 10)) for tick in range(50)]
    )
    asked.start()
    asked.join(20)
    hung = asked.is_alive()
    background.close()
    stuck.set()
    assert not hung


def test_a_decoder_that_is_too_slow_shows_late_pictures_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_clip(tmp_path / "a.mp4", (RED,) * 10 + (GREEN,) * 10 + (BLUE,) * 10)
    real = to_rgb

    def slowly(*args: object) -> object:
        time.sleep(0.02)
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(video, "to_rgb", slowly)
    background = video.make(str(path))
    at_s = 0.0
    seen: set[tuple[int, int, int]] = set()

    def all_seen() -> bool:
        nonlocal at_s
        at_s += 0.2  # a clock that runs twenty times as fast as the decoder can follow
        picture = background.behind(frame(at_s=at_s))
        seen.update(c for c in (RED, GREEN, BLUE) if near(picture, c))
        return len(seen) == 3

    done = eventually(all_seen)
    background.close()
    assert done


def test_a_clip_that_breaks_keeps_its_last_good_picture(
    clip: Path, caplog: pytest.LogCaptureFixture
) -> None:
    background = video.make(str(clip))
    clip.write_bytes(clip.read_bytes()[:200])  # from its next opening on
    with caplog.at_level(logging.WARNING):
        pictures = [background.behind(frame(at_s=tick / 10)) for tick in range(3)]
        assert eventually(lambda: "its last picture stays" in caplog.text)
    pictures += [background.behind(frame(at_s=1 + tick / 10)) for tick in range(30)]
    assert all(near(picture, RED) for picture in pictures)
    assert caplog.text.count("its last picture stays") == 1
    assert eventually(lambda: not background._decoder.is_alive())
    background.close()


def test_a_clip_of_one_picture_is_a_still(tmp_path: Path) -> None:
    background = video.make(str(write_clip(tmp_path / "one.mp4", (GREEN,))))
    for tick in range(8):
        assert near(background.behind(frame(at_s=tick / 10)), GREEN)
        assert ready(background)
    background.close()


def test_closing_ends_its_thread_used_or_not(clip: Path) -> None:
    before = set(decoders())
    unused = video.make(str(clip))
    unused.close()
    used = video.make(str(clip))
    used.behind(frame())
    assert ready(used, video.AHEAD)
    used.close()
    used.close()
    assert eventually(lambda: set(decoders()) <= before)
    assert near(used.behind(frame((90, 60))), RED)  # the frame in work at a swap


def test_a_broken_clip_is_told_when_it_is_chosen(clip: Path) -> None:
    clip.write_bytes(clip.read_bytes()[:300])
    with pytest.raises(UndecodableInput, match=r"video:.*clip\.mp4: .*broken or cut short"):
        video.make(str(clip))
