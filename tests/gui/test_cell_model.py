"""The document in force, its trace, its name, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.document import Document, blank
from engine.trace import Trace, trace_document
from gui.background import Background
from gui.cell_model import CellModel


@pytest.fixture
def first() -> Document:
    return blank(2, 3, 3)


@pytest.fixture
def model(first: Document, qtbot: QtBot) -> Iterator[CellModel]:
    background = Background("documents")
    made = CellModel(first, "First", background)
    qtbot.waitUntil(lambda: made.trace is not None)
    yield made
    background.close()


def longer(document: Document, by: int = 1) -> Document:
    return document.with_inputs(x=np.vstack([document.x, np.ones((by, document.m))]))


def test_an_edit_is_told_once_and_traced(model: CellModel, first: Document, qtbot: QtBot):
    edited = longer(first)
    told: list[Document] = []
    model.document_changed.connect(told.append)
    with qtbot.waitSignal(model.trace_changed) as traced:
        model.edit(edited, "longer")
        assert model.document is edited
        assert model.trace is None, "the trace of another document is in force"
    assert told == [edited]
    trace: Trace = traced.args[0]
    assert model.trace is trace
    expected = trace_document(edited)
    assert len(trace.steps) == 2
    np.testing.assert_array_equal(trace.steps[1]["h_t"], expected.steps[1]["h_t"])


def test_the_same_document_fires_nothing(model: CellModel, first: Document, qtbot: QtBot):
    with qtbot.assertNotEmitted(model.document_changed):
        model.edit(first, "nothing")
    assert model.undo_stack.count() == 0
    assert model.trace is not None


def test_of_many_edits_the_newest_is_traced(model: CellModel, first: Document, qtbot: QtBot):
    traces: list[Trace] = []
    model.trace_changed.connect(traces.append)
    for by in range(1, 30):
        model.edit(longer(first, by), "longer")
    qtbot.waitUntil(lambda: model.trace is not None)
    assert len(traces[-1].steps) == 30
    assert len(traces) < 29, "every edit was traced: a hasty user waits for all of them"


def test_undo_and_redo_come_with_their_traces(model: CellModel, first: Document, qtbot: QtBot):
    model.edit(longer(first), "longer")
    model.undo_stack.undo()
    assert model.document is first
    qtbot.waitUntil(lambda: model.trace is not None)
    assert model.trace is not None
    assert len(model.trace.steps) == 1
    model.undo_stack.redo()
    qtbot.waitUntil(lambda: model.trace is not None)
    assert len(model.trace.steps) == 2
    assert model.undo_stack.undoText() == "longer"


def test_unsaved_is_what_differs_from_what_was_saved(model: CellModel, first: Document, tmp_path: Path):
    titles: list[bool] = []
    model.title_changed.connect(lambda: titles.append(model.unsaved))
    assert not model.unsaved
    edited = longer(first)
    model.edit(edited, "longer")
    assert model.unsaved
    assert titles[-1]
    model.saved(edited, tmp_path / "mine.lstmviz")
    assert not model.unsaved
    assert not titles[-1]
    assert (model.shown.name, model.shown.path) == ("mine", tmp_path / "mine.lstmviz")
    model.undo_stack.undo()
    assert model.unsaved
    assert titles[-1]
    assert model.shown.name == "mine", "undo of an edit gives the file its old name"
    model.undo_stack.redo()
    assert not model.unsaved


def test_an_edit_while_the_file_is_being_written_stays_unsaved(model: CellModel, first: Document, tmp_path: Path):
    written = longer(first)
    model.edit(written, "longer")
    model.edit(longer(first, 2), "longer still")
    model.saved(written, tmp_path / "mine.lstmviz")
    assert model.unsaved
    assert model.shown.name == "mine"


def test_replacing_begins_anew(model: CellModel, first: Document, qtbot: QtBot):
    model.edit(longer(first), "longer")
    other = blank(1, 2, 2)
    with qtbot.waitSignal(model.trace_changed):
        model.replace(other, "Other", Path("other.lstmviz"))
    assert model.document is other
    assert not model.undo_stack.canUndo()
    assert not model.unsaved


def test_a_visit_is_one_step_of_undo_however_often(model: CellModel, first: Document, qtbot: QtBot):
    mine = longer(first)
    model.edit(mine, "longer")
    for step in (10, 20, 30):
        model.visit(longer(first, step), f"Network at step {step}", "show the network")
    assert model.shown.name == "Network at step 30"
    assert model.shown.path is None
    model.undo_stack.undo()
    assert model.document is mine
    assert model.shown.name == "First"
    model.undo_stack.redo()
    assert model.shown.name == "Network at step 30"


def test_a_visit_alone_is_nothing_to_lose(model: CellModel, first: Document):
    model.visit(longer(first, 5), "Network at step 5", "show the network")
    assert not model.unsaved
    model.undo_stack.undo()
    assert not model.unsaved
    model.edit(longer(first), "longer")
    model.visit(longer(first, 5), "Network at step 5", "show the network")
    assert model.unsaved, "the user's edit could be lost behind the visit"


def test_saving_a_visited_network_leaves_ones_own_work_unsaved(model: CellModel, first: Document, tmp_path: Path):
    mine = longer(first)
    model.edit(mine, "a longer sequence")
    network = blank(2, 4, 4)
    model.visit(network, "Network at step 7", "show the network")
    model.saved(network, tmp_path / "network.lstmviz")
    assert model.unsaved
    model.end_visit()
    assert model.document is mine
    assert model.unsaved
    model.saved(mine, tmp_path / "mine.lstmviz")
    assert not model.unsaved
