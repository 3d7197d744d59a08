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
from engine.file_kinds import Format, network_formats
from engine.formats.network_files import read_network
from engine.formats.numbers_file import NumbersError, Table, arrays_of, csv_of, write_numbers
from engine.runs.messages import State
from engine.settings.config import TrainingConfig
from engine.text.file_name import file_name
from gui.commands.command import CommandError
from gui.commands.number_taker import saver_of
from gui.commands.views import VIEWS
from gui.views.base import View
from gui.window.main_window import MainWindow
from tests.engine.recordings import closed, parcels
from tests.gui.driving import choose_file, dialog, sentence_of, traced
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
    history = training.run.history
    qtbot.waitUntil(lambda: training.run.state is State.FINISHED and getattr(history.shown, "step", 0) == config.steps)


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


@pytest.mark.parametrize("kind", [each for each in network_formats() if each.writes], ids=lambda kind: kind.suffix)
def test_the_weights_of_the_cell_are_saved_for_other_programs(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, kind: Format
):
    traced(qtbot, window)
    window.commands.run("export weights")
    path = tmp_path / f"cell{kind.suffix}"
    saved(qtbot, window, path)
    W_f = read_network(path).layers[0].weights["W_f"]
    np.testing.assert_array_equal(W_f, window.model.document.weights["W_f"])


def test_the_weights_of_a_network_are_saved_with_all_its_layers(window: MainWindow, qtbot: QtBot, tmp_path: Path):
    window.stage.show_view("live")
    trained(qtbot, window)
    window.commands.run("export weights")
    saved(qtbot, window, tmp_path / "network.safetensors")
    found, shown = read_network(tmp_path / "network.safetensors"), window.training.controller.run.history.shown
    assert [layer.k for layer in found.layers] == [3, 3]
    assert shown is not None
    np.testing.assert_array_equal(found.layers[1].weights["W_o"], shown.weights[1]["W_o"])
    assert found.readout is not None
    window.commands.run("stop")
    qtbot.waitUntil(lambda: window.training.controller.run.state is State.STOPPED)


def test_a_cell_that_a_kind_of_file_has_not_is_refused_in_a_sentence(window: MainWindow, qtbot: QtBot, tmp_path: Path):
    window.commands.run("cell peephole")
    traced(qtbot, window)
    window.giving.weights.write(tmp_path / "cell.pt", window.model.document)
    assert ".npz" in sentence_of(qtbot, window)
    assert not (tmp_path / "cell.pt").exists()


def test_the_ending_of_the_name_decides_where_it_belongs_to_another_kind(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
):
    window.commands.run("export code")
    saved(qtbot, window, tmp_path / "cell.ipynb", "PyTorch")
    assert json.loads((tmp_path / "cell.ipynb").read_text("utf-8"))["nbformat"] == 4


def test_a_network_is_saved_whole_with_all_its_layers(window: MainWindow, qtbot: QtBot, tmp_path: Path):
    window.stage.show_view("live")
    trained(qtbot, window)
    window.commands.run("export code")
    saved(qtbot, window, tmp_path / "network.py", "NumPy")
    text = (tmp_path / "network.py").read_text("utf-8")
    assert "layer2 = {" in text
    assert "W_out" in text
    assert "step 3" in text.partition('"""')[2].partition('"""')[0]
    window.commands.run("stop")
    qtbot.waitUntil(lambda: window.training.controller.run.state is State.STOPPED)


def test_the_training_is_saved_as_a_script_and_copied_as_a_command(window: MainWindow, qtbot: QtBot, tmp_path: Path):
    window.training.controller.config = SMALL
    window.commands.run("export training")
    saved(qtbot, window, tmp_path / "train.py")
    assert "LAYERS = 2" in (tmp_path / "train.py").read_text("utf-8")
    window.commands.run("copy command")
    assert clipboard() == command_line(SMALL)


def test_a_training_that_cannot_be_a_script_is_refused_in_a_sentence(window: MainWindow, qtbot: QtBot, tmp_path: Path):
    window.giving.code.write_training(tmp_path / "train.py", replace(SMALL, clamped="f=1"))
    assert "clamps gates (f=1)" in sentence_of(qtbot, window)
    assert not list(tmp_path.glob("*.py"))


def test_a_place_that_cannot_be_written_is_said(window: MainWindow, qtbot: QtBot, tmp_path: Path):
    window.giving.numbers.write(tmp_path / "no folder" / "a.csv", [Table("a", lambda: "x\n1\n")])
    assert "cannot be written" in sentence_of(qtbot, window)


# ---- numbers


OF_A_RUN = ("live", "task", "flow", "slow-motion", "health", "text", "side-by-side")
"""Views that show a run; Compare has a test with its own."""


