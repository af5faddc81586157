"""Still pictures, cut out: what comes back, what is refused, and what stays in memory."""

from __future__ import annotations

import asyncio
import gc
import io
import threading
import weakref
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edge import stills
from edge.catalog.backgrounds import BackgroundCatalog
from edge.catalog.models import ModelCatalog
from edge.errors import Forbidden, InputError, ModelError, TooBusy, UndecodableInput, UnknownName
from edge.frame import Frame, Matte, Rgb
from edge.gallery import Gallery
from edge.matting import constant
from edge.media.written import WEBP_SIDE, written
from edge.stills import MOST_WAITING, Order, Stills
from edge.zoo import Zoo
from edge.zoo.assets import manifest

Make = Callable[[str], Stills]
PICTURE = np.random.default_rng(0).integers(0, 256, (30, 40, 3)).astype(np.uint8)
BYTES = written(PICTURE, "png")


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Stills whose model is of that spec, before green."""

    def made(model: str) -> Stills:
        backgrounds = BackgroundCatalog("color:00ff00", Gallery(tmp_path / "gallery"), False)
        zoo = Zoo(tmp_path / "cache", listing=manifest())  # without the project's own models
        return Stills(ModelCatalog(model, zoo), backgrounds)

    return made


def decoded(data: bytes) -> Rgb:
    return np.asarray(Image.open(io.BytesIO(data)))


async def test_a_cutout_has_the_pictures_size_and_the_matte_for_alpha(make: Make) -> None:
    found = decoded(await make("constant:0.5").cut(BYTES, Order(), "png"))
    assert found.shape == (30, 40, 4)
    assert set(np.unique(found[..., 3])) <= {127, 128}


async def test_who_is_opaque_keeps_every_colour(make: Make) -> None:
    found = decoded(await make("constant:1").cut(BYTES, Order(), "png"))
    assert np.array_equal(found[..., :3], PICTURE)


async def test_where_nobody_is_a_cutout_has_no_colours_left(make: Make) -> None:
    assert not decoded(await make("constant:0").cut(BYTES, Order(), "png")).any()


async def test_the_matte_alone_is_grey(make: Make) -> None:
    found = decoded(await make("constant:1").cut(BYTES, Order(output="alpha"), "png"))
    assert found.shape == (30, 40)
    assert (found == 255).all()


async def test_a_composite_is_before_the_background_asked_for_or_the_configured(make: Make) -> None:
    empty = make("constant:0")
    plain = decoded(await empty.cut(BYTES, Order(output="composite"), "png"))
    assert (plain == (0, 255, 0)).all()
    order = Order(output="composite", background="color:112233")
    assert (decoded(await empty.cut(BYTES, order, "png")) == (0x11, 0x22, 0x33)).all()


async def test_webp_keeps_every_pixel_of_a_cutout(make: Make) -> None:
    model = make("constant:0.5")
    png, webp = [await model.cut(BYTES, Order(), kind) for kind in ("png", "webp")]  # type: ignore[arg-type]
    assert webp[8:12] == b"WEBP"
    assert np.array_equal(decoded(webp), decoded(png))


@pytest.mark.parametrize("shape", [(1, 1, 3), (2, 900, 3), (700, 3, 3)])
async def test_pictures_of_any_shape_are_cut_out(make: Make, shape: tuple[int, ...]) -> None:
    data = written(np.full(shape, 90, np.uint8), "png")
    assert decoded(await make("constant:0.5").cut(data, Order(), "png")).shape == (*shape[:2], 4)


@pytest.mark.parametrize(
    ("order", "data", "error"),
    [
        ({"background": "color:000000"}, BYTES, InputError),
        ({"output": "composite", "background": "image:/etc/passwd"}, BYTES, UnknownName),
        ({"output": "composite", "background": "original:"}, BYTES, Forbidden),
        ({"model": "onnx:/etc/passwd"}, BYTES, UnknownName),
        ({"model": "onnx:u2net"}, BYTES, InputError),
        ({}, BYTES[:70], UndecodableInput),
    ],
)
async def test_what_is_refused_harms_nobody_after(
    make: Make, order: dict[str, str], data: bytes, error: type[Exception]
) -> None:
    cutter = make("constant:0.5")
    with pytest.raises(error):
        await cutter.cut(data, Order.model_validate(order), "png")
    assert await cutter.cut(BYTES, Order(), "png")


async def test_webp_says_where_its_format_ends(make: Make) -> None:
    wide = written(np.zeros((1, WEBP_SIDE + 1, 3), np.uint8), "png")
    with pytest.raises(InputError, match="accept image/png"):
        await make("constant:0.5").cut(wide, Order(), "webp")


async def test_a_matte_that_is_no_number_is_an_error_and_the_model_is_loaded_anew(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    cutter = make("constant:0.5")
    with monkeypatch.context() as broken:
        nan = Matte(np.full((4, 4), np.nan, np.float32))
        broken.setattr(constant.Constant, "matte", lambda self, frame: nan)
        with pytest.raises(ModelError, match="not finite"):
            await cutter.cut(BYTES, Order(), "png")
    assert await cutter.cut(BYTES, Order(), "png")


async def test_one_more_than_may_wait_is_sent_away(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def matte(self: object, frame: Frame) -> Matte:
        go_on.wait()
        return Matte(np.ones((4, 4), np.float32))

    monkeypatch.setattr(constant.Constant, "matte", matte)
    cutter = make("constant:0.5")
    waiting = [
        asyncio.ensure_future(cutter.cut(BYTES, Order(), "png")) for _ in range(MOST_WAITING)
    ]
    await asyncio.sleep(0)
    with pytest.raises(TooBusy, match="try again later"):
        await cutter.cut(BYTES, Order(), "png")
    go_on.set()
    assert all(await asyncio.gather(*waiting))
    assert await cutter.cut(BYTES, Order(), "png")


async def test_a_model_that_nobody_asks_for_is_unloaded(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stills, "KEPT_S", 0.02)
    made: list[weakref.ref[object]] = []
    real = constant.make
    monkeypatch.setattr(constant, "make", lambda argument: _noted(real(argument), made))
    cutter = make("constant:0.5")
    for _ in range(3):
        await cutter.cut(BYTES, Order(), "png")
    kept = made[-1]
    while kept() is not None:
        await asyncio.sleep(0.02)
        gc.collect()
    assert await cutter.cut(BYTES, Order(), "png")
    cutter.close()


def _noted(model: object, made: list[weakref.ref[object]]) -> object:
    made.append(weakref.ref(model))
    return model
