from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from engine.cell.cells import CELLS
from engine.document.document import Document, blank
from engine.document.examples import load_example
from engine.text import numbers
from gui.appearance.hatching import VEIL
from gui.views.base import Tools
from gui.views.sequence.sequence import SequenceView
from gui.views.sequence.steps_row import BODIES_FROM, COLUMNS_FROM, DIAGRAM_FROM
from gui.views.sequence.unrolled import Unrolled
from tests.gui.driving import LEFT, NONE, click, drag, move, turn_wheel


@pytest.fixture
def view(tools: Tools, qtbot: QtBot) -> Iterator[SequenceView]:
    made = SequenceView(tools)
    made.resize(1110, 600)
    made.show()
    shown(qtbot, made)
    yield made
    shiboken6.delete(made)


def shown(qtbot: QtBot, view: SequenceView) -> Unrolled:
    """Wait until the document's sequence is on the screen with all that is in view."""
    document = view.tools.model.document
    unrolled = view.unrolled

    def there() -> bool:
        trace, row = view.tools.model.trace, unrolled.row()
        return trace is not None and row is not None and row.steps == len(document.x) and unrolled.complete

    qtbot.waitUntil(there)
    return unrolled


def open_document(qtbot: QtBot, view: SequenceView, document: Document) -> Unrolled:
    view.tools.model.replace(document, "another")
    return shown(qtbot, view)


def long(steps: int, size: int = 3, cell: str = "lstm", n: int | None = None) -> Document:
    """A sequence of random inputs."""
    random = np.random.default_rng(0)
    document = blank(2, n or size, size, seed=1, cell_name=cell)
    return document.with_inputs(x=random.normal(size=(steps, 2)))


def near(view: SequenceView, pitch: float, t: int = 0) -> None:
    """Zoom until a step is so wide, about step t."""
    row = view.unrolled.row()
    assert row is not None
    view.unrolled.zoom(pitch / row.pitch, row.step(t).center())


def yellow(view: SequenceView, t: int) -> int:
    """Count the pixels of the colour of "now" on the right edge of a step's body."""
    row = view.unrolled.row()
    assert row is not None
    body = row.body(t)
    image = view.unrolled.grab().toImage()
    now = QColor(view.tools.appearance.theme.now)
    x = round(body.right())
    return sum(
        image.pixelColor(column, y) == now
        for column in range(x - 2, min(x + 4, image.width()))
        for y in range(round(body.top()) + 20, round(body.bottom()) - 20)
    )


def test_all_steps_stand_side_by_side_at_first(view: SequenceView):
    row = view.unrolled.row()
    assert row is not None
    assert not view.unrolled.is_zoomed
    assert row.step(0).left() >= 0
    assert row.step(3).right() <= view.unrolled.width()
    assert [view.unrolled.step_at(row.step(t).center()) for t in range(4)] == [0, 1, 2, 3]


def test_a_click_opens_a_step_in_the_cell(view: SequenceView, tools: Tools, qtbot: QtBot):
    row = view.unrolled.row()
    assert row is not None
    with qtbot.waitSignal(view.wanted) as wanted:
        click(qtbot, view.unrolled, row.step(2).center().toPoint())
    assert wanted.args == ["diagram"]
    assert tools.playback.moment.t == 2
    assert tools.playback.position == 3 * len(tools.playback.leg.stops)


def test_the_wheel_zooms_about_the_cursor(view: SequenceView):
    unrolled = view.unrolled
    middle = QPointF(unrolled.rect().center())
    before = unrolled.row()
    assert before is not None
    under = (middle.x() - before.left) / before.pitch
    turn_wheel(unrolled, 45)
    after = unrolled.row()
    assert after is not None
    assert after.pitch > before.pitch
    assert (middle.x() - after.left) / after.pitch == pytest.approx(under)
    assert unrolled.is_zoomed
    turn_wheel(unrolled, -90)
    assert not unrolled.is_zoomed
    assert unrolled.row() == before


