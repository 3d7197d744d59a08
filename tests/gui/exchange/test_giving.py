"""Code, commands and numbers leave the window: what is saved is what is shown."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from engine.commands.train.command_line import command_line
from engine.document.examples import load_example
from engine.formats.numbers_file import Table, arrays_of, csv_of, write_numbers
from engine.runs.messages import State
from engine.settings.config import TrainingConfig
from gui.commands.command import CommandError
from gui.commands.views import VIEWS
from gui.plots.tables import saver_of
from gui.window.main_window import MainWindow
from tests.gui.driving import choose_file, dialog, traced
from tests.gui.menus import entries, menu_at

SMALL = TrainingConfig(device="cpu", worker="thread", steps=3, sequence_length=8, batch_size=4, cell_size=3, layers=2)


@pytest.fixture(autouse=True)
def no_menu_left() -> Iterator[None]:
    yield
    menu = QApplication.activePopupWidget()
    if menu is not None:
        menu.close()


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


def saved(qtbot: QtBot, window: MainWindow, path: Path, kind: str = "") -> None:
    """Choose a file, and a kind by the first words of its name, in the dialog that is open; wait for the file."""
    box = dialog(qtbot, window, QFileDialog)
    if kind:
        box.selectNameFilter(next(name for name in box.nameFilters() if name.startswith(kind)))
        box.filterSelected.emit(box.selectedNameFilter())
    choose_file(qtbot, window, path)
    qtbot.waitUntil(path.exists)


def trained(qtbot: QtBot, window: MainWindow, config: TrainingConfig = SMALL) -> None:
    training = window.training.controller
    training.config = config
    window.training.train()
    qtbot.waitUntil(lambda: training.run.state is State.FINISHED and training.run.history.shown is not None)


def output_of(path: Path) -> str:
    done = subprocess.run([sys.executable, str(path)], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_cell_is_saved_as_a_script_that_prints_its_numbers(window: MainWindow, qtbot: QtBot, tmp_path: Path):
    traced(qtbot, window)
    window.commands.run("export code")
    saved(qtbot, window, tmp_path / "cell.py", "NumPy")
    out = output_of(tmp_path / "cell.py")
    assert "z_f      92 177 136" in out
    assert "agree with the numbers exported" in out


def test_the_ending_of_the_name_decides_where_it_belongs_to_another_kind(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
):
    window.commands.run("export code")
    saved(qtbot, window, tmp_path / "cell.ipynb", "PyTorch")
    assert json.loads((tmp_path / "cell.ipynb").read_text("utf-8"))["nbformat"] == 4


def test_a_network_is_saved_whole_with_all_its_layers(window: MainWindow, qtbot: QtBot, tmp_path: Path):
    trained(qtbot, window)
    window.stage.show_view("live")
    window.commands.run("export code")
    saved(qtbot, window, tmp_path / "network.py", "NumPy")
    text = (tmp_path / "network.py").read_text("utf-8")
    assert "layer2 = {" in text
    assert "W_out" in text
    assert "step 3" in text.partition('"""')[2].partition('"""')[0]


def test_the_training_is_saved_as_a_script_and_copied_as_a_command(window: MainWindow, qtbot: QtBot, tmp_path: Path):
    window.training.controller.config = SMALL
    window.commands.run("export training")
    saved(qtbot, window, tmp_path / "train.py")
    assert "LAYERS = 2" in (tmp_path / "train.py").read_text("utf-8")
    window.commands.run("copy command")
    assert clipboard() == command_line(SMALL)


def test_a_training_that_cannot_be_a_script_is_refused_in_a_sentence(window: MainWindow, qtbot: QtBot, tmp_path: Path):
    code = window.giving.code
    with qtbot.waitSignal(code.refused) as refused:
        code.write_training(tmp_path / "train.py", replace(SMALL, clamped="f=1"))
    assert "clamps gates (f=1)" in refused.args[0]
    assert not list(tmp_path.glob("*.py"))


def test_a_place_that_cannot_be_written_is_said(window: MainWindow, qtbot: QtBot, tmp_path: Path):
    numbers = window.giving.numbers
    with qtbot.waitSignal(numbers.refused) as refused:
        numbers.write(tmp_path / "no folder" / "a.csv", [Table("a", lambda: "x\n1\n")])
    assert "cannot be written" in refused.args[0]


# ---- numbers


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_has_numbers_to_save(name: str, looked_at: MainWindow, qtbot: QtBot, tmp_path: Path):
    looked_at.stage.show_view(name)
    view = looked_at.stage.view(name)
    qtbot.waitUntil(lambda: bool(view.tables()))
    tables = [table.taken() for table in view.tables()]
    write_numbers(tmp_path / "n.csv", tables)
    write_numbers(tmp_path / "n.npz", tables)
    with (tmp_path / "n.csv").open(encoding="utf-8", newline="") as file:
        heads, *rows = csv.reader(file)
    assert heads
    assert rows
    assert {len(row) for row in rows} == {len(heads)}
    with np.load(tmp_path / "n.npz", allow_pickle=False) as found:
        assert found.files


@pytest.fixture
def looked_at(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """A window with a cell of four time steps, and a run that has come to its end."""
    window.model.replace(load_example("four-steps"), "Four time steps")
    traced(qtbot, window)
    return window


def test_the_numbers_of_the_view_in_front_are_copied_and_saved(window: MainWindow, qtbot: QtBot, tmp_path: Path):
    window.model.replace(load_example("four-steps"), "Four time steps")
    trace = traced(qtbot, window)
    window.stage.show_view("unrolled")
    window.commands.run("copy numbers")
    heads, *rows = csv.reader(clipboard().splitlines())
    assert [float(row[heads.index("h_t 1")]) for row in rows] == [float(step["h_t"][0]) for step in trace.steps]
    window.commands.run("save numbers")
    saved(qtbot, window, tmp_path / "n.npz", "NumPy")
    with np.load(tmp_path / "n.npz") as found:
        assert np.array_equal(found["h_t"], [step["h_t"] for step in trace.steps])


def test_a_menu_offers_to_save_the_numbers_of_what_was_clicked(window: MainWindow, qtbot: QtBot):
    traced(qtbot, window)
    window.stage.show_view("unrolled")
    assert "Save the numbers…" in entries(menu_at(window.stage.view("unrolled")))
    assert saver_of(window.stage.view("unrolled")) is window.giving.numbers


def test_a_view_without_numbers_says_what_brings_some(window: MainWindow):
    window.stage.show_view("live")
    if not window.stage.view("live").tables():
        with pytest.raises(CommandError, match="has no numbers to take away yet; train a network"):
            window.commands.run("save numbers")


def test_several_tables_stand_side_by_side_and_their_arrays_have_their_titles():
    one = Table("Loss", lambda: "step,loss\n1,0.5\n2,\n")
    two = Table("Loss", lambda: "name,value\na,1\n")
    assert csv_of([one, two]) == ("Loss: step,Loss: loss,Loss 2: name,Loss 2: value\n1,0.5,a,1\n2,,,\n")
    arrays = arrays_of([one, two])
    assert np.array_equal(arrays["Loss.loss"], [0.5, np.nan], equal_nan=True)
    assert arrays["Loss 2.name"].tolist() == ["a"]
