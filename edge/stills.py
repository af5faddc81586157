"""Cutting people out of still pictures, beside the live one."""

from __future__ import annotations

import asyncio
import time
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from edge.backgrounds import Background
from edge.catalog.backgrounds import BackgroundCatalog
from edge.catalog.models import AUTOMATIC, ModelCatalog
from edge.controls import MatteControls
from edge.errors import InputError, ModelError, TooBusy
from edge.frame import Frame, Matte
from edge.matting import MattingModel
from edge.media.pictures import read_picture
from edge.media.written import WEBP_SIDE, Encoding, Pixels, grey, written
from edge.refine import Refiner
from edge.refine.cutout import Cutout

CONTROLS = MatteControls(temporal=0, presence=False)  # one picture has no past, and someone in it
MOST_WAITING = 4  # pictures, each up to 32 MiB
KEPT_S = 60.0  # a model that nobody asked for since is unloaded


class Order(BaseModel):
    """What is wanted of a still picture."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    output: Literal["cutout", "alpha", "composite"] = Field(
        "cutout",
        description="The person on transparency, the matte in grey, or before a background",
    )
    background: str | None = Field(None, description="Of a composite: an id of the choices")
    model: str | None = Field(
        None, description="An id of the choices; the best matte there is, however slow, if left out"
    )


class Stills:
    """
    Cuts out one picture at a time: a large one takes hundreds of megabytes while it is worked on.

    Args:
        models: which may be asked for. The one asked for last stays loaded for a while, apart from
            the live picture's.
        backgrounds: what a composite may be put before.
    """

    def __init__(self, models: ModelCatalog, backgrounds: BackgroundCatalog) -> None:
        self._models, self._backgrounds = models, backgrounds
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._kept: tuple[str, MattingModel] | None = None
        self._forgetting: asyncio.TimerHandle | None = None

    async def cut(self, data: bytes, order: Order, encoding: Encoding) -> bytes:
        """
        Cut out who is in a picture.

        Args:
            data: a picture file of at most 50 megapixels.

        Returns:
            A picture file of the same size. Where nobody is, a cut-out has no colours left.

        Raises:
            InputError: the picture, the model's id or the background's is refused.
            TooBusy: too many are waiting.
            ModelError: the model cannot be loaded, or failed.
        """
        if self._waiting >= MOST_WAITING:
            raise TooBusy(f"{self._waiting} pictures are waiting to be cut out; try again later")
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(self._cut, data, order, encoding)
        finally:
            self._waiting -= 1
            self._stay_awake()
            self._forgetting = asyncio.get_running_loop().call_later(KEPT_S, self._forget)

    def close(self) -> None:
        """Unload the model."""
        self._stay_awake()
        self._forget()

    def _stay_awake(self) -> None:
        if self._forgetting is not None:
            self._forgetting.cancel()

    def _forget(self) -> None:
        if not self._turn.locked():  # whoever is at work forgets it a while after
            self._kept = None

    def _cut(self, data: bytes, order: Order, encoding: Encoding) -> bytes:
        background = self._background(order)
        try:
            picture = read_picture(data)
            if encoding == "webp" and max(picture.shape) > WEBP_SIDE:
                raise InputError(f"WebP has {WEBP_SIDE} pixels a side at most; accept image/png")
            frame = Frame(picture, 0, time.monotonic_ns())
            cutout = Refiner().refine(frame, self._matte(frame, order.model), CONTROLS)
            pixels = _pixels(frame, cutout, background, order)
        finally:
            if background is not None:
                background.close()
        return written(pixels, encoding)

    def _background(self, order: Order) -> Background | None:
        """Of a composite; None for what needs none."""
        if order.output != "composite":
            if order.background is not None:
                raise InputError(f"background={order.background}: is for output=composite alone")
            return None
        return self._backgrounds.make(order.background or self._backgrounds.configured_id)

    def _matte(self, frame: Frame, id: str | None) -> Matte:
        chosen = self._models.finest() if id in (None, AUTOMATIC) else str(id)
        if self._kept is None or self._kept[0] != chosen:
            self._kept = None  # two at once would take twice the memory
            self._kept = chosen, self._models.make(chosen).load()
        model = self._kept[1]
        model.reset()
        try:
            matte = model.matte(frame)
            if not np.isfinite(matte.alpha).all():
                raise ModelError(f"{chosen}: its matte of this picture is not finite; try another")
        except ModelError:
            self._kept = None  # it is loaded anew
            raise
        return matte


def _pixels(frame: Frame, cutout: Cutout, background: Background | None, order: Order) -> Pixels:
    if background is not None:
        return cutout.over(background.behind(frame, Matte(cutout.coarse)))
    alpha = grey(cutout.alpha)
    if order.output == "alpha":
        return alpha
    colours = frame.image if cutout.foreground is None else cutout.foreground
    pixels = np.dstack((colours, alpha))
    pixels[alpha == 0] = 0  # what cannot be seen is not to be found in the file either
    return pixels
