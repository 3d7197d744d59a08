"""A row of choices of which one is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QButtonGroup, QSizePolicy, QWidget

from gui.appearance.text_size import TEXT
from gui.appearance.theme import Appearance, font
from gui.widgets.buttons import Button
from gui.widgets.layouts import in_row
from gui.widgets.own_keys import walk_by_keys


class Segment(Button):
    """One choice of several; the chosen one is filled with a role's colour, or has a border of ink for the role ""."""

    def __init__(self, words: str, role: str, appearance: Appearance) -> None:
        super().__init__(words)
        self._role, self._appearance = role, appearance
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        pixels = self._appearance.text(TEXT)
        width = QFontMetrics(font(pixels, bold=True)).horizontalAdvance(self.text())
        return QSize(max(width + round(1.1 * pixels), round(2.3 * pixels)), 2 * pixels)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._appearance.theme
        chosen = self.isChecked()
        in_colour, under = chosen and bool(self._role), self.underMouse() and self.isEnabled()
        ground = theme.role(self._role) if in_colour else QColor(theme.ground if under else theme.select)
        ink = theme.on(ground) if in_colour else QColor(theme.ink if chosen else theme.muted)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rim = theme.select_edge if chosen else theme.ink if under else theme.field if self.isEnabled() else theme.edge
        painter.setPen(QPen(QColor(rim), 1.5 if chosen else 1))
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        painter.setPen(ink)
        painter.setFont(font(self._appearance.text(TEXT), bold=chosen))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()


class Segments(QWidget):
    """A few choices side by side, of which one is chosen."""

    chosen = Signal(int)
    """A choice was clicked, counted from 0."""

    def __init__(self, choices: Sequence[tuple[str, str]], appearance: Appearance) -> None:
        """Make a segment for each (words, role)."""
        super().__init__()
        self._group = QButtonGroup(self)
        self.segments = [Segment(words, role, appearance) for words, role in choices]
        row = in_row(inside=self, margins=0, spacing=2)
        self._appearance = appearance
        self._withheld: set[int] = set()
        for number, segment in enumerate(self.segments):
            self._group.addButton(segment, number)
            row.addWidget(segment)
            walk_by_keys(segment)
            segment.toggled.connect(self._update)
        appearance.changed.connect(self._update)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._group.idClicked.connect(self.chosen)

    def _update(self) -> None:
        """In a presentation, only what is chosen is shown."""
        for number, segment in enumerate(self.segments):
            is_offered = segment.isChecked() or not self._appearance.presenting
            segment.setVisible(is_offered and number not in self._withheld)

    def offer(self, number: int, offered: bool) -> None:
        """Offer one, from 0, or hide it."""
        self._withheld = self._withheld - {number} if offered else self._withheld | {number}
        self._update()

    @property
    def choice(self) -> int:
        """The chosen one, from 0."""
        return self._group.checkedId()

    def choose(self, number: int) -> None:
        """Choose one, from 0; emits no signal."""
        self.segments[number].setChecked(True)
