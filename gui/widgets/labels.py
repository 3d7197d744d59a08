"""Labels in the looks that the style sheet names, and one whose words fit the room that they have."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

Named = TypeVar("Named", bound=QWidget)


def text_label(text: str = "", look: str = "muted", *, wrap: bool = False, cut: bool = False) -> QLabel:
    """Return a label in a look of the style sheet: "muted", "note", "heading" ….

    wrap: long text takes several lines. cut: long text is cut off and does not widen the layout.
    """
    made = QLabel(text, wordWrap=wrap)
    made.setObjectName(look)
    if cut:
        made.setMinimumWidth(10)
    return made


def called(name: str, widget: Named) -> Named:
    """Give a widget the name that a screen reader says, where its text says none; return the widget."""
    widget.setAccessibleName(name)
    return widget


class NameLabel(QLabel):
    """A name that somebody typed: with an ellipsis where it has no room, and then whole in its tool tip."""

    def __init__(self, look: str, cut: Qt.TextElideMode = Qt.TextElideMode.ElideRight) -> None:
        """cut: where the ellipsis is."""
        super().__init__()
        self._cut = cut
        self.setObjectName(look)

    def show_name(self, name: str) -> None:
        """Show another name."""
        self.setText(name)
        self._tell()

    def minimumSizeHint(self) -> QSize:
        return QSize(1, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._tell()

    @property
    def _fitting(self) -> str:
        return self.fontMetrics().elidedText(self.text(), self._cut, self.contentsRect().width())

    def _tell(self) -> None:
        self.setToolTip(self.text() if self._fitting != self.text() else "")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.contentsRect(), self.alignment().value, self._fitting)
        painter.end()


class FittingLabel(QLabel):
    """Shows the first of several wordings that has room, so that none is cut off; all of them in its tool tip."""

    def __init__(self, look: str = "note") -> None:
        super().__init__()
        self.setObjectName(look)
        self._wordings: tuple[str, ...] = ()
        self._tip = ""

    @property
    def tip(self) -> str:
        """What the tool tip says besides the words."""
        return self._tip

    @tip.setter
    def tip(self, tip: str) -> None:
        self._tip = tip
        self._tell()

    def _tell(self) -> None:
        self.setToolTip("\n".join(filter(None, (*self._wordings[:1], self._tip))))

    def show_words(self, *wordings: str) -> None:
        """Offer wordings, the longest first; where none has room nothing is shown."""
        if wordings != self._wordings:
            self._wordings = wordings
            self._tell()
            self.updateGeometry()
            self._choose()

    def sizeHint(self) -> QSize:
        words = self._wordings[0] if self._wordings else ""
        return QSize(self.fontMetrics().horizontalAdvance(words) + 2, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(1, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._choose()

    def _choose(self) -> None:
        letters = self.fontMetrics()
        fits = (words for words in self._wordings if letters.horizontalAdvance(words) <= self.width())
        self.setText(next(fits, ""))
