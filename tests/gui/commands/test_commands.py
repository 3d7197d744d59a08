"""Commands carried out in the window, as a lesson would have them; and what is added by a row and a file."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout
from pytestqt.qtbot import QtBot

from engine.document.examples import load_example
from engine.runs.history import History
from engine.tasks.base import TaskFacts
from gui.appearance.stored import Stored
from gui.commands import table, views
from gui.commands.command import Command, CommandError
from gui.commands.keymap import FIXED
from gui.commands.menu import Menu
from gui.commands.table import commands
from gui.commands.views import VIEWS, PanelRow, ViewRow
from gui.training.docked import DockedPlot
from gui.views.base import Tools, View
from gui.views.library.library import LibraryView
from gui.window.main_window import MainWindow
from tests.gui.conftest import Windows
from tests.gui.driving import ALT, CONTROL, Key, press, traced

ROOT = Path(__file__).parents[3]


def test_every_command_does_something_and_knows_whether_it_can(window: MainWindow):
    for name in commands():
        bound = window.commands.bound(_example(name))
        assert bound.is_on() in (True, False)
        assert bound.is_possible() in (True, False)


def _example(name: str) -> str:
    """Return a command with what it needs."""
    needed = [argument for argument in commands()[name].arguments if argument.needed]
    return " ".join([name, *(argument.choices[0] if argument.choices else "1" for argument in needed)])


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_is_shown_by_its_word(window: MainWindow, name: str):
    window.commands.run(f"show {name}")
    assert window.stage.front == name
    checked = [view for view in VIEWS if window.actions_by_name[f"show {view}"].isChecked()]
    assert checked == [name]


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("trian adding steps=4000", "train"),
        ("seet m=4", "set"),
        ("st m=4", "set"),
        ("shwo sum", "show sum"),
        ("operations f_t t=2", "operation"),
    ],
)
def test_a_mistyped_command_is_named_whatever_follows_it(window: MainWindow, line: str, meant: str):
    with pytest.raises(CommandError, match=f"did you mean “{meant}”"):
        window.commands.run(line)


def test_the_menus_show_what_a_line_has_changed(window: MainWindow):
    actions, before = window.actions_by_name, window.training.recordings.on
    for state in ("off", "on"):
        window.commands.run(f"record {state}")
        assert actions["record"].isChecked() is (state == "on")
    for name in ("light", "system"):
        window.commands.run(f"theme {name}")
        assert [kind for kind in ("system", "light", "dark") if actions[f"theme {kind}"].isChecked()] == [name]
    library = window.stage.view("library")
    assert isinstance(library, LibraryView)
    library.footer.on.click()
    assert actions["record"].isChecked() is library.footer.on.isChecked()
    window.training.recordings.set_on(before)
    assert library.footer.on.isChecked() is before


def test_an_operation_is_gone_to(window: MainWindow, qtbot: QtBot):
    window.model.replace(load_example("four-steps"), "")
    traced(qtbot, window)
    window.commands.run("operation f_t t=2")
    operation = window.playback.operation
    assert operation is not None
    assert operation.name == "f_t"
    assert window.playback.t == 1
    window.commands.run("operation C_t")
    operation = window.playback.operation
    assert operation is not None
    assert operation.name == "C_t"
    assert window.playback.t == 1
    window.commands.run("backwards on")
    window.commands.run("operation i_t t=1")
    assert not window.stage.cell.backwards
    for line, sentence in (
        ("operation f_r", "This cell has no operation f_r; did you mean “f_t”?"),
        ("operation f_t t=9", "There is no time step 9; choose one from 1 to 4"),
    ):
        with pytest.raises(CommandError, match=re.escape(sentence)):
            window.commands.run(line)


def test_sizes_and_numbers_are_set_as_one_change(window: MainWindow):
    before = window.model.document
    window.commands.run("set m=2 n=3 C_0 = 1 0 0 x = 0.5 1; 2 3 b_f = 1 2 3")
    document = window.model.document
    assert (document.m, document.n, document.k) == (2, 3, 3)
    np.testing.assert_array_equal(document.c0, [1, 0, 0])
    np.testing.assert_array_equal(document.x, [[0.5, 1], [2, 3]])
    np.testing.assert_array_equal(document.weights["b_f"], [1, 2, 3])
    window.model.undo_stack.undo()
    assert window.model.document is before
    window.commands.run("set n=2 k=4")
    assert (window.model.document.n, window.model.document.k) == (2, 4)
    window.model.undo_stack.undo()
    window.commands.run("set n=4")
    assert (window.model.document.n, window.model.document.k) == (4, 4)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("set", "“set” needs a name and a value"),
        ("set W_g = 1", "“set” does not know W_g; did you mean “W_o”?"),
        ("set m=0", "“set”, m: m: expected a whole number from 1 to 4096, found 0"),
        ("set m=many", "“set”, m: “many” is not a number"),
        ("set C_0 = one", "“set”, C_0:"),
    ],
)
def test_what_cannot_be_set_is_refused(window: MainWindow, line: str, sentence: str):
    before = window.model.document
    with pytest.raises(CommandError) as refused:
        window.commands.run(line)
    assert str(refused.value).startswith(sentence)
    assert window.model.document is before


def test_numbers_that_do_not_fit_change_nothing(window: MainWindow, qtbot: QtBot):
    before = window.model.document
    with qtbot.waitSignal(window.model.message):
        window.commands.run("set C_0 = 1 0")
    assert window.model.document is before


def test_a_run_is_begun_with_settings(window: MainWindow, qtbot: QtBot):
    window.commands.run("train parity steps=3 batch_size=4")
    controller = window.training.controller
    qtbot.waitUntil(lambda: controller.run.history.count == 3)
    config = controller.run.config
    assert (config.task, config.steps, config.batch_size) == ("parity", 3, 4)
    for line, said in (
        ("train dancing", "dancing"),
        ("train adding batch_size=0", "from 1 to 4,096"),
        ("train pace=3", "pace"),
    ):
        with pytest.raises(CommandError, match=said):
            window.commands.run(line)
    controller.stop()
    qtbot.waitUntil(lambda: not controller.active)


# Keys


def test_f2_edits_in_a_table_and_shows_the_diagram_elsewhere(window: MainWindow, qtbot: QtBot):
    window.commands.run("show sum")
    table_ = window.weights.table
    table_.setFocus()
    table_.setCurrentIndex(table_.grid.index(0, 0))
    press(Key.Key_F2)
    assert window.stage.front == "sum"
    assert table_.state() is table_.State.EditingState
    press(Key.Key_Escape)
    window.stage.view("sum").setFocus()
    press(Key.Key_F2)
    assert window.stage.front == "diagram"


def _widen(window: MainWindow, qtbot: QtBot) -> None:
    window.commands.run("set m=200")
    qtbot.waitUntil(lambda: window.model.document.m == 200)
    traced(qtbot, window)


def test_0_is_typed_in_a_table_and_resets_the_zoom_elsewhere(window: MainWindow, qtbot: QtBot):
    _widen(window, qtbot)
    window.view.setFocus()
    column = window.scene.columns["x_t"]
    column.show_rows(10, 20)
    assert window.view.is_zoomed
    press(Key.Key_0)
    assert not window.view.is_zoomed
    assert column.rows.whole
    inputs = window.inputs.table
    inputs.setFocus()
    inputs.setCurrentIndex(inputs.grid.index(0, 0))
    press(Key.Key_0)
    assert inputs.state() is inputs.State.EditingState


def test_escape_leaves_an_editor_before_the_view(window: MainWindow, qtbot: QtBot):
    window.commands.run("show text")
    window.commands.run("show task")
    view = window.stage.view("task")
    editor = view.findChild(QLineEdit)
    assert editor is not None
    editor.setFocus()
    qtbot.waitUntil(editor.hasFocus)
    press(Key.Key_Escape)
    assert window.stage.front == "task"
    assert not editor.hasFocus()


def test_escape_leaves_the_innermost_first(window: MainWindow, qtbot: QtBot):
    _widen(window, qtbot)
    window.commands.run("show sizes")
    window.commands.run("show diagram")
    window.scene.columns["x_t"].show_rows(10, 20)
    press(Key.Key_F5)
    press(Key.Key_Escape)
    assert not window.view.is_zoomed
    assert window.presenting.on
    press(Key.Key_Escape)
    press(Key.Key_Escape)
    assert not window.presenting.on


def test_every_key_that_a_text_names_is_one():
    """Sentences of the program and the README name keys; each is in the table, or a view's own."""
    known = {QKeySequence(key).toString() for command in commands().values() for key in command.keys}
    own = {"Ctrl+Right", "Ctrl+Left", "Ctrl+C", "Ctrl+F", "Shift+Space", *FIXED}
    named = re.compile(
        r"\b(?:(?:Ctrl|Shift|Alt)\+)+(?:F\d+|End|Home|Space|Right|Left|[A-Z0-9,.])|\bF(?:1[0-2]|[1-9])\b"
    )
    wrong = set()
    places = ("gui/**/*.py", "engine/**/*.py", "resources/**/*.lstmviz", "resources/**/*.md", "README.md")
    for path in (path for place in places for path in ROOT.glob(place)):
        for found in named.findall(path.read_text("utf-8")):
            if QKeySequence(found).toString() not in known | own:
                wrong.add((path.relative_to(ROOT).as_posix(), found))
    assert wrong == set()


