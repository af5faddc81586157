"""A refined matte, kept small: what is needed of it at the frame's size is made piece by piece."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from edge.compose import blend, require_size
from edge.frame import Alpha, Matte, Rgb
from edge.refine.foreground import Change, recoloured, recoloured_tile
from edge.refine.guided import REACH, Guide, linear_upsample
from edge.refine.tiles import Tile, spread, tiles


class Cutout(Matte):
    """
    A Matte of one frame. ``alpha`` and ``foreground``, at the frame's size, are made when asked
    for; ``over`` needs neither, for both matter only along the person's outline.

    Args:
        image: (H, W, 3) uint8, the frame's.
        coarse: (h, w) float32 in [0, 1], at the model's size.
        guide: enlarges it along the picture's edges; bilinearly without one.
        change: (h, w, 3) int16, what is added to the frame's colour along soft edges, or None.
        own: (H, W, 3) uint8, the foreground that the model gave, in place of the frame, or None.
    """

    def __init__(
        self,
        image: Rgb,
        coarse: Alpha,
        guide: Guide | None = None,
        change: Change | None = None,
        own: Rgb | None = None,
    ) -> None:
        values = {"_image": image, "coarse": coarse, "_guide": guide, "_own": own}
        self.__dict__.update(values, _change=None if own is not None else change)

    coarse: Alpha
    presence = None  # that of the model's matte was heeded before
    _image: Rgb
    _guide: Guide | None
    _change: Change | None
    _own: Rgb | None

    @cached_property
    def alpha(self) -> Alpha:
        """(H, W) float32 in [0, 1]; ``coarse`` itself if it has that size."""
        height, width = self._image.shape[:2]
        full = linear_upsample(self.coarse, (width, height))
        if self._guide is not None and full is not self.coarse:
            for tile in tiles(spread(self._guide.varying, REACH), self._image.shape):
                if tile.marked:
                    full[tile.full] = self._guide.alpha(tile, self._image[tile.full])
        return full

    @cached_property
    def foreground(self) -> Rgb | None:
        """(H, W, 3) uint8, or None where it is the frame itself."""
        return self._own if self._change is None else recoloured(self._image, self._change)

    def over(self, background: Rgb) -> Rgb:
        """
        The compositing equation, which away from the outline is a copy of one or the other.

        Args:
            background: (H, W, 3) uint8.

        Returns:
            A new (H, W, 3) uint8, within one level of the exact sum.

        Raises:
            ValueError: the background or the model's foreground is not of the frame's size.
        """
        person = self._image if self._own is None else self._own
        require_size("foreground", person.shape, self._image.shape)
        require_size("background", background.shape, self._image.shape)
        composite = np.empty(person.shape, np.uint8)
        for tile in tiles(self._soft(), person.shape):
            if tile.marked:
                here = self._colour(tile)
                composite[tile.full] = blend(here, background[tile.full], self._alpha(tile))
            else:
                one = person if self.coarse[tile.corner] else background
                composite[tile.full] = one[tile.full]
        return composite

    def _soft(self) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """(h, w): False where alpha is 0 or 1, and the same all around."""
        soft = ~((self.coarse == 0) | (self.coarse == 1))
        if self._guide is not None:
            soft |= self._guide.varying
        else:
            soft[1:] |= self.coarse[1:] != self.coarse[:-1]
            soft[:, 1:] |= self.coarse[:, 1:] != self.coarse[:, :-1]
        return spread(soft, REACH)

    def _alpha(self, tile: Tile) -> Alpha:
        if self.coarse.shape == self._image.shape[:2]:
            return self.coarse[tile.full]
        if self._guide is None:
            return np.asarray(tile.enlarged(self.coarse), np.float32)
        return self._guide.alpha(tile, self._image[tile.full])

    def _colour(self, tile: Tile) -> Rgb:
        if self._change is None:
            return (self._image if self._own is None else self._own)[tile.full]
        return recoloured_tile(self._image[tile.full], self._change, tile)