def test_a_drag_pans_and_opens_nothing(view: SequenceView, tools: Tools, qtbot: QtBot):
    near(view, 400)
    unrolled = view.unrolled
    before = unrolled.row()
    assert before is not None
    position = tools.playback.position
    with qtbot.assertNotEmitted(view.wanted):
        drag(qtbot, unrolled, QPointF(600, 100), QPointF(580, 100), QPointF(450, 100))
    after = unrolled.row()
    assert after is not None
    assert after.left == pytest.approx(before.left - 150)
    assert tools.playback.position == position
    drag(qtbot, unrolled, QPointF(50, 100), QPointF(1000, 100), QPointF(9000, 100))
    row = unrolled.row()
    assert row is not None
    assert row.left == unrolled.gutter, "the first step was dragged out of view"


def test_the_whole_sequence_comes_back_by_its_button(view: SequenceView, qtbot: QtBot):
    assert not view.whole.isEnabled()
    near(view, 400)
    assert view.whole.isEnabled()
    click(qtbot, view.whole)
    assert not view.unrolled.is_zoomed


def test_next_step_carries_over(view: SequenceView, tools: Tools, qtbot: QtBot):
    for t in range(4):
        click(qtbot, view.next_step)
        assert tools.playback.position == (t + 1) * len(tools.playback.leg.stops)
        assert view.unrolled.carrying
        qtbot.waitUntil(lambda: not view.unrolled.carrying)
    assert not view.next_step.isEnabled()
    tools.playback.back()
    assert view.next_step.isEnabled()
    assert not view.unrolled.carrying, "nothing goes over on the way back"


def test_the_playback_going_on_into_the_next_step_carries_over(view: SequenceView, tools: Tools, qtbot: QtBot):
    tools.playback.seek_step(2)
    assert not view.unrolled.carrying, "a leap carries nothing over"
    tools.playback.next()
    assert view.unrolled.carrying
    qtbot.waitUntil(lambda: not view.unrolled.carrying and not tools.playback.moving)


@pytest.mark.parametrize("pitch", [60.0, 260.0, 700.0])
def test_the_present_step_is_framed_in_yellow(view: SequenceView, tools: Tools, qtbot: QtBot, pitch: float):
    open_document(qtbot, view, long(20))
    tools.playback.seek_step(7)
    near(view, pitch, 7)
    shown(qtbot, view)
    assert yellow(view, 7) > 50
    row = view.unrolled.row()
    assert row is not None
    others = [t for t in row.in_view(view.unrolled.width()) if t != 7 and row.body(t).right() < view.unrolled.width()]
    assert [t for t in others if yellow(view, t)] == []


def test_zoomed_in_the_view_follows_the_walk(view: SequenceView, tools: Tools, qtbot: QtBot):
    unrolled = open_document(qtbot, view, long(200))
    near(view, 200)
    tools.playback.seek_step(150)
    row = unrolled.row()
    assert row is not None
    assert unrolled.gutter <= row.step(150).left()
    assert row.step(150).right() <= unrolled.width()


def test_columns_of_the_maps_stand_under_their_cells(view: SequenceView):
    row = view.unrolled.row()
    assert row is not None
    for t in range(4):
        assert view.maps.cell_rect(0, t, 0).center().x() == pytest.approx(row.step(t).center().x())
    near(view, 600)
    assert view.maps.cell_rect(0, 3, 0).right() <= view.maps.width(), "zoomed in, the maps show all steps"


def test_the_maps_say_the_numbers_of_the_trace(view: SequenceView, tools: Tools, qtbot: QtBot):
    said: list[str] = []
    tools.light.said.connect(said.append)
    trace = tools.model.trace
    assert trace is not None
    for number, (name, symbol) in enumerate((("C_t", "C_t"), ("h_t", "h_t"))):
        for t in range(4):
            for unit in range(4):
                move(view.maps, view.maps.cell_rect(number, t, unit).center())
                value = numbers.exact(float(trace.steps[t][name][unit]))
                assert f"{symbol}, unit {unit + 1}, t = {t + 1}: {value}" in view.maps.toolTip()
                assert said[-1].startswith(f"{symbol}[{unit + 1}] = {value}, computed from")
    move(view.maps, QPointF(1, 1))
    assert said[-1] == ""


