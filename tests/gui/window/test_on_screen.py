"""A window on a small screen, and one whose screen becomes another while it runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QBoxLayout, QDockWidget, QGridLayout, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from gui.appearance.stored import Stored
from gui.commands.views import VIEWS, WORKSPACES, Workspace
from gui.window.main_window import MainWindow
from tests.gui.conftest import Windows
from tests.gui.drawn_text import Listener
from tests.gui.driving import show_plots, wait_until
from tests.gui.window.walking import at_rest


def _on(window: MainWindow, width: int, height: int) -> None:
    """Let a window be on a screen of a size, and fill it."""
    window._appearance.fit_screen(height)
    window.resize(width, height)


@pytest.mark.parametrize("workspace", WORKSPACES)
def test_the_middle_has_three_quarters_of_the_width_and_most_of_the_height(
    own_window: MainWindow, qtbot: QtBot, workspace: Workspace
):
    window = own_window
    _on(window, 1280, 720)
    window.stage.show_workspace(workspace)
    stage = window.stage
    qtbot.waitUntil(lambda: (stage.width() >= 0.75 * 1280, stage.height() >= 0.85 * 720) == (True, True), timeout=3000)


def test_plots_beside_a_view_are_wide_enough_to_be_read(own_window: MainWindow, qtbot: QtBot):
    window = own_window
    _on(window, 1280, 720)
    show_plots(window)
    cards = [window.docks.cards[name] for name in ("loss", "measure", "gradients", "prediction")]
    # However little room there is: what the window gives is at least this.
    qtbot.waitUntil(lambda: min(card.minimumSizeHint().width() for card in cards) >= 270 * window._appearance.scale)
    qtbot.waitUntil(lambda: min(card.width() for card in cards) >= 270 * window._appearance.scale)


@pytest.mark.parametrize("factor", [1.0, 1.3])
def test_it_fits_the_smallest_screens_in_every_view(windows: Windows, settings: Stored, qtbot: QtBot, factor: float):
    settings.setValue("text factor", factor)
    window = windows.open(settings)
    _on(window, 800, 480)
    for name in VIEWS:
        window.stage.show_view(name)
        qtbot.waitUntil(lambda: window.size().toTuple() == (800, 480), timeout=2000)
        least = window.minimumSizeHint()
        assert (least.width() <= 800, least.height() <= 480) == (True, True), f"{name} needs {least.toTuple()}"


def test_numbers_stay_when_a_hall_gets_a_smaller_picture(own_window: MainWindow, qtbot: QtBot):
    """From 1080 lines to 720 while somebody presents, and back."""
    window, listener = own_window, Listener()
    with listener.listening():
        window._show_presenting(True)
        window.playback.seek(window.playback.last)
        _on(window, 1920, 1080)
        many = _numbers(listener, window)
        assert len(many) > 30
        _on(window, 1280, 720)
        assert _numbers(listener, window) == many
        _on(window, 1920, 1080)
        assert _numbers(listener, window) == many


def _numbers(listener: Listener, window: MainWindow) -> list[str]:
    """The numbers that the diagram draws, in letters that can be read."""
    return sorted(
        text.words for text in at_rest(listener, window) if "CellView" in text.where and text.words[-1].isdigit()
    )


LENGTHS = ("margins", "spacing", "least", "most", "icon")


def _lengths(window: QWidget) -> dict[str, tuple[int, ...]]:
    """The lengths of everything in a window that somebody gave it, by where it is."""
    found: dict[str, tuple[int, ...]] = {}
    for part in window.findChildren(QWidget):
        if part.window() is not window:
            continue
        if isinstance(part, QDockWidget | QTabBar) or part.objectName().startswith("qt_"):
            continue  # these take their limits from what is in them, or from the style
        least, most = part.minimumSize(), part.maximumSize()
        found[f"{_path(part)} size"] = least.width(), least.height(), most.width(), most.height()
        if isinstance(part, QAbstractButton) and not part.icon().isNull():
            found[f"{_path(part)} icon"] = part.iconSize().toTuple()
        layout = part.layout()
        if isinstance(layout, QBoxLayout | QGridLayout):
            margins = layout.contentsMargins()
            sides = margins.left(), margins.top(), margins.right(), margins.bottom()
            found[f"{_path(part)} layout"] = (*sides, layout.spacing())
    return found


def _path(part: QWidget) -> str:
    names = []
    while part is not None and not part.isWindow():
        parent = part.parentWidget()
        siblings = [child for child in parent.children() if type(child) is type(part)]
        names.append(f"{type(part).__name__}{siblings.index(part)}")
        part = parent
    return "/".join(reversed(names))


def test_lengths_follow_the_screen_as_if_the_window_had_been_made_there(windows: Windows, tmp_path: Path, qtbot: QtBot):
    window = _looked_at(windows, tmp_path, 1.0)
    large = _lengths(window)
    window._appearance.fit_screen(720)
    followed = _lengths(window)
    window._appearance.fit_screen(1080)
    qtbot.waitUntil(lambda: _others(_lengths(window), large, 0) == {}, timeout=5000)
    windows.close(window)
    made = _lengths(_looked_at(windows, tmp_path, 0.8))  # as on a screen of 720 lines
    outside = {place: lengths for place, lengths in followed.items() if "QStackedWidget" not in place}
    assert len(outside) > 200
    assert _others(outside, made, 1) == {}  # views give their parts other lengths when they are shown
    assert _others({place: lengths for place, lengths in followed.items() if place.endswith("layout")}, made, 2) == {}


def _looked_at(windows: Windows, folder: Path, factor: float) -> MainWindow:
    """A window that has shown every view."""
    settings = Stored(folder / f"{factor}.ini")
    settings.setValue("text factor", factor)
    window = windows.open(settings)
    window.resize(1280, 720)
    for name in VIEWS:
        window.stage.show_view(name)
    window.stage.show_view("diagram")
    wait_until(window.typesetter.idle)
    return window


def _others(
    these: dict[str, tuple[int, ...]], those: dict[str, tuple[int, ...]], apart: int
) -> dict[str, tuple[tuple[int, ...], tuple[int, ...]]]:
    """The lengths that are more than some pixels apart; what is in one window alone is left out."""
    return {
        place: (these[place], those[place])
        for place in these.keys() & those.keys()
        if any(abs(one - other) > apart for one, other in zip(these[place], those[place], strict=True))
    }
