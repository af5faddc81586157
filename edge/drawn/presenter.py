"""
A presenter who talks and waves, drawn by this project: a person where there is no camera.

The alpha is known exactly, so it also is the ground truth of many tests.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from edge.drawn import figure
from edge.drawn.indoors import indoors
from edge.drawn.sprites import Color, Rgba, flatten, place
from edge.frame import Alpha, Rgb

LOOP_S = 12.0


@dataclass(frozen=True, slots=True)
class Pose:
    """Where everything is at one instant. Lengths in picture heights, angles counter-clockwise."""

    sway: float
    breath: float
    nod_deg: float
    forearm_deg: float
    mouth: float
    lids: float

    @classmethod
    def at(cls, time_s: float) -> Pose:
        """Repeats after ``LOOP_S`` without a jump."""
        turn = 2 * math.pi * (time_s % LOOP_S) / LOOP_S
        raised = _bell(time_s % LOOP_S, 2.0, 6.5)
        speaking = 0.5 + 0.5 * math.sin(29 * turn) * math.sin(11 * turn + 1)
        blink = max(_bell(time_s % 4, 1.9, 2.15), _bell(time_s % 6, 4.7, 4.95))
        return cls(
            sway=0.018 * math.sin(2 * turn) + 0.006 * math.sin(5 * turn),
            breath=0.004 * math.sin(3 * turn),
            nod_deg=2.4 * math.sin(3 * turn + 0.5) + 1.3 * math.sin(7 * turn),
            forearm_deg=-150 + raised * (143 + 15 * math.sin(18 * turn)),
            mouth=speaking * (1 - 0.9 * _bell(time_s % LOOP_S, 9.0, 10.5)),
            lids=blink,
        )


def paint(
    index: int, size: tuple[int, int], room: Color | None = None, fps: float = 30.0
) -> tuple[Rgb, Alpha]:
    """
    Frame ``index`` of the presenter.

    Args:
        size: (width, height).
        room: one colour behind the presenter, or None for a drawn room.

    Returns:
        (H, W, 3) uint8 sRGB, and the (H, W) float32 alpha in [0, 1] that it was composed with.
    """
    width, height = size
    pose = Pose.at(index / fps)
    canvas: Rgba = np.zeros((height, width, 4), np.uint8)
    middle, shoulder = (0.5 + 0.3 * pose.sway) * width, (0.745 + pose.breath) * height
    arm, body = figure.arm(height), figure.body(height)
    elbow = (middle + 0.41 * height, 1.0 * height)
    place(canvas, arm, _scaled(figure.ELBOW, height), elbow, pose.forearm_deg)
    place(canvas, body, (body.shape[1] / 2, 0.12 * height), (middle, shoulder), 0)
    neck = (middle + pose.sway * height, shoulder - 0.015 * height)
    place(canvas, _face(height, pose), _scaled(figure.NECK, height), neck, pose.nod_deg)
    return flatten(canvas, _room(size, room))


def parts(size: tuple[int, int], room: Color | None) -> tuple[Callable[[], object], ...]:
    """What ``paint`` draws once and keeps: each call draws one of them."""
    height = size[1]
    return (
        lambda: figure.arm(height),
        lambda: figure.body(height),
        lambda: figure.head(height),
        lambda: _room(size, room),
    )


def _bell(time_s: float, begin_s: float, end_s: float) -> float:
    """0 outside, 1 in between, smooth at both ends."""
    edge_s = min(0.7, (end_s - begin_s) / 2)
    rise = min(1.0, max(0.0, (time_s - begin_s) / edge_s), max(0.0, (end_s - time_s) / edge_s))
    return rise * rise * (3 - 2 * rise)


def _scaled(point: tuple[float, float], scale: float) -> tuple[float, float]:
    return point[0] * scale, point[1] * scale


@lru_cache(maxsize=4)
def _room(size: tuple[int, int], color: Color | None) -> Rgb:
    if color is None:
        return indoors(size)
    return np.full((size[1], size[0], 3), color, np.uint8)


def _face(height: int, pose: Pose) -> Rgba:
    """The head with eyes and mouth. They lie inside the face, so the alpha stays the same."""
    face: Rgba = figure.head(height).copy()
    for x in (0.237, 0.383):
        _spot(face, (x, 0.278), (0.031, 0.018 * (1 - pose.lids) + 0.001), (250, 248, 244))
        if pose.lids < 0.6:
            _spot(
                face, (x + 0.1 * pose.sway, 0.279), (0.0145, 0.0145 * (1 - pose.lids)), (72, 52, 40)
            )
            _spot(face, (x + 0.005, 0.274), (0.004, 0.004), (250, 250, 250))
        _arc(face, (x, 0.281), (0.034, 0.022 * (1 - 1.6 * pose.lids)), 0.008, (52, 36, 30))
        _arc(face, (x, 0.246), (0.040, 0.018), 0.011, figure.darker(figure.HAIR, 0.9))
    opening = 0.006 + 0.026 * pose.mouth
    _spot(face, (0.31, 0.425), (0.052 - 0.012 * pose.mouth, opening + 0.009), figure.LIP)
    _spot(face, (0.31, 0.425), (0.040 - 0.010 * pose.mouth, opening * 0.75), (88, 30, 36))
    if pose.mouth > 0.35:
        _spot(face, (0.31, 0.425 - 0.45 * opening), (0.026, 0.25 * opening), (244, 240, 236))
    return face


def _spot(face: Rgba, center: tuple[float, float], axes: tuple[float, float], color: Color) -> None:
    at, half = (
        tuple(round(v * face.shape[0] / 0.70 * 16) for v in pair) for pair in (center, axes)
    )
    cv2.ellipse(face, at, half, 0, 0, 360, (*color, 255), cv2.FILLED, cv2.LINE_AA, 4)


def _arc(
    face: Rgba, center: tuple[float, float], axes: tuple[float, float], width: float, color: Color
) -> None:
    scale = face.shape[0] / 0.70
    at = tuple(round(v * scale * 16) for v in center)
    half = (round(axes[0] * scale * 16), round(abs(axes[1]) * scale * 16))
    span = (200, 340) if axes[1] >= 0 else (20, 160)
    thick = max(1, round(width * scale))
    cv2.ellipse(face, at, half, 0, *span, (*color, 255), thick, cv2.LINE_AA, 4)
