"""Lets lines of a fixed width in pixels be of that width in every viewer of an SVG.

Qt writes such a line, and there are many in plots, under the transform of its coordinates with the mark
`vector-effect="non-scaling-stroke"`, which several viewers do not know: they draw it too thick. Here the transform is
put into the coordinates, so nothing has to be known.
"""

from __future__ import annotations

import itertools
import re

from PySide6.QtCore import QPointF
from PySide6.QtGui import QTransform

_MARK = ' vector-effect="non-scaling-stroke"'
_NUMBER = r"[-+\d.einfa]+"
_GROUP = re.compile(
    r'(?P<head><g [^>]*?) transform="matrix\((?P<matrix>[^)]*)\)"(?P<rest>[^>]*>)(?P<body>(?:(?!</?g[ >]).)*)</g>',
    re.DOTALL,
)
_SHAPE = re.compile(rf"<(?P<kind>path|polyline|polygon|line|rect|ellipse|circle)\b(?P<said>[^>]*{_MARK}[^>]*)/>")
_PAIR = re.compile(rf"({_NUMBER}),({_NUMBER})")
_PLACE = re.compile(r'\s(x|y|x1|y1|x2|y2|width|height|cx|cy|r|rx|ry)="([^"]*)"')
_WIDTH = re.compile(r'stroke-width="([^"]+)"')
_ROUND = 0.5522847498
"""Of a curve's handle, for a quarter of a circle of radius 1."""


def even_lines(svg: str) -> str:
    """Return an SVG, as Qt writes it, in which no width of a line depends on the mark."""
    return _GROUP.sub(_group, svg)


def _group(found: re.Match[str]) -> str:
    if _MARK not in found["body"]:
        return found[0]
    matrix = QTransform(*map(float, found["matrix"].split(",")))
    if "url(#" in found["head"]:  # its fill has the coordinates of the group
        return _WIDTH.sub(lambda width: _narrower(width[1], matrix), found[0].replace(_MARK, ""))
    plain = found["head"] + found["rest"]
    scaled = f'{found["head"]} transform="matrix({found["matrix"]})"{found["rest"]}'
    parts, end = list[str](), 0
    for shape in _SHAPE.finditer(found["body"]):
        between = found["body"][end : shape.start()]
        if between.strip():
            parts.append(f"{scaled}{between}</g>\n")
        parts.append(f"{plain}\n{_flat(shape, matrix)}\n</g>\n")
        end = shape.end()
    if found["body"][end:].strip():
        parts.append(f"{scaled}{found['body'][end:]}</g>\n")
    return "".join(parts)


def _narrower(width: str, matrix: QTransform) -> str:
    scale = abs(matrix.determinant()) ** 0.5
    return f'stroke-width="{float(width) / scale if scale else float(width):.6g}"'


def _flat(shape: re.Match[str], matrix: QTransform) -> str:
    """Return a shape with the transform in its coordinates."""
    kind, said = shape["kind"], shape["said"].replace(_MARK, "")
    if kind in ("path", "polyline", "polygon"):
        return f"<{kind}{_PAIR.sub(lambda pair: _point(matrix, float(pair[1]), float(pair[2])), said)}/>"
    at = {place[1]: float(place[2]) for place in _PLACE.finditer(said)}
    kept = _PLACE.sub("", said)
    return f'<path{kept} d="{_outline(kind, at, matrix)}"/>'


def _outline(kind: str, at: dict[str, float], matrix: QTransform) -> str:
    def to(x: float, y: float) -> str:
        return _point(matrix, x, y)

    if kind == "line":
        return f"M{to(at['x1'], at['y1'])} L{to(at['x2'], at['y2'])}"
    if kind == "rect":
        left, top = at["x"], at["y"]
        right, bottom = left + at["width"], top + at["height"]
        return f"M{to(left, top)} L{to(right, top)} L{to(right, bottom)} L{to(left, bottom)} Z"
    x, y = at["cx"], at["cy"]
    across, down = at.get("rx", at.get("r", 0.0)), at.get("ry", at.get("r", 0.0))
    corners = ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0), (1.0, 0.0))
    words = [f"M{to(x + across, y)}"]
    for (a, b), (c, d) in itertools.pairwise(corners):
        points = ((a + _ROUND * c, b + _ROUND * d), (c + _ROUND * a, d + _ROUND * b), (c, d))
        words.append("C" + " ".join(to(x + across * right, y + down * low) for right, low in points))
    return " ".join([*words, "Z"])


def _point(matrix: QTransform, x: float, y: float) -> str:
    place = matrix.map(QPointF(x, y))
    return f"{place.x():.8g},{place.y():.8g}"
