"""The table of keys: every command with its key, to be changed by pressing another one."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent
from PySide6.QtWidgets import QHeaderView, QLineEdit, QTreeWidget, QTreeWidgetItem, QWidget

from gui.appearance.controls import LEAST_HIGH
from gui.appearance.theme import Appearance
from gui.commands.command import Command
from gui.commands.keymap import Keymap, in_words
from gui.commands.table import menus
from gui.preferences.listening import Listening
from gui.widgets.buttons import Button
from gui.widgets.labels import text_label
from gui.widgets.layouts import Flow, in_column
from gui.widgets.own_keys import OwnKeys

_COMMAND = Qt.ItemDataRole.UserRole
_Key = Qt.Key
_CHANGES = (_Key.Key_Return, _Key.Key_Enter, _Key.Key_F2)
_MOVES = (_Key.Key_Up, _Key.Key_Down, _Key.Key_Home, _Key.Key_End, _Key.Key_PageUp, _Key.Key_PageDown, _Key.Key_Space)
_HELP = "Return changes the key of the chosen command, Del takes it away."


class KeysTable(QTreeWidget):
    """Every command of the menus with its key, menu by menu."""

    change_wanted = Signal()
    none_wanted = Signal()

    def __init__(self, keymap: Keymap, appearance: Appearance) -> None:
        super().__init__()
        self._keymap, self._appearance = keymap, appearance
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setUniformRowHeights(True)
        self.setFrameShape(QTreeWidget.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.setAccessibleName("Commands and their keys")
        self._menus: list[tuple[QTreeWidgetItem, list[QTreeWidgetItem]]] = []
        for menu in menus():
            top = QTreeWidgetItem(self, [menu.words.replace("&", "")])
            top.setFlags(Qt.ItemFlag.NoItemFlags)  # the arrow keys go past it
            top.setSizeHint(0, QSize(0, LEAST_HIGH))
            lines = []
            for command in menu.commands:
                line = QTreeWidgetItem(self, [command.words.replace("&", "")])
                line.setData(0, _COMMAND, command)
                line.setSizeHint(0, QSize(0, LEAST_HIGH))
                lines.append(line)
            self._menus.append((top, lines))
        self.update_keys()
        self.show_found("")

    @property
    def command(self) -> Command | None:
        """The chosen command."""
        line = self.currentItem()
        found: Command | None = line.data(0, _COMMAND) if line is not None and not line.isHidden() else None
        return found

    def choose(self, name: str) -> None:
        """Choose a command by its id."""
        for line in self._lines():
            if line.data(0, _COMMAND).id == name:
                self.setCurrentItem(line)

    def show_found(self, wanted: str) -> None:
        """Show the lines in which each of these words occurs: in the command, its menu, its key or its sentence."""
        words = wanted.casefold().split()
        for menu, lines in self._menus:
            for line in lines:
                command: Command = line.data(0, _COMMAND)
                text = f"{menu.text(0)} {line.text(0)} {line.text(1)} {command.sentence}".casefold()
                line.setHidden(not all(word in text for word in words))
            menu.setHidden(all(line.isHidden() for line in lines))
        current = self.currentItem()
        if current is None or current.isHidden():
            first = next((line for line in self._lines() if not line.isHidden()), None)
            self.selectionModel().setCurrentIndex(
                self.indexFromItem(first) if first is not None else QModelIndex(),
                QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows,
            )

    def update_keys(self) -> None:
        """Show the keys of now; those of the user are bold, fixed ones grey."""
        muted, ink = (QColor(getattr(self._appearance.theme, name)) for name in ("muted", "ink"))
        plain, bold = QFont(self.font()), QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        for menu, lines in self._menus:
            menu.setFont(0, bold)
            menu.setForeground(0, muted)
            for line in lines:
                command: Command = line.data(0, _COMMAND)
                own, fixed = self._keymap.is_own(command.id), self._keymap.is_fixed(command.id)
                words = self._keymap.words(command.id)
                line.setText(1, f"{words} (fixed)" if fixed else words or ("none" if own else ""))
                line.setFont(1, bold if own else plain)
                line.setForeground(0, ink)
                line.setForeground(1, muted if fixed else ink)
                line.setToolTip(0, self._keymap.retold(command.sentence))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _CHANGES:
            self.change_wanted.emit()
        elif event.key() == _Key.Key_Delete:
            self.none_wanted.emit()
        else:
            super().keyPressEvent(event)

    def _lines(self) -> list[QTreeWidgetItem]:
        return [line for _menu, lines in self._menus for line in lines]


class KeysCard(QWidget):
    """The table with its search, and what can be done with the chosen command."""

    def __init__(self, keymap: Keymap, appearance: Appearance) -> None:
        super().__init__()
        self.keymap = keymap
        self._asked: tuple[Command, str] | None = None
        """The command that is to have a key, and the key that another one holds."""
        self.search = QLineEdit(placeholderText="Find a command, or a key such as Ctrl+T")
        self.search.setAccessibleName("Find a command or a key")
        self.table = KeysTable(keymap, appearance)
        OwnKeys(self.table, _is_own)
        self.listening = Listening(self.table)
        self.said = text_label(_HELP, "", wrap=True)
        self.change, self.none = Button("Change the key"), Button("No key")
        self.default, self.all_defaults = Button("Default"), Button("All keys back to the defaults")
        self.take, self.cancel = Button("Take it over"), Button("Cancel")
        self.change.setToolTip("Then press the new key")
        self.none.setToolTip("Leave the chosen command without a key")
        self.default.setToolTip("Give the chosen command its usual key again")
        self.all_defaults.setToolTip("Give every command its usual key again")
        px = appearance.px
        in_column(
            text_label("Keys", "strong"),
            self.search,
            (self.table, 1),
            self.said,
            Flow(*self._usual_buttons, self.take, self.cancel, spacing=px(6)),
            inside=self,
            margins=px(14),
            spacing=px(8),
        )
        self.search.textChanged.connect(self._on_search)
        self.table.currentItemChanged.connect(lambda _now, _before: self._update())
        self.table.itemDoubleClicked.connect(lambda _line, _column: self.begin())
        self.table.change_wanted.connect(self.begin)
        self.table.none_wanted.connect(self._take_away)
        self.listening.heard.connect(self._on_heard)
        self.listening.cancelled.connect(self._rest)
        self.change.clicked.connect(self.begin)
        self.none.clicked.connect(self._take_away)
        self.default.clicked.connect(self._reset)
        self.all_defaults.clicked.connect(self.reset_all)
        self.take.clicked.connect(self._take_over)
        self.cancel.clicked.connect(lambda: self._rest())
        self.by_tab = self.search, self.table, *self._usual_buttons, self.take, self.cancel
        """What Tab goes through."""
        keymap.changed.connect(self._on_changed)
        appearance.changed.connect(self.table.update_keys)
        self._update()

    @property
    def _usual_buttons(self) -> tuple[Button, ...]:
        return self.change, self.none, self.default, self.all_defaults

    def begin(self) -> None:
        """Wait for the new key of the chosen command."""
        command = self._changeable()
        if command is not None:
            self.table.setFocus()
            self.listening.on = True
            self._say(f"Press the new key of “{_title(command)}”; Esc leaves it as it is.")
            self._update()

    def step_out(self) -> bool:
        """Leave the question for a key, if there is one."""
        if self._asked is None and not self.listening.on:
            return False
        self._rest()
        return True

    def _changeable(self) -> Command | None:
        """Return the chosen command; None where there is none or its key is fixed, which is said."""
        command = self.table.command
        if command is not None and self.keymap.is_fixed(command.id):
            self._say(f"The key of “{_title(command)}” is fixed: {self.keymap.words(command.id)}.")
            return None
        return command

    def _on_heard(self, key: str) -> None:
        command = self.table.command
        if command is None:
            return
        if why_not := self.keymap.why_not(key, (menu.words for menu in menus())):
            self._say(f"{why_not}.")
            return
        self.listening.on = False
        holder = self.keymap.holder(key)
        if holder is not None and holder.id != command.id:
            self._asked = command, key
            self._say(f"{in_words(key)} is the key of “{_title(holder)}”, which would lose it. Take it over?")
            self._update()
            self.take.setFocus()
        elif self.keymap.keys(command.id) == (key,):
            self._rest()
        else:
            self.keymap.give(command.id, key)
            self._rest(f"“{_title(command)}” has the key {in_words(key)} now.")

    def _take_over(self) -> None:
        if self._asked is not None:
            command, key = self._asked
            self.keymap.give(command.id, key)
            self._rest(f"“{_title(command)}” has the key {in_words(key)} now.")

    def _take_away(self) -> None:
        command = self._changeable()
        if command is not None and self.keymap.keys(command.id):
            self.keymap.take_away(command.id)
            self._rest(f"“{_title(command)}” has no key now; it stays in its menu and in the palette.")

    def _reset(self) -> None:
        command = self.table.command
        if command is not None:
            losers = self.keymap.reset(command.id)
            lost = "".join(f" “{_title(loser)}” has lost it." for loser in losers)
            keys = self.keymap.words(command.id)
            self._rest(f"“{_title(command)}” has {f'its usual key {keys}' if keys else 'no key'} again.{lost}")

    def reset_all(self) -> None:
        """Give every command its usual key again."""
        self.keymap.reset_all()
        self._rest("Every command has its usual key again.")

    def _rest(self, sentence: str = _HELP) -> None:
        """Wait for nothing any more."""
        asked, self._asked = self._asked, None
        self.listening.on = False
        self._say(sentence)
        self._update()
        if asked is not None or self.take.hasFocus() or self.cancel.hasFocus():
            self.table.setFocus()

    def _say(self, sentence: str) -> None:
        self.said.setText(sentence)

    def _on_search(self, wanted: str) -> None:
        self.table.show_found(wanted)
        self._update()

    def _on_changed(self) -> None:
        self.table.update_keys()
        self.table.show_found(self.search.text())
        self._update()

    def _update(self) -> None:
        """Offer what can be done now."""
        asks = self._asked is not None
        for button in self._usual_buttons:
            button.setVisible(not asks)
        for button in (self.take, self.cancel):
            button.setVisible(asks)
        command = self.table.command
        changeable = command is not None and not self.keymap.is_fixed(command.id)
        self.change.setEnabled(changeable and not self.listening.on)
        self.none.setEnabled(command is not None and changeable and bool(self.keymap.keys(command.id)))
        self.default.setEnabled(command is not None and self.keymap.is_own(command.id))
        self.all_defaults.setEnabled(self.keymap.has_own)


def _is_own(event: QKeyEvent) -> bool:
    """Whether the table keeps a key: one that moves in it, or changes a key."""
    if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
        return False
    return event.key() in (*_CHANGES, *_MOVES, _Key.Key_Delete)


def _title(command: Command) -> str:
    return command.words.replace("&", "").rstrip("…")