def test_a_click_in_a_map_goes_to_that_step(view: SequenceView, tools: Tools, qtbot: QtBot):
    click(qtbot, view.maps, view.maps.cell_rect(1, 2, 0).center().toPoint())
    assert tools.playback.position == 3 * len(tools.playback.leg.stops)
    assert view.isVisible()


def test_unit_1_is_on_top_and_what_is_not_computed_is_pale_and_hatched(view: SequenceView, tools: Tools, qtbot: QtBot):
    tools.to_come.hide(True)
    tools.playback.seek_step(1)
    trace, theme = tools.model.trace, tools.appearance.theme
    assert trace is not None
    view.setStyleSheet(f"background: {theme.panel}")
    limit = max(1.0, *(float(np.abs(step["C_t"]).max()) for step in trace.steps))
    image = view.maps.grab().toImage()
    panel = np.array(QColor(theme.panel).getRgb()[:3], dtype=float)
    for t in range(4):
        for unit in range(4):
            full = theme.diverging[round((trace.steps[t]["C_t"][unit] / limit + 1) / 2 * 255)].astype(float)
            expected = full if t <= 1 else panel + (full - panel) * (1 - VEIL / 255)
            at = view.maps.cell_rect(0, t, unit).center().toPoint()
            around = [image.pixelColor(at + QPoint(x, y)).getRgb()[:3] for x in range(-6, 7) for y in range(-2, 3)]
            near = np.abs(np.array(around, dtype=float) - expected).max(axis=1) <= 3
            where = f"unit {unit + 1}, t = {t + 1}"
            assert near.mean() > (0.99 if t <= 1 else 0.3), where
            assert bool(near.mean() < 0.95) is (t > 1), where  # what is not computed is hatched


def test_within_a_step_only_what_is_computed_is_full(view: SequenceView, tools: Tools, qtbot: QtBot):
    names = [operation.name for operation in tools.model.trace.cell.operations]  # type: ignore[union-attr]
    tools.to_come.hide(True)
    tools.playback.seek(names.index("C_t") + 1)
    move(view.maps, view.maps.cell_rect(0, 0, 0).center())
    assert "not come" not in view.maps.toolTip()
    move(view.maps, view.maps.cell_rect(1, 0, 0).center())
    assert view.maps.toolTip().endswith("not computed yet"), "a number that is to be predicted is told"


def test_everything_computed_is_shown_unless_it_is_hidden(view: SequenceView, tools: Tools, qtbot: QtBot):
    assert tools.playback.position == 0
    move(view.maps, view.maps.cell_rect(1, 3, 0).center())
    assert "not computed yet" not in view.maps.toolTip()
    assert view.by_steps
    before = shown(qtbot, view).grab().toImage()
    click(qtbot, view.hide_later)
    shown(qtbot, view)
    move(view.maps, view.maps.cell_rect(1, 3, 0).center())
    assert "not computed yet" in view.maps.toolTip()
    assert view.unrolled.grab().toImage() != before
    assert not view.by_steps, "single operations reveal something now"
    click(qtbot, view.hide_later)
    assert shown(qtbot, view).grab().toImage() == before


def test_one_step_offers_a_longer_sequence(view: SequenceView, tools: Tools, qtbot: QtBot):
    document = load_example("worked-example")
    tools.model.replace(document, "Worked example")
    qtbot.waitUntil(view.empty.isVisible)
    click(qtbot, view.empty.buttons[0])
    qtbot.waitUntil(view.unrolled.isVisible)
    assert shown(qtbot, view).row().steps == 9
    assert (tools.model.document.x == document.x[0]).all()
    tools.model.undo_stack.undo()
    assert tools.model.document is document
    qtbot.waitUntil(view.empty.isVisible)
    click(qtbot, view.empty.buttons[1])
    qtbot.waitUntil(lambda: tools.model.shown.name == "Four time steps" and view.unrolled.isVisible())
    shown(qtbot, view)
    tools.model.undo_stack.undo()
    assert tools.model.shown.name == "Worked example"


