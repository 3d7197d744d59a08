"""The map of a matrix: colours, bands, numbers, zooming, typing, and bands that change places."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from gui.appearance.theme import Appearance
from gui.appearance.typeset import Typesetter
from gui.jobs.background import Background
from gui.matrix.axis import Band
from gui.matrix.map import MatrixMap
from tests.gui.driving import CONTROL, LEFT, NONE, Key, click, drag, move, press, turn_wheel, write
from tests.timing import assert_within, timed

X, H = Band("x_t", 3, "x"), Band("h_{t-1}", 4, "hidden")
W = np.arange(35.0).reshape(5, 7) / 10 - 1


@pytest.fixture
def background() -> Iterator[Background]:
    background = Background("documents")
    yield background
    background.close()


@pytest.fixture
def matrix_map(qtbot: QtBot, appearance: Appearance, typesetter: Typesetter, background: Background) -> MatrixMap:
    widget = MatrixMap(appearance, typesetter, background, editable=True)
    qtbot.addWidget(widget)
    widget.resize(900, 500)
    widget.show()
    widget.activateWindow()
    qtbot.waitUntil(widget.isActiveWindow)
    return widget


def shown(qtbot: QtBot, widget: MatrixMap, typesetter: Typesetter) -> QImage:
    """Wait until all is there, and return what is on the screen."""
    qtbot.waitUntil(lambda: typesetter.idle() and not widget.preparing and not widget.sliding)
    qtbot.waitUntil(lambda: widget.grab() is not None and widget.complete)
    return widget.grab().toImage()


def colour_of(image: QImage, widget: MatrixMap, row: int, column: int) -> QColor:
    """The colour of an entry, beside its number."""
    return image.pixelColor(widget.cell_rect(row, column).topLeft().toPoint() + QPoint(2, 2))


def close_to(one: QColor, other: QColor) -> bool:
    return all(abs(a - b) <= 3 for a, b in zip(one.getRgb(), other.getRgb(), strict=True))


def test_it_shows_every_number_and_its_colour(
    qtbot: QtBot, matrix_map: MatrixMap, typesetter: Typesetter, appearance: Appearance
) -> None:
    matrix_map.show_matrix(W, name="W_f", columns=[X, H])
    image = shown(qtbot, matrix_map, typesetter)
    assert matrix_map.texts() == {
        (row, column): appearance.written(float(W[row, column])) for row in range(5) for column in range(7)
    }
    diverging = appearance.theme.diverging
    assert close_to(colour_of(image, matrix_map, 4, 6), QColor(*map(int, diverging[255])))
    assert close_to(colour_of(image, matrix_map, 1, 3), QColor(appearance.theme.zero))
    negative = round((-1 / W.max() + 1) / 2 * 255)
    assert close_to(colour_of(image, matrix_map, 0, 0), QColor(*map(int, diverging[negative])))


def test_a_gap_parts_the_bands(matrix_map: MatrixMap) -> None:
    matrix_map.show_matrix(W, columns=[X, H], rows=[Band("W_i", 2, "input"), Band("W_f", 3, "forget")])
    cell = matrix_map.cell_rect(0, 0)
    assert matrix_map.cell_rect(0, 1).left() == cell.right()
    assert matrix_map.cell_rect(0, 3).left() - matrix_map.cell_rect(0, 2).right() == 6
    assert matrix_map.cell_rect(2, 0).top() - matrix_map.cell_rect(1, 0).bottom() == 6


def test_cells_are_no_larger_than_a_table_s_and_the_whole_stands_in_the_middle(
    matrix_map: MatrixMap, appearance: Appearance
) -> None:
    matrix_map.show_matrix(W)
    first, last = matrix_map.cell_rect(0, 0), matrix_map.cell_rect(4, 6)
    assert first.height() <= appearance.px(34)
    assert first.width() <= appearance.px(60)
    assert abs(first.left() - (matrix_map.width() - last.right())) <= 2
    assert abs(first.top() - (matrix_map.height() - last.bottom())) <= 2


def test_bands_that_do_not_add_up_are_refused(matrix_map: MatrixMap) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        matrix_map.show_matrix(W, columns=[X])


def test_a_gate_runs_from_the_panel_to_its_own_colour(
    qtbot: QtBot, matrix_map: MatrixMap, typesetter: Typesetter, appearance: Appearance
) -> None:
    matrix_map.show_matrix(np.array([0.0, 1.0]), name="f_t", gate_role="forget")
    image = shown(qtbot, matrix_map, typesetter)
    assert close_to(colour_of(image, matrix_map, 0, 0), QColor(appearance.theme.panel))
    assert close_to(colour_of(image, matrix_map, 1, 0), QColor(appearance.theme.forget))
    assert matrix_map.texts() == {(0, 0): "0.00", (1, 0): "1.00"}


def test_bands_of_rows_have_colours_of_their_own(
    qtbot: QtBot, matrix_map: MatrixMap, typesetter: Typesetter, appearance: Appearance
) -> None:
    rows = [Band("i_t", 1, "input"), Band("C", 1, "candidate"), Band("o_t", 1, "output")]
    matrix_map.show_matrix(np.array([1.0, -1.0, 1.0]), rows=rows, row_roles=["input", None, "output"], rounds=True)
    image = shown(qtbot, matrix_map, typesetter)
    theme = appearance.theme
    for row, colour in enumerate((theme.input, theme.negative, theme.output)):
        assert close_to(colour_of(image, matrix_map, row, 0), QColor(colour))


def test_resting_says_the_exact_number(qtbot: QtBot, matrix_map: MatrixMap) -> None:
    values = W.copy()
    values[1, 4] = 0.123456789012
    matrix_map.show_matrix(values, name="W_f", columns=[X, H])
    with qtbot.waitSignal(matrix_map.hovered) as hovered:
        move(matrix_map, matrix_map.cell_rect(1, 4).center())
    assert hovered.args == [1, 4]
    assert matrix_map.toolTip() == "W_f[2, 5] = 0.123456789012"
    with qtbot.waitSignal(matrix_map.hovered) as hovered:
        move(matrix_map, QPointF(2, 2))
    assert hovered.args == [-1, -1]
    assert matrix_map.toolTip() == ""


def test_a_click_names_the_entry(qtbot: QtBot, matrix_map: MatrixMap) -> None:
    matrix_map.show_matrix(W, columns=[X, H])
    with qtbot.waitSignal(matrix_map.clicked) as clicked:
        click(qtbot, matrix_map, matrix_map.cell_rect(3, 2).center().toPoint())
    assert clicked.args == [3, 2]


def test_frames_are_drawn_round_what_is_lit_and_what_happens_now(
    qtbot: QtBot, matrix_map: MatrixMap, typesetter: Typesetter, appearance: Appearance
) -> None:
    matrix_map.show_matrix(np.zeros((5, 7)), columns=[X, H])
    before = shown(qtbot, matrix_map, typesetter)
    matrix_map.show_light([(slice(2, 3), slice(0, 7))], [(slice(0, 5), slice(6, 7))])
    matrix_map.mark_rows(slice(4, 5))
    after = shown(qtbot, matrix_map, typesetter)
    row = matrix_map.cell_rect(2, 3)
    edge = QPoint(round(row.left()) - 3, round(row.top()) - 1)  # in the gap: one frame through both bands
    assert before.pixelColor(edge).lightness() > 200
    assert after.pixelColor(edge).lightness() < 100
    marked = matrix_map.cell_rect(4, 0)
    assert close_to(
        after.pixelColor(QPoint(round(marked.left()) - 1, round(marked.center().y()))), QColor(appearance.theme.now)
    )
    matrix_map.show_light([])
    matrix_map.mark_rows(None)
    assert shown(qtbot, matrix_map, typesetter) == before


def test_bands_slide_to_their_new_places(qtbot: QtBot, matrix_map: MatrixMap, typesetter: Typesetter) -> None:
    matrix_map.show_matrix(W, name="W_f", columns=[X, H])
    shown(qtbot, matrix_map, typesetter)
    begin = matrix_map.cell_rect(0, 0).left()
    turned = np.roll(W, -3, axis=1)  # h first: entry (0, 0) is at (0, 4)
    matrix_map.show_matrix(turned, name="W_f", columns=[H, X])
    assert matrix_map.sliding
    assert matrix_map.cell_rect(0, 4).left() == begin
    places: list[float] = []

    def passing() -> bool:
        places.append(matrix_map.cell_rect(0, 4).left())
        return begin + 20 < places[-1] < end - 20

    end = begin + 4 * matrix_map.cell_rect(0, 0).width() + 6
    qtbot.waitUntil(passing)
    middle = matrix_map.grab().toImage()
    qtbot.waitUntil(lambda: not matrix_map.sliding)
    assert matrix_map.cell_rect(0, 4).left() == end
    assert matrix_map.cell_rect(0, 0).left() == begin
    after = shown(qtbot, matrix_map, typesetter)
    assert middle != after
    assert places == sorted(places)
    np.testing.assert_array_equal(matrix_map.values, turned)


def test_another_matrix_or_other_numbers_do_not_slide(matrix_map: MatrixMap) -> None:
    matrix_map.show_matrix(W, name="W_f", columns=[X, H])
    matrix_map.show_matrix(W + 1, name="W_f", columns=[X, H])
    assert not matrix_map.sliding
    matrix_map.show_matrix(np.roll(W, -3, axis=1), name="W_i", columns=[H, X])
    assert not matrix_map.sliding


def test_the_wheel_zooms_about_the_cursor_until_numbers_can_be_read(
    qtbot: QtBot, matrix_map: MatrixMap, typesetter: Typesetter
) -> None:
    values = np.random.default_rng(0).normal(size=(200, 200))
    matrix_map.show_matrix(values)
    shown(qtbot, matrix_map, typesetter)
    assert matrix_map.texts() == {}
    middle = QPointF(matrix_map.rect().center())
    there = matrix_map.entry_at(middle)
    for _ in range(30):
        turn_wheel(matrix_map, 15)
    found = matrix_map.entry_at(middle)
    assert there is not None
    assert found is not None
    assert abs(found[0] - there[0]) <= 1
    assert abs(found[1] - there[1]) <= 1
    shown(qtbot, matrix_map, typesetter)
    texts = matrix_map.texts()
    assert texts[found] == f"{values[found]:.2f}".replace("-", "−")
    for _ in range(30):
        turn_wheel(matrix_map, -15)
    assert matrix_map.entry_at(matrix_map.cell_rect(0, 0).center()) == (0, 0)
    assert matrix_map.entry_at(matrix_map.cell_rect(199, 199).center()) == (199, 199)


def zoomed(qtbot: QtBot, matrix_map: MatrixMap, typesetter: Typesetter) -> None:
    matrix_map.show_matrix(np.random.default_rng(0).normal(size=(100, 100)), columns=[Band("x_t", 100, "x")])
    for _ in range(30):
        turn_wheel(matrix_map, 15)
    shown(qtbot, matrix_map, typesetter)


def test_dragging_moves_it_and_paints_the_same_as_anew(
    qtbot: QtBot, matrix_map: MatrixMap, typesetter: Typesetter, appearance: Appearance
) -> None:
    zoomed(qtbot, matrix_map, typesetter)
    before = matrix_map.cell_rect(50, 50)
    clicks: list[object] = []
    matrix_map.clicked.connect(lambda *place: clicks.append(place))
    middle = QPointF(matrix_map.rect().center())
    for way in (QPointF(83, 41), QPointF(-130, -57), QPointF(20, -33)):
        drag(qtbot, matrix_map, middle, middle + way)
        moved = matrix_map.cell_rect(50, 50)
        assert moved.topLeft() - before.topLeft() == way
        before = moved
        shifted = shown(qtbot, matrix_map, typesetter)
        appearance.choose("dark")
        shown(qtbot, matrix_map, typesetter)
        appearance.choose("light")
        assert shown(qtbot, matrix_map, typesetter) == shifted
    assert clicks == []


def test_a_double_click_beside_it_shows_the_whole(qtbot: QtBot, matrix_map: MatrixMap, typesetter: Typesetter) -> None:
    zoomed(qtbot, matrix_map, typesetter)
    close = matrix_map.cell_rect(50, 50).width()
    qtbot.mouseDClick(matrix_map, LEFT, NONE, QPoint(2, 2))
    assert matrix_map.cell_rect(50, 50).width() < close / 3
    assert matrix_map.entry_at(matrix_map.cell_rect(99, 99).center()) == (99, 99)


def open_editor(qtbot: QtBot, matrix_map: MatrixMap, row: int, column: int) -> QLineEdit:
    qtbot.mouseDClick(matrix_map, LEFT, NONE, matrix_map.cell_rect(row, column).center().toPoint())
    editor = matrix_map.findChild(QLineEdit)
    assert editor is not None
    qtbot.waitUntil(editor.hasFocus)
    return editor


def test_a_number_is_typed_in_its_place(qtbot: QtBot, matrix_map: MatrixMap) -> None:
    values = W.copy()
    values[2, 3] = 0.123456789
    matrix_map.show_matrix(values, name="W_f", columns=[X, H])
    editor = open_editor(qtbot, matrix_map, 2, 3)
    assert editor.text() == "0.123456789"
    press(Key.Key_A, CONTROL)
    write("-1,5")
    with qtbot.waitSignal(matrix_map.edited) as edited:
        press(Key.Key_Return)
    assert edited.args == [2, 3, -1.5]
    qtbot.waitUntil(lambda: matrix_map.findChild(QLineEdit) is None)


def test_escape_and_an_unchanged_number_edit_nothing(qtbot: QtBot, matrix_map: MatrixMap) -> None:
    matrix_map.show_matrix(W, name="W_f", columns=[X, H])
    edits: list[object] = []
    matrix_map.edited.connect(lambda *edit: edits.append(edit))
    open_editor(qtbot, matrix_map, 2, 3)
    write("7")
    press(Key.Key_Escape)
    qtbot.waitUntil(lambda: matrix_map.findChild(QLineEdit) is None)
    open_editor(qtbot, matrix_map, 2, 3)
    press(Key.Key_Return)
    qtbot.waitUntil(lambda: matrix_map.findChild(QLineEdit) is None)
    assert edits == []


def test_a_text_that_is_no_number_is_refused_with_a_sentence(qtbot: QtBot, matrix_map: MatrixMap) -> None:
    matrix_map.show_matrix(W, name="W_f", columns=[X, H])
    editor = open_editor(qtbot, matrix_map, 0, 1)
    press(Key.Key_A, CONTROL)
    write("abc")
    with qtbot.waitSignal(matrix_map.message) as message:
        press(Key.Key_Return)
    assert message.args == ["W_f[1, 2]: “abc” is not a number; type one such as 0.5 or −0.001. Still in use: −0.9"]
    assert editor.hasFocus()  # to be mended


def test_only_an_editable_map_can_be_typed_into(
    qtbot: QtBot, appearance: Appearance, typesetter: Typesetter, background: Background
) -> None:
    widget = MatrixMap(appearance, typesetter, background)
    qtbot.addWidget(widget)
    widget.resize(400, 300)
    widget.show_matrix(W)
    qtbot.mouseDClick(widget, LEFT, NONE, widget.cell_rect(0, 0).center().toPoint())
    assert widget.findChild(QLineEdit) is None


@timed
def test_a_large_matrix_is_made_ready_in_the_background_and_loses_no_large_entry(
    qtbot: QtBot, matrix_map: MatrixMap, typesetter: Typesetter, appearance: Appearance
) -> None:
    matrix_map.show_matrix(W, columns=[X, H])
    values = np.zeros((4096, 8192))
    values[1234, 5678], values[4095, 8191] = 3.0, -3.0
    started = time.perf_counter()
    matrix_map.show_matrix(values, name="W_f", columns=[Band("x_t", 4096, "x"), Band("h_{t-1}", 4096, "hidden")])
    assert_within(time.perf_counter() - started, 0.05)
    assert matrix_map.preparing
    assert matrix_map.values.shape == (5, 7)  # the old picture stays
    qtbot.waitUntil(lambda: not matrix_map.preparing)
    image = shown(qtbot, matrix_map, typesetter)
    for place, colour in (((1234, 5678), appearance.theme.positive), ((4095, 8191), appearance.theme.negative)):
        at = matrix_map.cell_rect(*place).center().toPoint()
        near = [image.pixelColor(at + QPoint(x, y)) for x in (-1, 0, 1) for y in (-1, 0, 1)]
        assert any(close_to(pixel, QColor(colour)) for pixel in near), place


def test_of_two_large_matrices_the_last_is_shown(qtbot: QtBot, matrix_map: MatrixMap) -> None:
    first, second = np.zeros((300, 300)), np.ones((400, 300))
    matrix_map.show_matrix(first)
    matrix_map.show_matrix(second)
    qtbot.waitUntil(lambda: not matrix_map.preparing)
    assert matrix_map.values is second
    matrix_map.show_matrix(first)
    matrix_map.show_matrix(W)  # a small one is there at once
    QApplication.processEvents()
    assert matrix_map.values.shape == W.shape
    assert not matrix_map.preparing


def test_larger_letters_make_larger_cells(matrix_map: MatrixMap) -> None:
    matrix_map.show_matrix(W)
    before = matrix_map.cell_rect(0, 0)
    matrix_map.set_letters(24)
    assert matrix_map.cell_rect(0, 0).height() > before.height()


@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (400, 1), (64, 64)])
def test_every_shape_is_painted_with_every_entry_in_sight(
    qtbot: QtBot, matrix_map: MatrixMap, typesetter: Typesetter, shape: tuple[int, int]
) -> None:
    matrix_map.show_matrix(np.full(shape, np.nan), name="W")  # a network that has diverged
    shown(qtbot, matrix_map, typesetter)
    for place in ((0, 0), (shape[0] - 1, shape[1] - 1)):
        assert matrix_map.rect().contains(matrix_map.cell_rect(*place).center().toPoint())


def test_many_entries_are_coloured_by_the_usual_ones(
    qtbot: QtBot, matrix_map: MatrixMap, typesetter: Typesetter, appearance: Appearance
) -> None:
    values = np.full((100, 100), -0.04)
    values[:50] = 0.04
    values[:3, :6] = 10.0  # what is left of a small matrix that has grown
    matrix_map.show_matrix(values, name="W_f")
    image = shown(qtbot, matrix_map, typesetter)
    theme = appearance.theme
    for row, colour in ((0, theme.positive), (20, theme.positive), (80, theme.negative)):
        assert close_to(image.pixelColor(matrix_map.cell_rect(row, 2).center().toPoint()), QColor(colour)), row
    move(matrix_map, matrix_map.cell_rect(20, 20).center())
    assert matrix_map.toolTip() == "W_f[21, 21] = 0.04\ncolours: ±0.04"


@pytest.mark.parametrize("value", [0.0, 1e-310, 1e300, np.nan, np.inf])
def test_many_equal_entries_have_a_colour(
    qtbot: QtBot, matrix_map: MatrixMap, typesetter: Typesetter, value: float
) -> None:
    values = np.full((100, 100), value)
    values[0, 0] = -np.inf
    matrix_map.show_matrix(values, name="W_f")
    assert not shown(qtbot, matrix_map, typesetter).isNull()


def test_marked_cells_are_framed_wherever_they_stand(
    qtbot: QtBot, matrix_map: MatrixMap, typesetter: Typesetter, appearance: Appearance
) -> None:
    matrix_map.show_matrix(np.zeros((5, 7)), columns=[X, H])
    before = shown(qtbot, matrix_map, typesetter)
    matrix_map.mark_cells((slice(2, 3), slice(1, 2)))

    def framed() -> None:
        image, cell = shown(qtbot, matrix_map, typesetter), matrix_map.cell_rect(2, 1)
        for x in (cell.left() - 2, cell.right() + 1):
            assert close_to(image.pixelColor(round(x), round(cell.center().y())), QColor(appearance.theme.now))

    framed()
    matrix_map.resize(500, 400)
    framed()
    turn_wheel(matrix_map, 30)
    framed()
    matrix_map.mark_cells(None)
    matrix_map.show_all()
    matrix_map.resize(900, 500)
    assert shown(qtbot, matrix_map, typesetter) == before


def test_a_matrix_that_is_on_its_way_is_not_yet_the_one_that_is_edited(
    qtbot: QtBot, matrix_map: MatrixMap, background: Background
) -> None:
    matrix_map.show_matrix(W, name="W_f", columns=[X, H])
    editor = open_editor(qtbot, matrix_map, 2, 3)
    matrix_map.show_matrix(np.zeros((300, 300)), name="W_i")
    assert matrix_map.name == "W_f"
    assert not editor.isVisible()
    qtbot.waitUntil(lambda: matrix_map.name == "W_i")
