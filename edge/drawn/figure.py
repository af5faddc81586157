"""The drawn presenter's body, arm and head, each painted once for a picture height."""

from __future__ import annotations

from functools import lru_cache

from edge.drawn.sprites import Color, Rgba, Sprite

SKIN, LIP, HAIR = (226, 178, 150), (176, 84, 84), (74, 48, 36)
SHIRT, COLLAR = (58, 92, 128), (236, 236, 240)

# Units: the picture's height. The head sprite is 0.62 x 0.70 with the neck's foot at this point:
HEAD_EXTENT, NECK = (0.62, 0.70), (0.31, 0.62)
ARM_EXTENT, ELBOW = (0.34, 0.66), (0.17, 0.56)
BODY_EXTENT = (1.16, 0.50)


@lru_cache(maxsize=4)
def body(height: int) -> Rgba:
    sprite = Sprite(BODY_EXTENT, height)
    middle = BODY_EXTENT[0] / 2
    right = [(0.07, 0.07), (0.20, 0.115), (0.36, 0.17), (0.44, 0.27), (0.50, 0.42), (0.53, 0.56)]
    outline = [(middle + x, y) for x, y in right] + [(middle - x, y) for x, y in reversed(right)]
    sprite.polygon(outline, SHIRT, 0.45)
    for side in (-1, 1):  # the sleeves' seams
        seam = [(0.33, 0.24), (0.37, 0.34), (0.385, 0.56), (0.375, 0.56), (0.36, 0.34)]
        sprite.polygon([(middle + side * x, y) for x, y in seam], (40, 68, 100))
    sprite.polygon(
        [(middle - 0.08, 0.09), (middle, 0.25), (middle + 0.08, 0.09)], darker(SKIN, 0.82)
    )
    for side in (-1, 1):
        collar = [(0.055, 0.05), (0.115, 0.10), (0.075, 0.20), (0.0, 0.235), (0.03, 0.15)]
        sprite.polygon([(middle + side * x, y) for x, y in collar], COLLAR, 0.25)
    return sprite.rgba


@lru_cache(maxsize=4)
def arm(height: int) -> Rgba:
    """A forearm that points up, with an open hand."""
    sprite = Sprite(ARM_EXTENT, height)
    for x, y, tilt in ((-0.052, 0.055, -0.03), (-0.018, 0.03, -0.01), (0.018, 0.035, 0.01)):
        sprite.polygon(_finger(0.17 + x, y, tilt), SKIN, 0.2)
    sprite.polygon(_finger(0.17 + 0.05, 0.06, 0.03), SKIN, 0.2)
    sprite.polygon(
        [(0.12, 0.22), (0.05, 0.15), (0.035, 0.115), (0.075, 0.10), (0.15, 0.16)], SKIN, 0.2
    )
    palm = [(0.105, 0.12), (0.17, 0.105), (0.235, 0.12), (0.235, 0.21), (0.21, 0.26), (0.13, 0.26)]
    sprite.polygon(palm, SKIN, 0.2)
    wrist = [(0.13, 0.22), (0.21, 0.22), (0.225, 0.40), (0.115, 0.40)]
    sprite.polygon(wrist, SKIN, 0.3)
    sleeve = [(0.105, 0.31), (0.235, 0.31), (0.27, 0.64), (0.17, 0.68), (0.07, 0.64)]
    sprite.polygon(sleeve, SHIRT, 0.45)
    return sprite.rgba


def _finger(x: float, y: float, tilt: float) -> list[tuple[float, float]]:
    return [(x + tilt - 0.019, y), (x + tilt + 0.019, y), (x + 0.021, 0.2), (x - 0.021, 0.2)]


@lru_cache(maxsize=4)
def head(height: int) -> Rgba:
    """Hair, neck and face, without what moves in it."""
    sprite = Sprite(HEAD_EXTENT, height)
    back = [(0.31, 0.02), (0.47, 0.06), (0.52, 0.22), (0.51, 0.40), (0.54, 0.54), (0.44, 0.58)]
    sprite.polygon(back + [(0.62 - x, y) for x, y in reversed(back[1:])], darker(HAIR, 0.8), 0.3)
    for x, bend in ((0.125, -0.03), (0.105, 0.01), (0.495, 0.03), (0.515, -0.01)):  # loose strands
        strand = [(x, 0.26), (x + bend, 0.42), (x + 0.4 * bend, 0.60), (x + bend + 0.004, 0.42)]
        sprite.polygon(strand, HAIR)
    neck = [(0.245, 0.42), (0.375, 0.42), (0.38, 0.58), (0.43, 0.66), (0.19, 0.66), (0.24, 0.58)]
    sprite.polygon(neck, darker(SKIN, 0.84), 0.3)
    for x in (0.158, 0.462):
        sprite.ellipse((x, 0.315), (0.022, 0.042), darker(SKIN, 0.92), 0.2)
    jaw = [(0.155, 0.20), (0.20, 0.09), (0.31, 0.07), (0.42, 0.09), (0.465, 0.20), (0.46, 0.34)]
    jaw += [(0.41, 0.455), (0.345, 0.505), (0.275, 0.505), (0.21, 0.455), (0.16, 0.34)]
    sprite.polygon(jaw, SKIN, 0.28)
    nose = [(0.305, 0.28), (0.326, 0.36), (0.31, 0.378), (0.288, 0.37), (0.302, 0.345)]
    sprite.polygon(nose, darker(SKIN, 0.88))
    fringe = [(0.14, 0.30), (0.125, 0.17), (0.19, 0.055), (0.31, 0.025), (0.44, 0.06)]
    fringe += [
        (0.50, 0.17),
        (0.475, 0.31),
        (0.455, 0.22),
        (0.38, 0.135),
        (0.25, 0.16),
        (0.17, 0.22),
    ]
    sprite.polygon(fringe, HAIR, 0.25)
    return sprite.rgba


def darker(color: Color, factor: float) -> Color:
    red, green, blue = (round(value * factor) for value in color)
    return red, green, blue
