"""
Supervisely's annotations: a mask drawn from the objects in a JSON file.

Format: https://docs.supervisely.com/data-organization/00_ann_format_navi. An object is a polygon,
or a bitmap: a PNG, deflated, in base64, with the place of its upper left corner.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.errors import UndecodableInput

PEOPLE = ("person", "people", "human", "man", "woman", "child")


def read_mask(path: Path) -> NDArray[np.uint8]:
    """
    The people of an annotation, (H, W) uint8: 255 inside. Objects of other classes are left out.

    Raises:
        UndecodableInput: it cannot be read, or is no such annotation.
    """
    try:
        content = json.loads(path.read_text())
        size = content["size"]
        mask = np.zeros((int(size["height"]), int(size["width"])), np.uint8)
        for item in content["objects"]:
            if str(item.get("classTitle", PEOPLE[0])).lower().startswith(PEOPLE):
                _draw(mask, item)
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        zlib.error,
        binascii.Error,
        cv2.error,
    ) as error:
        raise UndecodableInput(f"{path}: no Supervisely annotation: {error!r}") from error
    return mask


def _draw(mask: NDArray[np.uint8], item: dict[str, Any]) -> None:
    if item.get("bitmap"):
        _stamp(mask, item["bitmap"])
        return
    points = item["points"]
    outlines = [np.array(points["exterior"], np.float64).round().astype(np.int32)]
    holes = [np.array(hole, np.float64).round().astype(np.int32) for hole in points["interior"]]
    own = np.zeros_like(mask)
    cv2.fillPoly(own, outlines, 255)
    cv2.fillPoly(own, holes, 0)
    np.maximum(mask, own, out=mask)


def _stamp(mask: NDArray[np.uint8], bitmap: dict[str, Any]) -> None:
    data = zlib.decompress(base64.b64decode(bitmap["data"]))
    stamp = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if stamp is None:
        raise ValueError("a bitmap is no PNG")
    inside = stamp[..., -1] if stamp.ndim == 3 else stamp  # of RGBA its alpha
    x, y = (int(value) for value in bitmap["origin"])
    part = mask[y : y + inside.shape[0], x : x + inside.shape[1]]
    part[inside[: part.shape[0], : part.shape[1]] > 0] = 255
