"""The program's icons in the theme's colours."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

from engine.shipped import SHIPPED


@cache
def icon(name: str, colour: str, pixels: int, ground: str = "") -> QIcon:
    """Return a shipped icon in a colour; ground: the colour of a sign that stands within it, as in a disc."""
    svg = (SHIPPED / "icons" / f"{name}.svg").read_text("utf-8")
    svg = svg.replace("currentColor", colour).replace("groundColor", ground or "none")
    pixmap = QPixmap(2 * pixels, 2 * pixels)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(pixmap.rect()))
    painter.end()
    pixmap.setDevicePixelRatio(2)
    return QIcon(pixmap)


def palette_icon(name: str, palette: QPalette, pixels: int, wrong: bool = False) -> QIcon:
    """Return a shipped icon in the ink of the program's palette, or in its colour for what is wrong."""
    role = QPalette.ColorRole.BrightText if wrong else QPalette.ColorRole.WindowText
    ground = palette.color(QPalette.ColorRole.Window).name()
    return icon(name, palette.color(role).name(), pixels, ground)
