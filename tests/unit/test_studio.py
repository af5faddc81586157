"""Changing what is shown: all of it or nothing, remembered, and never the room without leave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.catalog.backgrounds import BackgroundCatalog
from edge.catalog.models import ModelCatalog
from edge.catalog.sources import SourceCatalog
from edge.controls import MatteControls
from edge.errors import Forbidden, InputError, UnknownName
from edge.gallery import Gallery
from edge.remember import Memory
from edge.state import StateChange
from edge.studio import Studio
from edge.studio.chosen import Catalogs, Chosen
from edge.studio.recall import Recall
from edge.zoo import Zoo
from tests.unit.convert.graphs import graph, put

Make = Callable[..., Studio]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[Studio] = []

    def studio(
        explicit: frozenset[str] = frozenset(), allow_original: bool = False, **chosen: Any
    ) -> Studio:
        zoo, gallery = Zoo(tmp_path / "cache"), Gallery(tmp_path / "backgrounds")
        source = chosen.pop("source", "presenter:")
        background = chosen.pop("background", "color:00ff00")
        further = ["stream:rtsp://me:secret@camera.local/live", "file:/private/clip.mp4"]
        catalogs = Catalogs(
            SourceCatalog([source, *further], zoo),
            ModelCatalog("constant:0.5", zoo),
            BackgroundCatalog(background, gallery, allow_original),
            allow_original,
        )
        configured = Chosen(source, "constant:0.5", background, False, MatteControls(**chosen))
        recall = Recall(configured, Memory(tmp_path))
        made.append(Studio(catalogs, recall, explicit, lambda composite: None))
        return made[-1]

    yield studio
    for each in made:
        each.pipeline.stop()


def test_a_change_shows_in_the_state_that_comes_back(make: Make) -> None:
    state = make().apply(StateChange(background="blur:61", mirror=True, matte={"threshold": 0.3}))
    assert state.background.id == "blur:61"
    assert state.mirror is True
    assert state.matte.threshold == 0.3


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"source": "file:/etc/passwd"}, UnknownName),
        ({"source": "stream:http://elsewhere/"}, UnknownName),
        ({"source": "camera:/dev/video99"}, UnknownName),
        ({"model": "onnx:/etc/passwd"}, UnknownName),
        ({"model": "onnx:u2net"}, InputError),
        ({"background": "image:/etc/passwd"}, UnknownName),
        ({"background": "color:nonsense"}, InputError),
        ({"background": "blur:0"}, InputError),
        ({"background": "original:"}, Forbidden),
        ({"background": "gallery:none"}, UnknownName),
        ({"matte": {"threshold": 7}}, InputError),
        ({"matte": {"nonsense": 1}}, InputError),
    ],
)
def test_one_refused_value_changes_nothing(
    make: Make, change: dict[str, Any], error: type[Exception]
) -> None:
    studio = make()
    before = studio.state()
    good = {"mirror": True, "background": "none:", "source": "demo:"}
    with pytest.raises(error):
        studio.apply(StateChange(**{**good, **change}))
    assert studio.state().model_dump(exclude={"source"}) == before.model_dump(exclude={"source"})
    assert studio.state().source.id == "presenter:"


def test_choices_tell_neither_path_nor_password(make: Make) -> None:
    text = make().state().model_dump_json()
    assert "secret" not in text
    assert "/private" not in text
    ids = [choice.id for choice in make().state().choices.sources]
    assert "file:clip.mp4" in ids
    assert "stream:rtsp://me:***@camera.local/live" in ids


def test_a_configured_source_is_chosen_by_its_masked_id(make: Make) -> None:
    state = make().apply(StateChange(source="file:clip.mp4"))
    assert state.source.id == "file:clip.mp4"


def test_choices_are_remembered_over_a_restart(make: Make) -> None:
    make().apply(StateChange(background="none:", matte={"threshold": 0.3}))
    state = make().state()
    assert state.background.id == "none:"
    assert state.matte.threshold == 0.3


def test_the_command_line_wins_over_what_is_remembered(make: Make) -> None:
    make().apply(StateChange(background="none:"))
    assert make(frozenset({"background"})).state().background.id == "color:00ff00"


def test_what_is_gone_since_falls_back_to_the_configured(make: Make, tmp_path: Path) -> None:
    studio = make()
    ids = [choice.id for choice in studio.state().choices.backgrounds]
    gone = next(id for id in ids if id.startswith("gallery:"))
    studio.apply(StateChange(background=gone))
    file = tmp_path / "state.json"
    file.write_text(file.read_text().replace(gone, "gallery:deleted"))
    assert make().state().background.id == "color:00ff00"


def test_the_open_room_is_not_remembered(make: Make) -> None:
    studio = make(allow_original=True)
    assert studio.apply(StateChange(background="original:")).background.id == "original:"
    assert make(allow_original=True).state().background.id == "color:00ff00"


def test_the_room_cannot_be_configured_without_leave(make: Make) -> None:
    with pytest.raises(Forbidden, match="--allow-original"):
        make(background="original:")


def test_a_guest_who_leaves_gives_the_source_before_back(make: Make) -> None:
    studio = make()
    assert studio.guest_source() is None
    studio.apply(StateChange(source="browser:"))
    assert studio.guest_source() is not None
    assert studio.state().source.status == "waiting"
    studio.guest_left()
    assert studio.state().source.id == "presenter:"


def test_a_guest_is_not_remembered(make: Make) -> None:
    make().apply(StateChange(source="browser:"))
    assert make().state().source.id == "presenter:"


def test_a_state_folder_that_cannot_be_written_is_told_and_the_change_holds(
    make: Make, tmp_path: Path
) -> None:
    studio = make()
    (tmp_path / "state.json").mkdir()
    state = studio.apply(StateChange(mirror=True))
    assert state.mirror is True
    assert state.remembered is False


def test_listeners_hear_of_each_change(make: Make) -> None:
    studio = make()
    heard: list[int] = []
    studio.on_change(lambda: heard.append(1))
    studio.apply(StateChange(mirror=True))
    assert heard == [1]


def test_a_model_of_no_kind_there_is_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match=r"onyx.*onnx"):
        ModelCatalog("onyx:u2netp", Zoo(tmp_path))


@pytest.mark.parametrize("kind", ["onnx", "openvino", "tensorrt", "auto"])
def test_a_model_that_nobody_knows_stops_the_start(kind: str, tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match=r"nomodel.*u2netp"):
        ModelCatalog(f"{kind}:nomodel", Zoo(tmp_path))


def test_a_file_that_is_not_there_yet_does_not_stop_the_start(tmp_path: Path) -> None:
    catalog = ModelCatalog("onnx:/not/mounted/yet.onnx", Zoo(tmp_path))
    assert catalog.configured_id == "onnx:yet.onnx"


def test_the_automatic_choice_and_models_that_need_no_fetching_are_offered_first(
    tmp_path: Path,
) -> None:
    put(tmp_path, graph(), "mine")
    zoo = Zoo(tmp_path / "cache", own=[tmp_path])
    offered = [(choice.id, choice.installed) for choice in ModelCatalog("auto:", zoo).choices()]
    assert offered[0] == ("auto:", True)
    assert ("onnx:mine", True) in offered[1 : offered.index(("onnx:u2netp", False))]
