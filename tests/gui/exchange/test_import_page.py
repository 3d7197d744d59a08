"""A network trained elsewhere, from its file to the diagram, to Live and into a training."""

from __future__ import annotations

import os
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from engine.document.tracing import trace_document
from engine.file_kinds import network_formats
from engine.formats.bringing.playing import CELL_STEPS
from engine.runs.messages import State
from engine.runs.snapshot import Snapshot
from engine.settings.config import TrainingConfig
from gui.exchange.bring import places
from gui.exchange.bring.page import ImportPage
from gui.views.compare.compare import CompareView
from gui.views.library.library import LibraryView
from gui.views.live.lanes.picture import LivePicture
from gui.window.main_window import MainWindow
from tests.gui.conftest import Windows
from tests.gui.driving import Key, choose_file, click, dialog, press, wait_until

SMALL = TrainingConfig(sequence_length=6, batch_size=4, steps=3, learning_rate=1e-6, device="cpu")


class Model(torch.nn.Module):
    """An LSTM of two layers within a larger network."""

    def __init__(self, m: int = 2) -> None:
        super().__init__()
        self.encoder = torch.nn.LSTM(m, 4, 2)
        self.head = torch.nn.GRU(4, 3)
        self.out = torch.nn.Linear(3, 1)


@pytest.fixture
def model() -> Model:
    torch.manual_seed(3)
    return Model()


@pytest.fixture
def path(tmp_path: Path, model: Model) -> Path:
    path = tmp_path / "speech.pt"
    torch.save(model.state_dict(), path)
    return path


def page_of(window: MainWindow) -> ImportPage:
    page = window.pages.page
    assert isinstance(page, ImportPage)
    return page


def opened(window: MainWindow, path: Path) -> ImportPage:
    """Open a file and wait until its layers and a sequence are there."""
    window.commands.run("bring")
    page = page_of(window)
    page.feed.sources.segments[0].click()  # one window does for the whole file
    window.files.open(path)
    wait_until(lambda: not page.busy and page.path == path and page.feed.fed is not None)
    return page


