"""Pictures of what is drawn: a view, the diagram, a plot, as SVG, PDF or PNG, in the window's colours or in others.

What is painted is the widget itself, so a picture shows what the screen shows. In SVG and PDF text stays text, and a
heatmap is an image with a pixel for each cell.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import shiboken6
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QImageWriter, QPainter, QPalette, QPicture
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QGraphicsView, QWidget

from engine.errors import ENDED, PlainError
from engine.whole_file import not_written, whole_file
from gui.appearance.style import style_sheet
from gui.appearance.theme import FAMILY, Appearance, Theme, font, load_theme, print_theme
from gui.appearance.vector import picture_made, uncached
from gui.exchange.vector.clips import ClippedPainting, clipped
from gui.exchange.vector.even_lines import even_lines
from gui.exchange.vector.pdf import DPI, pdf_of

Colours = Literal["window", "light", "dark", "print"]
COLOURS: tuple[Colours, ...] = ("window", "light", "dark", "print")
"""As on the screen; on a light or a dark ground; for paper, on white."""
SUFFIXES = (".svg", ".pdf", ".png")
SCALES = (1.0, 4.0)
"""The least and the most pixels of a PNG for one of the screen."""
_GROUND = QPalette.ColorRole.Base
"""What plots and drawings fill their ground with."""
_MOST_PIXELS = 64_000_000
"""Of a PNG: 256 MB while it is made."""
_SHARP, _MOST_OF_IMAGE = 4, 16_000_000
"""Pixels of an image in an SVG for each of the window, where it has too few; and of one at most."""
_OTHER_LETTERS = f"{FAMILY}, 'Helvetica Neue', Arial, sans-serif"
_TEXT = re.compile(
    rf'(?P<head><text [^>]*font-family="{re.escape(_OTHER_LETTERS)}" font-size="(?P<size>[\d.]+)" '
    r'font-weight="(?P<weight>\d+)" font-style="normal")(?P<rest>[^>]*)>(?P<words>[^<]*)</text>'
)


class PictureError(PlainError):
    """A picture cannot be made or written; the message is one sentence."""

    status = ENDED


@dataclass(frozen=True)
class PictureChoice:
    """What a picture is to be.

    suffix: one of SUFFIXES. scale: pixels of a PNG for one of the screen, within SCALES. numbers: whether vectors and
    matrices have their numbers in them.
    """

    suffix: str = ".svg"
    scale: float = 2.0
    colours: Colours = "window"
    numbers: bool = True


@dataclass(frozen=True, eq=False)
class Drawn:
    """A picture that is painted, and what is left to be done, in any thread.

    what: an SVG, what a PDF is made of, or the pixels of a PNG. size: in pixels of the window.
    """

    what: bytes | QPicture | QImage
    size: QSize

    def data(self) -> bytes:
        """Return what stands in the file."""
        if isinstance(self.what, bytes):
            return _finished_svg(self.what)
        if isinstance(self.what, QPicture):
            return pdf_of(self.what, self.size)
        written = QBuffer()
        written.open(QIODevice.OpenModeFlag.WriteOnly)
        QImageWriter(written, b"png").write(self.what)
        return bytes(written.data().data())

    def write(self, path: Path) -> None:
        """Write it, whole or not at all; raises PictureError."""
        try:
            with whole_file(path) as temporary:
                temporary.write_bytes(self.data())
        except OSError as error:
            raise PictureError(not_written(path, error)) from error


def _paint_vectors(widget: QWidget, painter: QPainter, theme: Theme, marked: bool) -> None:
    """Paint a widget as letters and lines; marked: as in ClippedPainting."""
    try:
        with picture_made(), _uncached(widget):
            painter.fillRect(widget.rect(), QColor(theme.panel))
            ClippedPainting(painter, marked).paint(widget)
    finally:
        painter.end()


def draw(widget: QWidget, theme: Theme, suffix: str, scale: float = 1.0) -> Drawn:
    """Paint a widget as it is now, in the theme that it wears; suffix and scale as in PictureChoice.

    Raises PictureError.
    """
    size = widget.size()
    if size.isEmpty() or not widget.isVisible():
        raise PictureError("There is nothing to see of it now; open the view first, then save its picture")
    if suffix == ".png":
        return Drawn(_pixels(widget, theme, size, scale), size)
    if suffix == ".pdf":
        picture = QPicture()
        _paint_vectors(widget, QPainter(picture), theme, marked=False)
        return Drawn(picture, size)
    if suffix == ".svg":
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        generator = QSvgGenerator()  # as SVG 1.1 Qt cuts off what is to be seen
        generator.setOutputDevice(buffer)
        generator.setResolution(DPI)
        generator.setSize(size)
        generator.setViewBox(widget.rect())
        generator.setTitle(widget.accessibleName() or "LSTM Visualizer")
        _paint_vectors(widget, QPainter(generator), theme, marked=True)
        return Drawn(bytes(buffer.data().data()), size)
    raise PictureError(f"A picture cannot be a file {suffix or 'without a suffix'}; choose {', '.join(SUFFIXES)}")


def steps_of(widget: QWidget, appearance: Appearance, choice: PictureChoice) -> Iterator[Drawn | None]:
    """Yield None after each part of the work, at the end the picture; the screen keeps what it shows meanwhile.

    Raises PictureError. Closed early, it leaves everything as it was.
    """
    if choice.colours == "window" and choice.numbers:
        yield draw(widget, appearance.theme, choice.suffix, choice.scale)
        return
    top, sheet = widget.window(), widget.styleSheet()
    enabled, grounds = top.updatesEnabled(), list[QWidget]()
    back = _given_back(widget, appearance, sheet, grounds, enabled)
    top.setUpdatesEnabled(False)
    try:
        appearance.lend(theme_of(choice.colours, appearance), choice.numbers)
        yield None
        widget.setStyleSheet(style_sheet(appearance))
        yield None
        grounds += [part for part in [widget, *widget.findChildren(QWidget)] if part.backgroundRole() is _GROUND]
        for part in grounds:
            part.setPalette(appearance.palette())
        top.setUpdatesEnabled(enabled)  # or nothing would be painted, here either
        drawn = draw(widget, appearance.theme, choice.suffix, choice.scale)
        top.setUpdatesEnabled(False)
        yield None
        for _part in back:
            yield None
    finally:
        for _part in back:  # what is left of it
            pass
    yield drawn


def _given_back(
    widget: QWidget, appearance: Appearance, sheet: str, grounds: list[QWidget], enabled: bool
) -> Iterator[None]:
    """Take the theme of a picture off again, part by part."""
    for part in filter(shiboken6.isValid, grounds):
        part.setPalette(QPalette())  # again that of the window
    appearance.take_back()
    yield
    if shiboken6.isValid(widget):
        widget.setStyleSheet(style_sheet(appearance))  # of an empty one Qt would leave the colours before
        yield
    if shiboken6.isValid(widget):
        widget.setStyleSheet(sheet)
        yield
    if shiboken6.isValid(widget):
        widget.window().setUpdatesEnabled(enabled)
        if enabled:
            widget.window().repaint()  # what was to be painted meanwhile would never be, nor anything after it


def save_picture(widget: QWidget, path: Path, appearance: Appearance, choice: PictureChoice) -> None:
    """Paint a widget and write its file before returning; raises PictureError. For programs without a screen."""
    for drawn in steps_of(widget, appearance, choice):
        if drawn is not None:
            drawn.write(path)


def theme_of(colours: Colours, appearance: Appearance) -> Theme:
    """Return the theme of a picture."""
    if colours == "window":
        return appearance.theme
    return print_theme() if colours == "print" else load_theme(colours)


def _paint(widget: QWidget, theme: Theme, painter: QPainter) -> None:
    try:
        with picture_made(), _uncached(widget):
            painter.fillRect(widget.rect(), QColor(theme.panel))
            # Of the class, as a plot has another of that name.
            QWidget.render(widget, painter, QPoint(0, 0), renderFlags=QWidget.RenderFlag.DrawChildren)
    finally:
        painter.end()


def _pixels(widget: QWidget, theme: Theme, size: QSize, scale: float) -> QImage:
    wanted = size * scale
    if wanted.width() * wanted.height() > _MOST_PIXELS:
        raise PictureError(f"{wanted.width():,} × {wanted.height():,} pixels are too many; choose a smaller scale")
    image = QImage(wanted, QImage.Format.Format_ARGB32_Premultiplied)
    if image.isNull():
        raise PictureError("There is not enough memory for so large a picture; choose a smaller scale")
    image.setDotsPerMeterX(round(DPI * scale / 0.0254))
    image.setDotsPerMeterY(round(DPI * scale / 0.0254))
    image.setDevicePixelRatio(scale)
    image.fill(Qt.GlobalColor.transparent)
    _paint(widget, theme, QPainter(image))
    return image


@contextmanager
def _uncached(widget: QWidget) -> Iterator[None]:
    """Let scenes within a widget paint every item anew: what they keep are pixels."""
    with ExitStack() as back:
        for view in [widget, *widget.findChildren(QGraphicsView)]:
            if not isinstance(view, QGraphicsView) or view.scene() is None:
                continue
            if view.cacheMode() != QGraphicsView.CacheModeFlag.CacheNone:
                back.callback(view.setCacheMode, view.cacheMode())
                view.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)
            back.enter_context(uncached(view.scene()))
        yield


def _finished_svg(data: bytes) -> bytes:
    """Let an SVG look the same elsewhere: other letters than Inter, sharp edges in heatmaps, even lines."""
    text = clipped(data.decode("utf-8")).replace(f'font-family="{FAMILY}"', f'font-family="{_OTHER_LETTERS}"')
    return (
        even_lines(_Sharpening().of(_TEXT.sub(_held_to_its_width, text)))
        .replace("<svg ", '<svg style="font-variant-numeric:tabular-nums" ', 1)
        .encode("utf-8")
    )


def _held_to_its_width(text: re.Match[str]) -> str:
    """Return a text that is as wide in other letters as in the program's own, so that it touches nothing beside it."""
    words = html.unescape(text["words"])
    if not words.strip():
        return text[0]
    letters = font(float(text["size"]), int(text["weight"]) >= QFont.Weight.DemiBold)
    width = QFontMetricsF(letters).horizontalAdvance(words)
    return (
        f'{text["head"]} textLength="{width:.4g}" lengthAdjust="spacingAndGlyphs"{text["rest"]}>{text["words"]}</text>'
    )


