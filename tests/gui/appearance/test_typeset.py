"""Every formula that the window can ask for is typeset, and the picture is not empty."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from threading import Event

import pytest
from PySide6.QtCore import QByteArray, QPointF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.cell.cells import lstm
from engine.document.document import blank
from engine.document.tracing import trace_document
from gui.appearance.typeset import _KEPT, Typesetter
from gui.diagram.formula_line import line_of
from gui.jobs.background import Background


@pytest.fixture(scope="module")
def shared(qapp: QApplication) -> Iterator[Typesetter]:
    """One for all sizes: most formulas are the same."""
    background = Background("typesetting")
    yield Typesetter(background)
    background.close()


def painted(typesetter: Typesetter, latex: str, colour: str, pixels: float) -> QImage:
    formula = typesetter.formula(latex)
    assert formula is not None
    size = formula.size(pixels)
    image = QImage(round(size.width()) + 4, round(size.height()) + 4, QImage.Format.Format_RGB32)
    image.fill(QColor("#FFFFFF"))
    painter = QPainter(image)
    typesetter.draw(painter, latex, QPointF(2, 2), pixels, QColor(colour))
    painter.end()
    return image


def test_what_is_drawn_comes_before_what_is_prepared(qtbot: QtBot):
    background, may_begin, order = Background("typesetting"), Event(), []
    background.run(may_begin.wait, lambda _: None)  # so that all is asked for before the first is typeset
    typesetter = Typesetter(background)
    typesetter.ready.connect(order.append)
    for name in "abcde":
        typesetter.prepare(f"{name}_1")
    for name in "xyz":
        typesetter.formula(name)
    typesetter.prepare("x")  # is asked for already
    typesetter.prepare("f_1")
    image = QImage(40, 40, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    typesetter.draw(painter, "d_1", QPointF(0, 0), 20, QColor("#000000"))  # prepared, and now on the screen
    typesetter.draw(painter, "y", QPointF(0, 0), 20, QColor("#000000"))
    painter.end()
    may_begin.set()
    qtbot.waitUntil(typesetter.idle)
    background.close()
    assert order == ["y", "d_1", "z", "x", "a_1", "b_1", "c_1", "e_1", "f_1"]


def test_more_than_are_kept_are_typeset_once_each(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("gui.appearance.typeset._KEPT", 4)
    background, may_begin, order = Background("typesetting"), Event(), []
    background.run(may_begin.wait, lambda _: None)
    typesetter = Typesetter(background)
    typesetter.ready.connect(order.append)
    for latex in "abcdefab":  # a and b are no longer kept when they are asked for again
        typesetter.formula(latex)
    may_begin.set()
    qtbot.waitUntil(lambda: len(order) == 6)
    background.close()
    assert sorted(order) == list("abcdef")
    assert typesetter.formula("a") is not None


_PLAIN = """
import sys, ziamath
ziamath.config.svg2 = False
print(ziamath.Latex(sys.argv[1], size=48.0, color="#010203").svg())
"""


def colours(image: QImage) -> set[str]:
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


@pytest.mark.parametrize("size", [1, 9])
@pytest.mark.parametrize("projected", [False, True])
def test_every_operation_is_typeset(shared: Typesetter, qtbot: QtBot, projected: bool, size: int):
    document = blank(size, size, size).resized(projected=projected)
    document = document.with_inputs(x=document.x + 1e-4, h0=document.h0 - 0.25)
    trace = trace_document(document)
    cell = trace.cell
    assert cell == lstm(projected)
    wanted = {item.latex for item in (*cell.inputs, *cell.parameters, *cell.operations)}
    for operation in cell.operations:
        line = line_of(trace, 0, operation.name)
        wanted |= {line.symbols, line.shapes} | {piece for piece in line.numbers(4, 8) if isinstance(piece, str)}
    for latex in wanted:
        shared.formula(latex)
    qtbot.waitUntil(shared.idle, timeout=60_000)
    for latex in wanted:
        formula = shared.formula(latex)
        assert formula is not None
        assert 0 < formula.natural.width() < 12_000, latex
        assert 10 < formula.natural.height() < 1_000, latex
        ElementTree.fromstring(formula.svg)
        renderer = QSvgRenderer(QByteArray(formula.svg.encode()))  # a Qt warning fails the test
        assert renderer.isValid(), latex


def test_a_formula_is_drawn_in_its_colour_and_size(typesetter: Typesetter, qtbot: QtBot):
    latex = r"f_t = \sigma\left(W_f \cdot \left[x_t,\ h_{t-1}\right] + b_f\right)"
    with qtbot.waitSignal(typesetter.ready) as ready:
        assert typesetter.formula(latex) is None
    assert ready.args == [latex]
    blue = painted(typesetter, latex, "#2F6FDE", 40)
    assert "#2f6fde" in colours(blue)
    assert "#010203" not in colours(blue)
    red = painted(typesetter, latex, "#C62839", 80)
    assert "#c62839" in colours(red)
    assert "#2f6fde" not in colours(red)
    assert red.width() == pytest.approx(2 * blue.width(), rel=0.05)


def test_what_is_not_there_yet_draws_nothing(typesetter: Typesetter):
    image = QImage(50, 50, QImage.Format.Format_RGB32)
    image.fill(QColor("#FFFFFF"))
    painter = QPainter(image)
    typesetter.draw(painter, "C_t", QPointF(0, 0), 30, QColor("#000000"))
    painter.end()
    assert colours(image) == {"#ffffff"}


def test_a_formula_is_made_once(typesetter: Typesetter, qtbot: QtBot):
    made: list[str] = []
    typesetter.ready.connect(made.append)
    for _ in range(3):
        typesetter.formula("h_t")
    qtbot.waitUntil(typesetter.idle)
    first = typesetter.formula("h_t")
    assert typesetter.formula("h_t") is first
    assert made == ["h_t"]


def test_long_use_does_not_fill_the_memory(typesetter: Typesetter, qtbot: QtBot):
    for number in range(_KEPT + 40):
        typesetter.formula(str(number))
    qtbot.waitUntil(typesetter.idle, timeout=60_000)
    typesetter.formula("one more")
    assert len(typesetter._formulas) <= _KEPT
    assert typesetter.formula(str(_KEPT + 39)) is not None, "the newest is gone"


def test_rows_that_are_measured_once_are_drawn_the_same(shared: Typesetter, qtbot: QtBot):
    latex = r"f_t = \sigma\left(W_f\,\left[x_t,\ h_{t-1}\right] + \left(\frac{1}{2}\right)^2\right)"
    shared.formula(latex)
    qtbot.waitUntil(shared.idle)
    formula = shared.formula(latex)
    assert formula is not None
    plain = subprocess.run([sys.executable, "-c", _PLAIN, latex], check=True, capture_output=True, text=True).stdout
    assert formula.svg == plain.strip()
