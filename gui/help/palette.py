"""The palette: one field that finds every command, example, task, experiment, setting and word of the guide."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QTreeWidget, QTreeWidgetItem, QWidget

from engine.shipped import SHIPPED
from gui.appearance.theme import Appearance
from gui.commands.command import CommandError
from gui.commands.keymap import Keymap, in_words
from gui.commands.palette import Entry, entries, search, words_of_guide
from gui.commands.registry import Registry
from gui.jobs.background import Background
from gui.preferences.rows import entries_of_preferences
from gui.widgets.labels import text_label
from gui.widgets.layouts import in_column

_GLOSSARY = SHIPPED / "guide" / "glossary.md"
_ENTRY = Qt.ItemDataRole.UserRole
_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class Palette(QDialog):
    """Type a few words, choose with the arrow keys, press Return. A whole command is obeyed as it is typed."""

    def __init__(self, commands: Registry, keymap: Keymap, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Find a command")
        self._commands, self._appearance, self._window = commands, appearance, parent
        self._everything = [*entries(keymap), *entries_of_preferences()]
        self.field = QLineEdit(placeholderText="A command, view, example, task, experiment, setting or word")
        self.field.setAccessibleName("Find")
        self.field.textChanged.connect(self._find)
        self.field.installEventFilter(self)
        self.lines = QTreeWidget(columnCount=3)
        self.lines.setHeaderHidden(True)
        self.lines.setRootIsDecorated(False)
        self.lines.setIndentation(0)
        self.lines.setUniformRowHeights(True)
        self.lines.setAccessibleName("What was found")
        self.lines.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.lines.itemClicked.connect(lambda _line, _column: self._obey())
        self.lines.currentItemChanged.connect(lambda _now, _before: self._tell())
        self.sentence = text_label(look="", wrap=True)
        self.sentence.setMinimumHeight(appearance.px(44))
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignTop)
        in_column(self.field, (self.lines, 1), self.sentence, inside=self)
        room = parent.size()
        self.resize(min(appearance.px(820), int(0.9 * room.width())), min(appearance.px(560), int(0.8 * room.height())))
        self.lines.setColumnWidth(0, appearance.px(110))
        self.lines.setColumnWidth(1, appearance.px(480))
        self._find("")
        self._background = Background("guide", self)
        self._background.run_apart(lambda _dropped: _GLOSSARY.read_text("utf-8"), self._add_words, self._miss, OSError)

    def _add_words(self, glossary: str) -> None:
        self._everything += words_of_guide(glossary)
        self._find(self.field.text())

    def _miss(self, error: Exception) -> None:
        self.sentence.setText(f"The words of the guide cannot be read: {error}")

    def _find(self, wanted: str) -> None:
        self.lines.clear()
        for entry in search(self._everything, wanted):
            line = QTreeWidgetItem(self.lines, [entry.kind, entry.words, in_words(entry.keys[0]) if entry.keys else ""])
            line.setForeground(0, QColor(self._appearance.theme.muted))
            line.setData(0, _ENTRY, entry)
        if first := self.lines.topLevelItem(0):
            self.lines.setCurrentItem(first)
        self._tell()

    @property
    def chosen(self) -> Entry | None:
        """The entry that Return obeys; None where nothing is found."""
        line = self.lines.currentItem()
        found: Entry | None = line.data(0, _ENTRY) if line is not None else None
        return found

    def _tell(self) -> None:
        entry, typed = self.chosen, self.field.text().strip()
        nothing = f"Nothing has this name; Return carries out “{typed}” as a command" if typed else ""
        self.sentence.setText(entry.sentence if entry is not None else nothing)

    def _obey(self) -> None:
        """Carry out what is chosen; a line with arguments as it was typed."""
        entry, typed = self.chosen, self.field.text().strip()
        line = entry.line if entry is not None else typed
        if not line:
            return
        try:
            bound = self._commands.bound(line)
            if not bound.is_possible():
                raise CommandError(f"“{line}” cannot be done now")
            self.hide()  # what it does may want the keyboard, or open a dialog of its own
            self._window.activateWindow()
            bound.do()
        except CommandError as error:
            self.show()
            self.sentence.setText(str(error))
            return
        self.accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrow keys choose while the field has the keyboard."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if event.key() in _MOVES:
            QApplication.sendEvent(self.lines, event)
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._obey()
            return True
        return False
