"""Gates that are drawn: the view that compares them with the soft ones, and the cell that uses them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Event

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from engine.cell.cells import CELLS
from engine.document.document import Document, blank
from engine.document.sampling import Draws, draws, most_draws
from engine.document.tracing import trace_document
from engine.text import numbers
from gui.appearance import text_size
from gui.appearance.theme import Appearance
from gui.appearance.typeset import Typesetter
from gui.diagram.formula import line_of
from gui.diagram.layouts.cells import layout_of
from gui.document import cell_model
from gui.document.cell_model import CellModel
from gui.document.highlight import Light
from gui.jobs.background import Background
from gui.playback.playback import Playback
from gui.views.base import Tools
from gui.views.draws import draws as draws_module
from gui.views.draws.draws import NOTE, DrawsView
from gui.window.main_window import MainWindow
from tests.gui.driving import Key, click, traced


def filled(cell_name: str = "lstm", steps: int = 6, size: int = 3) -> Document:
    generator = np.random.default_rng(5)
    document = blank(2, size, size, cell_name=cell_name)
    for name, value in document.weights.items():
        document = document.with_weight(name, generator.normal(size=value.shape))
    return document.with_inputs(x=generator.normal(size=(steps, 2)), c0=generator.normal(size=size))


class Stage:
    """A view with all that it works with, and no window around it."""

    def __init__(self, qtbot: QtBot, appearance: Appearance, typesetter: Typesetter, background: Background) -> None:
        self.qtbot = qtbot
        self.model = CellModel(filled(), "test", background)
        self.playback = Playback()
        self.model.trace_changed.connect(self.playback.set_trace)
        self.view = DrawsView(
            Tools(self.model, self.playback, Light(), background, typesetter, appearance),
        )
        qtbot.addWidget(self.view)
        self.view.resize(1110, 600)
        self.view.show()

    def settled(self) -> None:
        """Wait until the view shows what its controls say of the document in force."""
        model, view = self.model, self.view

        def there() -> bool:
            found = view.drawn
            if model.waiting or model.trace is None or found is None or not view.reading.text().startswith("t = "):
                return False
            count = min(view.count.value(), most_draws(model.document))
            soft = trace_document(model.document.with_sampled(None))
            same = np.array_equal(found.soft_h, [step["h_t"] for step in soft.steps])
            return (found.seed, found.count) == (view.seed.value(), count) and same

        self.qtbot.waitUntil(there)

    def show(self, document: Document) -> None:
        self.model.replace(document, "test")
        self.settled()

    def curve(self, plot: str, name: str) -> np.ndarray:
        return np.asarray(getattr(getattr(self.view, plot), name).getData()[1])


@pytest.fixture
def stage(qtbot: QtBot, appearance: Appearance, typesetter: Typesetter) -> Iterator[Stage]:
    background = Background("documents")
    yield Stage(qtbot, appearance, typesetter, background)
    background.close()


def texts(view: DrawsView) -> str:
    return "\n".join(label.text() for label in view.findChildren(QLabel) if label.isVisible())


@pytest.mark.parametrize("name", [name for name in CELLS if name != "rnn"])
def test_every_number_drawn_is_the_number_computed(stage: Stage, name: str) -> None:
    document = filled(name)
    stage.show(document)
    for unit in (1, 3):
        stage.view.unit.setValue(unit)
        expected = draws(document, 0, 200)
        soft, run, mean = (h[:, unit - 1] for h in (expected.soft_h, expected.h[0], expected.mean))
        for plot, values in (("once", run), ("mean", mean)):
            np.testing.assert_array_equal(stage.curve(plot, "soft"), soft)
            np.testing.assert_array_equal(stage.curve(plot, "line"), values)
            np.testing.assert_array_equal(stage.curve(plot, "dots"), values)
        band = stage.view.mean.band.curves
        for side, curve in zip((-2, 2), band, strict=True):
            np.testing.assert_array_equal(curve.getData()[1], mean + side * expected.error[:, unit - 1])
        (low, high), _ = stage.view.once.getPlotItem().getViewBox().viewRange()[::-1]
        assert low < min(soft.min(), run.min())
        assert max(soft.max(), run.max()) < high
        assert not stage.view.once.band.isVisible()
    assert NOTE in texts(stage.view)
    assert "mean of 200 runs" in texts(stage.view)


def test_drawing_again_takes_the_next_seed(stage: Stage) -> None:
    stage.settled()
    before = stage.curve("once", "line")
    click(stage.qtbot, stage.view.again)
    stage.settled()
    assert stage.view.seed.value() == 1
    np.testing.assert_array_equal(stage.curve("once", "line"), draws(stage.model.document, 1, 1).h[0, :, 0])
    assert not np.array_equal(stage.curve("once", "line"), before)
    assert "seed 1" in texts(stage.view)
    stage.view.seed.setValue(0)
    stage.settled()
    np.testing.assert_array_equal(stage.curve("once", "line"), before)
    assert stage.model.document.sampled is None
    assert not stage.model.undo_stack.count()
    stage.view.seed.setValue(stage.view.seed.maximum())
    click(stage.qtbot, stage.view.again)
    assert stage.view.seed.value() == 0


def test_the_cell_uses_the_draws_and_undo_takes_them_back(stage: Stage) -> None:
    stage.settled()
    soft = stage.model.document
    stage.view.seed.setValue(7)
    stage.view.use.click()
    assert stage.model.document.sampled == 7
    stage.settled()
    h = [step["h_t"] for step in stage.model.trace.steps]
    np.testing.assert_array_equal(h, stage.view.drawn.h[0])
    click(stage.qtbot, stage.view.again)
    assert stage.model.document.sampled == 8
    stage.settled()
    stage.view.seed.setValue(30)
    assert stage.model.document.sampled == 30
    stage.model.undo_stack.undo()
    assert (stage.model.document.sampled, stage.view.seed.value()) == (8, 8)
    stage.model.undo_stack.undo()
    stage.model.undo_stack.undo()
    assert stage.model.document is soft
    assert not stage.view.use.isChecked()
    stage.model.undo_stack.redo()
    assert stage.view.use.isChecked()
    assert stage.view.seed.value() == 7
    said: list[str] = []
    stage.view.message.connect(said.append)
    stage.view.use.click()
    assert stage.model.document.sampled is None
    assert said == ["The cell uses the usual gates again"]


def test_the_newest_wish_wins_and_what_is_out_of_date_is_dropped(stage: Stage) -> None:
    stage.settled()
    for count in (300, 400, 500):
        stage.view.count.setValue(count)
    other = filled(steps=9)
    stage.model.edit(other, "another sequence")
    stage.settled()
    assert stage.view.drawn.h.shape == (500, 9, 3)
    assert len(stage.curve("mean", "line")) == 9


def test_one_step_is_a_short_line_with_a_dot(stage: Stage) -> None:
    stage.show(filled(steps=1))
    for name in ("soft", "line"):
        x, y = getattr(stage.view.mean, name).getData()
        assert x[0] < 1 < x[1]
        assert y[0] == y[1]
    assert len(stage.view.mean.dots.getData()[0]) == 1
    low, high = stage.view.mean.getPlotItem().getViewBox().viewRange()[0]
    assert (low, high) == (0.5, 1.5)
    assert stage.view.short.isVisible()
    click(stage.qtbot, stage.view.short.buttons[0])
    stage.settled()
    assert len(stage.curve("mean", "line")) == 9
    assert not stage.view.short.isVisible()
    stage.model.undo_stack.undo()
    assert len(stage.model.document.x) == 1


def test_what_is_to_come_can_be_hidden_to_predict_it(stage: Stage) -> None:
    stage.settled()
    stage.playback.seek_step(2)
    assert len(stage.curve("mean", "line")) == 6
    click(stage.qtbot, stage.view.hide_later)
    for plot in ("once", "mean"):
        for name in ("soft", "line"):
            assert len(stage.curve(plot, name)) == 3
    stage.view._on_pointed(5)
    assert stage.view.reading.text().startswith("t = 3,"), "what is hidden is told"
    stage.playback.seek_step(5)
    assert len(stage.curve("mean", "line")) == 6


def test_one_run_has_no_band_and_says_so(stage: Stage) -> None:
    stage.view.count.setValue(1)
    stage.settled()
    assert "mean of 1 run" in texts(stage.view)
    assert "±" not in texts(stage.view)
    assert np.isfinite(stage.curve("mean", "line")).all()


def test_a_plain_rnn_says_what_to_do(stage: Stage) -> None:
    stage.settled()
    stage.model.replace(blank(2, 3, 3, cell_name="rnn"), "rnn")
    assert stage.view.empty.isVisible()
    assert stage.view.empty.text() == "The Plain RNN has no gate to draw."
    asked: list[str] = []
    stage.view.asked.connect(asked.append)
    for button in stage.view.empty.buttons:
        click(stage.qtbot, button)
    assert asked == ["cell lstm", "cell gru"]
    assert not stage.view.again.isVisible()
    stage.show(filled("gru", size=5))
    assert not stage.view.empty.isVisible()
    assert stage.view.unit.maximum() == 5


def test_a_smaller_cell_has_fewer_units(stage: Stage) -> None:
    stage.settled()
    stage.view.unit.setValue(3)
    stage.show(filled(size=1))
    assert stage.view.unit.value() == 1
    stage.show(filled().resized(n=2, k=5, projected=True))
    assert stage.view.unit.maximum() == 2


def test_a_large_document_has_fewer_runs_and_says_so(stage: Stage) -> None:
    large = blank(64, 64, 64, seed=1).with_inputs(x=np.ones((200, 64)))
    stage.view.count.setValue(2000)
    stage.show(large)
    assert stage.view.drawn.count == most_draws(large) < 2000
    assert f"At this size at most {most_draws(large)} runs can be drawn" in stage.view.meaning.text()
    stage.show(filled())
    assert "At this size" not in stage.view.meaning.text()
    assert stage.view.drawn.count == 2000


def test_the_numbers_of_a_step_are_written_out(stage: Stage) -> None:
    stage.settled()
    view, found = stage.view, stage.view.drawn
    stage.qtbot.waitUntil(lambda: stage.model.trace is not None)
    stage.playback.seek_step(2)
    short = numbers.short
    expected = (
        f"usual {short(found.soft_h[2, 0])},   one run {short(found.h[0, 2, 0])},   mean {short(found.mean[2, 0])}"
    )
    assert view.reading.text().startswith("t = 3, unit 1:")
    assert f"{expected} ± {short(2 * found.error[2, 0])}" in view.reading.text()
    assert numbers.exact(float(found.soft_h[2, 0])) in view.reading.toolTip()
    # What the cursor points at goes before where the playback stands; a click takes the playback there.
    plot = view.once
    box = plot.getPlotItem().getViewBox()
    at = box.mapViewToScene(QPointF(5.2, sum(box.viewRange()[1]) / 2))
    assert plot.step_at(at) == 4
    plot.scene().sigMouseMoved.emit(at)
    assert view.reading.text().startswith("t = 5, unit 1:")
    plot.pointed.emit(-1)
    assert view.reading.text().startswith("t = 3, unit 1:")
    click(stage.qtbot, plot.viewport(), plot.mapFromScene(at))
    stage.qtbot.waitUntil(lambda: stage.playback.moment.t == 4)
    assert plot.step_at(QPointF(-10, -10)) == -1


def test_a_hidden_view_computes_nothing_until_it_is_seen(stage: Stage) -> None:
    stage.settled()
    stage.view.hide()
    stage.model.replace(filled(steps=4), "other")
    stage.qtbot.waitUntil(lambda: stage.model.trace is not None)
    assert stage.view.drawn is None
    stage.view.show()
    stage.settled()
    assert len(stage.view.drawn.soft_h) == 4


def test_letters_grow_for_a_hall_and_colours_follow_the_theme(stage: Stage, appearance: Appearance) -> None:
    stage.settled()
    view = stage.view
    axis = view.once.getPlotItem().getAxis("left")
    view.tools.appearance.present(True)
    assert axis.style["tickFont"].pixelSize() >= appearance.px(24)
    assert view.reading.fontInfo().pixelSize() >= appearance.px(24)
    view.tools.appearance.present(False)
    assert axis.style["tickFont"].pixelSize() == appearance.text(text_size.NOTE)
    appearance.choose("dark")
    assert view.once.soft.opts["pen"].color().name() == appearance.theme.ink.lower()
    assert appearance.theme.ink in texts(view)


@pytest.mark.parametrize(
    ("width", "presenting", "rows"),
    [(420, False, 2), (640, False, 2), (1110, False, 1), (900, True, 1), (1900, True, 1)],
)
def test_no_control_covers_another_at_any_width(stage: Stage, width: int, presenting: bool, rows: int) -> None:
    view = stage.view
    stage.settled()
    view.tools.appearance.present(presenting)
    view.resize(width, 600)
    every = [view.unit, view.seed, view.count, view.again, view.use]
    widgets = [widget for widget in every if not widget.isHidden()]  # a hall sees no buttons
    stage.qtbot.waitUntil(lambda: len({widget.geometry().center().y() // 20 for widget in widgets}) == rows)
    boxes = [widget.geometry() for widget in widgets]
    for i, box in enumerate(boxes):
        assert box.right() <= view.width() == width
        assert box.width() >= min(widgets[i].minimumSizeHint().width(), widgets[i].maximumWidth())
        assert not any(box.intersects(other) for other in boxes[i + 1 :])
    assert view.once.height() == view.mean.height() > 100


def test_the_check_box_leaves_the_space_key_to_the_playback(stage: Stage) -> None:
    view = stage.view
    stage.settled()
    click(stage.qtbot, view.use)
    assert not view.use.hasFocus()
    before = view.use.isChecked()
    view.use.setFocus()
    for key in (Key.Key_Space, Key.Key_Return):
        stage.qtbot.keyClick(view.use, key)
        before = not before
        assert view.use.isChecked() == before


@pytest.mark.parametrize("output", [None, "softmax"])
@pytest.mark.parametrize("name", CELLS)
def test_the_layout_of_a_sampled_cell_shows_every_value_but_the_uniform_numbers(name: str, output: str | None) -> None:
    cell = CELLS[name](False, "x,h", output, True)
    layout = layout_of(cell)
    shown = {value for slot in layout.slots.values() for value in slot.values}
    given = {item.name for item in cell.inputs} - {item.name for item in cell.draws}
    assert shown == given | {operation.name for operation in cell.operations}
    assert {operation.name for operation in cell.operations} - {"xh"} == {
        operation for node in layout.nodes.values() for operation in node.operations
    }
    assert set(layout.routes) == {operation.name for operation in cell.operations}
    for slot in layout.slots.values():
        assert all(value in cell.shapes for value in slot.values)


@pytest.mark.parametrize("name", CELLS)
def test_a_sampled_cell_is_played_to_its_end(window: MainWindow, qtbot: QtBot, name: str) -> None:
    window.model.replace(filled(name, steps=2).with_sampled(3), "sampled")
    trace = traced(qtbot, window)
    operations = trace.cell.operations
    for position in range(1, window.playback.last + 1):
        window.playback.seek(position)
        operation, t = operations[(position - 1) % len(operations)], (position - 1) // len(operations)
        column = window.scene.column_of(operation.name)
        np.testing.assert_array_equal(column.values, trace.steps[t][operation.name])
        window.formula.grab()
    assert not window.view.grab().isNull()
    for draw in trace.cell.draws:
        gate = next(op for op in operations if op.inputs[-1] == draw.name)
        window.scene.rested.emit(gate.name, 1)
        assert f"{draw.symbol}[2]" in window.statusBar().currentMessage()
        assert window.scene.column_of(gate.name).texts[1] in ("0", "1")
    window.light.leave()


@pytest.mark.parametrize("name", [name for name in CELLS if name != "rnn"])
def test_every_formula_of_a_sampled_cell_is_typeset(typesetter: Typesetter, qtbot: QtBot, name: str) -> None:
    trace = trace_document(filled(name, steps=1).with_sampled(0))
    wanted = {item.latex for item in (*trace.cell.inputs, *trace.cell.operations)}
    for operation in trace.cell.operations:
        if operation.name.startswith("soft_") or operation.name.endswith("_t"):
            line = line_of(trace, 0, operation.name)
            wanted |= {line.symbols, line.shapes}
            wanted |= {piece for piece in line.numbers(4, 8) if isinstance(piece, str)}
    for latex in wanted:
        typesetter.formula(latex)
    qtbot.waitUntil(typesetter.idle, timeout=60_000)


def test_the_trace_comes_before_the_draws(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.settled()
    order: list[str] = []

    def told(word: str, work: Callable[..., object]) -> Callable[..., object]:
        return lambda *given: order.append(word) or work(*given)

    monkeypatch.setattr(draws_module, "draws", told("draws", draws_module.draws))
    monkeypatch.setattr(cell_model, "trace_document", told("trace", cell_model.trace_document))
    stage.model.edit(filled("gru"), "another cell")
    stage.settled()
    assert order == ["trace", "draws"]


def test_draws_of_another_wish_are_not_shown_as_the_present_ones(stage: Stage) -> None:
    stage.settled()
    free = Event()
    stage.model.background.run(lambda: free.wait(30), lambda _: None)
    stage.view.seed.setValue(5)
    stage.playback.seek_step(2)
    assert stage.view.reading.text() == "Drawing the gates …"
    free.set()
    stage.settled()
    assert stage.view.reading.text().startswith("t = 3")


def test_draws_without_memory_are_said_once_and_others_come(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.settled()

    def short_of_memory(*_: object) -> Draws:
        raise MemoryError

    said: list[str] = []
    stage.view.message.connect(said.append)
    monkeypatch.setattr(draws_module, "draws", short_of_memory)
    stage.view.count.setValue(300)
    stage.qtbot.waitUntil(lambda: bool(said))
    stage.view.refresh()
    assert said == ["There is not enough memory for 300 runs; choose fewer, or smaller sizes"]
    assert stage.view.reading.text() == said[0]
    monkeypatch.undo()
    stage.view.count.setValue(20)
    stage.settled()


def test_of_a_network_nothing_is_drawn_into_the_cell(stage: Stage) -> None:
    stage.settled()
    assert stage.view.use.isEnabled()
    network = filled(steps=4)
    stage.model.visit(network, "network", trace_document(network))
    stage.settled()
    assert not stage.view.use.isEnabled()
    assert "copy it to edit it" in stage.view.use.toolTip()
    stage.model.end_visit()
    stage.settled()
    assert stage.view.use.isEnabled()
