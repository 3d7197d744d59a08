"""What the tests of the window share: keys, clicks, dialogs, and the numbers that must be on the screen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

import numpy as np
import psutil
import shiboken6
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLineEdit,
    QMessageBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.cell.graph import Operation
from engine.cell.trace import Trace
from engine.document.tracing import trace_document
from engine.text import numbers
from gui.jobs.background import Background
from gui.matrix.number_table import NumberTable
from gui.playback.playback import Playback
from gui.window.main_window import MainWindow
from tests.gui.waiting import wait
from tests.quick_children import parent_of_children

Key = Qt.Key
CONTROL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)
NONE = Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton

_OURS = ("training", "documents", "typesetting", "devices", "columns", "recordings")

PATIENCE_MS = 60_000
"""How long a test waits for what must come, however busy the machine is."""

W = TypeVar("W", bound=QWidget)


class PatientBot(QtBot):
    """pytest-qt's, with more patience."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = PATIENCE_MS) -> None:
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: Any, *, timeout: int = PATIENCE_MS, **more: Any) -> Any:
        return super().waitSignal(signal, timeout=timeout, **more)


def ours(threads: Iterable[Thread]) -> list[str]:
    """Names of the threads that a window starts."""
    return [thread.name for thread in threads if thread.name.startswith(_OURS)]


def close_background(part: QObject) -> None:
    """Let a part of no window hear nothing any more of what it does in the background, as a window does that closes."""
    for background in part.findChildren(Background):
        background.close()


def children() -> list[int]:
    """Process ids of all children that live, but for Python's own tracker of shared memory and what they come from."""
    found = []
    for child in psutil.Process().children(recursive=True):
        if child.pid == parent_of_children():
            continue
        try:
            if "resource_tracker" not in " ".join(child.cmdline()) and child.status() != psutil.STATUS_ZOMBIE:
                found.append(child.pid)
        except psutil.NoSuchProcess:
            continue
    return found


def wait_until(condition: Callable[[], bool], timeout_ms: int = PATIENCE_MS) -> None:
    """As qtbot's, for what lives longer than a test."""
    deadline = time.monotonic() + timeout_ms / 1000
    while not condition():
        assert time.monotonic() < deadline, f"waited {timeout_ms} ms"
        wait(5)


def show_plots(window: MainWindow, *, view: str = "task") -> None:
    """Go to the training and put every plot of the run beside the view."""
    window.stage.show_view(view)
    for name in window.training.plots:
        window.commands.run(f"panel {name} on")


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    """Press a key as a keyboard does: it goes to the window that has the focus, which decides whose it is."""
    window = QGuiApplication.focusWindow()
    assert window is not None, "no window has the keyboard"
    QTest.keyClick(window, key, modifiers)


def write(text: str) -> None:
    """Type a text, character by character, into whatever has the focus."""
    window = QGuiApplication.focusWindow()
    assert window is not None, "no window has the keyboard"
    for character in text:
        QTest.keyClick(window, character)


def click(qtbot: QtBot, widget: QWidget, at: QPoint | None = None) -> None:
    qtbot.mouseClick(widget, LEFT, NONE, at if at is not None else widget.rect().center())


def drag(qtbot: QtBot, widget: QWidget, start: QPointF, *others: QPointF) -> None:
    """Press at a point, move over the others, let go at the last."""
    qtbot.mousePress(widget, LEFT, NONE, start.toPoint())
    for point in others:
        move(widget, point, LEFT)
    qtbot.mouseRelease(widget, LEFT, NONE, others[-1].toPoint())


def move(widget: QWidget, to: QPointF, held: Qt.MouseButton = Qt.MouseButton.NoButton) -> None:
    """Move the mouse over a widget, with a button held or with none; QTest can only do the latter, and not here."""
    at_screen = QPointF(widget.mapToGlobal(to.toPoint()))
    event = QMouseEvent(QEvent.Type.MouseMove, to, at_screen, Qt.MouseButton.NoButton, held, NONE)
    QApplication.sendEvent(widget, event)


def turn_wheel(widget: QWidget, degrees: int = 30) -> None:
    """Turn the mouse's wheel over the middle of a widget."""
    at = QPointF(widget.rect().center())
    at_screen = QPointF(widget.mapToGlobal(at.toPoint()))
    turned, phase = QPoint(0, 8 * degrees), Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(at, at_screen, QPoint(), turned, Qt.MouseButton.NoButton, NONE, phase, False)
    QApplication.sendEvent(widget, event)


def resting(qtbot: QtBot, playback: Playback) -> None:
    """Wait until the operation that is being computed is complete."""
    qtbot.waitUntil(lambda: not playback.moment.moving)


def traced(qtbot: QtBot, window: MainWindow) -> Trace:
    """Wait until the document on the screen has its trace, and return it."""
    qtbot.waitUntil(lambda: window.model.trace is not None)
    return window.model.trace  # type: ignore[return-value]  # waited for


