"""Lines of a fixed width in an SVG need nothing that some viewers do not know."""

import re

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter, QPainterPath, QPen, QTransform
from PySide6.QtSvg import QSvgGenerator, QSvgRenderer
from pytestqt.qtbot import QtBot

from gui.exchange.vector.even_lines import even_lines

SIZE = QSize(200, 100)
MATRICES = {
    "stretched": QTransform(20, 0, 0, -0.5, 10, 90),
    "enlarged": QTransform(9, 0, 0, 9, 10, 5),
    "turned": QTransform(8, 6, -0.3, 0.4, 60, 10),
}


def draw(painter: QPainter, matrix: QTransform) -> None:
    painter.setTransform(matrix)
    pen = QPen(QColor("red"), 2)
    pen.setCosmetic(True)
    painter.setPen(pen)
    path = QPainterPath(QPointF(0, 0))
    path.lineTo(3, 10)
    path.cubicTo(4, 1, 5, 2, 6, 15)
    painter.drawPath(path)
    painter.drawLine(QPointF(0, 3), QPointF(5, 3))
    painter.drawRect(QRectF(1, 1, 2, 5))
    painter.drawEllipse(QRectF(4, 1, 2, 5))
    painter.drawPolyline([QPointF(0, 0), QPointF(1, 5), QPointF(6, 2)])
    painter.drawText(QPointF(1, 1), "word")


def written(matrix: QTransform) -> str:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(SIZE)
    generator.setViewBox(QRect(0, 0, SIZE.width(), SIZE.height()))
    painter = QPainter(generator)
    draw(painter, matrix)
    painter.end()
    return bytes(buffer.data().data()).decode()


def shown(svg: str) -> QImage:
    image = QImage(SIZE, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(svg.encode())).render(painter)
    painter.end()
    return image


@pytest.mark.parametrize("name", MATRICES)
def test_a_line_is_as_wide_as_it_was_meant_without_the_mark(name: str, qtbot: QtBot) -> None:
    svg = written(MATRICES[name])
    assert "vector-effect" in svg
    even = even_lines(svg)
    assert "vector-effect" not in even
    groups = re.findall(r"<g ([^>]*)>\s*<(?:path|polyline)", even)
    assert len(groups) == 5
    assert all('stroke-width="2"' in group and "transform" not in group for group in groups)
    before, after = shown(svg), shown(even)
    far = [
        (x, y)
        for x in range(SIZE.width())
        for y in range(SIZE.height())
        if abs(before.pixelColor(x, y).green() - after.pixelColor(x, y).green()) > 60
    ]
    assert len(far) < 20, far
    assert "word" in even
    assert f'transform="matrix({MATRICES[name].m11():g},' in even


def test_a_shape_filled_with_a_gradient_keeps_its_place(qtbot: QtBot) -> None:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(SIZE)
    painter = QPainter(generator)
    painter.setTransform(MATRICES["enlarged"])
    gradient = QLinearGradient(0, 0, 5, 0)
    gradient.setColorAt(0, QColor("red"))
    gradient.setColorAt(1, QColor("blue"))
    pen = QPen(QColor("black"), 3)
    pen.setCosmetic(True)
    painter.setPen(pen)
    painter.setBrush(gradient)
    painter.drawRect(QRectF(0, 0, 5, 5))
    painter.end()
    even = even_lines(bytes(buffer.data().data()).decode())
    assert "vector-effect" not in even
    assert 'stroke-width="0.333333"' in even
    assert 'transform="matrix(9,' in even
