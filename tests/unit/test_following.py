from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from edge.backgrounds import color
from edge.capture import Take
from edge.controls import MatteControls
from edge.errors import ModelError
from edge.following import RECENT_S, Following
from edge.frame import Frame, Matte
from edge.inference import Matted, Scene
from edge.latest import Closed, Latest
from edge.look import Look
from tests.unit.fakes import FakeModel, FakeSource, room_with_person

IMAGE, ALPHA = room_with_person()
MODEL = FakeModel(lambda: ALPHA)
LOOK = Look(MODEL, color.make("00ff00"), MatteControls(follow_motion=True))


@dataclass
class Stand:
    """A Following with its mailboxes, in a scene that a test may change."""

    scene: Scene = field(default_factory=lambda: Scene(Take(FakeSource(), 0), MODEL, False))

    def __post_init__(self) -> None:
        self.frames: Latest[Frame] = Latest()
        self.mattes: Latest[Matted] = Latest()
        self.following = Following(self.frames, self.mattes, lambda look: self.scene)

    def matted(self, outcome: Matte | Exception, index: int = 0) -> None:
        self.mattes.put(Matted(Frame(IMAGE, index, 0), self.scene, outcome))

    def shown(self, index: int, at_s: float = 0.1) -> Matted | None:
        self.frames.put(Frame(IMAGE, index, round(at_s * 1e9)))
        return self.following.next(LOOK, 0.01)


@pytest.fixture
def stand() -> Stand:
    return Stand()


def test_each_frame_is_shown_with_the_newest_matte(stand: Stand) -> None:
    assert stand.shown(0) is None
    stand.matted(Matte(ALPHA, presence=(0.65, 0.55)))
    for index in (1, 2, 3):
        shown = stand.shown(index)
        assert shown is not None
        assert shown.frame.index == index
        assert isinstance(shown.outcome, Matte)
        assert shown.outcome.presence == (0.65, 0.55)  # the model stays as sure of people
        assert abs(float(shown.outcome.alpha.mean() - ALPHA.mean())) < 0.02


def test_a_matte_that_is_too_old_is_not_shown(stand: Stand) -> None:
    stand.matted(Matte(ALPHA))
    assert stand.shown(1, RECENT_S - 0.1) is not None
    assert stand.shown(2, RECENT_S + 0.1) is None


def test_a_model_slower_than_that_shows_the_frames_it_has_seen(stand: Stand) -> None:
    assert stand.shown(8, 2.0) is None
    stand.matted(Matte(ALPHA), 2)
    shown = stand.shown(9, 2.1)
    assert shown is not None
    assert shown.frame.index == 2
    assert stand.shown(10, 2.2) is None
    stand.matted(Matte(ALPHA), 1)  # older than what was shown
    assert stand.shown(11, 2.3) is None


def test_a_model_that_fails_is_told_and_its_last_matte_not_used_any_more(stand: Stand) -> None:
    stand.matted(Matte(ALPHA))
    assert stand.shown(1) is not None
    stand.matted(ModelError("out of memory"), 2)
    told = stand.shown(3)
    assert told is not None
    assert isinstance(told.outcome, ModelError)
    assert stand.shown(4) is None


def test_no_matte_is_carried_into_another_scene(stand: Stand) -> None:
    stand.matted(Matte(ALPHA))
    assert stand.shown(1) is not None
    stand.scene = replace(stand.scene, mirror=True)
    assert stand.shown(2) is None
    stand.scene = Scene(Take(FakeSource(), 9), MODEL, True)
    stand.matted(Matte(ALPHA), 9)
    assert stand.shown(10) is not None
    assert stand.shown(8) is None  # a frame of the source before
    assert stand.following.dropped == 2


def test_a_mirrored_scene_shows_mirrored_frames(stand: Stand) -> None:
    stand.scene = replace(stand.scene, mirror=True)
    stand.mattes.put(Matted(Frame(IMAGE[:, ::-1].copy(), 0, 0), stand.scene, Matte(ALPHA)))
    shown = stand.shown(1)
    assert shown is not None
    assert (shown.frame.image == IMAGE[:, ::-1]).all()


def test_without_following_each_frame_waits_for_its_own_matte(stand: Stand) -> None:
    plain = replace(LOOK, controls=MatteControls())
    stand.matted(Matte(ALPHA), 7)
    shown = stand.following.next(plain, 0.01)
    assert shown is not None
    assert shown.frame.index == 7
    assert stand.following.next(plain, 0.01) is None


def test_closed_mailboxes_end_it_either_way(stand: Stand) -> None:
    stand.frames.close()
    stand.mattes.close()
    for look in (LOOK, replace(LOOK, controls=MatteControls())):
        with pytest.raises(Closed):
            stand.following.next(look, 0.01)
