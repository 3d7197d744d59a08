"""Buttons that Tab reaches, and that leave Space to the playback when they are clicked."""

from __future__ import annotations

from collections.abc import Callable, Collection

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QLayout, QPushButton, QSizePolicy, QToolButton, QWidget

_NATIVE = QKeySequence.SequenceFormat.NativeText
_PRESS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
_OPENS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
"""The keys that press a card; Space stays the playback's."""


class Presses(QObject):
    """Makes Tab reach a widget, and Space and Return press it before the window takes them for shortcuts."""

    def __init__(self, widget: QWidget, press: Callable[[], None], keys: Collection[Qt.Key] = _PRESS) -> None:
        """keys: which of them press it."""
        super().__init__(widget)
        self._press, self._keys = press, keys
        widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or event.key() not in self._keys:
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
        elif event.type() == QEvent.Type.KeyPress:
            self._press()
        else:
            return False
        return True


class Button(QPushButton):
    """A button that Tab reaches; Space and Return press it while it has the focus."""

    def __init__(self, words: str, action: QAction | None = None) -> None:
        super().__init__(words)
        Presses(self, self.click)
        if action is not None:
            self.use(action)

    def use(self, action: QAction) -> None:
        """Trigger an action, and show its sentence and key as the tool tip."""
        self.clicked.connect(action.trigger)
        say_action(self, action)


class CardButton(QPushButton):
    """A button as large as what is laid out in it; Return presses it while it has the focus."""

    def __init__(self, look: str = "choice") -> None:
        """look: of the style sheet, "choice" with a border or "entry" without."""
        super().__init__()
        self.setObjectName(look)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        Presses(self, self.click, _OPENS)

    def take(self, inside: QLayout) -> None:
        """Lay something out in it, once; the mouse is the button's all the same."""
        self.setLayout(inside)
        for part in self.findChildren(QWidget):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        return self._inside().sizeHint()

    def minimumSizeHint(self) -> QSize:
        return self._inside().minimumSize()

    def _inside(self) -> QLayout:
        layout = self.layout()
        assert layout is not None
        return layout


class _SaysAction(QObject):
    """Keeps what a button says of its action's key up to date, as long as there is the button."""

    def __init__(self, button: QAbstractButton, action: QAction, words: str) -> None:
        super().__init__(button)
        self._button, self._action, self._words = button, action, words
        action.changed.connect(self.tell)

    def tell(self) -> None:
        """Say the sentence and the key of now."""
        button, action = self._button, self._action
        if button.toolTip() != action.toolTip():
            button.setToolTip(action.toolTip())
        if self._words:
            button.setAccessibleName(self._words)  # without the key
            button.setText("  ".join(filter(None, (self._words, action.shortcut().toString(_NATIVE)))))


def say_action(button: QAbstractButton, action: QAction, words: str = "") -> None:
    """Show an action's sentence and key as a button's tool tip, also when the key changes.

    words: what the button says before the key; "" where it says no key.
    """
    _SaysAction(button, action, words).tell()


def tool_button(look: str = "", words: str = "", tip: str = "") -> QToolButton:
    """Return a button in a look of the style sheet that Tab reaches; clicked, it leaves the keys to the playback."""
    made = QToolButton()
    made.setObjectName(look)
    made.setText(words)
    made.setToolTip(tip)
    Presses(made, lambda: made.showMenu() if made.menu() is not None else made.click())
    return made


class CheckBox(QCheckBox):
    """A check box that Tab reaches; Space and Return press it while it has the focus."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        Presses(self, self.click)
