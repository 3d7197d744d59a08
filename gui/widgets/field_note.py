"""A sentence beside a field that says why its text is refused. It floats, so that it moves nothing in the form."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtWidgets import QLabel, QScrollArea, QWidget

_GAP, _WIDEST = 4, 360


class FieldNote(QLabel):
    """Appears below its field, or above it if there is no room below, as long as the field is visible."""

    def __init__(self, field: QWidget, bottom: Callable[[], int] | None = None) -> None:
        """bottom: returns where the field ends for the eye, in its own pixels, if that is above its lower edge."""
        super().__init__(field)
        self._field = field
        self._bottom = bottom or field.height
        self.setObjectName("fieldNote")
        self.setWordWrap(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        field.installEventFilter(self)

    def show_sentence(self, sentence: str) -> None:
        """Show a sentence; "" hides the note."""
        self.setText(sentence)
        self._field.setAccessibleDescription(sentence)
        if sentence and self._field.isVisible():
            surface = _surroundings(self._field)
            if self.parentWidget() is not surface:  # as where its field had no window yet
                self.setParent(surface)
            self._place(surface)
            self.show()
            self.raise_()
        else:
            self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        match event.type():
            case QEvent.Type.Hide:
                self.hide()
            case QEvent.Type.Show | QEvent.Type.Move | QEvent.Type.Resize if self.text():
                self.show_sentence(self.text())
        return super().eventFilter(watched, event)

    def _place(self, surface: QWidget) -> None:
        self.ensurePolished()  # before that, its font and margins are not those that are shown
        room = surface.rect()
        corner = self._field.mapTo(surface, QPoint(0, 0))
        width = min(_WIDEST, room.width(), max(self.fontMetrics().horizontalAdvance(self.text()) + 24, 80))
        height = self.heightForWidth(width)
        below = corner.y() + self._bottom() + _GAP
        y = below if below + height <= room.bottom() else max(0, corner.y() - height - _GAP)
        self.setGeometry(max(0, min(corner.x(), room.right() - width)), y, width, height)


def _surroundings(field: QWidget) -> QWidget:
    """Return the widget that the note floats on: the one that scrolls with the field, else its window."""
    area = field.parentWidget()
    while area is not None and not area.isWindow():
        if isinstance(area, QScrollArea):
            return area.widget()
        area = area.parentWidget()
    return field.window()
