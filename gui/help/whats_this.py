"""What's this?: a click on anything says what it is, in the words that its tool tip has.

Qt knows the mode, and asks every widget; one that has nothing to say passes the question on to what it stands in.
"""

from __future__ import annotations

import html

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QHelpEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QMenu, QTabBar, QWhatsThis, QWidget

NOTHING = "This only holds other parts; click one of them."
_TIP = Qt.ItemDataRole.ToolTipRole


class WhatsThis(QObject):
    """Answers Qt's questions while the mode is on; it looks at no event otherwise."""

    def begin(self) -> None:
        """Wait for a click; Return explains what has the keyboard, Esc leaves."""
        application = QApplication.instance()
        assert application is not None
        application.installEventFilter(self)
        QWhatsThis.enterWhatsThisMode()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Answer what a widget is."""
        kind = event.type()
        if kind == QEvent.Type.LeaveWhatsThisMode:
            application = QApplication.instance()
            assert application is not None
            application.removeEventFilter(self)
        elif kind == QEvent.Type.QueryWhatsThis and isinstance(watched, QWidget):
            event.accept()
            return True
        elif kind == QEvent.Type.WhatsThis and isinstance(watched, QWidget) and isinstance(event, QHelpEvent):
            self._say(watched, event.pos(), event.globalPos())
            return True
        elif kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            focus = QApplication.focusWidget()
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and focus is not None:
                QWhatsThis.leaveWhatsThisMode()
                middle = focus.rect().center()
                self._say(focus, middle, focus.mapToGlobal(middle))
                return True
        return False

    def _say(self, widget: QWidget, at: QPoint, on_screen: QPoint) -> None:
        QWhatsThis.showText(on_screen, as_rich_text(*explained(widget, at)), widget)


def explained(widget: QWidget, at: QPoint) -> tuple[str, str]:
    """Return the name of what is at a point of a widget, and what it is: of the innermost part that says something."""
    part: QWidget | None = widget
    while part is not None:
        if words := _own_words(part, at):
            return _name(part), words
        at, part = part.mapToParent(at), part.parentWidget()
    return "", NOTHING


def _own_words(part: QWidget, at: QPoint) -> str:
    words, around = "", part.parentWidget()
    if isinstance(part, QTabBar):
        words = part.tabToolTip(part.tabAt(at))
    elif isinstance(part, QMenu) and (action := part.actionAt(at)) is not None:
        words = action.statusTip() or action.toolTip()
    elif isinstance(around, QAbstractItemView):
        words = str(around.indexAt(at).data(_TIP) or "")
    return words or part.whatsThis() or part.toolTip() or part.accessibleDescription()


def _name(part: QWidget) -> str:
    """Return what a part is called on the screen, or to a screen reader."""
    text = part.property("text")
    return part.accessibleName() or (text.replace("&", "") if isinstance(text, str) else "")


def as_rich_text(name: str, words: str) -> str:
    """Return both for Qt's box: as they were written, whatever they look like."""
    lines = html.escape(words).replace("\n", "<br>")
    return f"<p><b>{html.escape(name)}</b><br>{lines}</p>" if name and name != words else f"<p>{lines}</p>"
