"""The dimensions view: m, n and k at every axis; a change shows where it belongs and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from threading import Event

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from engine.cell.cells import CELLS
from engine.document import memory
from engine.document.document import blank
from engine.document.examples import load_example
from engine.document.tracing import trace_document
from engine.explain.dimensions import picture
from gui.views.base import Tools
from gui.views.shapes.shapes import DimensionsView, in_letters
from gui.window.main_window import MainWindow
from tests.gui.driving import click, move, traced

ROOMS = [(1110, 600), (640, 350)]


@pytest.fixture
def view(window: MainWindow, qtbot: QtBot) -> Iterator[DimensionsView]:
    """The view with the worked example, at rest, as large as in a window of 1920×1080."""
    tools = Tools(window.model, window.playback, window.light, window.background, window.typesetter, window._appearance)
    view = DimensionsView(tools)
    view.resize(1110, 600)
    view.show()
    settled(qtbot, window, view)
    yield view
    view.hide()
    view.deleteLater()


def settled(qtbot: QtBot, window: MainWindow, view: DimensionsView) -> None:
    """Wait until the document is on the screen and nothing moves."""
    traced(qtbot, window)
    qtbot.waitUntil(lambda: window.typesetter.idle() and not view.drawing.moving)


def bodies(view: DimensionsView) -> dict[str, tuple[float, float]]:
    """Width and height of every shape, as it is drawn."""
    layout = view.drawing.layout_shown
    assert layout is not None
    sizes = {placed.key: view.drawing.shape(placed.key).body.size() for placed in layout.shapes}
    return {key: (round(size.width(), 3), round(size.height(), 3)) for key, size in sizes.items()}


def part(view: DimensionsView, key: str, axis: str) -> QRectF:
    """The rectangle of the rows or columns of one size within a shape, as it is drawn."""
    parts = view.drawing.shape(key).parts
    return next(part.rect for part in parts if axis == (part.columns or part.rows))


def test_m_shows_in_x_and_in_the_width_of_w_and_nowhere_else(window: MainWindow, qtbot: QtBot, view: DimensionsView):
    before = bodies(view)
    layout = view.drawing.layout_shown
    assert layout is not None
    entry = layout.entry
    view.boxes["m"].setValue(4)
    assert window.model.document.m == 4
    qtbot.waitUntil(lambda: view.drawing.moving)
    assert view.drawing.glowing == {"m"}
    settled(qtbot, window, view)
    assert view.drawing.glowing == frozenset()
    after = bodies(view)
    for key, (width, height) in after.items():
        wider, higher = width - before[key][0], height - before[key][1]
        name = key.split("/")[1]
        assert wider == pytest.approx(entry if name.startswith("W_") else 0, abs=0.01), key
        assert higher == pytest.approx(entry if name in ("x_t", "xh") else 0, abs=0.01), key
    assert "7 columns; no other shape changes." in view.note.text()
    assert "{" not in view.note.text()


def test_shapes_grow_on_their_way(window: MainWindow, qtbot: QtBot, view: DimensionsView):
    start = part(view, "f_t/W_f", "m").width()
    seen: list[float] = []
    view.drawing._motion.valueChanged.connect(lambda _: seen.append(part(view, "f_t/W_f", "m").width()))
    view.boxes["m"].setValue(5)
    qtbot.waitUntil(lambda: view.drawing.moving)
    settled(qtbot, window, view)
    end = part(view, "f_t/W_f", "m").width()
    assert seen == sorted(seen)
    assert any(start + 1 < width < end - 1 for width in seen)


def test_every_shape_is_to_scale(window: MainWindow, qtbot: QtBot, view: DimensionsView):
    window.model.edit(blank(4, 6, 6), "")
    settled(qtbot, window, view)
    layout = view.drawing.layout_shown
    assert layout is not None
    for placed in layout.shapes:
        value = np.atleast_2d(np.asarray(view.trace.value(0, placed.drawn.name)).T).T  # type: ignore[union-attr]
        rows, columns = value.shape
        assert placed.body.height() == pytest.approx(rows * layout.entry), placed.key
        assert placed.body.width() == pytest.approx(columns * layout.entry), placed.key


def test_the_order_moves_columns_and_no_result(window: MainWindow, qtbot: QtBot, view: DimensionsView):
    results = {name: np.array(view.trace.steps[0][name]) for name in ("f_t", "C_t", "h_t")}  # type: ignore[union-attr]
    standing = {key: view.drawing.shape(key).body for key in ("f_t/f_t", "C_t/C_t", "h_t/h_t", "f_t/W_f")}
    m, n = part(view, "f_t/W_f", "m").left(), part(view, "f_t/W_f", "n").left()
    assert m < n
    click(qtbot, view.order)
    assert window.model.document.order == "h,x"
    qtbot.waitUntil(lambda: view.drawing.moving)
    assert view.drawing.glowing == frozenset()
    settled(qtbot, window, view)
    assert part(view, "f_t/W_f", "n").left() < part(view, "f_t/W_f", "m").left()
    assert part(view, "f_t/xh", "n").top() < part(view, "f_t/xh", "m").top()
    for key, body in standing.items():
        assert view.drawing.shape(key).body == body, key
    for name, value in results.items():
        np.testing.assert_allclose(view.trace.steps[0][name], value, rtol=1e-12)  # type: ignore[union-attr]
    assert "every result, stays the same" in view.note.text()
    click(qtbot, view.order)
    settled(qtbot, window, view)
    assert window.model.document.order == "x,h"


def test_unlinking_shows_the_projection_and_says_why(window: MainWindow, qtbot: QtBot, view: DimensionsView):
    assert "multiplies entry by entry" in view.note.text()
    click(qtbot, view.link)
    settled(qtbot, window, view)
    assert window.model.document.projected
    assert "h_t/W_hr" in bodies(view)
    assert "proj_size" in view.note.text()
    assert "Training needs n &lt; k. Here n = 3 and k = 3." in view.note.text()
    view.boxes["n"].setValue(2)
    settled(qtbot, window, view)
    assert (window.model.document.n, window.model.document.k) == (2, 3)
    assert "Here n" not in view.note.text()
    click(qtbot, view.link)
    settled(qtbot, window, view)
    assert "h_t/W_hr" not in bodies(view)


def test_linked_n_and_k_are_one_number_and_undo_takes_it_back(window: MainWindow, qtbot: QtBot, view: DimensionsView):
    original = window.model.document
    view.boxes["n"].setValue(5)
    assert (window.model.document.n, window.model.document.k) == (5, 5)
    assert view.boxes["k"].value() == window.sizes.boxes["k"].value() == 5
    window.model.undo_stack.undo()
    assert window.model.document is original
    assert view.boxes["n"].value() == 3


def test_new_weights_are_filled_as_the_user_chose(window: MainWindow, qtbot: QtBot, view: DimensionsView):
    own = DimensionsView(replace(view.tools, filling=lambda: ("ones", 0)))
    own.boxes["m"].setValue(4)
    assert (window.model.document.weights["W_f"][:, 3] == 1).all()
    own.deleteLater()


def test_resting_on_a_matrix_says_why_it_has_its_shape(qtbot: QtBot, view: DimensionsView):
    said: list[str] = []
    view.message.connect(said.append)
    body = view.drawing.shape("f_t/W_f").body
    entry = body.height() / 3
    move(view.drawing, QPointF(body.left() + 3.5 * entry, body.top() + 1.5 * entry))
    assert said == [
        "W_f is k×(m+n) = 3×6: one row for each entry of f_t, one column for each entry of [x_t, h_{t-1}]. "
        "W_f[2, 4] = 8"
    ]
    move(view.drawing, QPointF(1, 1))
    assert said[-1] == ""


@pytest.mark.parametrize("cell_name", CELLS)
@pytest.mark.parametrize("room", ROOMS)
def test_every_cell_fits(window: MainWindow, qtbot: QtBot, view: DimensionsView, cell_name: str, room: tuple[int, int]):
    document = load_example("worked-example").with_cell(cell_name).with_output("softmax", 2)
    if document.can_project:
        document = document.resized(projected=True, n=2)
    view.resize(*room)
    window.model.edit(document, "")
    settled(qtbot, window, view)
    layout = view.drawing.layout_shown
    assert layout is not None
    drawn = {
        f"{equation.name}/{piece.name}" for equation in picture(document.cell).equations for piece in equation.drawn
    }
    assert drawn <= set(bodies(view))
    for placed in layout.shapes:
        assert view.drawing.rect().toRectF().contains(placed.body), placed.key
    for placed in layout.shapes:
        others = [other for other in layout.shapes if other is not placed and other.body.intersects(placed.body)]
        assert not others, placed.key
    assert view.boxes["k"].isVisible() == document.can_project


@pytest.mark.parametrize(("m", "k"), [(1, 1), (64, 64), (1024, 3), (3, 200)])
def test_sizes_from_one_to_a_thousand(window: MainWindow, qtbot: QtBot, view: DimensionsView, m: int, k: int):
    window.model.edit(blank(m, k, k), "")
    settled(qtbot, window, view)
    assert ("Not to scale" in view.note.text()) == (max(m, k) > 64)
    layout = view.drawing.layout_shown
    assert layout is not None
    for placed in layout.shapes:
        assert view.drawing.rect().toRectF().contains(placed.body), placed.key
    corner = layout.shape("f_t/W_f").body.bottomRight() - QPointF(0.1, 0.1)
    assert view.drawing.entry_at(corner) == ("W_f", (k - 1, m + k - 1)), "the last entry is not where it is drawn"


def test_colours_are_the_values_of_the_time_step(window: MainWindow, qtbot: QtBot, view: DimensionsView):
    window.model.replace(load_example("four-steps"), "Four time steps")
    settled(qtbot, window, view)
    trace = trace_document(window.model.document)
    colours = []
    for t in range(len(trace.steps)):
        window.playback.seek_step(t)
        body = view.drawing.shape("f_t/f_t").body
        layout = view.drawing.layout_shown
        assert layout is not None
        image = view.drawing.grab().toImage()
        seen = image.pixelColor(QPointF(body.center().x(), body.top() + layout.entry / 2).toPoint())
        value = float(np.clip(trace.steps[t]["f_t"][0], 0, 1))
        expected = QColor(*map(int, view.tools.appearance.theme.gate("forget")[round(value * 255)]))
        assert abs(seen.red() - expected.red()) + abs(seen.blue() - expected.blue()) < 12
        colours.append(seen.name())
    assert len(set(colours)) > 1, "all time steps look the same"


def test_what_changes_while_hidden_has_changed_when_it_comes_back(
    window: MainWindow, qtbot: QtBot, view: DimensionsView
):
    view.hide()
    window.model.edit(window.model.document.resized(m=5), "")
    traced(qtbot, window)
    view.show()
    assert not view.drawing.moving
    assert part(view, "f_t/W_f", "m").width() > 0
    assert "m = 5" not in view.note.text()


def test_letters_of_a_hall(window: MainWindow, qtbot: QtBot, view: DimensionsView):
    view.resize(1890, 940)
    view.tools.appearance.present(True)
    settled(qtbot, window, view)
    layout = view.drawing.layout_shown
    assert layout is not None
    least = 24 * view.tools.appearance.scale - 0.5
    assert min(layout.letters.symbol, layout.letters.letter, layout.letters.caption) >= least
    assert view.note.font().pixelSize() >= least
    view.tools.appearance.present(False)
    settled(qtbot, window, view)


def test_symbols_in_sentences() -> None:
    assert in_letters("h_{t-1} and W_hr") == "<i>h<sub>t−1</sub></i> and <i>W<sub>hr</sub></i>"
    assert in_letters("C̃_t, proj_size, n < k") == "<i>C̃<sub>t</sub></i>, proj_size, n &lt; k"


def test_a_large_size_is_computed_in_the_background(window: MainWindow, qtbot: QtBot, view: DimensionsView):
    before = window.model.document
    free = Event()
    window.background.run(lambda: free.wait(30), lambda _: None)
    view.boxes["k"].setValue(500)
    assert window.model.waiting
    assert window.model.document is before
    assert view.boxes["n"].value() == 500, "n is linked to k"
    click(qtbot, view.order)
    free.set()
    qtbot.waitUntil(lambda: not window.model.waiting)
    settled(qtbot, window, view)
    assert (window.model.document.k, window.model.document.order) == (500, "h,x")
    window.model.undo_stack.undo()
    window.model.undo_stack.undo()
    assert window.model.document is before
    assert view.boxes["k"].value() == before.k


def test_a_size_that_cannot_fit_is_refused(
    window: MainWindow, qtbot: QtBot, view: DimensionsView, monkeypatch: pytest.MonkeyPatch
):
    before, said = window.model.document, list[str]()
    window.model.message.connect(said.append)
    monkeypatch.setattr(memory, "available_bytes", lambda: 1_000_000)
    view.boxes["k"].setValue(4096)
    qtbot.waitUntil(lambda: not window.model.waiting)
    assert any("a cell with" in words for words in said)
    assert window.model.document is before
    assert view.boxes["k"].value() == before.k
