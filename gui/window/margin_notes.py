"""Notes over the window on the first start: with an arrow each, they say what to press, and go at the first press."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QToolButton, QWidget

from gui.appearance.stored import Stored
from gui.appearance.text_size import TEXT
from gui.appearance.theme import Appearance, font
from gui.diagram.paths import arrow_head

if TYPE_CHECKING:
    from gui.window.main_window import MainWindow

_SEEN = "margin notes seen"
_WIDTH, _PADDING, _ARROW, _EDGE = 210, 10, 40, 6
_PRESSES = (
    QEvent.Type.KeyPress,
    QEvent.Type.ShortcutOverride,  # of a key that is a command, nothing else arrives
    QEvent.Type.MouseButtonPress,
    QEvent.Type.Wheel,
)


@dataclass(frozen=True)
class Note:
    """A sentence and what it points at.

    at: returns the tip of its arrow in the window, or None while that is not on the screen. from_: where the note
    stands, seen from there, as a step across and down.
    """

    sentence: str
    at: Callable[[], QPointF | None]
    from_: tuple[int, int]


class MarginNotes(QWidget):
    """Paints the notes over a window, for once: the mouse goes through them, and the first press takes them away."""

    def __init__(self, window: QWidget, notes: Sequence[Note], appearance: Appearance, stored: Stored) -> None:
        super().__init__(window)
        self.notes = notes
        self._appearance = appearance
        self._stored = stored
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setGeometry(window.rect())
        application = QApplication.instance()
        assert application is not None
        application.installEventFilter(self)
        self.raise_()
        self.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        window = self.parentWidget()
        if watched is window and event.type() == QEvent.Type.Resize:
            self.setGeometry(window.rect())
        elif event.type() in _PRESSES and isinstance(watched, QWidget) and watched.window() is window:
            self.end()
        return False

    def end(self) -> None:
        """Go, and never come back."""
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)
        self._stored.setValue(_SEEN, True)
        self.hide()
        self.deleteLater()

    def boxes(self) -> list[tuple[Note, QPointF, QRectF]]:
        """Return the notes that have something to point at, with the tip of the arrow and the paper's place."""
        px = self._appearance.px
        metrics = QFontMetricsF(font(self._appearance.text(TEXT)))
        found = []
        for note in self.notes:
            tip = note.at()
            if tip is None:
                continue
            wrapped = metrics.boundingRect(QRectF(0, 0, px(_WIDTH), 1000), Qt.TextFlag.TextWordWrap, note.sentence)
            box = wrapped.adjusted(-px(_PADDING), -px(_PADDING), px(_PADDING), px(_PADDING))
            across, down = note.from_
            box.moveCenter(
                tip
                + QPointF(across * (px(_ARROW) + box.width() / 2), down * (px(_ARROW) + box.height() / 2))
                + QPointF(0 if across else box.width() / 3, 0)
            )
            edge = px(_EDGE)
            box.moveLeft(min(max(box.left(), edge), self.width() - edge - box.width()))
            box.moveTop(min(max(box.top(), edge), self.height() - edge - box.height()))
            found.append((note, tip, box))
        return found

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, px = self._appearance.theme, self._appearance.px
        painter.setFont(font(self._appearance.text(TEXT)))
        for note, tip, box in self.boxes():
            start = QPointF(
                min(max(tip.x(), box.left() + px(16)), box.right() - px(16)),
                min(max(tip.y(), box.top() + px(12)), box.bottom() - px(12)),
            )
            painter.setPen(QPen(QColor(theme.ink), 2))
            painter.drawLine(start, tip)
            painter.setBrush(QColor(theme.ink))
            painter.drawPolygon(arrow_head((start.x(), start.y()), (tip.x(), tip.y()), px(5)))
            painter.setBrush(QColor(theme.panel))
            painter.drawRoundedRect(box, 8, 8)
            inside = box.adjusted(px(_PADDING), px(_PADDING), -px(_PADDING), -px(_PADDING))
            painter.drawText(inside, Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignVCenter, note.sentence)


def show_first_notes(window: MainWindow, appearance: Appearance, stored: Stored) -> MarginNotes | None:
    """Say on the first start what to press; later never again, and nothing while presenting."""
    if stored.flag(_SEEN, "whether the first notes were seen", False) or window.presenting.on:
        return None

    def within(widget: QWidget | None, across: float = 0.5, down: float = 0.5) -> QPointF | None:
        if widget is None or not widget.isVisible():
            return None
        return QPointF(widget.mapTo(window, QPoint(round(widget.width() * across), round(widget.height() * down))))

    def part() -> QPointF | None:
        at = window.scene.first_layer
        if at is None or not window.view.isVisible():
            return None
        return QPointF(window.view.viewport().mapTo(window, window.view.mapFromScene(at)))

    notes = (
        Note(
            "Space, or this button, computes the next operation. Return plays them all.",
            lambda: within(window.transport.findChild(QToolButton, "nextOperation"), down=0),
            (0, -1),
        ),
        Note("Hover over a part, or go there with the arrow keys, to read what it is for.", part, (0, -1)),
        Note("Type another number: everything follows.", lambda: within(window.weights.table, 0.85, 0.25), (1, 0)),
    )
    return MarginNotes(window, notes, appearance, stored)