# What is added from outside


class ToyView(View):
    """Says a word."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self.words = QLabel()
        QVBoxLayout(self).addWidget(self.words)

    def refresh(self) -> None:
        self.words.setText(f"t = {self.t + 1}")


class ToyPlot(DockedPlot):
    """Counts the steps."""

    def __init__(self) -> None:
        super().__init__()
        self.words = QLabel()
        QVBoxLayout(self).addWidget(self.words)

    @classmethod
    def made(cls, tools: Tools) -> ToyPlot:
        return cls()

    def show_run(self, history: History, layers: int) -> None:
        self.words.setText("a run")

    def show_news(self, history: History, facts: TaskFacts | None) -> None:
        self.words.setText(f"{history.count} steps")


@pytest.fixture
def toys(monkeypatch: pytest.MonkeyPatch) -> None:
    """A view and a docked plot: a file, and a row each."""
    file = ModuleType("toys")
    file.ToyView, file.ToyPlot = ToyView, ToyPlot  # type: ignore[attr-defined]  # what the file holds
    monkeypatch.setitem(sys.modules, "toys", file)
    row = ViewRow("To&y", "train", ("Ctrl+0",), "Says which time step it is", "toys:ToyView")
    monkeypatch.setitem(views.VIEWS, "toy", row)
    monkeypatch.setitem(views.PANELS, "count", PanelRow("Count", "Counts", ("train",), "right", 60, "toys:ToyPlot"))


def test_a_view_and_a_plot_are_added_by_a_file_and_a_row(toys: None, windows: Windows, settings: Stored, qtbot: QtBot):
    window = windows.open(settings)
    press(Key.Key_0, CONTROL)
    assert window.stage.front == "toy"
    assert window.actions_by_name["show toy"].isChecked()
    view = window.stage.view("toy")
    assert isinstance(view, ToyView)
    assert view.words.text() == "t = 1"
    window.commands.run("one step")
    plot = window.training.plots["count"]
    assert isinstance(plot, ToyPlot)
    qtbot.waitUntil(lambda: plot.words.text() == "1 steps")
    assert window.docks.cards["count"].isVisible()
    window.commands.run("panel count off")
    assert not window.docks.cards["count"].isVisible()


def test_a_workspace_is_added_by_a_row(
    monkeypatch: pytest.MonkeyPatch, toys: None, windows: Windows, settings: Stored, qtbot: QtBot
):
    row = views.WorkspaceRow("&Games", ("Alt+7",), "A game, step by step")
    monkeypatch.setitem(views.WORKSPACES, "games", row)  # type: ignore[misc]  # a name that the program has not
    game = ViewRow("Ga&me", "games", (), "Says which time step it is", "toys:ToyView")  # type: ignore[arg-type]
    monkeypatch.setitem(views.VIEWS, "game", game)
    window = windows.open(settings)
    press(Key.Key_7, ALT)
    assert window.stage.front == "game"
    assert window.stage.workspace == "games"
    assert window.top.switch.buttons["games"].isChecked()
    assert window.top.switch.buttons["games"].text() == "Games"
    assert not any(card.isVisible() for card in window.docks.cards.values())
    assert window.actions_by_name["workspace games"].isChecked()
    press(Key.Key_2, ALT)
    assert window.stage.front == "diagram"
    window.commands.run("workspace games")
    assert window.stage.front == "game"


def test_a_command_is_added_by_a_row_and_a_function(
    monkeypatch: pytest.MonkeyPatch, windows: Windows, settings: Stored, qtbot: QtBot
):
    row = Command("sing", "Si&ng", "Sing a song", ("Ctrl+G",))
    sung: list[MainWindow] = []
    entries = table._help().entries
    monkeypatch.setattr(table, "_help", lambda: Menu("&Help", (*entries, row)))
    registers = MainWindow._register_commands

    def register(window: MainWindow) -> None:
        window.commands.register("sing", lambda: sung.append(window))
        registers(window)

    monkeypatch.setattr(MainWindow, "_register_commands", register)
    window = windows.open(settings)
    press(Key.Key_G, CONTROL)
    window.commands.run("sing")
    assert sung == [window, window]