def assert_diagram_shows_trace(window: MainWindow) -> None:
    """Every column of the diagram shows the newest of its values that is computed, number for number.

    The numbers are computed here from the document, not taken from the window.
    """
    trace = trace_document(window.model.document)
    moment = window.playback.moment
    assert not moment.moving
    finished = [operation.name for operation in trace.cell.operations[: moment.done]]
    computed = {item.name for item in trace.cell.inputs} | set(finished)
    shown = set()
    for key, column in window.scene.columns.items():
        here = [name for name in column.slot.values if name in computed]
        if not here:
            assert column.texts == [], f"{key} shows numbers that are not computed"
            continue
        name = here[-1]
        expected = np.asarray(trace.steps[moment.t][name])
        assert column.name == name
        np.testing.assert_array_equal(column.values, expected)
        item = trace.cell.described(name)
        rounds = isinstance(item, Operation) and item.kind.rounds
        assert column.texts == numbers.column(expected.tolist(), rounds)
        shown.update(here)
    assert shown == computed, "a value that is computed has no column"


def dialogs(window: QWidget, kind: type[W]) -> list[W]:
    """Dialogs of a kind that are open now."""
    return [dialog for dialog in window.findChildren(kind) if dialog.isVisible()]


def dialog(qtbot: QtBot, window: QWidget, kind: type[W]) -> W:
    """Wait for a dialog of a kind; exactly one must be open."""
    qtbot.waitUntil(lambda: bool(dialogs(window, kind)))
    (found,) = dialogs(window, kind)
    return found


def answer(qtbot: QtBot, box: QMessageBox, button: QMessageBox.StandardButton) -> None:
    """Click a button of a message box."""
    found: QAbstractButton | None = box.button(button)
    assert found is not None
    window = box.parentWidget()
    click(qtbot, found)
    qtbot.waitUntil(lambda: not alive(box) or not box.isVisible())
    activate(qtbot, window)


def activate(qtbot: QtBot, window: QWidget) -> None:
    """Give the keyboard back to a window after a dialog, as a window manager does."""
    if window.isVisible():
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)


def sentence_of(qtbot: QtBot, window: QWidget) -> str:
    """Wait for a warning, return its sentence, and click it away."""
    box = dialog(qtbot, window, QMessageBox)
    text = box.text()
    answer(qtbot, box, QMessageBox.StandardButton.Ok)
    return text


def choose_file(qtbot: QtBot, window: QWidget, path: Path) -> None:
    """Put a path into the file dialog that is open, and click its button."""
    box = dialog(qtbot, window, QFileDialog)
    line, buttons = box.findChild(QLineEdit, "fileNameEdit"), box.findChild(QDialogButtonBox)
    assert line is not None
    assert buttons is not None
    box.setDirectory(str(path.parent))  # a file of the proposed name in the folder before would be chosen instead
    line.setText(str(path))  # typing would open a completer, which the offscreen platform cannot
    kind = QDialogButtonBox.StandardButton
    click(qtbot, buttons.button(kind.Save if box.acceptMode() is QFileDialog.AcceptMode.AcceptSave else kind.Open))
    qtbot.waitUntil(lambda: not alive(box) or not box.isVisible())
    activate(qtbot, window)


def alive(item: Any) -> bool:
    return bool(shiboken6.isValid(item))


def cell_centre(table: NumberTable, row: int, column: int) -> QPoint:
    index = table.model().index(row, column)
    table.scrollTo(index)
    return table.visualRect(index).center()


def choose_cell(qtbot: QtBot, table: NumberTable, row: int, column: int) -> None:
    """Click a cell."""
    click(qtbot, table.viewport(), cell_centre(table, row, column))


def type_in_cell(qtbot: QtBot, table: NumberTable, row: int, column: int, text: str) -> None:
    """Double-click a cell, replace what is there, press Return."""
    at = cell_centre(table, row, column)
    click(qtbot, table.viewport(), at)
    qtbot.mouseDClick(table.viewport(), LEFT, NONE, at)
    qtbot.waitUntil(lambda: table.findChild(QLineEdit) is not None)
    press(Key.Key_A, CONTROL)
    write(text) if text else press(Key.Key_Delete)
    press(Key.Key_Return)
    qtbot.waitUntil(lambda: table.findChild(QLineEdit) is None)


def after(qtbot: QtBot, condition: Callable[[], bool], timeout_ms: int = 5000) -> None:
    qtbot.waitUntil(condition, timeout=timeout_ms)


def trigger(window: MainWindow, name: str) -> None:
    """Choose an action in its menu."""
    window.actions_by_name[name].trigger()


def close_dialog(qtbot: QtBot, box: QDialog) -> None:
    box.reject()
    qtbot.waitUntil(lambda: not alive(box) or not box.isVisible())
