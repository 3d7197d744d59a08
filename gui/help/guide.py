"""The guide in a window of its own, beside what it speaks of: contents, a search, and the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QColor, QDesktopServices, QFont, QTextCursor
from PySide6.QtWidgets import QDialog, QLineEdit, QSplitter, QTextBrowser, QTreeWidget, QTreeWidgetItem, QWidget

from gui.appearance.theme import Appearance
from gui.commands.keymap import Keymap
from gui.commands.views import VIEWS as ROWS
from gui.help.keys_page import keys_page
from gui.help.pages import FIRST, GUIDE, KEYS, VIEWS, Page, Place, read_guide, search
from gui.jobs.background import Background
from gui.widgets.layouts import in_column
from gui.widgets.themed.markdown import blocks_of, show_markdown

_PLACE = Qt.ItemDataRole.UserRole
_NO_SLUG = re.compile(r"[^\w\s-]")


class Guide(QDialog):
    """Shows the pages; links lead from one to the next, and typing searches them all."""

    def __init__(self, keymap: Keymap, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Guide")
        self._keymap, self._appearance = keymap, appearance
        self._pages: Mapping[str, Page] = {}
        self._shown = Place("", "", "")
        self._wanted = Place(FIRST, "", "")
        """What is shown as soon as the pages are read."""
        self.field = QLineEdit(placeholderText="Search the guide", clearButtonEnabled=True)
        self.field.setAccessibleName("Search the guide")
        self.field.textChanged.connect(self._list)
        self.contents = QTreeWidget(columnCount=1)
        self.contents.setHeaderHidden(True)
        self.contents.setRootIsDecorated(False)
        self.contents.setIndentation(appearance.px(10))
        self.contents.setFrameShape(QTreeWidget.Shape.NoFrame)
        self.contents.setAccessibleName("Contents")
        self.contents.setWordWrap(True)
        self.contents.itemClicked.connect(lambda line, _column: self._go_to(line))
        self.contents.itemActivated.connect(lambda line, _column: self._go_to(line))
        self.page = QTextBrowser(openLinks=False)
        self.page.setAccessibleName("Page")
        self.page.setSearchPaths([str(GUIDE)])
        self.page.anchorClicked.connect(self._follow)
        left = QWidget()
        in_column(self.field, (self.contents, 1), inside=left, margins=0)
        halves = QSplitter()
        halves.setChildrenCollapsible(False)
        halves.addWidget(left)
        halves.addWidget(self.page)
        halves.setStretchFactor(1, 1)
        in_column(halves, inside=self)
        room = parent.screen().availableGeometry()
        self.resize(
            min(appearance.px(1060), int(0.9 * room.width())), min(appearance.px(800), int(0.85 * room.height()))
        )
        halves.setSizes([appearance.px(270), appearance.px(770)])
        appearance.changed.connect(self._show_again)
        keymap.changed.connect(self._show_again)
        self._background = Background("guide pages", self)
        self._background.run_apart(lambda _dropped: read_guide(), self._take, self._miss, (OSError, UnicodeError))

    def open_at(self, page: str, heading: str = "") -> None:
        """Show a page at a heading, or at its top, in front of what else there is."""
        self._wanted = Place(page, heading, "")
        self._show(self._wanted)
        self.show()
        self.raise_()
        self.activateWindow()
        self.page.setFocus()

    def _take(self, pages: Mapping[str, Page]) -> None:
        self._pages = pages
        self._list(self.field.text())
        self._show(self._wanted)

    def _miss(self, error: Exception) -> None:
        self.page.setPlainText(f"The guide cannot be read: {error}. Install the program again, or read it online.")

    def _list(self, wanted: str) -> None:
        """List the contents, or where the words that are searched for stand."""
        self.contents.clear()
        if wanted.strip():
            for place in search(self._all(), wanted):
                above = place.heading or self._pages[place.page].title
                self._entry(f"{above}\n{place.words}", place)
            if not self.contents.topLevelItemCount():
                self._heading("Nothing has all of these words")
            return
        group, under = "", None
        for page in self._pages.values():
            if page.group != group:
                group, under = page.group, self._heading(page.group)
            self._entry(page.title, Place(page.name, "", ""), under)
        self.contents.expandAll()

    def _heading(self, words: str) -> QTreeWidgetItem:
        """Add a line that leads nowhere."""
        line = QTreeWidgetItem(self.contents, [words])
        font = QFont(self.contents.font())
        font.setWeight(QFont.Weight.DemiBold)
        line.setFont(0, font)
        line.setForeground(0, QColor(self._appearance.theme.muted))
        line.setFlags(Qt.ItemFlag.ItemIsEnabled)
        return line

    def _entry(self, words: str, place: Place, under: QTreeWidgetItem | None = None) -> None:
        """Add a line that leads to a place."""
        line = QTreeWidgetItem([words])
        line.setData(0, _PLACE, place)
        if under is None:
            self.contents.addTopLevelItem(line)
        else:
            under.addChild(line)

    def _go_to(self, line: QTreeWidgetItem) -> None:
        if place := line.data(0, _PLACE):
            self._show(place)

    def _all(self) -> dict[str, Page]:
        """Return the pages, with the keys as they are now."""
        return {
            name: Page(name, page.title, page.group, keys_page(self._keymap)) if name == KEYS else page
            for name, page in self._pages.items()
        }

    def _show(self, place: Place) -> None:
        page = self._all().get(place.page)
        if page is None:
            return
        if place.page != self._shown.page:
            show_markdown(self.page.document(), page.text, self._appearance)
        self._shown = place
        self._scroll_to(place.heading)

    def _show_again(self) -> None:
        """Write the page anew: letters, colours or keys have changed."""
        at = self.page.verticalScrollBar().value()
        shown, self._shown = self._shown, Place("", "", "")
        self._show(shown)
        self.page.verticalScrollBar().setValue(at)
        self._list(self.field.text())

    def _scroll_to(self, heading: str) -> None:
        """Bring a heading to the top, by its words or by what a link calls it."""
        bar = self.page.verticalScrollBar()
        bar.setValue(0)
        for block in blocks_of(self.page.document()):
            if heading and block.blockFormat().headingLevel() and _slug(block.text()) == _slug(heading):
                self.page.setTextCursor(QTextCursor(block))
                layout = self.page.document().documentLayout()
                bar.setValue(int(layout.blockBoundingRect(block).top()) - self._appearance.px(8))

    def _follow(self, link: QUrl) -> None:
        """Go where a link leads: to a page of the guide, a heading of this one, or the web."""
        if link.scheme() in ("http", "https"):
            QDesktopServices.openUrl(link)
        elif not link.scheme():
            self._show(Place(link.path() or self._shown.page, link.fragment(), ""))


def _slug(heading: str) -> str:
    """Return what a link calls a heading."""
    return "-".join(_NO_SLUG.sub("", heading.casefold()).split())


class GuideCommand:
    """Opens the one window of the guide, at what is in front."""

    def __init__(self, keymap: Keymap, appearance: Appearance, window: QWidget, front: Callable[[], str]) -> None:
        """front: returns the name of the view in front, "" where there is none."""
        self._make = partial(Guide, keymap, appearance, window)
        self._appearance, self._front = appearance, front
        self._guide: Guide | None = None

    def is_possible(self, **_arguments: object) -> bool:
        """Whether it may be opened: a hall sees no second window."""
        return not self._appearance.presenting

    def open(self, page: str = "") -> None:
        """Open a page by its name, without .md; else the section on the view in front."""
        if self._guide is None:
            self._guide = self._make()
        front = self._front()
        if page:
            self._guide.open_at(f"{page}.md")
        elif front:
            self._guide.open_at(VIEWS, ROWS[front].title)
        else:
            self._guide.open_at(FIRST)
