"""Pictures from the window: from menus and the right click, in the background, and as they were chosen last."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QAbstractScrollArea, QFileDialog
from pytestqt.qtbot import QtBot

from gui.appearance.theme import load_theme
from gui.appearance.vector import in_picture
from gui.commands.views import VIEWS
from gui.exchange.picture_dialog import PictureDialog
from gui.exchange.pictures import PictureChoice
from gui.window.main_window import MainWindow
from tests.gui.driving import choose_file, click, dialog, sentence_of, show_plots, traced, trigger, wait_until
from tests.gui.menus import choose_entry, entries, menu_at


def choose(box: PictureDialog, choice: PictureChoice) -> None:
    for field, value in ((box.kind, choice.suffix), (box.scale, str(choice.scale)), (box.colours, choice.colours)):
        field.setCurrentIndex(field.findData(value))
    box.numbers.setChecked(choice.numbers)


def save(qtbot: QtBot, window: MainWindow, path: Path, choice: PictureChoice) -> None:
    """Save a picture of the view in front as a user does."""
    trigger(window, "save picture")
    box = dialog(qtbot, window, PictureDialog)
    choose(box, choice)
    click(qtbot, box.save)
    choose_file(qtbot, window, path)


class Paints(QObject):
    """Hears whether the window paints itself on the screen while a picture has its theme."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self.window = window
        self.painted = self.in_other_colours = 0
        window.installEventFilter(self)
        window.view.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and not in_picture():
            self.painted += 1
            self.in_other_colours += self.window._appearance.lent
        return False


def test_a_picture_is_saved_as_it_was_chosen_and_the_choice_kept(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    traced(qtbot, window)
    path = tmp_path / "cell.png"
    save(qtbot, window, path, PictureChoice(".png", 3.0, "dark", numbers=False))
    qtbot.waitUntil(path.exists)
    image = QImage(str(path))
    assert image.width() == 3 * window.view.width()
    assert image.pixelColor(1, 1).name() == load_theme("dark").panel.lower()
    qtbot.waitUntil(lambda: window.statusBar().currentMessage() == "Saved cell.png")
    assert not window._appearance.lent
    trigger(window, "save picture")
    box = dialog(qtbot, window, PictureDialog)
    assert box.choice == PictureChoice(".png", 3.0, "dark", numbers=False)
    choose(box, PictureChoice())
    click(qtbot, box.save)
    dialog(qtbot, window, QFileDialog).reject()


def test_a_suffix_is_added_and_a_size_asked_for_only_where_there_are_pixels(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    traced(qtbot, window)
    trigger(window, "save picture")
    box = dialog(qtbot, window, PictureDialog)
    for suffix, is_asked in ((".png", True), (".pdf", False), (".svg", False)):
        box.kind.setCurrentIndex(box.kind.findData(suffix))
        assert box.scale.isVisible() is is_asked
    click(qtbot, box.save)
    choose_file(qtbot, window, tmp_path / "cell")
    qtbot.waitUntil((tmp_path / "cell.svg").exists)


def test_the_screen_never_shows_the_colours_of_a_picture(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    traced(qtbot, window)
    heard = Paints(window)
    path = tmp_path / "cell.svg"
    window.stage.pictures.save(window.view, path, PictureChoice(".svg", colours="dark"))
    window.view.viewport().update()
    qtbot.waitUntil(lambda: path.exists() and not window._appearance.lent)
    window.view.viewport().update()
    before = heard.painted
    qtbot.waitUntil(lambda: heard.painted > before)
    assert heard.in_other_colours == 0
    for watched in (window, window.view.viewport()):
        watched.removeEventFilter(heard)


@pytest.mark.parametrize("view", [name for name in VIEWS if name not in ("text", "library", "experiments", "compare")])
def test_a_right_click_offers_a_picture(view: str, window: MainWindow, qtbot: QtBot) -> None:
    window.stage.show_view(view)
    widget = window.stage.view(view).pictured
    menu = menu_at(widget.viewport() if isinstance(widget, QAbstractScrollArea) else widget)
    shown = entries(menu)
    menu.close()
    assert "Copy the picture" in shown
    assert "Save the picture…" in shown


def test_a_right_click_on_a_plot_copies_its_picture(window: MainWindow, qtbot: QtBot) -> None:
    show_plots(window)
    plot = window.training.plots["loss"]
    qtbot.waitUntil(plot.isVisible)
    QGuiApplication.clipboard().clear()
    choose_entry(menu_at(plot), "Copy the picture")
    qtbot.waitUntil(lambda: not QGuiApplication.clipboard().image().isNull())
    assert QGuiApplication.clipboard().image().width() >= plot.width()


def test_the_view_in_front_is_copied_by_a_command(window: MainWindow, qtbot: QtBot) -> None:
    window.stage.show_view("activations")
    QGuiApplication.clipboard().clear()
    trigger(window, "copy picture")
    qtbot.waitUntil(lambda: not QGuiApplication.clipboard().image().isNull())
    assert window.statusBar().currentMessage().startswith("Copied a picture of ")


def test_what_cannot_be_written_is_said_and_the_next_picture_is_made(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    traced(qtbot, window)
    taker = window.stage.pictures
    taker.save(window.view, tmp_path / "nowhere" / "cell.svg", PictureChoice())
    sentence = sentence_of(qtbot, window)
    assert sentence.endswith("cannot be written (No such file or directory); choose another folder.")
    taker.save(window.stage.view("sum"), tmp_path / "sum.svg", PictureChoice())
    assert "open the view first" in sentence_of(qtbot, window)
    window.stage.pictures.save(window.view, tmp_path / "cell.svg", PictureChoice())
    qtbot.waitUntil((tmp_path / "cell.svg").exists)


def test_a_window_that_closes_in_the_middle_leaves_nothing(own_window: MainWindow, tmp_path: Path) -> None:
    own_window.stage.pictures.save(own_window.view, tmp_path / "cell.svg", PictureChoice(colours="dark"))
    parts = own_window.stage.pictures._parts
    assert parts is not None
    next(parts)
    assert own_window._appearance.lent
    own_window.close()
    wait_until(lambda: not own_window.isVisible())
    assert not own_window._appearance.lent
    assert not list(tmp_path.glob("*.svg"))
