"""The activations view: dots are the trace's numbers, resting reads them, dragging moves the bias, for every cell."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from engine.cell.cells import CELLS
from engine.cell.graph import SIGMOID, TANH, Kind
from engine.document.document import Document, blank
from engine.document.examples import load_example
from engine.document.tracing import trace_document
from engine.explain.activations import ACTIVATIONS, RELU, Pre, pre_activations
from gui.views.activations.activations import ActivationsView
from gui.views.activations.marks import LIMIT
from gui.views.activations.plot import Curves
from gui.views.base import Tools
from gui.window.main_window import MainWindow
from tests.gui.driving import LEFT, NONE, SHIFT, Key, click, drag, move, traced
from tests.gui.waiting import wait

MILD = blank(3, 3, 3, seed=4).with_inputs(x=[[0.4, -0.3, 0.8], [1.5, 0.2, -0.7]], c0=[-3, 0.8, 5])
for _name, _bias in {"b_f": [-4, -1, 3], "b_i": [-3, 0.2, 4], "b_o": [-2, 1.5, 5], "b_C": [-1.5, -0.4, 1]}.items():
    MILD = MILD.with_weight(_name, _bias)
"""Two steps, every pre-activation within the edges and few on each other."""
Show = Callable[[Document], None]


@pytest.fixture
def view(window: MainWindow, qtbot: QtBot) -> ActivationsView:
    tools = Tools(window.model, window.playback, window.light, window.background, window.typesetter, window._appearance)
    made = ActivationsView(tools)
    qtbot.addWidget(made)
    made.resize(1110, 600)
    with qtbot.waitExposed(made):
        made.show()
    settle(made, qtbot)
    return made


@pytest.fixture
def show(view: ActivationsView, window: MainWindow, qtbot: QtBot) -> Show:
    def shown(document: Document) -> None:
        window.model.replace(document, "")
        traced(qtbot, window)
        settle(view, qtbot)

    return shown


def settle(view: ActivationsView, qtbot: QtBot) -> None:
    """Wait until every formula is there and the plots rest in their places."""
    qtbot.waitUntil(view.tools.typesetter.idle)
    view.grab()
    wait(1)  # an axis that has learnt its width moves the curves in the next turn of the loop
    view.grab()


def curves(view: ActivationsView, kind: Kind) -> Curves:
    return view.rows[kind].curves


def pre(view: ActivationsView, name: str) -> Pre:
    return next(found for column in view.rows.values() for found in column.curves.pres if found.name == name)


def dot(view: ActivationsView, name: str, unit: int, on_derivative: bool = False) -> QPointF:
    """Where the dot of a unit is."""
    found = pre(view, name)
    height = (found.derivatives if on_derivative else found.results)[unit]
    return curves(view, found.kind).place(float(found.values[unit]), float(height))


def lonely(view: ActivationsView, kind: Kind) -> list[tuple[Pre, int, bool]]:
    """Every dot of a plot that lies clear of all the others."""
    dots = [
        (p, unit, slope) for p in curves(view, kind).pres for unit in range(p.values.size) for slope in (False, True)
    ]
    places = [dot(view, p.name, unit, slope) for p, unit, slope in dots]

    def clear(place: QPointF) -> bool:
        return sum((place - other).manhattanLength() < 16 for other in places) == 1

    return [found for found, place in zip(dots, places, strict=True) if clear(place)]


# What is drawn


def test_a_dot_of_its_roles_colour_is_where_its_number_is(view: ActivationsView, show: Show) -> None:
    show(MILD)
    theme = view.tools.appearance.theme
    seen = 0
    for kind in (SIGMOID, TANH):
        picture = curves(view, kind).grab().toImage()
        for found, unit, on_derivative in lonely(view, kind):
            place = dot(view, found.name, unit, on_derivative).toPoint()
            assert picture.pixelColor(place) == theme.role(found.role), (found.name, unit)
            seen += 1
    assert seen >= 6


@pytest.mark.parametrize("kind", [SIGMOID, TANH, RELU], ids=lambda kind: kind.name)
def test_the_curve_and_the_dots_have_the_same_axes(view: ActivationsView, show: Show, kind: Kind) -> None:
    show(MILD.with_weight("b_f", [50, 50, 50]))  # something beside the plots changes
    view.resize(1300, 640)
    plot = curves(view, kind)
    plot.show_dots(())
    view.move_z(-5)  # the tangent lies on the curve
    wait(1)
    plot.grab()
    wait(1)
    picture, ink = plot.grab().toImage(), QColor(view.tools.appearance.theme.ink)
    for z in (-2.5, -0.5, 0.6, 0.9):
        place = plot.place(z, float(plot.activation.value(np.array(z)))).toPoint()
        near = [picture.pixelColor(place.x() + x, place.y() + y) for x in (-1, 0, 1) for y in (-1, 0, 1)]
        assert min(abs(colour.lightness() - ink.lightness()) for colour in near) < 30, z


def test_the_largest_derivatives_are_said(view: ActivationsView, show: Show) -> None:
    show(MILD)
    words = [column.head.words for column in view.rows.values()]
    assert words == [
        "largest derivative 0.25, at z = 0",
        "largest derivative 1, at z = 0",
        "largest derivative 1, for all z > 0",
    ]


def test_the_worked_example_stands_beyond_the_edge_with_its_numbers(view: ActivationsView, show: Show) -> None:
    show(load_example("worked-example"))
    plot = curves(view, SIGMOID)
    texts = {(token.pre.source, token.unit): token.text for token in plot.tokens()}
    expected = {("z_f", 0): "92", ("z_f", 1): "177", ("z_f", 2): "136"}
    expected |= {("z_i", 0): "22", ("z_i", 1): "43", ("z_i", 2): "64"}
    assert texts == expected
    for token in plot.tokens():
        assert plot.viewport().rect().toRectF().contains(token.rect)
        assert plot.unit_at(token.rect.center()) == (token.pre.name, token.unit)
    assert view.rows[SIGMOID].shares.texts() == ["3 of 3", "3 of 3", "1 of 3"]
    assert view.rows[TANH].shares.texts() == ["0 of 3", "0 of 3"]


def test_what_is_below_the_edge_stands_left(view: ActivationsView, show: Show) -> None:
    show(MILD.with_weight("b_o", [-40, 0, 40]))
    plot = curves(view, SIGMOID)
    sides = {(token.pre.source, token.unit): token.right for token in plot.tokens()}
    assert sides == {("z_o", 0): False, ("z_o", 2): True}
    left, right = sorted(plot.tokens(), key=lambda token: token.right)
    assert left.rect.left() < plot.place(-5, 0).x()
    assert right.rect.right() > plot.place(5, 0).x()


def test_many_beyond_the_edge_are_one_with_their_bounds(view: ActivationsView, show: Show) -> None:
    show(blank(3, 64, 64).with_weight("b_f", np.linspace(40, 90, 64)).with_weight("b_i", np.full(64, 40.0)))
    plot = curves(view, SIGMOID)
    tokens = {token.pre.source: token for token in plot.tokens()}
    low, high = pre(view, "f_t").values.min(), pre(view, "f_t").values.max()
    assert len(plot.tokens()) == 2
    assert tokens["z_f"].unit is None
    assert plot.unit_at(tokens["z_f"].rect.center()) is None
    tip = plot.tip_at(tokens["z_f"].rect.center())
    assert tip.startswith("64 units of z_f, from ")
    assert np.allclose([float(word) for word in tip.split() if word.replace(".", "").isdigit()][1:], [low, high])


@pytest.mark.parametrize(("name", "without"), [("lstm", {RELU}), ("rnn", {RELU, SIGMOID})])
def test_what_a_cell_does_not_compute_has_no_dots_and_says_so(
    view: ActivationsView, show: Show, name: str, without: set[Kind]
) -> None:
    show(blank(2, 3, 3, cell_name=name))
    for kind, column in view.rows.items():
        assert (column.curves.pres == ()) == (kind in without)
        words = column.shares.words
        assert words.startswith("No dots: this cell computes no " if kind in without else "saturated: ")


def test_another_step_moves_the_dots(view: ActivationsView, show: Show, window: MainWindow) -> None:
    show(MILD)
    trace = window.model.trace
    assert trace is not None
    for t in (1, 0):
        window.playback.seek_step(t)
        np.testing.assert_array_equal(pre(view, "f_t").values, trace.value(t, "z_f"))
        assert curves(view, SIGMOID).unit_at(dot(view, "i_t", 0)) is not None


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize(("k", "steps"), [(1, 200), (64, 2)])
def test_every_cell_is_drawn(
    view: ActivationsView, show: Show, window: MainWindow, name: str, k: int, steps: int
) -> None:
    document = blank(2, k, k, cell_name=name).with_output("sigmoid", 2)
    show(document.with_inputs(x=np.random.default_rng(0).normal(size=(steps, 2)) * 9))
    window.playback.seek_step(steps - 1)
    trace = trace_document(window.model.document)
    expected = {found.name: found for found in pre_activations(trace, steps - 1)}
    drawn = {found.name: found for column in view.rows.values() for found in column.curves.pres}
    assert drawn.keys() == expected.keys()
    for key, found in drawn.items():
        np.testing.assert_array_equal(found.values, expected[key].values)
    assert view.line.line is not None
    assert "partial" in view.line.line.latex
    assert not view.grab().isNull()


def test_a_projected_and_a_drawn_cell(view: ActivationsView, show: Show) -> None:
    show(MILD.resized(projected=True, n=2))
    assert [found.name for found in curves(view, TANH).pres] == ["C_tilde", "tanh_C"]
    show(MILD.with_sampled(3))
    assert [found.source for found in curves(view, SIGMOID).pres] == ["z_f", "z_i", "z_o"]


# Resting


def test_resting_on_a_dot_reads_it_everywhere(view: ActivationsView, show: Show, window: MainWindow) -> None:
    show(MILD)
    said: list[str] = []
    window.light.said.connect(said.append)
    head, plot = view.rows[SIGMOID].head, curves(view, SIGMOID)
    found, unit, _ = next(entry for entry in lonely(view, SIGMOID) if not entry[2])
    for on_derivative in (False, True):
        move(plot.viewport(), QPointF(2, 2))
        assert head.said == ("", "", "")
        move(plot.viewport(), dot(view, found.name, unit, on_derivative))
        written = view.tools.appearance.written
        z, value, slope = (float(array[unit]) for array in (found.values, found.results, found.derivatives))
        words = f"[{unit + 1}] = {written(z)}, σ = {written(value, True)}, σ' = {written(slope, True)}"
        assert head.said == (found.source_latex, words, found.role)
        assert said[-1].startswith(f"{found.symbol}[{unit + 1}] = ")
        assert repr(slope) in plot.tip_at(dot(view, found.name, unit))
    view.hide()
    assert said[-1] == ""


def test_resting_works_with_a_thousand_units(view: ActivationsView, show: Show) -> None:
    show(blank(2, 1024, 1024).with_inputs(x=[[3, -2]]))
    plot = curves(view, SIGMOID)
    for unit in (0, 511, 1023):
        found = plot.unit_at(dot(view, "o_t", unit))
        assert found is not None
        assert pre(view, found[0]).values[found[1]] == pytest.approx(pre(view, "o_t").values[unit], abs=0.1)


# Dragging


def test_a_dragged_dot_moves_its_bias_by_as_much(
    view: ActivationsView, show: Show, window: MainWindow, qtbot: QtBot
) -> None:
    show(MILD)
    plot, before = curves(view, SIGMOID), window.model.document
    found, unit, _ = next(entry for entry in lonely(view, SIGMOID) if not entry[2])
    assert found.bias is not None
    start, z = dot(view, found.name, unit), float(found.values[unit])
    goal = z - 2 if z > 0 else z + 2
    ways = [plot.place(z + share * (goal - z), 0.5) for share in (0.2, 0.5, 0.8, 1)]
    drag(qtbot, plot.viewport(), start, *ways)
    traced(qtbot, window)
    after = window.model.document
    change = after.weights[found.bias] - before.weights[found.bias]
    assert change[unit] == pytest.approx(goal - z, abs=0.1)
    assert np.count_nonzero(change) == 1
    assert all(after.weights[name] is before.weights[name] for name in before.weights if name != found.bias)
    moved = pre(view, found.name).values[unit]
    assert moved == pytest.approx(z + change[unit], abs=1e-9)
    assert window.model.undo_stack.count() == 1, "a drag is more than one step of undo"
    assert window.model.undo_stack.undoText() == f"move {found.symbol}[{unit + 1}]"
    window.model.undo_stack.undo()
    assert window.model.document is before
    qtbot.waitUntil(lambda: pre(view, found.name).values[unit] == z)


def test_while_it_is_dragged_the_bias_is_said_and_the_cell_follows(
    view: ActivationsView, show: Show, window: MainWindow, qtbot: QtBot
) -> None:
    show(load_example("worked-example"))
    plot, head = curves(view, SIGMOID), view.rows[SIGMOID].head
    token = next(token for token in plot.tokens() if (token.pre.source, token.unit) == ("z_f", 0))
    qtbot.mousePress(plot.viewport(), LEFT, NONE, token.rect.center().toPoint())
    for z in (5, 4, 2):
        move(plot.viewport(), plot.place(z, 0.5), LEFT)
    # What is newest is in force before the mouse is let go, and the numbers have followed.
    qtbot.waitUntil(lambda: abs(pre(view, "f_t").values[0] - 2) < 0.1)
    bias = window.model.document.weights["b_f"][0]
    assert bias == round(bias, 2)
    assert head.said == ("b_f", f"[1]: 1 → −{abs(bias):g}", "forget")
    qtbot.mouseRelease(plot.viewport(), LEFT, NONE, plot.place(2, 0.5).toPoint())
    assert window.model.undo_stack.count() == 1
    traced(qtbot, window)
    assert view.rows[SIGMOID].shares.texts()[0] == "2 of 3"


def test_a_dot_without_a_bias_says_why_it_stays(
    view: ActivationsView, show: Show, window: MainWindow, qtbot: QtBot
) -> None:
    show(MILD)
    plot = curves(view, TANH)
    _, unit, slope = next(entry for entry in lonely(view, TANH) if entry[0].name == "tanh_C")
    start = dot(view, "tanh_C", unit, slope)
    with qtbot.waitSignal(view.message) as said:
        drag(qtbot, plot.viewport(), start, start + QPointF(20, 0), start + QPointF(40, 0))
    assert said.args == ["C_t has no bias of its own: drag a dot of what it is computed from."]
    assert window.model.document is MILD


def test_a_dot_of_a_network_stays_and_leaves_no_step_of_undo(
    view: ActivationsView, show: Show, window: MainWindow, qtbot: QtBot
) -> None:
    show(blank(1, 1, 1))
    window.model.visit(MILD, "network", trace_document(MILD))
    settle(view, qtbot)
    plot = curves(view, SIGMOID)
    found, unit, slope = lonely(view, SIGMOID)[0]
    start = dot(view, found.name, unit, slope)
    with qtbot.waitSignal(window.model.message) as said:
        drag(qtbot, plot.viewport(), start, start + QPointF(20, 0), start + QPointF(40, 0))
    assert "network of the run" in said.args[0]
    assert view.rows[SIGMOID].head.said[1] != "", "the dot is rested on"
    assert "→" not in view.rows[SIGMOID].head.said[1]
    assert window.model.undo_stack.count() == 0
    assert window.model.document is MILD


def test_a_click_on_a_dot_edits_nothing(view: ActivationsView, show: Show, window: MainWindow, qtbot: QtBot) -> None:
    show(load_example("worked-example"))
    document, plot = window.model.document, curves(view, SIGMOID)
    click(qtbot, plot.viewport(), plot.tokens()[0].rect.center().toPoint())
    assert window.model.document is document
    assert window.model.undo_stack.count() == 0


def begin_drag(view: ActivationsView, qtbot: QtBot) -> None:
    plot = curves(view, SIGMOID)
    found, unit, _ = next(entry for entry in lonely(view, SIGMOID) if not entry[2])
    qtbot.mousePress(plot.viewport(), LEFT, NONE, dot(view, found.name, unit).toPoint())
    move(plot.viewport(), plot.place(5, 0.5), LEFT)
    assert plot.held == (found.name, unit)


def test_a_document_that_is_opened_meanwhile_ends_the_drag(
    view: ActivationsView, show: Show, window: MainWindow, qtbot: QtBot
) -> None:
    show(MILD)
    begin_drag(view, qtbot)
    other = blank(1, 1, 1)
    show(other)
    move(curves(view, SIGMOID).viewport(), curves(view, SIGMOID).place(-3, 0.5), LEFT)
    qtbot.mouseRelease(curves(view, SIGMOID).viewport(), LEFT, NONE)
    assert window.model.document is other
    assert window.model.undo_stack.count() == 0


def test_a_view_that_is_left_meanwhile_ends_the_drag(
    view: ActivationsView, show: Show, window: MainWindow, qtbot: QtBot
) -> None:
    show(MILD)
    begin_drag(view, qtbot)
    view.hide()
    assert curves(view, SIGMOID).held is None
    assert window.model.undo_stack.canUndo()
    window.model.undo_stack.undo()
    assert window.model.document is MILD


def test_a_dragged_dot_stays_within_the_plot(
    view: ActivationsView, show: Show, window: MainWindow, qtbot: QtBot
) -> None:
    show(MILD)
    begin_drag(view, qtbot)
    plot = curves(view, SIGMOID)
    name, unit = plot.held or ("", 0)
    move(plot.viewport(), QPointF(9999, 0), LEFT)
    qtbot.mouseRelease(plot.viewport(), LEFT, NONE)
    traced(qtbot, window)
    assert pre(view, name).values[unit] == pytest.approx(LIMIT, abs=0.01)


# A z to drag


@pytest.mark.parametrize("size", [(1110, 600), (960, 430), (640, 350)])
def test_a_unit_is_as_long_up_as_across(view: ActivationsView, qtbot: QtBot, size: tuple[int, int]) -> None:
    view.resize(*size)
    settle(view, qtbot)
    lengths = []
    for kind in (SIGMOID, TANH, RELU):
        plot = curves(view, kind)
        zero, one = plot.place(0, 0), plot.place(1, 1)
        assert one.x() - zero.x() == pytest.approx(zero.y() - one.y(), rel=0.03)
        assert plot.place(-LIMIT, 0).x() >= 0
        assert plot.place(LIMIT, 0).x() <= plot.width()
        lengths.append(one.x() - zero.x())
    assert max(lengths) == pytest.approx(min(lengths), rel=0.03)


def test_a_z_is_dragged_with_its_tangent_and_its_number(view: ActivationsView, show: Show, qtbot: QtBot) -> None:
    show(MILD)
    plot = curves(view, TANH)
    pictures = [plot.grab().toImage()]
    for z in (-2.0, 0.5):
        drag(qtbot, plot.viewport(), plot.place(4.8, -1.3), plot.place(4, -1.3), plot.place(z, -1.3))
        assert view.z == pytest.approx(z, abs=0.05)
        words = {kind: row.head.at_z.text() for kind, row in view.rows.items()}
        slope = 1 - np.tanh(view.z) ** 2
        written = view.tools.appearance.written
        assert words[TANH] == (
            f"tanh({written(view.z, True)}) = {written(float(np.tanh(view.z)), True)}, slope {written(slope, True)}"
        )
        assert words[SIGMOID].startswith(f"σ({written(view.z, True)}) = "), "z is that of all curves"
        pictures.append(plot.grab().toImage())
    assert pictures[0] != pictures[1] != pictures[2]
    assert view.tools.model.document is MILD, "a drag of z edits nothing"


def test_keys_move_z(view: ActivationsView, qtbot: QtBot) -> None:
    view.move_z(1.0)
    QTest.keyClick(view, Key.Key_Right)
    assert view.z == 1.1
    QTest.keyClick(view, Key.Key_Left, SHIFT)
    assert view.z == pytest.approx(0.1)
    view.move_z(-7)
    assert view.z == -LIMIT
    QTest.keyClick(view, Key.Key_Left)
    assert view.z == -LIMIT


# The derivation


def test_a_click_on_a_plot_or_its_head_chooses_the_derivation(view: ActivationsView, qtbot: QtBot) -> None:
    for activation in (*ACTIVATIONS[1:], ACTIVATIONS[0]):
        plot = curves(view, activation.kind)
        qtbot.mouseClick(plot.viewport(), LEFT, NONE, QPointF(3, 3).toPoint())
        assert view.derivation.activation is activation
        assert [column.head.chosen for column in view.rows.values()] == [a is activation for a in ACTIVATIONS]
    click(qtbot, view.rows[TANH].head)
    assert view.derivation.activation is ACTIVATIONS[1]


def test_a_small_window_shows_one_after_the_other(view: ActivationsView, qtbot: QtBot) -> None:
    assert view.derivation.isVisible()
    assert not view.toggle.isVisible()
    view.resize(640, 350)
    assert not view.derivation.isVisible()
    click(qtbot, view.toggle)
    assert view.derivation.isVisible()
    assert not curves(view, TANH).isVisible()
    click(qtbot, view.toggle)
    assert curves(view, TANH).isVisible()
    view.resize(1110, 600)
    assert view.derivation.isVisible()
    assert curves(view, TANH).isVisible()


@pytest.mark.parametrize("size", [(1110, 600), (1890, 860)])
def test_nothing_is_smaller_than_its_words(view: ActivationsView, qtbot: QtBot, size: tuple[int, int]) -> None:
    """Every line of a derivation has its place, below the one before, and nothing is cut off."""
    view.resize(*size)
    view.tools.appearance.present(size[0] > 1200)
    for activation in ACTIVATIONS:
        view.choose(activation)
        settle(view, qtbot)
        lines = view.derivation.lines
        assert [reason.text() for _, _, reason in lines] == [step.reason for step in activation.derivation]
        for left, right, reason in lines:
            assert reason.height() >= reason.heightForWidth(reason.width())
            assert all(maths.size() == maths.sizeHint() for maths in (left, right) if maths.isVisible())
        tops = [min(part.geometry().top() for part in line if part.isVisible()) for line in lines]
        bottoms = [max(part.geometry().bottom() for part in line if part.isVisible()) for line in lines]
        assert all(top > bottom for top, bottom in zip(tops[1:], bottoms, strict=False))
        assert view.derivation.height() > bottoms[-1]


def test_what_stands_around_the_curves_stands_in_labels(view: ActivationsView, show: Show) -> None:
    show(MILD)
    texts = {label.text().replace("\N{NO-BREAK SPACE}", " ") for label in view.findChildren(QLabel)}
    for column in view.rows.values():
        assert {column.head.words, column.shares.words, *column.shares.texts()} <= texts
    assert view.line.line is not None
    assert {view.chosen.headline, view.line.line.sentence, *(step.reason for step in view.chosen.derivation)} <= texts


def test_relu_s_slope_is_told_apart_from_what_saves_an_lstm(view: ActivationsView, show: Show) -> None:
    show(MILD)
    said = {}
    for activation in ACTIVATIONS:
        view.choose(activation)
        labels = view.derivation.findChildren(QLabel)
        said[activation.title] = [
            label.text() for label in labels if label.isVisible() and "helps depth" in label.text()
        ]
    assert [title for title, words in said.items() if words] == ["ReLU"]
    assert said["ReLU"][0].endswith("An LSTM is saved by its cell line instead.")


def test_another_theme_is_drawn_in_its_colours(view: ActivationsView, show: Show) -> None:
    show(MILD)
    appearance = view.tools.appearance
    appearance.choose("dark")
    try:
        settle_colour = QColor(appearance.theme.panel)
        picture = curves(view, SIGMOID).grab().toImage()
        corner = curves(view, SIGMOID).place(-5.5, 1.3).toPoint()
        assert picture.pixelColor(corner) == settle_colour
    finally:
        appearance.choose("light")
