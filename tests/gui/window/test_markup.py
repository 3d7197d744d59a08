"""Names, notes, places and columns come from files that somebody sends: they are shown as they were written."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage, QTextDocumentFragment
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from engine.recording.parcel import Parcel
from engine.recording.writer import RecordingWriter
from engine.runs.observation import FLOW, OBSERVED
from engine.session.recorder import about_run
from engine.settings.config import TrainingConfig
from engine.training.trainer import Trainer
from gui.commands.views import VIEWS
from gui.training.loss import LossPlot, MeasurePlot
from gui.training.prediction import PredictionPlot
from gui.views.library.library import LibraryView
from gui.views.library.rows import Column
from gui.window.main_window import MainWindow
from gui.window.menu_bar import MenuBar
from tests.gui.driving import dialog, sentence_of, show_plots, trigger, wait_until

SERIES = TrainingConfig(task="series", sequence_length=6, cell_size=3, batch_size=4, device="cpu", steps=400)
OUR_MARKUP = re.compile(r"</?(b|i|br|sub|sup|span|p|ul|li|table)\b|&\w+;")
MAGENTA = QColor("#ff00ff")
NAMED_ELSEWHERE = {"name", "own_goal", "prediction_kind", "trivial_loss", "measure_is_share", "alphabet"}


@pytest.fixture
def hostile(tmp_path: Path) -> str:
    """Words that Qt takes for HTML with a picture."""
    picture = QImage(60, 40, QImage.Format.Format_RGB32)
    picture.fill(MAGENTA)
    assert picture.save(str(tmp_path / "m.png"))
    return f"<img src='file:{tmp_path}/m.png'><b>x</b> & [*]"


@pytest.fixture
def recording(hostile: str, runs_folder: Path) -> Path:
    """A run of a series, every word of which is hostile."""
    trainer = Trainer(SERIES)
    wants = frozenset({FLOW, OBSERVED})
    facts = asdict(trainer.task.facts())
    for name, value in facts.items():
        if name not in NAMED_ELSEWHERE:
            facts[name] = hostile if isinstance(value, str) else (hostile,) * len(value)
    about = replace(about_run(trainer, hostile, 1, 400, hostile), notes=hostile)
    runs_folder.mkdir(exist_ok=True)
    path = runs_folder / "<b>&amp;.lstmrec"
    writer = RecordingWriter(path, about, facts)
    for _ in range(5):
        trainer.look_closely()
        trainer.step()
    seen = trainer.snapshot(wants)
    assert seen.held_out is not None
    seen = replace(seen, held_out=replace(seen.held_out, measure_name=hostile, trivial_name=hostile))
    writer.write(Parcel([trainer.drain().values], [seen], [trainer.checkpoint(kept=True)]))
    writer.close({"state": "stopped"})
    return path


@pytest.fixture
def tips(window: MainWindow) -> Iterator[Callable[[str], QLabel]]:
    """Shows a tool tip, as Qt does for a widget, an item or a line of a table."""

    def shown(words: str) -> QLabel:
        QToolTip.hideText()
        QToolTip.showText(QPoint(10, 10), words, window)
        wait_until(QToolTip.isVisible)
        return next(
            tip
            for tip in QApplication.topLevelWidgets()
            if isinstance(tip, QLabel) and tip.isVisible() and tip.text() == words
        )

    yield shown
    QToolTip.hideText()


def has_picture(widget: QWidget) -> bool:
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), dtype=np.uint32).reshape(image.height(), -1)
    return bool((pixels & 0xFFFFFF == MAGENTA.rgb() & 0xFFFFFF).any())


def as_read(label: QLabel) -> str:
    """What a reader sees of a label's text."""
    rich = label.textFormat() is Qt.TextFormat.RichText
    return QTextDocumentFragment.fromHtml(label.text()).toPlainText() if rich else label.text()


def assert_as_written(window: QWidget) -> None:
    """Nothing in the window guesses what its text is, and none of it shows a picture or markup of ours raw."""
    for label in window.findChildren(QLabel):
        if label.isVisible():
            assert label.textFormat() in (Qt.TextFormat.PlainText, Qt.TextFormat.RichText), label.text()
    assert not has_picture(window)


def test_a_picture_in_a_label_would_be_seen(qtbot: QtBot, hostile: str, window: MainWindow):
    label = QLabel(hostile, window, Qt.WindowType.Window, textFormat=Qt.TextFormat.RichText)
    label.setStyleSheet("qproperty-textFormat: RichText")
    label.show()
    assert has_picture(label)
    label.deleteLater()


