"""Links in the window: copied, pasted wherever nothing is typed, typed into a dialog, given on the command line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QFileDialog, QInputDialog, QMessageBox
from pytestqt.qtbot import QtBot

from engine.document.document import blank
from engine.document.examples import load_example
from engine.formats.link import LinkedDocument, LinkedSettings, link_of_document, link_of_settings, read_link
from engine.settings.config import TrainingConfig
from gui.window.main_window import MainWindow
from tests.gui.driving import CONTROL, Key, answer, dialog, press, traced

LATCH = link_of_document(load_example("latch"), "A latch")


def copied(qtbot: QtBot, window: MainWindow, command: str) -> str:
    """Return the link that a command copies."""
    QApplication.clipboard().setText("")
    window.actions_by_name[command].trigger()
    qtbot.waitUntil(lambda: QApplication.clipboard().text() != "")
    return QApplication.clipboard().text()


def shows_latch(window: MainWindow) -> bool:
    return window.model.shown.name == "A latch" and window.model.document.is_like(load_example("latch"))


def test_a_document_is_copied_and_opened_elsewhere(window: MainWindow, qtbot: QtBot):
    window.model.edit(window.model.document.with_weight("b_f", np.array([1e-5, -0.1, 3.0])), "edit b_f")
    link = copied(qtbot, window, "copy link")
    assert "Copied a link to “Worked example”" in window.statusBar().currentMessage()
    sent = window.model.document
    window.model.replace(blank(2, 4, 4), "Another")
    window.files.open(Path(link))  # as from the command line
    qtbot.waitUntil(lambda: window.model.document.is_like(sent))
    assert window.model.shown.path is None
    assert window.model.shown.name.startswith("Worked example")
    assert "from a link" in window.statusBar().currentMessage()


@pytest.mark.parametrize("view", ["diagram", "layers", "live", "library"])
def test_a_link_is_pasted_wherever_nothing_is_typed(window: MainWindow, qtbot: QtBot, view: str):
    window.stage.show_view(view)
    window.activateWindow()
    window.stage.view(view).setFocus()
    QApplication.clipboard().setText(f"<{LATCH}>\n")
    press(Key.Key_V, CONTROL)
    qtbot.waitUntil(lambda: shows_latch(window))


def test_a_link_is_pasted_into_a_table_and_numbers_still_are_numbers(window: MainWindow, qtbot: QtBot):
    QApplication.clipboard().setText("7")
    window.weights.table.setCurrentIndex(window.weights.table.model().index(0, 0))
    window.actions_by_name["paste matrix"].trigger()
    qtbot.waitUntil(lambda: window.model.document.weights["W_f"][0, 0] == 7)
    window.model.undo_stack.undo()
    QApplication.clipboard().setText(LATCH)
    window.weights.table.paste()
    qtbot.waitUntil(lambda: shows_latch(window))


def test_unsaved_changes_are_asked_for_before_a_link_opens(window: MainWindow, qtbot: QtBot):
    window.inputs.add_step()
    mine = window.model.document
    window.files.open_link(LATCH)
    box = dialog(qtbot, window, QMessageBox)
    assert "has unsaved changes" in box.text()
    answer(qtbot, box, QMessageBox.StandardButton.Cancel)
    assert window.model.document is mine
    window.files.open_link(LATCH)
    answer(qtbot, dialog(qtbot, window, QMessageBox), QMessageBox.StandardButton.Discard)
    qtbot.waitUntil(lambda: shows_latch(window))


def test_a_link_is_typed_into_a_dialog_where_a_copied_one_stands(window: MainWindow, qtbot: QtBot):
    QApplication.clipboard().setText("no link")
    window.actions_by_name["open link"].trigger()
    asked = dialog(qtbot, window, QInputDialog)
    assert asked.textValue() == ""
    asked.setTextValue(LATCH[:-3])
    asked.accept()
    box = dialog(qtbot, window, QMessageBox)
    assert "damaged or not complete" in box.text()
    answer(qtbot, box, QMessageBox.StandardButton.Ok)
    assert window.model.shown.name == "Worked example"
    QApplication.clipboard().setText(LATCH)
    window.actions_by_name["open link"].trigger()
    asked = dialog(qtbot, window, QInputDialog)
    assert asked.textValue() == LATCH
    asked.accept()
    qtbot.waitUntil(lambda: shows_latch(window))


def test_a_document_too_large_for_a_link_can_be_saved(window: MainWindow, qtbot: QtBot):
    window.model.replace(blank(20, 20, 20, seed=1), "Large")
    traced(qtbot, window)
    QApplication.clipboard().setText("as it was")
    window.actions_by_name["copy link"].trigger()
    box = dialog(qtbot, window, QMessageBox)
    assert "too large for a link" in box.text()
    answer(qtbot, box, QMessageBox.StandardButton.Save)
    dialog(qtbot, window, QFileDialog).reject()
    assert QApplication.clipboard().text() == "as it was"


def test_settings_are_copied_and_chosen_elsewhere(window: MainWindow, qtbot: QtBot):
    form, controller = window.training, window.training.controller
    before = controller.config
    there = TrainingConfig(task="sine", cell="gru", cell_size=8, learning_rate=1e-5, device="cpu")
    QApplication.clipboard().setText(link_of_settings(there))
    press(Key.Key_V, CONTROL)
    qtbot.waitUntil(lambda: controller.config.cell == "gru")
    assert form.panel.form.values().learning_rate == 1e-5
    assert controller.config.device == before.device
    assert window.stage.workspace == "train"
    found = read_link(copied(qtbot, window, "copy settings link"))
    assert isinstance(found, LinkedSettings)
    assert found.config == TrainingConfig(task="sine", cell="gru", cell_size=8, learning_rate=1e-5)
    assert not isinstance(read_link(LATCH), LinkedSettings)
    assert isinstance(read_link(LATCH), LinkedDocument)
    window.training.use_linked(LinkedSettings(before))


def test_settings_that_name_a_file_are_not_copied(window: MainWindow, qtbot: QtBot, tmp_path: Path):
    before = window.training.controller.config
    window.training.controller.use_next(TrainingConfig(task="series", series_file=str(tmp_path / "sales.csv")))
    QApplication.clipboard().setText("as it was")
    window.actions_by_name["copy settings link"].trigger()
    box = dialog(qtbot, window, QMessageBox)
    assert "sales.csv, which a link cannot hold" in box.text()
    answer(qtbot, box, QMessageBox.StandardButton.Ok)
    assert QApplication.clipboard().text() == "as it was"
    window.training.controller.use_next(before)
