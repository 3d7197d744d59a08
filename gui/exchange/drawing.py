"""Paints what stands on a studio's stage as one picture: PNG, SVG or PDF."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSizeF
from PySide6.QtGui import QColor, QImage, QPageLayout, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QGraphicsItem, QGraphicsView, QWidget

from engine.errors import ENDED, PlainError
from engine.whole_file import whole_file

_POINT = 72 / 96
"""A pixel in points, of which a PDF has its size."""


class PictureError(PlainError):
    """A picture cannot be written; the message is one sentence."""

    status = ENDED


def write_picture(path: Path, widget: QWidget, ground: QColor, scale: float = 1.0) -> None:
    """Write a picture of a widget; the kind is that of the suffix. scale: pixels of a PNG for each of the widget.

    Raises PictureError.
    """
    write = _WRITERS[path.suffix.casefold()]
    try:
        with whole_file(path) as file:
            if not write(file, widget, ground, scale):
                raise PictureError(f"{path} cannot be written; make room, or choose another folder.")
    except OSError as error:
        raise PictureError(f"{path} cannot be written ({error.strerror}); choose another folder.") from error


def _png(path: Path, widget: QWidget, ground: QColor, scale: float) -> bool:
    image = QImage(widget.size() * scale, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    image.fill(ground)
    widget.render(image, QPoint())
    image.setDotsPerMeterX(round(scale * 96 / 0.0254))
    image.setDotsPerMeterY(round(scale * 96 / 0.0254))
    return bool(image.save(str(path)))


def _let_text_be_text(widget: QWidget) -> None:
    """Have every item of a drawing painted anew: what is kept of it are pixels."""
    for view in widget.findChildren(QGraphicsView):
        for item in view.scene().items():
            item.setCacheMode(QGraphicsItem.CacheMode.NoCache)


def _svg(path: Path, widget: QWidget, ground: QColor, _scale: float) -> bool:
    _let_text_be_text(widget)
    generator = QSvgGenerator()
    generator.setFileName(str(path))
    generator.setSize(widget.size())
    generator.setViewBox(QRect(QPoint(), widget.size()))
    painter = QPainter(generator)
    painter.fillRect(QRect(QPoint(), widget.size()), ground)
    widget.render(painter, QPoint())
    return painter.end()


def _pdf(path: Path, widget: QWidget, ground: QColor, _scale: float) -> bool:
    _let_text_be_text(widget)
    writer = QPdfWriter(str(path))
    size = QSizeF(widget.size()) * _POINT
    writer.setPageSize(QPageSize(size, QPageSize.Unit.Point))
    writer.setPageMargins(QPageLayout(writer.pageLayout()).margins() * 0)
    writer.setResolution(96)
    painter = QPainter(writer)
    painter.fillRect(QRect(QPoint(), widget.size()), ground)
    widget.render(painter, QPoint())
    return painter.end()


_WRITERS: dict[str, Callable[[Path, QWidget, QColor, float], bool]] = {".png": _png, ".svg": _svg, ".pdf": _pdf}
PICTURES = tuple(_WRITERS)
"""The suffixes of pictures."""
