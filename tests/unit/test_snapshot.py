"""Snapshots: what is shown now, as PNG; the room only where it may be shown."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from edge.errors import Forbidden, InputError, SourceError
from edge.frame import Composite
from edge.snapshot import snapshot, wanted

IMAGE = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
ALPHA = np.linspace(0, 1, 24, dtype=np.float32).reshape(4, 6)


def decoded(png: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)


def test_the_parts_are_the_picture_its_matte_and_the_room() -> None:
    composite = Composite(IMAGE, 0, 0, 0, original=255 - IMAGE, alpha=lambda: ALPHA)
    taken = snapshot(composite, ["alpha", "original"])
    assert (decoded(taken[""])[..., ::-1] == IMAGE).all()
    assert (decoded(taken["original"])[..., ::-1] == 255 - IMAGE).all()
    assert (decoded(taken["alpha"]) == np.rint(255 * ALPHA)).all()
    assert set(snapshot(composite, [])) == {""}


@pytest.mark.parametrize("composite", [None, Composite(IMAGE, 0, 0, 0, slate="No picture: gone")])
def test_of_a_slate_there_is_none(composite: Composite | None) -> None:
    with pytest.raises(SourceError, match="try again later"):
        snapshot(composite, [])


def test_what_may_be_asked_for() -> None:
    assert wanted("", False) == []
    assert wanted("alpha", False) == ["alpha"]
    assert wanted("original,alpha,alpha", True) == ["alpha", "original"]
    with pytest.raises(Forbidden, match="--allow-original"):
        wanted("alpha,original", False)
    with pytest.raises(InputError, match="'depth'"):
        wanted("alpha,depth", True)
