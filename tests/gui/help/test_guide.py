"""The guide: its pages are complete, links lead somewhere, and the window opens where one is."""

from __future__ import annotations

import re

import pytest
from PySide6.QtGui import QTextDocument
from pytestqt.qtbot import QtBot

from engine.tasks import TASKS
from gui.appearance.stored import Stored
from gui.commands.keymap import Keymap
from gui.commands.table import commands
from gui.commands.views import VIEWS
from gui.help.guide import Guide
from gui.help.keys_page import keys_page
from gui.help.pages import GUIDE, read_guide, search
from gui.widgets.themed.markdown import blocks_of
from gui.window.main_window import MainWindow
from tests.gui.conftest import Windows
from tests.gui.driving import Key, dialog, press, trigger, wait_until, write

_LINK = re.compile(r"\]\((?!https?:)(?P<path>[^)#]*)(?:#(?P<heading>[^)]*))?\)")
_CODE = re.compile(r"^ {4}.*$|(`+)(?!`)[^\n]*?(?<!`)\1(?!`)", re.MULTILINE)
_HEADING = re.compile(r"^#+ (?P<words>.+)$", re.MULTILINE)


_CODE = re.compile(r"`[^`\n]+`|^ {4}.*$", re.MULTILINE)


def headings(name: str) -> list[str]:
    return [found["words"].strip() for found in _HEADING.finditer((GUIDE / name).read_text("utf-8"))]


def test_the_contents_list_every_page():
    assert {*read_guide(), "index.md"} == {path.name for path in GUIDE.glob("*.md")}


@pytest.mark.parametrize("name", sorted(path.name for path in GUIDE.glob("*.md")))
def test_links_lead_to_files_that_are_there(name: str):
    for link in _LINK.finditer(_CODE.sub("", (GUIDE / name).read_text("utf-8"))):
        if link["path"]:
            assert (GUIDE / link["path"]).is_file(), link[0]


def test_every_view_has_its_section():
    assert [row.title for row in VIEWS.values() if row.title not in headings("views.md")] == []


def test_every_task_has_its_section():
    assert [task.title for task in TASKS.values() if task.title not in headings("tasks.md")] == []


def test_the_page_of_keys_is_that_of_the_program():
    # python -m gui.help.keys_page prints the page
    assert (GUIDE / "keys.md").read_text("utf-8") == keys_page(Keymap(commands()))


@pytest.mark.parametrize(
    ("wanted", "page", "heading"),
    [
        ("where a 92 comes from", "views.md", "Sum"),
        ("clicker", "first-steps.md", "In a lecture"),
        ("decimal comma", "tables.md", "Numbers and tables"),
        ("sunspot", "tasks.md", "Series forecast"),
        ("30 seconds", "own-task.md", "A task of your own"),
    ],
)
def test_a_search_finds_the_paragraph(wanted: str, page: str, heading: str):
    assert (page, heading) in [(place.page, place.heading) for place in search(read_guide(), wanted)]


def test_a_search_for_nothing_and_for_what_is_nowhere_finds_nothing():
    assert search(read_guide(), "  ") == search(read_guide(), "xyzzy") == []


def seen(guide: Guide) -> list[str]:
    """Return the headings that can be seen."""
    layout = guide.page.document().documentLayout()
    top = guide.page.verticalScrollBar().value()
    bottom = top + guide.page.viewport().height()
    return [
        block.text()
        for block in blocks_of(guide.page.document())
        if block.blockFormat().headingLevel() and top < layout.blockBoundingRect(block).bottom() < bottom
    ]


def opened(window: MainWindow, qtbot: QtBot) -> Guide:
    press(Key.Key_F1)
    guide = dialog(qtbot, window, Guide)
    wait_until(lambda: bool(guide.page.toPlainText()))
    return guide


def test_f1_opens_the_section_on_the_view_in_front(window: MainWindow, qtbot: QtBot):
    trigger(window, "show sizes")
    guide = opened(window, qtbot)
    assert seen(guide)[0] == "Sizes"
    trigger(window, "show unrolled")
    window.commands.run("guide")
    assert "Unrolled" in seen(guide)
    window.commands.run("guide page=tasks")
    assert seen(guide)[0] == "Tasks"
    guide.reject()


def test_a_link_leads_to_its_page_and_typing_searches_all(window: MainWindow, qtbot: QtBot):
    guide = opened(window, qtbot)
    window.commands.run("guide page=first-steps")
    cursor = guide.page.document().find("Keys", 0, QTextDocument.FindFlag.FindCaseSensitively)
    assert cursor.charFormat().anchorHref() == "keys.md"
    guide.page.anchorClicked.emit(cursor.charFormat().anchorHref())
    assert seen(guide)[0] == "Keys"
    guide.field.setFocus()
    write("sunspot")
    line = guide.contents.topLevelItem(0)
    assert line is not None
    assert line.text(0).startswith("Series forecast")
    guide.contents.itemClicked.emit(line, 0)
    assert "Series forecast" in seen(guide)
    guide.reject()


def test_the_page_of_keys_shows_the_keys_of_the_moment(windows: Windows, settings: Stored, qtbot: QtBot):
    window = windows.open(settings)
    window.keymap.give("train", "Ctrl+J")
    guide = opened(window, qtbot)
    window.commands.run("guide page=keys")
    assert "Ctrl+J" in guide.page.toPlainText()
    window.keymap.give("train", "Ctrl+Alt+J")
    assert "Ctrl+Alt+J" in guide.page.toPlainText()
    guide.reject()


def test_a_hall_sees_no_second_window(window: MainWindow):
    assert window.commands.bound("guide").is_possible()
    trigger(window, "present")
    assert not window.commands.bound("guide").is_possible()
    window.presenting.end()
