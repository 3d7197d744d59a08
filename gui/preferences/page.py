"""The page of preferences: everything that is chosen for good, and the keys of all commands."""

from __future__ import annotations

from functools import partial
from itertools import groupby, pairwise

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from gui.jobs.background import Background
from gui.preferences.field import PreferenceLine
from gui.preferences.keys import KeysCard
from gui.preferences.own_themes import OwnThemes, look
from gui.preferences.preference import Extra
from gui.preferences.rows import KEYS, PREFERENCES
from gui.views.page import Desk, Page
from gui.widgets.buttons import Button
from gui.widgets.labels import text_label
from gui.widgets.layouts import REST, in_column, in_row, scrolled
from gui.widgets.segments import Segments

_LOOK_MS = 1500
"""Between two looks at the folder of own themes."""
_BOTH = 1150
"""Pixels of a screen of 1080 lines from which on preferences and keys stand side by side."""
_WIDEST = 1500
_SCROLLS: dict[int, int] = {Qt.Key.Key_PageDown: 1, Qt.Key.Key_Space: 1, Qt.Key.Key_PageUp: -1, Qt.Key.Key_Home: -100}
"""By how many pages a key scrolls that no field has taken."""


class PreferencesPage(Page):
    """Every preference in a line of its own; beside them, or instead where it is narrow, the table of keys."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        appearance = desk.tools.appearance
        px = appearance.px
        self._background = Background("documents-preferences", self)
        self._own = OwnThemes()
        self.lines = {row.name: PreferenceLine(row, desk) for row in PREFERENCES}
        self.keys = KeysCard(desk.keymap, appearance)
        self.switch = Segments((("Preferences", ""), ("Keys", "")), appearance)
        self.switch.choose(0)
        self.switch.chosen.connect(lambda _place: self._arrange())
        self.all_defaults, self.done = Button("Back to the defaults"), Button("Done")
        self.all_defaults.setToolTip("Give every preference its default again; keys have a button of their own")
        self.all_defaults.clicked.connect(self.to_defaults)
        self.done.setToolTip("Return to where you were (Esc)")
        self.done.clicked.connect(self.left)
        self.title = text_label("Preferences", "title")
        self.about = text_label("Each change acts at once and is remembered", "muted", cut=True)
        self.news = text_label("", "note", wrap=True)
        self.news.hide()
        self._list = self._made_list(px(14))
        self._left, self._right = _card(self._list), _card(self.keys)
        self._inside = QWidget()
        head = in_row(self.title, self.about, REST, self.switch, self.all_defaults, self.done, spacing=px(12))
        cards = in_row((self._left, 1), (self._right, 1), margins=0, spacing=px(12))
        in_column(head, (cards, 1), inside=self._inside, margins=0, spacing=px(8))
        self._inside.setMaximumWidth(px(_WIDEST))
        in_row((self._inside, 1), inside=self, margins=(0, px(8), 0, px(4)))
        for line in self.lines.values():
            line.changed.connect(self.refresh)
            line.message.connect(self.message)
            line.background_wanted.connect(self._do)
        recordings = desk.tools.recordings
        assert recordings is not None
        for changed in (
            *(appearance.changed, appearance.motion.changed, desk.copies.changed),
            *(recordings.on_changed, recordings.folder_changed),
        ):
            changed.connect(self.refresh)
        appearance.changed.connect(self._on_appearance)
        fields = [part for line in self.lines.values() for part in line.by_tab]
        by_tab = (*fields, *self.keys.by_tab, *self.switch.segments, self.all_defaults, self.done)
        for one, other in pairwise(by_tab):
            QWidget.setTabOrder(one, other)
        self._looking = QTimer(self, interval=_LOOK_MS)
        self._looking.timeout.connect(self._look)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._arrange()

    def _made_list(self, margin: int) -> QScrollArea:
        inside = QWidget()
        column = in_column(inside=inside, margins=margin, spacing=0)
        for section, lines in groupby(self.lines.values(), key=lambda line: line.row.section):
            heading = text_label(section, "heading")
            heading.setIndent(0)  # its padding would give it one
            column.addWidget(heading)
            for line in lines:
                column.addWidget(line)
            if section == "Appearance":
                column.addWidget(self.news)
        column.addStretch(1)
        return scrolled(inside, focus=False)

    # What is done with it

    def begin(self) -> None:
        self.refresh()
        self.setFocus()  # so that the first Esc leaves the page; Tab goes to the first field

    def go_to(self, name: str) -> None:
        """Put the keyboard into the field of a preference, or into the search for keys."""
        self.switch.choose(int(name == KEYS))
        self._arrange()
        if name == KEYS:
            self.keys.search.setFocus()
            return
        line = self.lines[name]
        line.field.setFocus()
        QTimer.singleShot(0, line, partial(self._list.ensureWidgetVisible, line))  # once it has its place

    def step_out(self) -> bool:
        return self.keys.step_out()

    def to_defaults(self) -> None:
        """Give every preference its default again."""
        for line in self.lines.values():
            line.to_default()
        self.message.emit("Every preference has its default again")

    def refresh(self) -> None:
        """Show what is in force."""
        if self.isVisible():
            for line in self.lines.values():
                line.refresh()
            self.all_defaults.setEnabled(any(not line.reset.isHidden() for line in self.lines.values()))

    def end(self) -> None:
        self._background.close()

    # In the background

    def _do(self, extra: Extra) -> None:
        def done(sentence: str) -> None:
            self.message.emit(sentence)
            self._look()

        self._background.run(partial(extra.do, self.desk), done, self._miss, OSError)

    def _miss(self, error: Exception) -> None:
        self.message.emit(f"That could not be written ({error})")

    def _look(self) -> None:
        self._background.run(partial(look, self._own), self._take, self._miss, OSError, "themes")

    def _take(self, own: OwnThemes) -> None:
        if own is not self._own:
            self._own = own
            self.desk.tools.appearance.take_own(own.themes)
            self.news.setText("\n".join(own.sentences))
            self.news.setVisible(bool(own.sentences))
            self.refresh()

    # How it stands

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        self._look()
        self._looking.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._looking.stop()

    def focusNextPrevChild(self, forwards: bool) -> bool:
        """Go from the page itself to the first field."""
        if not self.hasFocus() or not forwards:
            return super().focusNextPrevChild(forwards)
        first = self.lines[PREFERENCES[0].name] if self.switch.isHidden() or self.switch.choice == 0 else self.keys
        first.by_tab[0].setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Scroll with the keys that no field has taken."""
        bar = self._list.verticalScrollBar()
        bar.setValue(bar.value() + _SCROLLS.get(event.key(), 0) * bar.pageStep())

    def _on_appearance(self) -> None:
        self._inside.setMaximumWidth(self.desk.tools.appearance.px(_WIDEST))
        self._arrange()

    def _arrange(self) -> None:
        """Put both side by side where there is room, else the one that is chosen."""
        both = self.width() >= self.desk.tools.appearance.px(_BOTH)
        self.switch.setVisible(not both)
        self._left.setVisible(both or self.switch.choice == 0)
        self._right.setVisible(both or self.switch.choice == 1)
        self.about.setVisible(both)


def _card(inside: QWidget) -> QFrame:
    card = QFrame()
    card.setObjectName("card")
    in_column(inside, inside=card, margins=0)
    return card
