"""What the colours of the diagram mean, in one line; where there is no room for it, a button shows it upright."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QLayout, QSizePolicy, QWidget

from engine.cell.cell import Cell
from gui.appearance.colour_maps import image_of, pixels_of
from gui.appearance.dashes import to_come
from gui.appearance.text_size import NOTE
from gui.appearance.theme import Appearance, font
from gui.widgets.buttons import tool_button
from gui.widgets.layouts import in_column

_WORDS = {
    "f_t": "forget f",
    "i_t": "input i",
    "C_tilde": "candidate",
    "o_t": "output o",
    "C_t": "cell state C",
    "h_t": "hidden state h",
    "r_t": "reset r",
    "u_t": "update u",
    "h_tilde": "candidate",
}
"""What stands beside the colour of a value."""


@dataclass(frozen=True)
class _Entry:
    """A sign of so many times the letters' size in width, with words before and after it."""

    paint: Callable[[QPainter, QRectF], None]
    width: float
    after: str
    before: str = ""


class Legend(QWidget):
    """The roles of a cell, the signs, what a gate's colour says, what happens now, and what is still to come."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self.line = _Entries(appearance, upright=False)
        self.button = tool_button(words="Colours", tip="Show what the colours mean")
        self._popup = QFrame(self, Qt.WindowType.Popup)
        self._popup.setObjectName("card")
        self.column = _Entries(appearance, upright=True)
        in_column(self.column, inside=self._popup, margins=appearance.px(10))
        self.button.clicked.connect(self._show_upright)
        both = in_column(self.line, (self.button, 0, Qt.AlignmentFlag.AlignLeft), inside=self, margins=0, spacing=0)
        both.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # the line does not keep it wide
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        appearance.changed.connect(self._fold)
        self._fold()

    def show_cell(self, cell: Cell) -> None:
        """Show the colours that a cell's diagram has."""
        roles: dict[str, str] = {}
        for operation in cell.named:
            if operation.name in _WORDS:
                roles.setdefault(operation.role, _WORDS[operation.name])
        gates = [operation.gate_role for operation in cell.gates if operation.gate_role]
        for part in (self.line, self.column):
            part.show_roles(roles, gates[0] if gates else None)
        self._fold()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        before = self.line.isHidden(), self.button.isHidden()
        self._fold()
        if (self.line.isHidden(), self.button.isHidden()) != before:
            # Qt has just laid out everything for it, within a layout that still goes on with the places from before.
            self.updateGeometry()

    def _fold(self) -> None:
        """Show the line if there is room for all of it, else the button, which a hall cannot press."""
        whole = self.line.sizeHint().width() <= self.width()
        self.line.setVisible(whole)
        self.button.setVisible(not whole and not self._appearance.presenting)

    def _show_upright(self) -> None:
        self._popup.adjustSize()
        self._popup.move(self.button.mapToGlobal(QPoint(0, -self._popup.height())))
        self._popup.show()


class _Entries(QWidget):
    """The entries, side by side or one below the other."""

    def __init__(self, appearance: Appearance, *, upright: bool) -> None:
        super().__init__()
        self._appearance = appearance
        self._upright = upright
        self._roles: dict[str, str] = {}
        self._gate: str | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        appearance.changed.connect(self.updateGeometry)

    def show_roles(self, roles: dict[str, str], gate: str | None) -> None:
        """Show words for each role, and the colours of a gate by its role."""
        if (roles, gate) != (self._roles, self._gate):
            self._roles, self._gate = roles, gate
            self.setAccessibleName(", ".join(self.words))
            self.updateGeometry()
            self.update()

    @property
    def words(self) -> list[str]:
        """What is written, an entry each."""
        return [f"{entry.before} {entry.after}".strip() for entry in self._entries()]

    @property
    def _letters(self) -> int:
        return self._appearance.text(NOTE)

    def _entries(self) -> Sequence[_Entry]:
        theme = self._appearance.theme
        entries = [_Entry(_square(theme.role(role)), 0.9, words) for role, words in self._roles.items()]
        entries.append(_Entry(self._ramp(None), 4.0, "+", before="−"))
        if self._gate is not None:
            entries.append(_Entry(self._ramp(self._gate), 3.0, "1", before="gate 0"))
        entries.append(_Entry(self._ring, 1.1, "now"))
        entries.append(_Entry(self._dashes, 2.2, "to come"))
        return entries

    def _places(self) -> list[tuple[_Entry, QPointF, float]]:
        """Return each entry, its upper left corner, and its width."""
        letters, metrics = self._letters, QFontMetricsF(font(self._letters))
        places, x, y = [], 0.0, 0.0
        for entry in self._entries():
            written = [metrics.horizontalAdvance(words) for words in (entry.before, entry.after) if words]
            width = entry.width * letters + sum(written) + 0.4 * letters * len(written)
            places.append((entry, QPointF(x, y), width))
            x, y = (0.0, y + 1.8 * letters) if self._upright else (x + width + 1.2 * letters, 0.0)
        return places

    def sizeHint(self) -> QSize:
        places = self._places()
        across = max(corner.x() + width for _, corner, width in places)
        return QSize(round(across) + 2, round(places[-1][1].y() + 1.8 * self._letters))

    def paintEvent(self, event: QPaintEvent) -> None:
        letters = self._letters
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(letters))
        metrics = QFontMetricsF(painter.font())
        for entry, corner, _ in self._places():
            x, row = corner.x(), QRectF(corner.x(), corner.y(), self.width(), 1.8 * letters)
            for words in (entry.before, None, entry.after):
                row.setLeft(x)
                if words is None:
                    entry.paint(painter, QRectF(x, row.center().y() - letters / 2, entry.width * letters, letters))
                    x += entry.width * letters + 0.4 * letters
                elif words:
                    painter.setPen(QColor(self._appearance.theme.ink))
                    painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, words)
                    x += metrics.horizontalAdvance(words) + 0.4 * letters
        painter.end()

    def _ramp(self, gate: str | None) -> Callable[[QPainter, QRectF], None]:
        theme = self._appearance.theme

        def paint(painter: QPainter, room: QRectF) -> None:
            bar = room.adjusted(0, 0.12 * room.height(), 0, -0.12 * room.height())
            painter.drawImage(bar, image_of(pixels_of(theme, gate)[None]))
            painter.setPen(QPen(QColor(theme.field), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(bar)

        return paint

    def _ring(self, painter: QPainter, room: QRectF) -> None:
        painter.setPen(QPen(QColor(self._appearance.theme.now), 0.25 * room.height()))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(room.center(), 0.38 * room.height(), 0.38 * room.height())

    def _dashes(self, painter: QPainter, room: QRectF) -> None:
        painter.setPen(to_come(self._appearance.theme, 2))
        painter.drawLine(QPointF(room.left(), room.center().y()), QPointF(room.right(), room.center().y()))


def _square(colour: QColor) -> Callable[[QPainter, QRectF], None]:
    def paint(painter: QPainter, room: QRectF) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(room, 3, 3)

    return paint
