"""From frames of one room to a model that knows it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import torch

from convert.networks import make
from convert.product import Provenance, describe
from edge.frame import Frame, Matte
from edge.zoo import Zoo
from edge.zoo.card import Licence, ModelInput, Origin
from train.__main__ import main
from train.data.pictures import read_alpha
from train.data.records import BACKGROUND, Record
from train.errors import ConfigError, DataError
from train.evaluate import Comparison
from train.evaluate.evaluation import Evaluation, Score
from train.finetune import command
from train.finetune.fitting import SQUARE, TALL, WIDE, shape_of
from train.finetune.gather import gather
from train.finetune.labels import Teachers, divide, label_frames
from train.finetune.offering import Shelf, check_name, faults, offered

WIDTH, HEIGHT = 96, 72
PERSON = (220, 40, 40)


def room() -> np.ndarray:
    coarse = np.random.default_rng(5).integers(60, 140, (6, 8), np.uint8)
    grey = cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    return np.repeat(np.asarray(grey, np.uint8)[..., None], 3, axis=2)


def view(number: int, somebody: bool = True) -> np.ndarray:
    """The room, lit otherwise each time, with or without a person in red."""
    draw = np.random.default_rng(number)
    blobs = cv2.resize(
        draw.uniform(-40, 40, (4, 5)).astype(np.float32),
        (WIDTH, HEIGHT),
        interpolation=cv2.INTER_CUBIC,
    )
    image = np.clip(room() + blobs[..., None], 0, 190).astype(np.uint8)
    if somebody:
        x = int(draw.integers(25, 70))
        cv2.circle(image, (x, int(draw.integers(22, 32))), 13, PERSON, -1)
        cv2.ellipse(image, (x, HEIGHT), (26, 34), 0, 180, 360, PERSON, -1)
    return image


def put(path: Path, image: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), image[..., ::-1])


class Red:
    """A teacher who knows that people are red; ``wide`` as much as they are."""

    def __init__(self, shift: int = 0, ghost: bool = False) -> None:
        self._shift, self._ghost = shift, ghost

    def matte(self, frame: Frame) -> Matte:
        image = frame.image.astype(int)
        alpha = ((image[..., 0] - image[..., 1]) > 90).astype(np.float32)
        if self._ghost:
            alpha[:30, :30] = 1
        return Matte(np.roll(alpha, self._shift, axis=1))

    def reset(self) -> None: ...


def teachers(second: Red | None = None) -> Teachers:
    return Teachers(Red(), second or Red(), ("onnx:one", "onnx:two"), 0.8)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Captured: twenty frames with somebody, five without; of one of these its folder says so."""
    folder = tmp_path / "home"
    for number in range(20):
        put(folder / f"f{number:02}.png", view(number))
    for number in range(100, 104):
        put(folder / f"g{number}.png", view(number, somebody=False))
    put(folder / "empty" / "e.png", view(104, somebody=False))
    return folder


