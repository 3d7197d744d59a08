"""The list of experiments: each name with its result below; the arrow keys choose, Return runs."""

from __future__ import annotations

from typing import Any, cast

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from engine.experiments.experiment import Experiment
from gui.appearance.text_size import TEXT
from gui.appearance.theme import Appearance, font
from gui.widgets.own_keys import OwnKeys

_BESIDE, _ABOVE, _RADIUS = 9, 5, 6
_ENDLESS = 10_000
_OUTCOME = Qt.ItemDataRole.UserRole
_Index = QModelIndex | QPersistentModelIndex


class ExperimentList(QListWidget):
    """The experiments by name; Return runs the chosen one."""

    run_wanted = Signal()

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(_Lines(self, appearance))
        OwnKeys(self, _is_return)  # else it would play the cell

    def add(self, experiment: Experiment) -> None:
        """Add an experiment at the end."""
        short = experiment.title.replace(" problem", "")
        item = QListWidgetItem(short.replace(" = ", "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}"))
        item.setToolTip(experiment.title)
        self.addItem(item)

    def show_outcomes(self, outcomes: list[str]) -> None:
        """Write its result below each name, "" for none."""
        if outcomes != [self.outcome(row) for row in range(self.count())]:
            for row, outcome in enumerate(outcomes):
                self.item(row).setData(_OUTCOME, outcome)
            self.doItemsLayout()  # for one line more or less

    def outcome(self, row: int) -> str:
        """Return what is below a name."""
        return self.item(row).data(_OUTCOME) or ""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()  # Qt would leave names that are broken anew over each other for 100 ms

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _is_return(event):
            self.run_wanted.emit()
        else:
            super().keyPressEvent(event)


def _is_return(event: QKeyEvent) -> bool:
    return event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class _Lines(QStyledItemDelegate):
    """Draws an item with all of its lines; a style sheet would cut off those that are broken."""

    def __init__(self, view: ExperimentList, appearance: Appearance) -> None:
        super().__init__(view)
        self._appearance, self._px = appearance, appearance.with_text

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        width = cast(ExperimentList, self.parent()).viewport().width()
        name, outcome = self._heights(index, width)
        return QSize(width, name + outcome + 2 * self._px(_ABOVE))

    def _heights(self, index: _Index, width: int) -> tuple[int, int]:
        """Return the heights of name and outcome in pixels."""
        metrics = QFontMetrics(font(self._appearance.text(TEXT)))
        room = QRect(0, 0, max(width - 2 * self._px(_BESIDE), 1), _ENDLESS)
        texts = index.data(Qt.ItemDataRole.DisplayRole), index.data(_OUTCOME)
        name, outcome = (
            metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, text).height() if text else 0 for text in texts
        )
        return name, outcome

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        theme, drawn = self._appearance.theme, cast(Any, option)  # older stubs of Qt leave its members out
        frame: QRect = drawn.rect
        state: QStyle.StateFlag = drawn.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            focused = cast(ExperimentList, self.parent()).hasFocus()
            painter.setPen(QPen(QColor(theme.select_edge), 2 if focused else 1))
            painter.setBrush(QColor(theme.ground))
            painter.drawRoundedRect(frame.adjusted(1, 1, -1, -1), _RADIUS, _RADIUS)
        name, outcome = self._heights(index, frame.width())
        beside, top = self._px(_BESIDE), frame.top() + self._px(_ABOVE)
        left, width = frame.left() + beside, frame.width() - 2 * beside
        painter.setFont(font(self._appearance.text(TEXT)))
        painter.setPen(QColor(theme.ink))
        painter.drawText(
            QRect(left, top, width, name), Qt.TextFlag.TextWordWrap, index.data(Qt.ItemDataRole.DisplayRole)
        )
        painter.setPen(theme.run(0))  # measured here, as in the plots
        painter.drawText(QRect(left, top + name, width, outcome), Qt.TextFlag.TextWordWrap, index.data(_OUTCOME) or "")
        painter.restore()