def test_a_recording_that_somebody_sends_loads_no_picture_in_any_view(
    window: MainWindow, qtbot: QtBot, recording: Path, hostile: str, tips: Callable[[str], QLabel]
):
    window.files.open(recording)
    qtbot.waitUntil(
        lambda: window.training.controller.run.recorded is not None and window.training.controller.run.facts is not None
    )
    show_plots(window)
    wait_until(lambda: window.training.plots["prediction"].widget.isVisible())
    for name in VIEWS:
        window.stage.show_view(name)
        QApplication.processEvents()
        assert_as_written(window)
    texts = [as_read(label) for label in window.findChildren(QLabel)]
    assert any(hostile in text for text in texts)
    found = {widget.toolTip() for widget in window.findChildren(QWidget)}
    assert any(hostile in tip for tip in found)
    for tip in found:
        if "<" in tip or "&" in tip:
            shown = tips(tip)
            assert shown.textFormat() is Qt.TextFormat.PlainText
            assert not has_picture(shown)


def test_the_docked_plots_say_what_a_task_is_called_as_it_was_written(
    window: MainWindow, qtbot: QtBot, recording: Path, hostile: str
):
    window.files.open(recording)
    show_plots(window)
    loss, prediction = window.training.plots["loss"], window.training.plots["prediction"]
    assert isinstance(loss, LossPlot)
    assert isinstance(prediction, PredictionPlot)
    measure = window.training.plots["measure"]
    assert isinstance(measure, MeasurePlot)
    titles = loss.in_title, measure.in_title
    wait_until(lambda: all(hostile in tip for tip in (prediction.toolTip(), *(title.toolTip() for title in titles))))
    for title in titles:
        assert title.textFormat() is Qt.TextFormat.PlainText
        assert html.escape(hostile) not in title.toolTip()


def test_the_library_writes_names_and_notes_as_they_are(
    own_window: MainWindow, recording: Path, hostile: str, tips: Callable[[str], QLabel]
):
    window = own_window
    window.stage.show_view("library")
    view = window.stage.view("library")
    assert isinstance(view, LibraryView)
    table = view.table
    wait_until(lambda: bool(table.runs.rows))
    index = table.runs.index(0, Column.NAME)
    assert index.data() == hostile
    assert table.runs.index(0, Column.NOTES).data() == hostile
    view.resize(1900, view.height())
    wait_until(lambda: view.details.notes.toPlainText() == hostile)
    wait_until(lambda: bool(view.details.curve.curves.picture.lines))
    assert view.details.isVisible()
    assert view.details.name.text() == hostile
    assert_as_written(view)
    assert not has_picture(window)
    for column in (Column.NAME, Column.NOTES, Column.STATE):
        tip = tips(table.runs.index(0, column).data(Qt.ItemDataRole.ToolTipRole))
        assert not has_picture(tip)
        assert tip.textFormat() is Qt.TextFormat.PlainText


def test_boxes_and_the_status_line_write_what_they_are_told(window: MainWindow, qtbot: QtBot, hostile: str):
    window.warn(hostile, hostile)
    box = dialog(qtbot, window, QMessageBox)
    box.setInformativeText(hostile)
    QApplication.processEvents()
    assert not has_picture(box)
    assert [label.text() for label in box.findChildren(QLabel)].count(hostile) == 2
    assert sentence_of(qtbot, window) == hostile
    window.say(hostile)
    QApplication.processEvents()
    assert window.statusBar().currentMessage() == hostile
    assert not has_picture(window)


def test_a_path_in_a_menu_and_a_name_in_the_title_stand_as_they_are(window: MainWindow, hostile: str):
    menus = window.findChild(MenuBar)
    assert menus is not None
    menus.show_recent([hostile])
    (action,) = menus.recent.actions()
    assert action.text().replace("&&", "&") == hostile
    assert "& " not in action.text().replace("&&", "")
    window.model.replace(window.model.document, hostile)
    assert window.windowTitle().replace("[*][*]", "[*]").startswith(hostile)


def test_rich_text_of_the_programs_own_is_still_laid_out(own_window: MainWindow):
    """What the program writes with markup says that it does; else a reader would see the markup."""
    window = own_window
    trigger(window, "one step")
    wait_until(lambda: window.training.controller.run.history.count > 0)
    for name in VIEWS:
        window.stage.show_view(name)
        QApplication.processEvents()
        raw = [
            label.text()
            for label in window.findChildren(QLabel)
            if label.textFormat() is not Qt.TextFormat.RichText and OUR_MARKUP.search(label.text())
        ]
        assert not raw
    trigger(window, "stop")
    wait_until(lambda: not window.training.controller.active)