def test_pictures_and_videos_give_frames_and_what_is_alike_gives_one(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    put(folder / "a.png", view(1))
    put(folder / "again.png", view(1))
    put(folder / "Empty" / "b.png", view(2, somebody=False))
    clip = cv2.VideoWriter(
        str(folder / "clip.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10, (WIDTH, HEIGHT)
    )
    for number in range(30):
        clip.write(view(50 + number // 10)[..., ::-1])
    clip.release()
    found = gather(folder, tmp_path / "work", 1.0, 100)
    assert [frame.name for frame in found.frames] == [
        "Empty-b",
        "a",
        "clip-000000",
        "clip-000010",
        "clip-000020",
    ]
    assert [frame.empty for frame in found.frames] == [True, False, False, False, False]
    assert found.alike == 1
    assert all(frame.size == (WIDTH, HEIGHT) for frame in found.frames)


def test_what_cannot_be_read_is_named_and_the_rest_is_used(tmp_path: Path) -> None:
    put(tmp_path / "home" / "a.png", view(1))
    (tmp_path / "home" / "b.jpg").write_bytes(b"no picture")
    (tmp_path / "home" / "c.mp4").write_bytes(b"no video")
    (tmp_path / "home" / "notes.txt").write_text("not looked at")
    found = gather(tmp_path / "home", tmp_path / "work", 1.0, 100)
    assert [frame.name for frame in found.frames] == ["a"]
    assert set(found.unreadable) == {"b.jpg", "c.mp4"}


def test_a_folder_without_frames_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="python -m train capture"):
        gather(tmp_path / "nothing", tmp_path, 1.0, 100)
    with pytest.raises(DataError, match="no pictures or videos"):
        gather(tmp_path, tmp_path, 1.0, 100)


def test_of_too_many_frames_some_are_taken_from_all_of_the_time(home: Path, tmp_path: Path) -> None:
    found = gather(home, tmp_path / "work", 1.0, 5)
    assert len(found.frames) == 5
    assert [frame.name for frame in found.frames] == ["empty-e", "f04", "f09", "f14", "f19"]


def labelled(
    home: Path, tmp_path: Path, second: Red | None = None
) -> tuple[dict[str, Record], dict[str, int]]:
    found = gather(home, tmp_path / "work", 1.0, 100)
    labels = label_frames(found, teachers(second), tmp_path / "labels")
    return {record.name: record for record in labels.records}, labels.counts


def test_both_teachers_decide_who_is_there_and_that_nobody_is(home: Path, tmp_path: Path) -> None:
    records, counts = labelled(home, tmp_path)
    assert counts == {"person": 20, "empty": 5}
    assert records["g100"].category == BACKGROUND
    path = records["f03"].alpha
    assert path is not None
    assert np.array_equal(read_alpha(path) > 0.5, Red().matte(Frame(view(3), 0, 0)).alpha > 0.5)


def test_where_the_teachers_differ_the_frame_is_dropped(home: Path, tmp_path: Path) -> None:
    records, counts = labelled(home, tmp_path, Red(shift=40))
    assert counts == {"dropped": 20, "empty": 5}
    assert set(records) == {"empty-e", "g100", "g101", "g102", "g103"}


def test_a_room_in_which_one_sees_something_is_empty_only_if_its_folder_says_so(
    home: Path, tmp_path: Path
) -> None:
    records, counts = labelled(home, tmp_path, Red(ghost=True))
    assert "empty-e" in records
    assert counts["empty"] == 1
    assert "g100" not in records


def test_somebody_among_the_empty_frames_is_named_and_left_out(home: Path, tmp_path: Path) -> None:
    put(home / "empty" / "oops.png", view(7))
    found = gather(home, tmp_path / "work", 1.0, 100)
    labels = label_frames(found, teachers(), tmp_path / "labels")
    assert labels.doubtful == ("empty-oops",)
    assert "empty-oops" in labels.told()


def test_labels_are_made_once_and_of_other_frames_refused(home: Path, tmp_path: Path) -> None:
    records, _ = labelled(home, tmp_path)
    again, counts = labelled(home, tmp_path)
    assert again == records
    assert counts == {"person": 20, "empty": 5}
    put(home / "new.png", view(300))
    with pytest.raises(ConfigError, match="other frames"):
        labelled(home, tmp_path)


def test_whole_stretches_of_time_are_held_out() -> None:
    people = [Record(f"p{n:03}", Path("x")) for n in range(80)]
    rooms = [Record(f"r{n}", Path("x"), None, BACKGROUND) for n in range(10)]
    held = divide([*people, *rooms])
    numbers = [int(name[1:]) for name in held if name.startswith("p")]
    assert len(numbers) == 16
    gaps = sum(b - a > 1 for a, b in zip(numbers, numbers[1:], strict=False))
    assert gaps == 1  # two stretches
    assert sum(name.startswith("r") for name in held) == 2
    assert not [n for n in divide([*people, *rooms[:2]]) if n.startswith("r")]


def test_the_input_has_the_shape_of_most_frames() -> None:
    assert shape_of([(1280, 720), (640, 480), (480, 640)]) == WIDE
    assert shape_of([(720, 1280)]) == TALL
    assert shape_of([(500, 500)]) == SQUARE


def comparison(before: dict[str, float], after: dict[str, float]) -> Comparison:
    def of(numbers: dict[str, float]) -> Evaluation:
        person = {"accuracy": 1.0, "mad": numbers["mad"]}
        nobody = {"accuracy": 1.0, "mean_alpha": numbers["mean_alpha"]}
        return Evaluation(
            "m",
            (
                Score("p", "person", "", {"raw": person, "refined": person}),
                Score("r", BACKGROUND, "", {"raw": nobody, "refined": nobody}),
            ),
        )

    return Comparison(of(before), of(after))


@pytest.mark.parametrize(
    ("after", "said"),
    [
        ({"mad": 9.0, "mean_alpha": 0.011}, None),
        ({"mad": 10.2, "mean_alpha": 0.0}, "MAD on people rose from 10 to 10.2"),
        ({"mad": 9.0, "mean_alpha": 0.02}, "empty room's mean alpha rose from 0.01 to 0.02"),
    ],
)
def test_worse_on_people_or_in_the_empty_room_is_worse(
    after: dict[str, float], said: str | None
) -> None:
    found = faults(comparison({"mad": 10.0, "mean_alpha": 0.01}, after))
    assert (said is None) == (not found)
    assert said is None or said in found[0]


@pytest.mark.parametrize(
    ("anyway", "said"),
    [(False, "Not offered: it is worse than before"), (True, "Offered to the service though")],
)
def test_a_worse_model_is_offered_only_if_that_is_asked_for(
    anyway: bool, said: str, tmp_path: Path
) -> None:
    graph = b"graph"
    given = ModelInput(width=64, height=64, fit="stretch", interpolation="linear")
    provenance = Provenance(Licence(spdx="MIT"), Origin(source="somebody"))
    card = describe("portrait_fast", given, "fp32", provenance, graph)
    found = comparison({"mad": 5.0, "mean_alpha": 0.0}, {"mad": 6.0, "mean_alpha": 0.0})
    shelf = Shelf("my-room", tmp_path, anyway)
    assert said in offered(shelf, card, graph, found, "20 frames")
    assert (
        Zoo(tmp_path / "cache", own=[tmp_path]).installed("my-room")
        if anyway
        else not list(tmp_path.iterdir())
    )


@pytest.mark.parametrize("name", ["u2netp", "My Room", "", "../x"])
def test_a_name_that_the_page_could_not_tell_apart_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="--name"):
        check_name(name)


@pytest.fixture
def fine_tune(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """The command, on a small input, with teachers who know red when they see it."""
    torch.manual_seed(0)
    torch.save(make("portrait_fast").state_dict(), tmp_path / "start.pth")
    monkeypatch.setattr(command, "plugins", SimpleNamespace(make=lambda room, spec, zoo: Red()))
    monkeypatch.setenv("EDGE_CACHE_DIR", str(tmp_path / "cache"))

    def go(*more: str) -> int:
        given = f"fine-tune --from {home} --weights {tmp_path / 'start.pth'} --size 64x64"
        where = f"--output {tmp_path / 'run'} --state-dir {tmp_path / 'state'} --name my-room"
        return main([*given.split(), *where.split(), *more])

    return go


@pytest.mark.slow
@pytest.mark.timeout(400)  # some 12 s of one core's time; a shared machine takes longer
def test_the_whole_way_ends_with_a_model_that_the_service_lists(
    fine_tune: Callable[..., int],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        assert fine_tune("--minutes", "0.05", "--rate", "2e-3", "--anyway") == 0
        said = capsys.readouterr().out
        assert "20 frames with somebody, 5 of the empty room" in said
        assert "Offered to the service" in said
        zoo = Zoo(tmp_path / "cache", own=[tmp_path / "state" / "models"])
        card = zoo.card("my-room")
        assert zoo.path("my-room").name == "my-room.onnx"
        assert card.input.size == (64, 64)
        assert [quality.data.split(", ")[-1] for quality in card.quality] == [
            "after fine-tuning",
            "before fine-tuning",
        ]
        assert str(tmp_path) not in card.to_json()
        run = tmp_path / "run"
        assert (run / "report.html").exists()
        assert (run / "before-after.png").exists()
        assert run.stat().st_mode & 0o777 == 0o700
        assert list(run.glob("store-*"))  # the pictures, made ready: in the private folder
        assert not list(tmp_path.glob("store-*"))
    finally:
        torch.set_num_threads(threads)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("--minutes", "0"), "wanted more than 0"),
        (("--agreement", "2"), "at most 1"),
        (("--model", "nobody"), "there are u2netp, u2net, portrait"),
        (("--weights", "none.pth"), "none.pth"),
    ],
)
def test_what_was_asked_wrongly_is_refused_before_any_work(
    fine_tune: Callable[..., int],
    wrong: tuple[str, str],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert fine_tune(*wrong) != 0
    assert said in capsys.readouterr().err


def test_too_few_frames_with_somebody_say_how_many_are_wanted(
    fine_tune: Callable[..., int], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in sorted(home.glob("f*.png"))[4:]:
        path.unlink()
    assert fine_tune() == 1
    assert "4 frames with somebody in them; wanted 10 or more" in capsys.readouterr().err
