"""The document in force, its trace, its name, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.cell.trace import Trace
from engine.document.document import Document, DocumentError, blank
from engine.document.tracing import trace_document
from gui.document import cell_model
from gui.document.cell_model import CellModel
from gui.document.edit import Change
from gui.jobs.background import Background


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


def visit(model: CellModel, document: Document, name: str = "Network") -> None:
    model.visit(document, name, trace_document(document))


def test_undo_ends_a_visit_before_it_takes_back_an_edit(model: CellModel, first: Document, qtbot: QtBot):
    mine = longer(first)
    model.edit(mine, "longer")
    qtbot.waitUntil(lambda: model.trace is not None)
    for by in (10, 20, 30):
        visit(model, longer(first, by), f"Network of {by}")
    assert model.visiting
    assert (model.shown.name, model.shown.path) == ("Network of 30", None)
    assert model.trace is not None, "a visit brings its trace"
    model.undo_stack.redo()
    assert model.visiting, "redo changed what is behind the network"
    model.undo_stack.undo()
    assert not model.visiting
    assert model.document is mine
    assert model.shown.name == "First"
    assert model.trace is not None, "the user's own numbers were there before"
    assert model.undo_stack.undoText() == "longer"
    model.undo_stack.undo()
    assert model.document is first


def test_a_visit_tells_other_numbers_of_the_same_cell_apart_from_another_cell(model: CellModel, first: Document):
    changed: list[Document] = []
    refreshed: list[Document] = []
    model.document_changed.connect(changed.append)
    model.refreshed.connect(refreshed.append)
    other = longer(first, 3)
    visit(model, other)
    learnt = other.with_weight("W_f", other.weights["W_f"] + 1)
    visit(model, learnt)
    another = longer(first, 4)
    visit(model, another)
    assert (changed, refreshed) == ([other, another], [learnt])
    model.end_visit()
    assert changed == [other, another, first]


def test_what_is_visited_is_not_the_users_to_edit(model: CellModel, first: Document):
    visit(model, longer(first, 5))
    said: list[str] = []
    model.message.connect(said.append)
    model.edit(first.with_order("h,x"), "columns")
    model.change(longer, "longer")
    model.edit_later(longer, "longer")
    assert [sentence[:26] for sentence in said] == ["This is the network of the"] * 3
    assert model.own.document is first
    assert not model.waiting
    assert model.undo_stack.count() == 0


def test_a_copy_of_what_is_visited_is_the_users_and_undo_brings_back_the_one_before(
    model: CellModel, first: Document, tmp_path: Path
):
    model.saved(first, tmp_path / "mine.lstmviz")
    network = longer(first, 5)
    visit(model, network)
    model.copy_visited("copy the network")
    assert not model.visiting
    assert model.document is network
    assert (model.shown.name, model.shown.path) == ("Network", None), "saving would overwrite the user's own file"
    assert model.unsaved
    model.edit(longer(network), "longer")
    assert model.document is not network
    model.undo_stack.undo()
    model.undo_stack.undo()
    assert model.document is first
    assert model.shown.path == tmp_path / "mine.lstmviz"
    assert not model.unsaved


def test_a_visit_alone_is_nothing_to_lose(model: CellModel, first: Document):
    visit(model, longer(first, 5))
    assert not model.unsaved
    model.undo_stack.undo()
    assert not model.unsaved
    model.edit(longer(first), "longer")
    visit(model, longer(first, 5))
    assert model.unsaved, "the user's edit could be lost behind the visit"


def test_an_edit_that_waits_is_the_users_though_a_network_is_visited_meanwhile(
    model: CellModel, first: Document, gate: Gate, qtbot: QtBot
):
    model.edit_later(gate(longer), "longer")
    visit(model, longer(first, 7))
    gate.open()
    settled(qtbot, model)
    assert steps(model.document) == 8
    model.end_visit()
    assert steps(model.document) == 2
    qtbot.waitUntil(lambda: model.trace is not None)


def test_an_example_in_place_of_the_document_is_one_step_of_undo(model: CellModel, first: Document, tmp_path: Path):
    path = tmp_path / "mine.lstmviz"
    model.saved(first, path)
    other = longer(first, 3)
    model.exchange(other, "Another", "open “Another”")
    assert (model.shown.name, model.shown.path) == ("Another", None)
    assert not model.unsaved, "there is nothing of the user's in it"
    assert model.untouched, "what its author says of it holds"
    edited = longer(other)
    model.edit(edited, "longer")
    assert model.unsaved
    assert (model.shown.name, model.shown.path) == ("Another", None)
    model.undo_stack.undo()
    assert not model.unsaved
    model.undo_stack.undo()
    assert (model.document, model.shown.name, model.shown.path) == (first, "mine", path)
    model.undo_stack.redo()
    assert (model.document, model.shown.name) == (other, "Another")


def test_an_example_over_unsaved_work_leaves_it_unsaved(model: CellModel, first: Document):
    model.edit(longer(first), "longer")
    model.exchange(longer(first, 3), "Another", "open “Another”")
    assert model.unsaved, "what was edited is lost with the window"


def test_saving_a_visited_network_leaves_ones_own_work_unsaved(model: CellModel, first: Document, tmp_path: Path):
    mine = longer(first)
    model.edit(mine, "a longer sequence")
    network = blank(2, 4, 4)
    visit(model, network)
    model.saved(network, tmp_path / "network.lstmviz")
    assert model.unsaved
    model.end_visit()
    assert model.document is mine
    assert model.unsaved
    model.saved(mine, tmp_path / "mine.lstmviz")
    assert not model.unsaved


# Edits that are computed in the background


class Gate:
    """Holds changes back, in the background thread, until it is opened."""

    def __init__(self) -> None:
        self._open = Event()
        self.begun = 0

    def __call__(self, change: Change) -> Change:
        def held(document: Document) -> Document:
            self.begun += 1
            assert self._open.wait(10), "the gate was never opened"
            return change(document)

        return held

    def open(self) -> None:
        self._open.set()


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.open()


def steps(document: Document) -> int:
    return len(document.x)


def settled(qtbot: QtBot, model: CellModel) -> None:
    qtbot.waitUntil(lambda: not model.waiting)


def test_a_small_change_is_in_force_at_once_and_a_large_one_is_not_waited_for(model: CellModel, qtbot: QtBot):
    model.change(longer, "longer")
    assert steps(model.document) == 2
    assert not model.waiting
    model.change(lambda old: old.resized(k=100), "k = 100", 100)
    assert model.document.k == 3
    assert model.waiting
    settled(qtbot, model)
    assert model.document.k == 100
    assert steps(model.document) == 2
    assert model.undo_stack.undoText() == "k = 100"
    model.change(longer, "longer")  # it is large now
    assert steps(model.document) == 2
    settled(qtbot, model)
    assert steps(model.document) == 3


def test_edits_wait_for_each_other_and_none_is_lost(model: CellModel, first: Document, gate: Gate, qtbot: QtBot):
    model.edit_later(gate(lambda old: longer(old, steps(old))), "double it")
    model.change(lambda old: longer(old, 10 * steps(old)), "eleven times")
    model.edit_later(lambda old: old.resized(m=5), "m = 5")
    assert model.document is first, "a change overtook one that waits"
    gate.open()
    settled(qtbot, model)
    assert steps(model.document) == 22
    assert model.document.m == 5
    assert [model.undo_stack.text(i) for i in range(3)] == ["double it", "eleven times", "m = 5"]


def test_an_edit_under_way_is_made_anew_from_what_is_put_in_force_meanwhile(
    model: CellModel, first: Document, gate: Gate, qtbot: QtBot
):
    model.edit_later(gate(lambda old: old.resized(m=7)), "m = 7")
    qtbot.waitUntil(lambda: gate.begun == 1)
    typed = first.with_inputs(x=np.full((1, 2), 42.0))
    model.edit(typed, "a number is typed")
    assert model.document is typed
    gate.open()
    settled(qtbot, model)
    assert gate.begun == 2
    assert model.document.m == 7
    assert model.document.x[0, :2].tolist() == [42, 42], "the number that was typed is lost"
    model.undo_stack.undo()
    assert model.document is typed


def test_undo_takes_back_what_waits_first(model: CellModel, first: Document, gate: Gate, qtbot: QtBot):
    edited = longer(first)
    model.edit(edited, "longer")
    can_undo: list[bool] = []
    texts: list[str] = []
    model.undo_stack.canUndoChanged.connect(can_undo.append)
    model.undo_stack.undoTextChanged.connect(texts.append)
    model.edit_later(gate(lambda old: old.resized(m=7)), "m = 7")
    qtbot.waitUntil(lambda: gate.begun == 1)
    model.edit_later(lambda old: old.resized(m=8), "m = 8")
    assert texts[-1] == "m = 8"
    assert can_undo[-1]
    model.undo_stack.undo()
    assert texts[-1] == "m = 7"
    model.undo_stack.undo()
    assert texts[-1] == "longer"
    assert not model.waiting
    assert model.document is edited
    gate.open()
    with qtbot.assertNotEmitted(model.document_changed, wait=100):
        pass
    model.undo_stack.undo()
    assert model.document is first
    assert not can_undo[-1]


def test_another_document_has_none_of_the_edits_of_the_one_before(model: CellModel, gate: Gate, qtbot: QtBot):
    model.edit_later(gate(lambda old: old.resized(m=7)), "m = 7")
    model.edit_later(lambda old: old.resized(m=8), "m = 8")
    assert model.unsaved, "closing now would lose an edit without a word"
    other = blank(1, 2, 2)
    with qtbot.waitSignal(model.settled):
        model.replace(other, "Other")
    gate.open()
    qtbot.waitUntil(lambda: model.trace is not None)
    assert model.document is other
    assert not model.unsaved
    model.change(lambda old: old.resized(k=70), "k = 70", 70)
    settled(qtbot, model)
    assert (model.document.m, model.document.k) == (1, 70)


def never(_then: Callable[[], None]) -> None:
    pytest.fail("asked for changes where there are none")


def test_a_new_document_is_made_in_the_background(model: CellModel, first: Document, gate: Gate, qtbot: QtBot):
    model.edit_later(gate(lambda old: old.resized(m=7)), "of the document before")
    model.open_new(lambda: blank(3, 100, 100), "New cell", 100, never)
    model.change(longer, "typed while it is made")
    assert model.document is first
    gate.open()
    settled(qtbot, model)
    assert (model.document.m, model.document.k) == (3, 100)
    assert model.shown.name == "New cell"
    assert [model.undo_stack.text(i) for i in range(model.undo_stack.count())] == ["typed while it is made"]
    assert steps(model.document) == 2
    model.undo_stack.undo()
    assert not model.unsaved
    model.open_new(lambda: blank(3, 3, 3), "Small", 3, never)
    assert model.document.k == 3, "a small one has to be waited for"


def test_a_new_document_asks_for_what_was_edited_while_it_was_made(
    model: CellModel, first: Document, gate: Gate, qtbot: QtBot
):
    asked: list[Callable[[], None]] = []
    made = gate(lambda _old: blank(3, 100, 100))
    model.open_new(lambda: made(first), "New cell", 100, asked.append)
    typed = longer(first)
    model.edit(typed, "typed meanwhile")
    gate.open()
    settled(qtbot, model)
    assert model.document is typed, "what was typed is lost"
    (go,) = asked
    go()
    assert model.document.k == 100


def test_what_cannot_be_done_says_why_and_what_waits_goes_on(model: CellModel, first: Document, qtbot: QtBot):
    said: list[str] = []
    model.message.connect(said.append)

    def short_of_memory(_old: Document) -> Document:
        raise MemoryError

    model.edit_later(lambda old: old.resized(m=5000), "m = 5000")
    model.edit_later(short_of_memory, "too much")
    model.edit_later(longer, "longer")
    settled(qtbot, model)
    assert said[0].startswith("m: expected a whole number from 1 to 4096")
    assert said[1].startswith("There is not enough memory")
    assert model.undo_stack.count() == 1
    assert steps(model.document) == 2
    with qtbot.waitSignal(model.settled):
        model.change(lambda old: old.resized(m=5000), "m = 5000")  # as a small one, at once
    assert said[-1].startswith("m: expected")
    assert model.undo_stack.count() == 1


def test_a_fault_in_an_edit_is_shown_and_the_next_edit_is_made(model: CellModel, qtbot: QtBot):
    def fault(_old: Document) -> Document:
        raise ZeroDivisionError("a fault of the program")

    with qtbot.captureExceptions() as caught:
        model.edit_later(fault, "fault")
        model.edit_later(longer, "longer")
        settled(qtbot, model)
    assert [kind for kind, _, _ in caught] == [ZeroDivisionError]
    assert steps(model.document) == 2


def test_what_takes_long_is_said_and_no_more_when_it_is_there(model: CellModel, gate: Gate, qtbot: QtBot):
    said: list[str] = []
    model.message.connect(said.append)
    model.edit_later(gate(lambda old: old.resized(m=70)), "m = 70", 70)
    qtbot.waitUntil(lambda: bool(said))
    assert said == ["Computing a cell of size 70 …"]
    gate.open()
    settled(qtbot, model)
    assert said[-1] == ""
    model.edit_later(longer, "quick")
    settled(qtbot, model)
    assert len(said) == 2


def test_a_new_document_that_is_refused_leaves_what_waits(
    model: CellModel, first: Document, gate: Gate, qtbot: QtBot
) -> None:
    def refused() -> Document:
        raise DocumentError("new cell: too large")

    said: list[str] = []
    model.message.connect(said.append)
    for largest in (3, 100):
        model.edit_later(gate(longer), "longer")
        model.open_new(refused, "New cell", largest, never)
        assert model.unsaved, "the window would close without asking"
        gate.open()
        settled(qtbot, model)
        assert model.document is not first
        assert model.undo_stack.undoText() == "longer"
        assert "new cell: too large" in said
        model.undo_stack.undo()
        said.clear()


def test_undo_of_a_new_document_on_its_way_leaves_what_waited(
    model: CellModel, first: Document, gate: Gate, qtbot: QtBot
) -> None:
    model.edit_later(gate(longer), "longer")
    model.open_new(lambda: blank(3, 100, 100), "New cell", 100, never)
    model.undo_stack.undo()
    gate.open()
    settled(qtbot, model)
    assert steps(model.document) == 2


def test_a_trace_without_memory_is_said_and_the_next_one_comes(
    model: CellModel, first: Document, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def short_of_memory(_document: Document) -> Trace:
        raise MemoryError

    said: list[str] = []
    model.message.connect(said.append)
    monkeypatch.setattr(cell_model, "trace_document", short_of_memory)
    model.edit(longer(first), "longer")
    qtbot.waitUntil(lambda: bool(said))
    assert said == ["There is not enough memory for this; choose smaller sizes"]
    monkeypatch.undo()
    model.undo_stack.undo()
    qtbot.waitUntil(lambda: model.trace is not None)
