"""Runs that were trained before are shown by a click, in Live, and stay as they are."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from engine.experiments.contrasts import CONTRASTS
from gui.window.main_window import MainWindow


def test_a_button_shows_a_run_with_its_verdict_and_its_file_stays(window: MainWindow, qtbot: QtBot) -> None:
    contrast = CONTRASTS["right"]
    before = contrast.path.read_bytes()
    window.stage.show_view("task")
    window.training.panel.buttons["contrast right"].click()
    run = window.training.controller.run
    qtbot.waitUntil(lambda: run.recorded is not None and run.recorded.path == contrast.path)
    assert window.stage.front == "live"
    assert window.commands.bound("contrast right").is_on()
    assert not window.commands.bound("contrast low").is_on()
    strip = window.stage.verdict
    assert strip is not None
    qtbot.waitUntil(lambda: strip.sentence.text().startswith("Solved at step 807"))
    window.commands.run("contrast low")
    qtbot.waitUntil(lambda: run.recorded is not None and run.recorded.path == CONTRASTS["low"].path)
    qtbot.waitUntil(lambda: window.statusBar().currentMessage() == CONTRASTS["low"].sentence)
    assert contrast.path.read_bytes() == before


def test_it_is_not_trained_on(window: MainWindow, qtbot: QtBot) -> None:
    refused: list[str] = []
    window.training.recordings.refused.connect(refused.append)
    window.training.recordings.resume(CONTRASTS["high"].path)
    qtbot.waitUntil(lambda: bool(refused))
    assert refused == ["high.lstmrec belongs to the program and stays as it is; begin a new run (Ctrl+R)."]
    for box in window.findChildren(QMessageBox):
        box.reject()