class _Sharpening:
    """Gives images of few pixels so many more that no viewer can blur the edges of their cells much."""

    _FOUND = re.compile(
        r'transform="matrix\((?P<across>[-\d.e]+),[^,]+,[^,]+,(?P<down>[-\d.e]+),'
        r'|(?P<head><image [^>]*?width="(?P<width>[-\d.e]+)" height="(?P<height>[-\d.e]+)" [^>]*?)'
        r'image-rendering="\w+" xlink:href="data:image/png;base64,(?P<data>[^"]+)"'
    )

    def __init__(self) -> None:
        self._scale = 1.0, 1.0

    def of(self, text: str) -> str:
        """Return an SVG with its images enlarged."""
        return self._FOUND.sub(self._replaced, text)

    def _replaced(self, found: re.Match[str]) -> str:
        if found["head"] is None:
            self._scale = abs(float(found["across"])), abs(float(found["down"]))
            return found[0]
        image = QImage.fromData(QByteArray.fromBase64(found["data"].encode("ascii")))
        drawn = float(found["width"]) * self._scale[0], float(found["height"]) * self._scale[1]
        times = [math.ceil(_SHARP * long / max(1, there)) for long, there in zip(drawn, _sides(image), strict=True)]
        size = QSize(image.width() * times[0], image.height() * times[1])
        data = found["data"]
        if max(times) > _SHARP and size.width() * size.height() <= _MOST_OF_IMAGE:
            written = QBuffer()
            written.open(QIODevice.OpenModeFlag.WriteOnly)
            QImageWriter(written, b"png").write(image.scaled(size))
            data = bytes(written.data().toBase64().data()).decode("ascii")
        return f'{found["head"]}style="image-rendering:pixelated" xlink:href="data:image/png;base64,{data}"'


def _sides(image: QImage) -> tuple[int, int]:
    return image.width(), image.height()
