"""A small picture of what a task is about: its first example, and a sentence."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.settings.config import ConfigError, TrainingConfig, check, data_of
from engine.settings.files import files_of
from engine.tables.answers import DataError
from engine.tasks import TASKS, create_task
from engine.tasks.example import Example, example_of
from gui.appearance.text_size import NOTE
from gui.appearance.theme import Appearance, font
from gui.jobs.background import Background
from gui.plots.strip import short_names
from gui.widgets.labels import text_label
from gui.widgets.layouts import in_column

_MOST_POINTS = 200
_HEIGHT = 76


class TaskPicture(QWidget):
    """The inputs of a task's first example over time, and what is to be learnt from them.

    Data of the user's own have no picture: the form reads no more of a file than it needs.
    """

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._config: TrainingConfig | None = None
        self._shown: tuple[object, ...] = ()
        """What decides the example that is shown, or being made."""
        self._background = Background("task picture", self)
        self.drawing = ExampleDrawing(appearance)
        self.about = text_label(look="note", wrap=True, cut=True)
        in_column(self.drawing, self.about, inside=self, margins=0, spacing=appearance.px(4))

    def show_config(self, config: TrainingConfig) -> None:
        """Show the task of a config; its example is made in the background, once the picture is on the screen."""
        self._config = config
        task = TASKS.get(config.task)
        self.about.setText(task.about if task is not None else "")
        self.about.setVisible(bool(self.about.text()))
        if self.isVisible():
            self._make()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._make()

    def _make(self) -> None:
        config = self._config
        if config is None or (wanted := data_of(config)) == self._shown:
            return
        self._shown = wanted
        self.drawing.show_example(None)
        if files_of(config):
            self._background.drop()
            return

        def work(_dropped: object) -> Example:
            check(config)
            return example_of(create_task(config), 0)

        self._background.run_apart(work, self._take, self._miss, (ConfigError, DataError, MemoryError))

    def _take(self, example: Example) -> None:
        self.drawing.show_example(example)

    def _miss(self, _error: Exception) -> None:
        """The form itself says what does not fit."""
        self.drawing.show_example(None)


class ExampleDrawing(QWidget):
    """Draws an example without axes: curves of numbers, or the signs of symbols."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._example: Example | None = None
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.hide()

    def sizeHint(self) -> QSize:
        return QSize(0, self._appearance.px(_HEIGHT))

    def show_example(self, example: Example | None) -> None:
        """Draw an example, or nothing."""
        self._example = example
        self.setVisible(example is not None)
        self.setAccessibleName(f"An example of the task {example.words.title}" if example is not None else "")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        example, theme = self._example, self._appearance.theme
        if example is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(QColor(theme.edge), 1))
        painter.setBrush(QColor(theme.ground))
        painter.drawRoundedRect(area, 6, 6)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        inner = area.adjusted(8, 8, -8, -8)
        if example.symbols is not None:
            self._paint_symbols(painter, inner, example)
        else:
            self._paint_curves(painter, inner, example)
        painter.end()

    def _paint_symbols(self, painter: QPainter, area: QRectF, example: Example) -> None:
        """Write as many signs as there is room for, in two lines."""
        assert example.symbols is not None
        names = short_names(example.input_names)
        letters = font(self._appearance.px(NOTE))
        metrics = QFontMetricsF(letters)
        painter.setFont(letters)
        painter.setPen(QColor(self._appearance.theme.ink))
        signs = [names[place] if place >= 0 else "·" for place in example.symbols.tolist()]
        step = max(metrics.horizontalAdvance(sign) for sign in signs) + 4
        line = metrics.height() * 1.2
        a_line, lines = max(1, int(area.width() / step)), max(1, int(area.height() / line))
        for place, sign in enumerate(signs[: a_line * lines]):
            box = QRectF(area.left() + place % a_line * step, area.top() + place // a_line * line, step, line)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), sign)

    def _paint_curves(self, painter: QPainter, area: QRectF, example: Example) -> None:
        """Draw the first input as a curve; an input that is 0 or 1 alone marks its ones on it."""
        theme = self._appearance.theme
        x = example.x[:: max(1, len(example.x) // _MOST_POINTS)]
        across = np.linspace(area.left(), area.right(), len(x))
        first = x[:, 0]
        low, span = float(first.min()), float(np.ptp(first)) or 1.0
        down = area.bottom() - area.height() * (first - low) / span
        points = [QPointF(*point) for point in zip(across.tolist(), down.tolist(), strict=True)]
        painter.setPen(QPen(theme.role("x"), 1.2))
        painter.drawPolyline(QPolygonF(points))
        if x.shape[1] < 2 or not np.isin(x[:, 1:], (-1.0, 0.0, 1.0)).all():
            return
        painter.setPen(QPen(theme.role("x"), 1, Qt.PenStyle.DotLine))
        painter.setBrush(theme.role("x"))
        for place in np.flatnonzero((x[:, 1:] == 1).any(axis=1)).tolist():
            painter.drawLine(points[place], QPointF(points[place].x(), area.bottom()))
            painter.drawEllipse(points[place], 3, 3)