@pytest.mark.parametrize("name", [name for name in VIEWS if name not in ("compare", "library", *OF_A_RUN)])
def test_every_view_of_a_cell_has_numbers_to_save(name: str, window: MainWindow, qtbot: QtBot, tmp_path: Path):
    window.model.replace(load_example("four-steps"), "Four time steps")
    traced(qtbot, window)
    window.stage.show_view(name)
    view = window.stage.view(name)
    qtbot.waitUntil(lambda: bool(view.tables()))  # By hand computes its own numbers first
    check_numbers(view, tmp_path)


@pytest.mark.parametrize("name", OF_A_RUN)
def test_every_view_of_a_run_has_numbers_to_save(name: str, window: MainWindow, qtbot: QtBot, tmp_path: Path):
    window.stage.show_view(name)
    view, controller = window.stage.view(name), window.training.controller
    controller.config = replace(SMALL, steps=100_000_000, task="characters" if name == "text" else "adding")
    window.training.train()
    qtbot.waitUntil(lambda: controller.run.history.count > 3)
    if name == "slow-motion":
        window.commands.run("slow step")
    qtbot.waitUntil(lambda: bool(view.tables()))
    window.commands.run("stop")
    check_numbers(view, tmp_path)
    qtbot.waitUntil(lambda: controller.run.state is State.STOPPED)


def test_the_library_s_table_is_numbers_too(window: MainWindow, qtbot: QtBot, tmp_path: Path, runs_folder: Path):
    runs_folder.mkdir(exist_ok=True)
    closed(runs_folder / "a.lstmrec", parcels(20))
    window.stage.show_view("library")
    view = window.stage.view("library")
    qtbot.waitUntil(lambda: bool(view.tables()) and "Adding" in csv_of(view.tables()))
    check_numbers(view, tmp_path)


def check_numbers(view: View, folder: Path) -> None:
    """Write the numbers of a view as both kinds, and read them."""
    tables = [table.taken() for table in view.tables()]
    assert tables
    written = write_numbers(folder / "n.csv", tables)
    assert len(written) == len(tables)
    assert [path.is_file() for path in written] == [True] * len(tables)
    write_numbers(folder / "n.npz", tables)
    for path in written:
        with path.open(encoding="utf-8", newline="") as file:
            heads, *rows = csv.reader(file)
        assert heads
        assert rows
        assert len(set(heads)) == len(heads)
        assert {len(row) for row in rows} == {len(heads)}
    with np.load(folder / "n.npz", allow_pickle=False) as found:
        assert found.files


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


def test_each_of_several_tables_has_a_csv_of_its_own_that_numpy_reads(tmp_path: Path):
    losses = Table("Loss, all", lambda: "step,loss\n1,0.5\n2,\n")
    gates = Table("Gates: t = 1,282", lambda: "t,f 1\n1,0.25\n2,0.5\n3,0.75\n")
    written = write_numbers(tmp_path / "run.csv", [losses, gates, losses])
    assert [path.name for path in written] == ["run-loss-all.csv", "run-gates-t-1282.csv", "run-loss-all-2.csv"]
    assert not (tmp_path / "run.csv").exists()
    read = np.genfromtxt(written[1], delimiter=",", names=True)
    assert read["f_1"].tolist() == [0.25, 0.5, 0.75]
    assert np.isnan(np.genfromtxt(written[0], delimiter=",", names=True)["loss"][1])
    (tmp_path / "run-loss-all.csv").unlink()
    with pytest.raises(NumbersError, match=r"run-gates-t-1282\.csv and run-loss-all-2\.csv are there already"):
        write_numbers(tmp_path / "run.csv", [losses, gates, losses])
    assert not (tmp_path / "run-loss-all.csv").exists()
    assert write_numbers(tmp_path / "one.csv", [gates]) == [tmp_path / "one.csv"]


def test_several_tables_are_saved_from_the_window_and_each_file_is_named(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
):
    window.model.replace(load_example("four-steps"), "Four time steps")
    traced(qtbot, window)
    window.stage.show_view("layers")
    assert len(window.stage.view("layers").tables()) > 1
    window.commands.run("save numbers")
    choose_file(qtbot, window, tmp_path / "n.csv")
    qtbot.waitUntil(lambda: "tables in n-values.csv" in window.statusBar().currentMessage())
    assert (tmp_path / "n-values.csv").is_file()


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Adding problem, step 1,282", "adding-problem-step-1282"),
        ("a, b", "a-b"),
        ("x 1,2", "x-1-2"),
        ("…", "untitled"),
    ],
)
def test_the_name_that_is_offered_has_whole_numbers(words: str, name: str):
    assert file_name(words) == name
