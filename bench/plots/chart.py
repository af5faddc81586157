"""A chart of points and lines as an SVG document."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as Xml

from bench.plots.axes import Axis

WIDTH, HEIGHT = 760, 440
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 44, 56
LINE_PX = 15  # between the names of two points
CHARACTER_PX = 6.6  # of the names, on average

# The page's own colours, light and dark: an <img> follows the reader's choice, too.
STYLE = """
:root { --ink: #1f2328; --soft: #59636e; --line: #d1d9e0; --ours: #0969da; --other: #8c959f;
  --page: #ffffff; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #f0f6fc; --soft: #9198a1; --line: #3d444d; --ours: #4493f8; --other: #818b98;
    --page: #0d1117; }
}
text { font: 12px system-ui, sans-serif; fill: var(--ink); }
.title { font-size: 15px; font-weight: 600; }
.soft { fill: var(--soft); }
.page { fill: var(--page); }
.grid { stroke: var(--line); stroke-width: 1; }
.edge { fill: none; stroke: var(--soft); stroke-width: 1.2; stroke-dasharray: 4 4; }
.path { fill: none; stroke-width: 2; }
.ours { fill: var(--ours); stroke: var(--ours); }
.other { fill: var(--other); stroke: var(--other); }
.path.ours, .path.other { fill: none; }
.name { stroke: var(--page); stroke-width: 3; paint-order: stroke; }
.name.ours { font-weight: 600; stroke: var(--page); }
.name.other { fill: var(--ink); stroke: var(--page); }
"""

Point = tuple[float, float]


class Chart:
    """
    Args:
        title: above it.
        x, y: the axes; ``y`` grows upwards.
    """

    def __init__(self, title: str, x: Axis, y: Axis) -> None:
        self._x, self._y = x, y
        self._names: list[tuple[str, float, float, str]] = []  # text, left, base line, class
        self._taken: list[tuple[float, float, float]] = []  # left, right, base line: not to cover
        self._root = Xml.Element(
            "svg",
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {WIDTH} {HEIGHT}",
            width=str(WIDTH),
            height=str(HEIGHT),
            role="img",
        )
        Xml.SubElement(self._root, "title").text = title
        Xml.SubElement(self._root, "style").text = STYLE
        self._add("rect", "page", width=WIDTH, height=HEIGHT, rx=6)
        self._text(title, LEFT, 26, "title")
        self._axes()

    def point(self, at: Point, name: str, kind: str) -> None:
        """
        Args:
            at: in the axes' units.
            kind: "ours" or "other".
        """
        x, y = self._pixels(at)
        self._add("circle", kind, cx=x, cy=y, r=6 if kind == "ours" else 5)
        self._taken.append((x - 6, x + 6, y + 4))
        if name:
            self._names.append((name, x + 10, y + 4, f"name {kind}"))

    def path(self, points: Sequence[Point], kind: str, name: str = "") -> None:
        """A line through ``points``; ``kind`` may also be "edge". Its name is at its end."""
        pixels = [self._pixels(point) for point in points]
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in pixels)
        self._add("polyline", kind if kind == "edge" else f"path {kind}", points=joined)
        if name:
            x, y = pixels[-1]
            self._names.append((name, x + 8, y - 8, f"name {kind}"))

    def svg(self) -> str:
        """The document, names last: over all lines, and beside all points."""
        for name, left, base, kind in self._names:
            self._text(name, *self._free(left, base, CHARACTER_PX * len(name)), kind)
        self._names.clear()
        Xml.indent(self._root)
        return Xml.tostring(self._root, encoding="unicode") + "\n"

    def _axes(self) -> None:
        right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
        for value in self._x.ticks():
            x, _ = self._pixels((value, self._y.low))
            self._add("line", "grid", x1=x, x2=x, y1=TOP, y2=bottom)
            self._text(f"{value:g}", x, bottom + 18, "soft", anchor="middle")
        for value in self._y.ticks():
            _, y = self._pixels((self._x.low, value))
            self._add("line", "grid", x1=LEFT, x2=right, y1=y, y2=y)
            self._text(f"{value:g}", LEFT - 8, y + 4, "soft", anchor="end")
        self._text(self._x.label, (LEFT + right) / 2, HEIGHT - 14, "soft", anchor="middle")
        label = self._text(self._y.label, 0, 0, "soft", anchor="middle")
        label.set("transform", f"translate(18 {(TOP + bottom) / 2:.0f}) rotate(-90)")

    def _pixels(self, point: Point) -> Point:
        across, up = self._x.part(point[0]), self._y.part(point[1])
        return (
            LEFT + across * (WIDTH - LEFT - RIGHT),
            HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM),
        )

    def _free(self, left: float, base: float, wide: float) -> Point:
        """Near there, but over no point and no other name."""
        if left + wide > WIDTH - 4:  # to the left of its point, then
            left -= wide + 20
        for shift in (0, -1, 1, -2, 2, -3, 3):
            at = base + shift * LINE_PX
            clear = all(
                left > right or left + wide < start or abs(at - other) >= LINE_PX
                for start, right, other in self._taken
            )
            if clear and TOP + 8 < at < HEIGHT - BOTTOM - 2:
                base = at
                break
        self._taken.append((left, left + wide, base))
        return left, base

    def _text(self, text: str, x: float, y: float, kind: str, anchor: str = "start") -> Xml.Element:
        element = self._add("text", kind, x=x, y=y)
        element.set("text-anchor", anchor)
        element.text = text
        return element

    def _add(self, tag: str, kind: str, **values: float | str) -> Xml.Element:
        written = {
            name: value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
            for name, value in values.items()
        }
        return Xml.SubElement(self._root, tag, {"class": kind, **written})
