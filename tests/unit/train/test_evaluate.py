"""What an evaluation measures, leaves out and keeps."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.dataset import find_parts
from bench.quality import measure
from edge.controls import MatteControls
from edge.drawn.presenter import paint
from edge.errors import ModelError
from edge.frame import Frame, Matte
from train.data.records import Record
from train.errors import DataError
from train.evaluate import Plan, Scene, compare, evaluate, find_scenes
from train.evaluate.scenes import samples

PLAIN = Plan(
    controls=MatteControls(
        upsampling="linear", softness=1, temporal=0, presence=False, foreground_estimation=False
    ),
    progress=False,
)
FRAMES = 30


class Told:
    """Knows the truth of each picture, and answers ``distort`` of it; of a room, nothing."""

    def __init__(
        self, scenes: Sequence[Scene], distort: Callable[[np.ndarray], np.ndarray] = np.copy
    ) -> None:
        self._truths = {
            sample.frame.image.tobytes(): sample.truth
            for scene in scenes
            for sample in samples(scene)
        }
        self._distort = distort
        self.resets = 0

    def matte(self, frame: Frame) -> Matte:
        truth = self._truths[frame.image.tobytes()]
        if truth is None:
            return Matte(np.zeros(frame.image.shape[:2], np.float32))
        return Matte(np.asarray(self._distort(truth), np.float32))

    def reset(self) -> None:
        self.resets += 1


@pytest.fixture
def scenes(people: Path) -> list[Scene]:
    return find_scenes(people)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    folder = tmp_path / "clips" / "talk"
    (folder / "alpha").mkdir(parents=True)
    coder = cv2.VideoWriter.fourcc(*"mp4v")
    writer = cv2.VideoWriter(str(folder / "composite.mp4"), coder, 25, (128, 96))
    for index in range(FRAMES):
        image, alpha = paint(index * 5, (128, 96))
        writer.write(image[..., ::-1])
        cv2.imwrite(str(folder / f"alpha/{index:04}.png"), np.rint(alpha * 255))
    writer.release()
    return folder


def test_a_model_that_knows_the_truth_makes_no_error(scenes: list[Scene]):
    found = evaluate(Told(scenes), scenes, plan=PLAIN)
    for treatment in ("raw", "refined"):
        summary = found.summary(treatment)
        for name in ("accuracy", "f1", "jaccard", "recall", "precision", "boundary_iou"):
            assert summary[name]["mean"] == 1
        for name in ("mad", "mse", "sad", "grad", "conn", "mean_alpha"):
            assert summary[name]["mean"] == pytest.approx(0, abs=1e-3)
        assert found.curves[treatment].f1[1:].min() > 0.9


def test_errors_are_means_over_the_people_and_medians_beside_them(scenes: list[Scene]):
    found = evaluate(Told(scenes, lambda truth: truth * 0.8), scenes, plan=PLAIN)
    truths = [s.truth for scene in scenes for s in samples(scene) if s.truth is not None]
    errors = [200 * float(truth.mean()) for truth in truths]  # 0.2 of each alpha, x 1e3
    assert found.summary("raw")["mad"]["mean"] == pytest.approx(np.mean(errors), rel=1e-3)
    assert found.summary("raw")["mad"]["median"] == pytest.approx(np.median(errors), rel=1e-3)
    assert found.numbers("raw", "mad") == pytest.approx(errors, rel=1e-3)


def test_rooms_without_people_are_measured_by_what_is_shown_of_them_alone(scenes: list[Scene]):
    class Haze:
        def matte(self, frame: Frame) -> Matte:
            return Matte(np.full((32, 32), 0.25, np.float32))

        def reset(self) -> None:
            """Nothing to forget."""

    found = evaluate(Haze(), scenes, plan=PLAIN)
    rooms = [score for score in found.scores if score.category == "background"]
    assert len(rooms) == 4
    assert all(score.treatments["raw"] == {"accuracy": 1, "mean_alpha": 0.25} for score in rooms)
    assert found.summary("raw")["mean_alpha"] == {"mean": 0.25, "median": 0.25}
    assert found.summary("raw")["accuracy"]["mean"] < 1  # of the twelve people: all are missed
    assert found.summary("raw")["recall"]["mean"] == 0


def test_refinement_is_that_of_the_service(scenes: list[Scene]):
    told = Told(scenes, lambda truth: truth * 0.9)
    found = evaluate(told, scenes, plan=replace(PLAIN, controls=MatteControls(softness=0.2)))
    assert found.summary("refined")["mad"]["mean"] < 0.5 * found.summary("raw")["mad"]["mean"]


def test_people_of_whom_refinement_leaves_nothing_are_named(scenes: list[Scene]):
    unsure = Told(scenes, lambda truth: truth * 0.5)
    found = evaluate(unsure, scenes, plan=replace(PLAIN, controls=MatteControls()))
    assert found.hidden == tuple(scene.name for scene in scenes if not scene.background)


def test_what_cannot_be_read_or_compared_is_named_and_the_rest_is_measured(
    people: Path, scenes: list[Scene]
):
    told = Told(scenes)
    data = (people / "image/p00.png").read_bytes()
    (people / "image/p00.png").write_bytes(data[: len(data) // 2])
    (people / "alpha/p01.png").unlink()
    cv2.imwrite(str(people / "alpha/p02.png"), np.zeros((50, 60), np.uint8))

    found = evaluate(told, find_scenes(people), plan=PLAIN)

    assert set(found.left_out) == {"p00", "p01", "p02"}
    assert "p00.png" in found.left_out["p00"]
    assert "no mask or alpha" in found.left_out["p01"]
    assert "60x50, its picture is 96x96" in found.left_out["p02"]
    assert len(found.scores) == 9 + 4


def test_a_set_of_which_nothing_can_be_measured_is_refused_with_the_reasons(tmp_path: Path):
    lost = [Record("gone", tmp_path / "gone.png", tmp_path / "gone.png")]
    with pytest.raises(DataError, match=r"none of 1 scenes could be measured: .*gone\.png"):
        evaluate(Told([]), lost, plan=PLAIN)
    with pytest.raises(DataError, match="the set is empty"):
        evaluate(Told([]), [], plan=PLAIN)


def test_a_model_that_fails_ends_it_and_the_picture_is_named(scenes: list[Scene]):
    class Broken(Told):
        def matte(self, frame: Frame) -> Matte:
            raise ModelError("the runtime is out of memory")

    with pytest.raises(ModelError, match=f"{scenes[0].name}: the runtime is out of memory"):
        evaluate(Broken(scenes), scenes, plan=PLAIN)


def test_a_matte_that_is_not_finite_is_left_out_and_forgotten(clip: Path):
    class Once(Told):
        def matte(self, frame: Frame) -> Matte:
            matte = super().matte(frame)
            if frame.index == 3:
                matte.alpha[5, 5] = np.nan
            return matte

    parts = find_parts(clip)
    found = evaluate(Once(parts), parts, plan=PLAIN)
    assert found.left_out == {"talk/0003": "the model's matte is not finite"}
    assert len(found.scores) == FRAMES - 1
    # Neither the first frame nor the one after the gap has one before it.
    flicker = found.numbers("raw", "dtssd")
    assert len(flicker) == FRAMES - 3
    assert np.isfinite(flicker).all()


def test_a_clip_is_one_scene_and_each_still_its_own(clip: Path, scenes: list[Scene]):
    parts = find_parts(clip)
    told = Told([*scenes, *parts], lambda truth: truth * 0.9)
    found = evaluate(told, [*scenes, *parts], plan=PLAIN)
    assert told.resets == len(scenes) + 1
    assert len(found.numbers("raw", "dtssd")) == FRAMES - 1
    assert found.categories() == ["person", "background", "clip talk"]
    assert {score.clip for score in found.scores} == {"", "talk"}


def test_the_numbers_are_those_of_the_bench(clip: Path):
    parts = find_parts(clip)
    told = Told(parts, lambda truth: truth * 0.9)
    plan = Plan(progress=False)
    found = evaluate(told, parts, plan=plan)
    (benched,) = measure(parts, told, plan.controls)
    for treatment in ("raw", "refined"):
        summary = found.summary(treatment)
        theirs = benched.summary(treatment)
        assert set(theirs) == {"mad", "mse", "grad", "conn", "dtssd"}
        assert {name: summary[name] for name in theirs} == theirs


def test_a_clip_whose_video_ends_early_is_measured_so_far(clip: Path):
    told = Told(find_parts(clip))
    cv2.imwrite(str(clip / f"alpha/{FRAMES:04}.png"), np.zeros((96, 128), np.uint8))
    found = evaluate(told, find_parts(clip), plan=PLAIN)
    assert len(found.scores) == FRAMES
    assert f"{FRAMES} frames decode, but there are {FRAMES + 1}" in found.left_out["talk"]


def test_the_worst_and_the_best_are_kept_and_neighbouring_frames_count_once(
    clip: Path, scenes: list[Scene]
):
    parts = find_parts(clip)
    everything = [*scenes, *parts]

    def some_worse(truth: np.ndarray) -> np.ndarray:
        return truth * (0.5 if truth.shape == (96, 128) else 1 - 0.3 * truth.mean())

    found = evaluate(Told(everything, some_worse), everything, plan=replace(PLAIN, cases=3))
    errors = {
        score.name: score.treatments["refined"]["mad"]
        for score in found.scores
        if score.category == "person"
    }
    people = sorted(errors, key=errors.__getitem__)
    # The clip is worst, but of its 30 frames there is one for each 25; then comes the worst still.
    assert [case.category for case in found.worst] == ["clip talk", "clip talk", "person"]
    assert found.worst[2].name == people[-1]
    assert [case.name for case in found.best] == people[:3]
    for case in (*found.worst, *found.best):
        assert case.truth is not None
        for data in (case.picture, case.truth, case.alpha, case.composite, case.difference):
            assert cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) is not None


def test_a_case_shows_too_much_in_red_and_what_is_missing_in_blue(scenes: list[Scene]):
    def moved(truth: np.ndarray) -> np.ndarray:
        return np.roll(truth, 30, axis=1)

    person = next(scene for scene in scenes if not scene.background)
    (case,) = evaluate(Told([person], moved), [person], plan=PLAIN).worst
    shown = cv2.imdecode(np.frombuffer(case.difference, np.uint8), cv2.IMREAD_COLOR_RGB)
    truth = next(iter(samples(person))).truth
    assert truth is not None
    extra, missed = (moved(truth) == 1) & (truth == 0), (moved(truth) == 0) & (truth == 1)
    red, _, blue = (float(np.median(shown[extra][:, c])) for c in range(3))
    assert red > blue + 100
    red, _, blue = (float(np.median(shown[missed][:, c])) for c in range(3))
    assert blue > red + 100


def test_memory_does_not_grow_with_the_pictures(scenes: list[Scene]):
    told = Told(scenes, lambda truth: truth * 0.9)

    def peak(times: int) -> int:
        again = [replace(s, name=f"{s.name}-{n}") for n in range(times) for s in scenes]
        tracemalloc.start()
        evaluate(told, again, plan=PLAIN)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(1)  # what is imported and cached at first use
    one_alpha = 4 * 96 * 96
    assert peak(8) - peak(2) < 6 * len(scenes) * one_alpha / 4  # a row of numbers each is all


def test_two_models_are_compared_picture_by_picture(scenes: list[Scene]):
    names = [scene.name for scene in scenes if not scene.background]
    worse, better = names[0], names[1]
    truth = {name: next(iter(samples(s))).truth for s in scenes if (name := s.name) in names}

    def spoil(name: str) -> Callable[[np.ndarray], np.ndarray]:
        return lambda found: found * (0.5 if np.array_equal(found, truth[name]) else 0.9)

    found = compare(
        (Told(scenes, spoil(better)), Told(scenes, spoil(worse))), scenes, ("old", "new"), PLAIN
    )
    assert found.verdicts() == {"better": 1, "same": len(names) - 2, "worse": 1}
    assert [pair.after.name for pair in found.gained] == [better]
    assert [pair.after.name for pair in found.lost] == [worse]
    gain = found.gained[0].gain
    assert truth[better] is not None
    assert gain == pytest.approx(400 * float(truth[better].mean()), rel=1e-2)
    assert found.lost[0].gain < 0
    before, after = found.changes("raw")["mad"]
    assert before == found.before.summary("raw")["mad"]["mean"]
    assert after == found.after.summary("raw")["mad"]["mean"]
    assert (found.before.name, found.after.name) == ("old", "new")
