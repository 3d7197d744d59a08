"""The window as a lecturer drives it: keys, mouse, presenting, panels, and closing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QDockWidget, QFileDialog, QMenu, QMessageBox, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from engine.document.tracing import trace_document
from gui.appearance.stored import Stored
from gui.commands.command import Command
from gui.commands.menu import Menu
from gui.commands.table import commands, menus
from gui.diagram.formula_line import line_of
from gui.help.keys import KeysWindow
from gui.window.main_window import MainWindow
from tests.gui.conftest import Windows
from tests.gui.driving import (
    ALT,
    CONTROL,
    SHIFT,
    Key,
    answer,
    assert_diagram_shows_trace,
    choose_file,
    click,
    dialog,
    dialogs,
    drag,
    press,
    resting,
    traced,
    trigger,
    wait_until,
)

Button = QMessageBox.StandardButton


def open_example(qtbot: QtBot, window: MainWindow, name: str) -> None:
    before = window.model.document
    window.files.open_example(name)
    qtbot.waitUntil(lambda: window.model.document is not before)
    traced(qtbot, window)


# What opens


def test_the_worked_example_opens_first(own_window: MainWindow):
    assert own_window.model.shown.name == "Worked example"
    assert own_window.windowTitle() == "Worked example – LSTM Visualizer"
    assert own_window.playback.position == 0
    assert own_window.formula.line is None
    assert not own_window.model.unsaved
    columns = own_window.scene.columns
    assert columns["x_t"].texts == ["1", "2", "3"]
    assert columns["h_prev"].texts == ["4", "5", "6"]
    assert_diagram_shows_trace(own_window)


@pytest.mark.parametrize(("before", "after"), [("live", "diagram"), ("library", "diagram"), ("sum", "sum")])
def test_an_example_is_seen_wherever_it_is_opened(window: MainWindow, qtbot: QtBot, before: str, after: str):
    window.stage.show_view(before)
    open_example(qtbot, window, "four-steps")
    assert window.stage.front == after


# Playback


def test_space_moves_then_rests_and_shift_space_takes_back(window: MainWindow, qtbot: QtBot):
    window.playback.set_speed(0.25)  # a busy machine may take a while to come here
    press(Key.Key_Space)
    assert window.playback.position == 1
    assert window.playback.moment.moving
    resting(qtbot, window.playback)
    window.playback.set_speed(4)
    assert not window.playback.playing
    assert_diagram_shows_trace(window)
    press(Key.Key_Space)
    resting(qtbot, window.playback)
    assert window.scene.columns["z_f"].texts == ["91", "175", "133"]
    press(Key.Key_Space, SHIFT)
    assert window.playback.position == 1
    assert not window.playback.moment.moving
    assert_diagram_shows_trace(window)
    press(Key.Key_PageDown)
    resting(qtbot, window.playback)
    assert window.playback.position == 2
    press(Key.Key_PageUp)
    assert window.playback.position == 1
    press(Key.Key_Home)
    assert window.playback.position == 0
    assert_diagram_shows_trace(window)


def test_an_output_fills_in_only_while_its_operation_is_computed(window: MainWindow, qtbot: QtBot):
    column = window.scene.columns["xh"]
    window.playback.set_speed(0.25)
    press(Key.Key_Space)
    assert column.texts == []
    fills: list[bool] = []
    window.view.painted.connect(lambda: fills.append(bool(column.texts)))
    resting(qtbot, window.playback)
    qtbot.waitUntil(lambda: bool(fills) and fills[-1])
    assert fills == sorted(fills)
    assert not fills[0]


def test_every_number_is_the_traces_after_every_operation(window: MainWindow, qtbot: QtBot):
    window.playback.set_speed(4)
    assert_diagram_shows_trace(window)
    for position in range(1, window.playback.last + 1):
        press(Key.Key_Space)
        resting(qtbot, window.playback)
        assert window.playback.position == position
        assert_diagram_shows_trace(window)
    columns = window.scene.columns
    assert columns["z_f"].texts == ["92", "177", "136"]
    assert columns["f_t"].texts == ["1.00", "1.00", "1.00"]
    assert columns["z_i"].texts == ["22", "43", "64"]


@pytest.mark.parametrize("key", [Key.Key_Return, Key.Key_Enter])
def test_return_plays_through_to_the_end(window: MainWindow, qtbot: QtBot, key: Key):
    window.playback.set_speed(4)
    window.playback.seek(window.playback.last - 3)
    press(key)
    assert window.playback.playing
    qtbot.waitUntil(lambda: not window.playback.playing)
    assert window.playback.position == window.playback.last
    assert_diagram_shows_trace(window)


def test_return_pauses_what_plays(window: MainWindow):
    press(Key.Key_Return)
    assert window.playback.playing
    press(Key.Key_Return)
    assert not window.playback.playing


def test_the_formula_line_shows_the_operation_with_its_numbers(window: MainWindow, qtbot: QtBot):
    trace = traced(qtbot, window)
    for position, operation in enumerate(trace.cell.operations, 1):
        window.playback.seek(position)
        shown, expected = window.formula.line, line_of(trace, 0, operation.name)
        assert shown is not None
        assert (shown.symbols, shown.shapes, shown.sizes) == (expected.symbols, expected.shapes, expected.sizes)
        assert shown.numbers(4, 8) == expected.numbers(4, 8)
    window.playback.seek(3)
    line = window.formula.line
    assert line is not None
    assert line.sizes == "3×1 = 3×6 · 6×1 + 3×1"
    qtbot.waitUntil(lambda: window.formula.numbers is not None and not window.formula.numbers.missing)
    assert window.formula.numbers is not None
    written = [entry.text for entry in window.formula.numbers.entries if entry.name == "z_f"]
    assert written == ["92", "177", "136"]
    press(Key.Key_Home)
    assert window.formula.line is None


def test_the_timeline_is_dragged_to_an_operation(window: MainWindow, qtbot: QtBot):
    timeline = window.timeline
    y = timeline._dots_y()
    start, end = QPointF(timeline.dots[0], y), QPointF(timeline.dots[9], y)
    seen: list[int] = []
    window.playback.moved.connect(lambda: seen.append(window.playback.position))
    drag(qtbot, timeline, start, QPointF(timeline.dots[4], y), end)
    assert seen[0] == 1
    assert 5 in seen
    assert window.playback.position == 10
    assert_diagram_shows_trace(window)


def test_the_timeline_is_dragged_to_a_time_step(window: MainWindow, qtbot: QtBot):
    open_example(qtbot, window, "four-steps")
    bar = window.timeline._bar()

    def part(t: int) -> QPointF:
        return QPointF(bar.left() + bar.width() * (t + 0.5) / 4, bar.center().y())

    drag(qtbot, window.timeline, part(0), part(1), part(2))
    assert window.playback.moment.t == 2
    assert window.playback.moment.done == len(window.playback.leg.stops)
    assert_diagram_shows_trace(window)
    y = window.timeline._dots_y()
    click(qtbot, window.timeline, QPointF(window.timeline.dots[5], y).toPoint())
    assert (window.playback.moment.t, window.playback.moment.done) == (2, 6)
    assert_diagram_shows_trace(window)


def test_a_walk_over_several_steps_carries_the_state(window: MainWindow, qtbot: QtBot):
    open_example(qtbot, window, "four-steps")
    window.playback.set_speed(4)
    trace = trace_document(window.model.document)
    window.playback.seek_step(0)
    press(Key.Key_Space)
    resting(qtbot, window.playback)
    assert window.playback.moment.t == 1
    assert_diagram_shows_trace(window)
    columns = window.scene.columns
    assert columns["h_prev"].values.tolist() == trace.steps[0]["h_t"].tolist()
    assert columns["C_prev"].values.tolist() == trace.steps[0]["C_t"].tolist()


def test_speed_by_slider_and_by_keys(window: MainWindow):
    slider = window.transport.speed
    slider.setValue(slider.maximum())
    assert window.playback.speed == 4
    slider.setValue(slider.minimum())
    assert window.playback.speed == 0.25
    slider.setValue(0)
    assert window.playback.speed == 1
    press(Key.Key_Plus, CONTROL)
    assert window.playback.speed == 2
    press(Key.Key_Minus, CONTROL)
    press(Key.Key_Minus, CONTROL)
    assert window.playback.speed == 0.5


def test_the_buttons_do_what_the_keys_do(window: MainWindow, qtbot: QtBot):
    def button(name: str) -> QToolButton:
        found = window.transport.findChild(QToolButton, name)
        assert found is not None
        return found

    window.playback.set_speed(4)
    click(qtbot, button("nextOperation"))
    resting(qtbot, window.playback)
    assert window.playback.position == 1
    click(qtbot, button("back"))
    assert window.playback.position == 0
    click(qtbot, button("play"))
    assert window.playback.playing
    click(qtbot, button("restart"))
    assert not window.playback.playing
    assert window.playback.position == 0


def test_closing_while_it_plays_leaves_no_fault(windows: Windows, own_window: MainWindow, qtbot: QtBot):
    own_window.playback.set_speed(4)
    press(Key.Key_Return)
    own_window.close()
    qtbot.waitUntil(lambda: not own_window.isVisible())
    # Were it still playing, it would ask for formulas from a thread that has ended.
    with qtbot.assertNotEmitted(own_window.playback.moved, wait=400):
        pass
    windows.gone(own_window)


# Layers


@pytest.mark.parametrize("layer", ["W_f", "W_i", "W_C", "W_o"])
def test_a_click_on_a_layer_chooses_its_weights(window: MainWindow, qtbot: QtBot, layer: str):
    window.weights.choose("W_o" if layer != "W_o" else "W_f")
    window.docks.cards["weights"].hide()
    node = next(node for node in window.scene._nodes.values() if node.node.layer == layer)
    click(qtbot, window.view.viewport(), window.view.mapFromScene(node.scenePos()))
    assert window.weights.chosen == layer
    assert window.docks.cards["weights"].isVisible()


def test_a_click_on_a_knot_chooses_nothing(window: MainWindow, qtbot: QtBot):
    for node in window.scene._nodes.values():
        if node.node.layer is None:
            click(qtbot, window.view.viewport(), window.view.mapFromScene(node.scenePos()))
    assert window.weights.chosen == "W_f"


# Presenting


def test_presenting_shows_diagram_and_formula_alone(own_window: MainWindow, qtbot: QtBot):
    docks = own_window.findChildren(QDockWidget)
    height = own_window.docks.cards["weights"].height()
    own_window.docks.cards["inputs"].hide()
    qtbot.waitUntil(lambda: own_window.docks.cards["weights"].height() > height + 100)
    before = {dock.objectName(): (dock.isVisible(), dock.size()) for dock in docks}
    own_window.playback.set_speed(4)
    own_window.playback.seek(4)
    press(Key.Key_F5)
    assert own_window.isFullScreen()
    assert own_window.actions_by_name["present"].isChecked()
    assert not any(dock.isVisible() for dock in docks)
    for hidden in (own_window.menuWidget(), own_window.statusBar(), own_window.timeline):
        assert not hidden.isVisible()
    assert own_window.view.isVisible()
    assert own_window.formula.isVisible()
    # 18 pt on a screen of 1080 lines at 96 dots an inch are 24 pixels.
    assert all(column.smallest_text_px >= 23.5 for column in own_window.scene.columns.values())
    assert own_window.playback.position == 4
    press(Key.Key_PageDown)
    resting(qtbot, own_window.playback)
    assert own_window.playback.position == 5
    assert_diagram_shows_trace(own_window)
    press(Key.Key_PageUp)
    assert own_window.playback.position == 4
    press(Key.Key_Escape)
    assert own_window.isFullScreen()
    assert own_window.presenting.question.isVisible()
    assert own_window.presenting.question.fontInfo().pixelSize() >= 23.5
    press(Key.Key_Escape)
    assert not own_window.isFullScreen()
    assert not own_window.actions_by_name["present"].isChecked()
    assert own_window.playback.position == 4
    assert all(column.smallest_text_px == 12 for column in own_window.scene.columns.values())
    for shown in (own_window.menuWidget(), own_window.statusBar(), own_window.timeline):
        assert shown.isVisible()

    def back() -> None:
        assert {dock.objectName(): (dock.isVisible(), dock.size()) for dock in docks} == before

    qtbot.waitUntil(back)


def test_numbers_in_the_hall_are_large_enough_or_left_out(window: MainWindow, qtbot: QtBot):
    press(Key.Key_F5)
    window.playback.seek(window.playback.last)
    qtbot.waitUntil(lambda: window.view.height() > 700)
    scale = window.view.transform().m11()
    for column in window.scene.columns.values():
        assert column.cell_height * scale >= 24, f"no room for letters of 18 pt in {column.name}"


def test_a_new_cell_while_presenting_keeps_the_letters_of_the_hall(window: MainWindow, qtbot: QtBot):
    press(Key.Key_F5)
    window.model.edit(window.model.document.resized(projected=True), "unlink")
    traced(qtbot, window)
    assert "r_t" in window.scene.columns
    assert all(column.smallest_text_px >= 23.5 for column in window.scene.columns.values())
    press(Key.Key_Escape)


def test_escape_does_nothing_when_not_presenting(window: MainWindow):
    press(Key.Key_Escape)
    assert window.isVisible()
    assert window.docks.cards["weights"].isVisible()


# Panels


def places(window: MainWindow) -> dict[str, tuple[bool, object, bool]]:
    return {
        dock.objectName(): (not dock.isHidden(), window.dockWidgetArea(dock), dock.isFloating())
        for dock in window.findChildren(QDockWidget)
    }


EXPLORE, TRAIN = {"sizes", "weights", "inputs"}, {"training"}


def shown_cards(window: MainWindow) -> set[str]:
    return {name for name, card in window.docks.cards.items() if not card.isHidden()}


def test_each_workspace_has_its_own_panels_and_remembers_them(windows: Windows, settings: Stored, qtbot: QtBot):
    first = windows.open(settings)
    standard = places(first)
    assert shown_cards(first) == EXPLORE
    first.docks.cards["inputs"].hide()
    press(Key.Key_3, ALT)
    assert first.stage.workspace == "train"
    assert shown_cards(first) == TRAIN
    first.commands.run("panel loss on")
    first.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, first.docks.cards["loss"])
    of_training = places(first)
    press(Key.Key_2, ALT)
    assert shown_cards(first) == EXPLORE - {"inputs"}
    of_exploring = places(first)
    press(Key.Key_5, ALT)
    assert first.stage.front == "library"
    assert shown_cards(first) == set()
    press(Key.Key_2, ALT)
    windows.close(first)
    second = windows.open(settings)
    assert places(second) == of_exploring
    press(Key.Key_3, ALT)
    assert places(second) == of_training
    press(Key.Key_2, ALT)
    trigger(second, "reset layout")
    assert places(second) == standard


def test_a_workspace_comes_back_to_the_view_that_was_in_front(window: MainWindow):
    press(Key.Key_F4)
    press(Key.Key_5, CONTROL)
    assert (window.stage.workspace, window.stage.front) == ("train", "health")
    press(Key.Key_2, ALT)
    assert window.stage.front == "sizes"
    press(Key.Key_3, ALT)
    assert window.stage.front == "health"
    assert window.top.switch.buttons["train"].isChecked()
    press(Key.Key_F2)
    assert window.top.switch.buttons["explore"].isChecked()


def test_the_panel_is_folded_and_opened(own_window: MainWindow, qtbot: QtBot):
    press(Key.Key_0, ALT)
    assert shown_cards(own_window) == set()
    assert own_window.docks.unfold.isVisible()
    click(qtbot, own_window.docks.unfold)
    assert shown_cards(own_window) == EXPLORE
    assert not own_window.docks.unfold.isVisible()


def test_a_narrow_window_folds_the_panel_and_a_low_one_makes_tabs_of_it(own_window: MainWindow, qtbot: QtBot):
    own_window.resize(1000, 700)
    qtbot.waitUntil(lambda: own_window.docks.unfold.isVisible())
    assert shown_cards(own_window) == set()
    own_window.resize(1300, 560)
    qtbot.waitUntil(lambda: shown_cards(own_window) == EXPLORE)
    assert own_window.tabifiedDockWidgets(own_window.docks.cards["sizes"])
    own_window.resize(1300, 900)
    qtbot.waitUntil(lambda: not own_window.tabifiedDockWidgets(own_window.docks.cards["sizes"]))
    assert shown_cards(own_window) == EXPLORE


def test_an_arrangement_of_an_older_version_is_replaced_and_said(windows: Windows, settings: Stored, qtbot: QtBot):
    settings.setValue("layout", b"of an older version")
    window = windows.open(settings)
    qtbot.waitUntil(lambda: "arranges its own panels" in window.statusBar().currentMessage())
    assert not settings.contains("layout")


def test_a_panel_is_hidden_and_shown_by_its_menu_entry(window: MainWindow, qtbot: QtBot):
    trigger(window, "show task")
    dock = window.docks.cards["prediction"]
    assert not dock.isVisible()
    trigger(window, "panel prediction")
    assert dock.isVisible()
    trigger(window, "panel prediction")
    assert not dock.isVisible()


def test_a_layout_that_is_damaged_does_not_block_the_start(windows: Windows, settings: Stored):
    settings.setValue("geometry", b"nonsense")
    settings.setValue("places/explore", b"nonsense")
    settings.setValue("training", "[1, 2")
    settings.setValue("theme", "mauve")
    window = windows.open(settings, None)
    assert shown_cards(window) == EXPLORE


# Actions


def test_every_entry_of_the_menus_says_what_it_does(window: MainWindow):
    listed = [command for menu in menus() for command in menu.commands]
    assert list(window.actions_by_name) == [command.id for command in listed]
    for command in listed:
        action = window.actions_by_name[command.id]
        assert command.sentence in action.toolTip()
        assert [key.toString() for key in action.shortcuts()] == [QKeySequence(key).toString() for key in command.keys]
        assert all(not key.isEmpty() for key in action.shortcuts()), f"{command.id} has a key that Qt does not know"


def test_everything_can_be_reached_by_the_menus(window: MainWindow):
    """Each command that needs to be told nothing stands in one menu; of the others, each choice does."""
    entries = Counter(action.objectName() for action in _entries(window.menuWidget().findChildren(QMenu)))
    assert set(entries.values()) == {1}
    for command in commands().values():
        needed = [argument for argument in command.arguments if argument.needed]
        if not needed and not command.others:
            assert command.id in entries
        elif needed and needed[0].choices:
            assert {f"{command.id} {choice}" for choice in needed[0].choices} <= entries.keys()
    assert all(window.commands.bound(name) for name in entries)


def _entries(menus: Iterable[QMenu]) -> list[QAction]:
    return [action for menu in menus for action in menu.actions() if action.objectName()]


@pytest.mark.parametrize(
    "menu", [*menus(), *(entry for menu in menus() for entry in menu.entries if isinstance(entry, Menu))]
)
def test_no_two_entries_of_a_menu_have_the_same_letter(menu: Menu):
    words = [entry.words for entry in menu.entries if isinstance(entry, Command | Menu)]
    letters = Counter(entry[entry.index("&") + 1].casefold() for entry in words if "&" in entry)
    assert [letter for letter, count in letters.items() if count > 1] == []


def test_keys_are_few_and_none_is_taken_by_the_desktop_or_twice():
    keys = Counter(QKeySequence(key).toString() for command in commands().values() for key in command.keys)
    assert set(keys.values()) == {1}
    assert sum(bool(command.keys) for command in commands().values()) <= 75
    assert not [key for key in keys if "Ctrl+Alt" in key or key == "Shift+F10"]


def sentences_in(box: KeysWindow) -> list[str]:
    """The sentence of every line that is not hidden."""
    menus_shown = [box.lines.topLevelItem(place) for place in range(box.lines.topLevelItemCount())]
    lines = [menu.child(place) for menu in menus_shown for place in range(menu.childCount())]
    return [line.text(1) for line in lines if not line.isHidden()]


def test_the_list_of_keys_names_every_command_that_has_one_and_finds_the_others(window: MainWindow, qtbot: QtBot):
    press(Key.Key_F1, CONTROL)
    box = dialog(qtbot, window, KeysWindow)
    shown = sentences_in(box)
    assert shown == [command.sentence for menu in menus() for command in menu.commands if command.keys]
    box.search.setText("xavier")
    assert commands()["fill xavier"].sentence in set(sentences_in(box))
    box.reject()


def test_the_list_of_keys_is_searched_by_words_and_by_keys(window: MainWindow, qtbot: QtBot):
    press(Key.Key_F1, CONTROL)
    box = dialog(qtbot, window, KeysWindow)
    assert box.height() <= 0.9 * window.screen().availableGeometry().height()

    def found(words: str) -> set[str]:
        box.search.setText(words)
        return set(sentences_in(box))

    train, save, save_as = (commands()[name].sentence for name in ("train", "save", "save as"))
    assert train in found("ctrl+t")
    assert save not in found("ctrl+t")
    assert save_as in found("SAVE name")
    assert train not in found("SAVE name")
    box.search.setFocus()
    press(Key.Key_Return)
    assert box.isVisible()
    assert found("no such thing") == set()
    assert {train, save, save_as} <= found("")
    box.reject()


def _meet(one: QWidget, other: QWidget) -> bool:
    """Whether two widgets overlap on the screen."""
    first, second = (QRect(widget.mapToGlobal(QPoint(0, 0)), widget.size()) for widget in (one, other))
    return first.intersects(second)


def test_before_a_first_run_its_time_line_takes_no_room_from_the_numbers(own_window: MainWindow, qtbot: QtBot):
    window = own_window
    window.resize(1280, 720)
    qtbot.waitUntil(lambda: not _meet(window.stage._tabs.bar, window.stage.turn))
    for _ in range(2):
        QApplication.processEvents()  # the tabs have found their line, and the formula line its height
    assert window.stage.run_timeline is not None
    assert not window.stage.run_timeline.isVisible()
    room = window.view.height()
    press(Key.Key_F4)
    press(Key.Key_F2)
    qtbot.waitUntil(lambda: window.view.height() == room)  # nothing had to come or go


def test_what_a_number_is_made_of_stands_below_the_formula(window: MainWindow, qtbot: QtBot):
    window.playback.seek(3)
    traced(qtbot, window)
    before = window.formula.grab().toImage()
    window.scene.rested.emit("z_f", 0)
    assert window.formula._resting.startswith("z_f[1] = 92, computed from row 1 of W_f")
    assert window.formula.grab().toImage() != before
    window.scene.rested.emit("z_f", None)
    assert window.formula._resting == ""
    window.playback.restart()
    before = window.formula.grab().toImage()
    window.scene.rested.emit("x_t", 0)
    assert window.formula.grab().toImage() != before  # also before the first operation
    window.scene.rested.emit("x_t", None)


def test_ctrl_d_with_a_view_of_the_training_in_front_shows_the_diagram(own_window: MainWindow, qtbot: QtBot):
    window = own_window
    window.stage.show_view("health")
    window.actions_by_name["show network"].trigger()
    assert window.stage.front == "health"  # there is no network yet
    window.actions_by_name["one step"].trigger()
    controller = window.training.controller
    wait_until(lambda: controller.run.history.shown is not None and controller.run.history.shown.step == 1, 60_000)
    window.actions_by_name["show network"].trigger()
    assert window.stage.front == "diagram"
    wait_until(lambda: window.windowTitle() == "Adding problem, LSTM 16, step 1, paused – LSTM Visualizer")


def test_about_says_what_it_is(window: MainWindow, qtbot: QtBot):
    trigger(window, "about")
    box = dialog(qtbot, window, QMessageBox)
    assert "LSTM Visualizer" in box.text()
    assert "MIT" in box.informativeText()
    box.reject()


# Unsaved changes


def change(window: MainWindow) -> None:
    window.inputs.add_step()
    assert window.model.unsaved


def test_the_title_shows_what_is_unsaved(window: MainWindow):
    change(window)
    assert window.windowTitle() == "Worked example * – LSTM Visualizer"
    press(Key.Key_Z, CONTROL)
    assert window.windowTitle() == "Worked example – LSTM Visualizer"


def test_closing_asks_and_cancel_keeps_the_window(own_window: MainWindow, qtbot: QtBot):
    change(own_window)
    press(Key.Key_Q, CONTROL)
    box = dialog(qtbot, own_window, QMessageBox)
    assert "Worked example" in box.text()
    answer(qtbot, box, Button.Cancel)
    assert own_window.isVisible()
    assert own_window.model.unsaved
    # Still alive: the next key does something, and closing asks again.
    press(Key.Key_Z, CONTROL)
    assert not own_window.model.unsaved


def test_closing_and_discarding_closes(windows: Windows, own_window: MainWindow, qtbot: QtBot):
    change(own_window)
    own_window.close()
    box = dialog(qtbot, own_window, QMessageBox)
    answer(qtbot, box, Button.Discard)
    windows.gone(own_window)


def test_closing_and_saving_a_file_saves_and_closes(
    windows: Windows, own_window: MainWindow, qtbot: QtBot, tmp_path: Path
):
    path = tmp_path / "mine.lstmviz"
    own_window.files.save_dialog()
    choose_file(qtbot, own_window, path)
    qtbot.waitUntil(path.exists)
    qtbot.waitUntil(lambda: own_window.model.shown.path == path)
    change(own_window)
    own_window.close()
    answer(qtbot, dialog(qtbot, own_window, QMessageBox), Button.Save)
    windows.gone(own_window)
    assert len(json.loads(path.read_text("utf-8"))["x"]) == 2


def test_closing_and_saving_what_has_no_file_asks_where(
    windows: Windows, own_window: MainWindow, qtbot: QtBot, tmp_path: Path
):
    change(own_window)
    own_window.close()
    answer(qtbot, dialog(qtbot, own_window, QMessageBox), Button.Save)
    dialog(qtbot, own_window, QFileDialog).reject()
    assert own_window.isVisible()
    qtbot.waitUntil(lambda: not dialogs(own_window, QFileDialog))
    own_window.close()
    answer(qtbot, dialog(qtbot, own_window, QMessageBox), Button.Save)
    choose_file(qtbot, own_window, tmp_path / "new.lstmviz")
    windows.gone(own_window)
    assert (tmp_path / "new.lstmviz").exists()


def test_a_window_without_changes_closes_at_once(windows: Windows, own_window: MainWindow):
    press(Key.Key_Q, CONTROL)
    windows.gone(own_window)
    assert QApplication.instance() is not None


def test_new_takes_the_sizes_that_are_set(window: MainWindow, qtbot: QtBot):
    change(window)
    press(Key.Key_N, CONTROL)
    answer(qtbot, dialog(qtbot, window, QMessageBox), Button.Discard)
    assert window.model.shown.name == "New cell"
    assert not window.model.unsaved
    document = window.model.document
    assert (document.m, document.n, document.k, len(document.x)) == (3, 3, 3, 1)
    assert not document.x.any()
    traced(qtbot, window)
    assert_diagram_shows_trace(window)


def test_fill_all_weights_by_the_menu(window: MainWindow, qtbot: QtBot):
    trigger(window, "fill zeros")
    assert not any(value.any() for value in window.model.document.weights.values())
    trigger(window, "fill ones")
    assert all((value == 1).all() for value in window.model.document.weights.values())
    press(Key.Key_Z, CONTROL)
    press(Key.Key_Z, CONTROL)
    traced(qtbot, window)
    window.playback.seek(3)
    assert window.scene.columns["z_f"].texts == ["92", "177", "136"]