def test_an_edit_is_drawn(view: SequenceView, tools: Tools, qtbot: QtBot):
    model = tools.model
    model.edit(model.document.with_inputs(x=model.document.x + 1), "x")
    qtbot.waitUntil(lambda: model.trace is not None)
    expected = numbers.exact(float(model.trace.steps[2]["h_t"][1]))  # type: ignore[union-attr]

    def written() -> bool:
        move(view.maps, view.maps.cell_rect(1, 2, 1).center())
        return expected in view.maps.toolTip()

    qtbot.waitUntil(written)
    shown(qtbot, view)


def _documents() -> dict[str, Callable[[], Document]]:
    found: dict[str, Callable[[], Document]] = {name: lambda name=name: long(6, 3, name) for name in CELLS}
    found |= {
        "projected, output": lambda: long(3, 4, n=2).with_output("softmax", 3),
        "gates drawn": lambda: long(5).with_sampled(3),
        "size 1": lambda: long(2, 1),
        "size 64": lambda: long(200, 64),
    }
    return found


@pytest.mark.parametrize("document", _documents().values(), ids=list(_documents()))
def test_every_cell_at_every_zoom(view: SequenceView, tools: Tools, qtbot: QtBot, document: Callable[[], Document]):
    opened = document()
    unrolled = open_document(qtbot, view, opened)
    rows = 2 if opened.cell.has_state else 1
    assert view.maps.cell_rect(rows - 1, 0, 0).bottom() <= view.maps.height()
    tools.playback.seek(len(opened.cell.operations) - 1)
    for pitch in (BODIES_FROM - 1, COLUMNS_FROM - 1, DIAGRAM_FROM - 1, DIAGRAM_FROM + 1, 1400):
        near(view, pitch)
        qtbot.waitUntil(lambda: unrolled.complete)
        image = unrolled.grab().toImage()
        colours = {image.pixel(x, y) for x in range(60, 900, 3) for y in range(10, 300, 5)}
        assert len(colours) > 5, "nothing is drawn"


def test_the_theme_and_the_hall_are_followed(view: SequenceView, tools: Tools, qtbot: QtBot):
    def body() -> QColor:
        row = view.unrolled.row()
        assert row is not None
        return view.unrolled.grab().toImage().pixelColor((row.body(0).bottomLeft() + QPointF(12, -30)).toPoint())

    assert body() == QColor(tools.appearance.theme.body)
    tools.appearance.choose("dark")
    shown(qtbot, view)
    assert body() == QColor(tools.appearance.theme.body)
    before = view.unrolled.gutter
    view.tools.appearance.present(True)
    shown(qtbot, view)
    assert view.unrolled.gutter > before
    assert view.next_step.font().pixelSize() >= 24
    view.tools.appearance.present(False)
    assert view.unrolled.gutter == before


def test_while_hidden_it_draws_nothing_and_is_right_when_it_comes_back(view: SequenceView, tools: Tools, qtbot: QtBot):
    view.hide()
    tools.playback.seek_step(3)
    tools.model.replace(long(7), "seven steps")
    qtbot.waitUntil(lambda: tools.model.trace is not None)
    row = view.unrolled.row()
    assert row is not None
    assert row.steps == 4
    view.show()
    shown(qtbot, view)


def test_a_press_that_is_let_go_elsewhere_opens_nothing(view: SequenceView, qtbot: QtBot):
    with qtbot.assertNotEmitted(view.wanted):
        qtbot.mouseRelease(view.unrolled, LEFT, NONE, view.unrolled.rect().center())