def drop(widget: QWidget, path: Path) -> None:
    """Drag a file over a widget, and let it go there."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    how = Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(widget, QDragEnterEvent(QPoint(50, 50), *how))
    QApplication.sendEvent(widget, QDropEvent(QPointF(50, 50), *how))


def hidden_states(model: Model, x: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return model.encoder.double()(torch.from_numpy(x))[0].numpy()


def rows(page: ImportPage) -> list[list[str]]:
    return [list(row) for row in page.layers.words.rows]


def test_every_recurrent_layer_is_listed_with_its_sizes_and_how_its_weights_are_read(
    window: MainWindow, path: Path
) -> None:
    page = opened(window, path)
    assert rows(page) == [
        ["encoder", "LSTM", "1", "forward", "2", "4", "4", "112"],
        ["encoder", "LSTM", "2", "forward", "4", "4", "4", "144"],
        ["head", "GRU", "1", "forward", "4", "3", "3", "75"],
    ]
    assert page.layers.words.marked == {0, 1}, "a stack is taken as a whole at first"
    mapped = dict(page.mapped.words.rows)
    assert "rows 1–4" in mapped["W_i"]
    assert "plus" in mapped["b_f"], "torch has two biases"
    page.with_above.click()
    assert page.layers.words.marked == {0}
    page.layers.setFocus()
    press(Key.Key_Down)
    press(Key.Key_Down)
    assert page.layers.words.marked == {2}
    assert not page.with_above.isVisible()
    assert "W_n" in dict(page.mapped.words.rows)
    assert str(path) in window.files.recent


def test_it_is_reached_by_every_way_that_opens_files(window: MainWindow, path: Path, qtbot: QtBot) -> None:
    assert {each.opener for each in network_formats()} == {"networks"}
    window.commands.run("bring")
    page = page_of(window)
    if page.found is None:
        click(qtbot, page.empty.buttons[0])
        choose_file(qtbot, window, path)
        wait_until(lambda: not page.busy and page.found is not None)
    press(Key.Key_Escape)
    assert window.pages.page is None
    drop(window, path)
    wait_until(lambda: window.pages.page is page and not page.busy)
    assert page.path == path


def test_a_layer_is_walked_through_with_the_numbers_of_torch(window: MainWindow, path: Path, model: Model) -> None:
    page = opened(window, path)
    page.feed.type_rows("0.5 -1\n0.25 2\n1 1")
    wait_until(lambda: page.feed.fed is not None and len(page.feed.fed.x) == 3)
    page.layers.choose(1)
    wait_until(lambda: page.feed.fed is not None)
    page.as_cell.click()
    wait_until(lambda: window.pages.page is None)
    document = window.model.document
    assert (window.model.shown.name, window.model.shown.path) == ("speech: encoder, layer 2", None)
    trace = trace_document(document)
    expected = hidden_states(model, np.array([[0.5, -1], [0.25, 2], [1, 1]]))
    np.testing.assert_allclose([step["h_t"] for step in trace.steps], expected, rtol=1e-6)


def test_of_a_long_sequence_the_first_steps_are_walked_through_and_it_says_so(window: MainWindow, path: Path) -> None:
    page = opened(window, path)
    page.feed.steps.setValue(CELL_STEPS + 5)
    wait_until(lambda: page.feed.fed is not None and len(page.feed.fed.x) == CELL_STEPS + 5)
    page.as_cell.click()
    wait_until(lambda: window.pages.page is None)
    assert len(window.model.document.x) == CELL_STEPS
    assert f"the first {CELL_STEPS} of {CELL_STEPS + 5} time steps" in window.statusBar().currentMessage()


class Evil:
    """Unpickled, it would make a folder."""

    def __init__(self, at: Path) -> None:
        self.at = at

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.at),)


def test_a_file_that_would_run_code_is_refused_and_nothing_on_the_page_is_lost(
    window: MainWindow, path: Path, tmp_path: Path
) -> None:
    page = opened(window, path)
    for name, content in {
        "evil.pt": pickle.dumps(Evil(tmp_path / "EVIL")),
        "zeros.safetensors": bytes(1_000_000),
        "empty.npz": b"",
    }.items():
        bad = tmp_path / name
        bad.write_bytes(content)
        window.files.open(bad)
        wait_until(lambda bad=bad: not page.busy and bad.name in page.problem.text())
        assert page.problem.text().count(". ") <= 1
    torch.save(torch.nn.Linear(2, 2).state_dict(), tmp_path / "flat.pt")
    window.files.open(tmp_path / "flat.pt")
    wait_until(lambda: not page.busy and "flat.pt" in page.problem.text())
    assert "no recurrent layer" in page.problem.text()
    assert not (tmp_path / "EVIL").exists()
    assert page.path == path
    assert page.open.isEnabled()
    assert len(rows(page)) == 3


def test_the_first_file_that_is_refused_leaves_a_sentence_and_a_button(own_window: MainWindow, tmp_path: Path) -> None:
    (tmp_path / "net.npz").write_bytes(b"nothing")
    own_window.files.open(tmp_path / "net.npz")
    page = page_of(own_window)
    wait_until(lambda: "net.npz" in page.empty.text() and not page.busy)
    assert [button.text() for button in page.empty.buttons] == ["Open a file…"]
    assert own_window.model.untouched


def test_reading_can_be_stopped(window: MainWindow, path: Path, tmp_path: Path) -> None:
    page = opened(window, path)
    other = tmp_path / "other.pt"
    torch.save(Model(3).state_dict(), other)
    window.files.open(other)
    page.stop_work()
    assert page.problem.text() == "Stopped; nothing was changed"
    assert not page.busy
    assert page.path == path
    assert rows(page)[0][4] == "2"


def test_another_example_of_an_archive_is_read_where_it_has_several(window: MainWindow, tmp_path: Path) -> None:
    draw = np.random.default_rng(1).normal
    arrays = {f"W{gate}": draw(size=(5, 8)) for gate in "fico"} | {f"b{gate}": draw(size=(5, 1)) for gate in "fico"}
    x = draw(size=(3, 4))
    np.savez(tmp_path / "cell.npz", **arrays, x=x, h=draw(size=(5, 4)), C=draw(size=(5, 4)))
    page = opened(window, tmp_path / "cell.npz")
    assert page.example.isVisible()
    assert page.example.maximum() == 3
    page.example.setValue(2)
    wait_until(lambda: page.found is not None and page.found.x is not None and page.found.x[0, 0] == x[0, 2])
    assert page.example.value() == 2
    assert "column 2 is taken" in page.notes.text()


def test_the_columns_of_an_archive_are_read_in_the_order_that_somebody_says(window: MainWindow, tmp_path: Path) -> None:
    numbers = np.random.default_rng(0)
    weights: dict[str, Any] = {f"W_{gate}": numbers.standard_normal((2, 5)) for gate in "fiCo"}
    weights |= {f"b_{gate}": numbers.standard_normal((2, 1)) for gate in "fiCo"}
    np.savez(tmp_path / "cell.npz", **weights)
    page = opened(window, tmp_path / "cell.npz")
    assert page.layer is not None
    before = page.layer.weights["W_f"]
    assert page.order.isVisible()
    page.order.segments[1 - page.order.choice].click()
    wait_until(lambda: not page.busy and page.layer is not None and page.layer.weights["W_f"] is not before)
    assert page.layer is not None
    turned = page.layer.weights["W_f"]
    assert not np.array_equal(turned, before)
    np.testing.assert_array_equal(np.sort(turned, axis=1), np.sort(before, axis=1))


def test_the_sequence_in_the_file_is_offered_first(window: MainWindow, tmp_path: Path) -> None:
    numbers = np.random.default_rng(0)
    weights: dict[str, Any] = {f"W{gate}": numbers.standard_normal((2, 5)) for gate in "fico"}
    weights |= {f"b{gate}": numbers.standard_normal((2, 1)) for gate in "fico"}
    x = numbers.standard_normal((7, 3))
    np.savez(tmp_path / "course.npz", x=x, **weights)
    page = opened(window, tmp_path / "course.npz")
    assert page.feed.fed is not None
    np.testing.assert_array_equal(page.feed.fed.x, x)


def test_a_sequence_of_other_width_gets_its_sentence_and_nothing_can_be_opened(window: MainWindow, path: Path) -> None:
    page = opened(window, path)
    page.feed.type_rows("1 2 3")
    wait_until(lambda: bool(page.feed.problem))
    assert "m = 2" in page.feed.said.text()
    assert not page.open.isEnabled()
    assert not page.as_cell.isEnabled()
    assert page.train.isEnabled(), "it needs no sequence"


def test_a_file_of_a_sequence_is_dropped_or_chosen(window: MainWindow, path: Path, tmp_path: Path) -> None:
    page = opened(window, path)
    np.save(tmp_path / "x.npy", np.arange(6.0).reshape(3, 2))
    drop(page.feed, tmp_path / "x.npy")
    wait_until(lambda: page.feed.fed is not None and len(page.feed.fed.x) == 3)
    assert page.feed.said.text() == "x.npy, 3 time steps"


def test_a_text_is_fed_with_the_vocabulary_of_a_file(
    window: MainWindow, path: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    page = opened(window, path)
    feed = page.feed
    feed.sources.segments[2].click()
    feed.text.setPlainText("abba")
    wait_until(lambda: feed.fed is not None)
    assert feed.fed is not None
    np.testing.assert_array_equal(feed.fed.x.argmax(1), [0, 1, 1, 0])
    (tmp_path / "vocabulary.txt").write_text("b\na\n")
    next(button for button in feed.findChildren(QPushButton) if button.text() == "From a file…").click()
    choose_file(qtbot, window, tmp_path / "vocabulary.txt")
    wait_until(lambda: feed.fed is not None and feed.fed.x[0, 0] == 0)
    assert feed.fed is not None
    np.testing.assert_array_equal(feed.fed.x.argmax(1), [1, 0, 0, 1])


def test_it_is_trained_further_from_all_its_layers(own_window: MainWindow, path: Path, qtbot: QtBot) -> None:
    window, controller = own_window, own_window.training.controller
    controller.config = replace(SMALL, until="steps")
    page = opened(window, path)
    page.train.click()
    box = dialog(qtbot, window, QMessageBox)
    assert "speech: encoder, layers 1–2" in box.text()
    words = [button.text().replace("&", "") for button in box.findChildren(QPushButton)]
    assert "Train “Adding problem”" in words
    next(button for button in box.findChildren(QPushButton) if "Adding" in button.text()).click()
    wait_until(lambda: controller.run.state is State.FINISHED and bool(controller.run.moments))
    assert controller.run.config.layers == 2
    window.training.recordings.travel.go_to(0)
    wait_until(lambda: controller.run.history.moment == 0)
    first = controller.run.history.shown
    assert first is not None
    assert page.found is not None
    for layer, weights in zip(page.found.layers, first.weights, strict=False):
        for name, array in weights.items():
            np.testing.assert_array_equal(array, layer.weights[name].astype(np.float32), err_msg=name)


def test_the_network_is_recorded_over_the_whole_sequence_and_shown_like_a_run(
    own_window: MainWindow, path: Path, model: Model
) -> None:
    window, run = own_window, own_window.training.controller.run
    page = opened(window, path)
    page.open.click()
    wait_until(lambda: run.recorded is not None and window.stage.front == "live")
    assert window.pages.page is None
    snapshot = run.history.shown
    assert snapshot is not None
    assert snapshot.layers == 2
    assert page.feed.fed is not None
    np.testing.assert_array_equal(snapshot.probe, page.feed.fed.x.astype(np.float32))
    np.testing.assert_allclose(snapshot.gates[1]["h"], hidden_states(model, page.feed.fed.x), rtol=1e-5, atol=1e-7)
    picture = window.stage.view("live").findChild(LivePicture)
    assert picture is not None
    wait_until(lambda: bool(picture.shown))
    assert {"f", "i", "C_tilde", "o", "C", "h"} <= {one.spec.name for one in picture.wanted}
    assert run.recorded is not None
    assert run.recorded.about.name == "speech: encoder, layers 1–2"
    assert "speech.pt" in run.recorded.about.notes
    window.commands.run("show network")
    wait_until(lambda: window.model.visiting)
    assert window.following.layers == 2


def test_what_is_being_computed_can_be_stopped_and_leaves_no_file(
    own_window: MainWindow, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "_LATER_MS", 0)
    window = own_window
    page = opened(window, path)
    page.feed.steps.setValue(10_000)
    wait_until(lambda: page.feed.fed is not None and len(page.feed.fed.x) == 10_000)
    page.open.click()
    assert page.busy
    page.stop_work()
    assert not page.busy
    assert page.problem.text() == "Stopped; nothing was changed"
    folder = window.training.recordings.library.folder
    wait_until(lambda: not list(folder.glob("*.lstmrec*")) if folder.exists() else True)
    assert window.training.controller.run.recorded is None
    assert page.open.isEnabled()


def test_where_nothing_is_to_be_recorded_its_file_goes_with_the_window(
    windows: Windows, own_window: MainWindow, path: Path
) -> None:
    window = own_window
    window.training.recordings.set_on(False)
    page = opened(window, path)
    page.open.click()
    run = window.training.controller.run
    wait_until(lambda: run.recorded is not None)
    assert run.path is not None
    recorded = run.path
    assert recorded.exists()
    assert recorded.parent != window.training.recordings.library.folder
    windows.close(window)
    assert not recorded.exists()


def test_a_network_that_no_recording_holds_is_refused_with_a_sentence(own_window: MainWindow, tmp_path: Path) -> None:
    torch.save(torch.nn.LSTM(2, 3, 6).state_dict(), tmp_path / "deep.pt")
    page = opened(own_window, tmp_path / "deep.pt")
    page.open.click()
    wait_until(lambda: bool(page.problem.text()) and not page.busy)
    assert "layers" in page.problem.text()
    page.layers.choose(2)
    page.open.click()
    wait_until(lambda: own_window.training.controller.run.recorded is not None)


def test_a_bidirectional_layer_reads_both_directions_of_the_one_below(window: MainWindow, tmp_path: Path) -> None:
    torch.manual_seed(0)
    both = torch.nn.LSTM(2, 3, 2, bidirectional=True)
    torch.save(both.state_dict(), tmp_path / "both.pt")
    page = opened(window, tmp_path / "both.pt")
    assert [row[3] for row in rows(page)] == ["forward", "reverse"] * 2
    page.feed.type_rows("0.5 -1\n0.25 2\n1 1")
    wait_until(lambda: page.feed.fed is not None and len(page.feed.fed.x) == 3)
    page.layers.choose(3)
    page.as_cell.click()
    wait_until(lambda: window.pages.page is None)
    with torch.no_grad():
        expected = both.double()(torch.tensor([[0.5, -1], [0.25, 2], [1, 1]], dtype=torch.float64))[0][:, 3:]
    trace = trace_document(window.model.document)
    np.testing.assert_allclose([step["h_t"] for step in trace.steps][::-1], expected, rtol=1e-6)


def test_two_networks_are_compared_over_the_sequence_of_the_one_that_is_shown(
    own_window: MainWindow, path: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    window, run = own_window, own_window.training.controller.run
    page = opened(window, path)
    page.open.click()
    wait_until(lambda: run.recorded is not None)
    first = run.history.shown
    assert first is not None
    torch.manual_seed(8)
    torch.save(torch.nn.GRU(2, 5).state_dict(), tmp_path / "other.pt")
    page = opened(window, tmp_path / "other.pt")
    page.feed.sources.segments[5].click()
    wait_until(lambda: page.feed.fed is not None)
    page.open.click()
    wait_until(lambda: run.recorded is not None and run.history.shown not in (None, first))
    window.stage.show_view("library")
    library = cast("LibraryView", window.stage.view("library"))
    wait_until(lambda: library.table.model().rowCount() == 2)
    library.table.selectAll()
    click(qtbot, library.buttons.compare)
    wait_until(lambda: library.overlay.resting)
    compared = [gates for gates in library.overlay._gates if isinstance(gates, Snapshot)]
    assert {each.cell for each in compared} == {"lstm", "gru"}
    for each in compared:
        np.testing.assert_array_equal(each.probe, first.probe)


def test_who_looks_for_it_in_compare_is_led_to_the_library(window: MainWindow, qtbot: QtBot) -> None:
    window.commands.run("workspace compare")
    view = window.stage.view("compare")
    assert isinstance(view, CompareView)
    assert view.panel.recorded.accessibleName() == "Recorded runs and networks from elsewhere"
    click(qtbot, view.panel.recorded)
    assert window.stage.front == "library"
    assert "choose two to four runs" in window.statusBar().currentMessage()
