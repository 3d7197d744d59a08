"""Formulas typeset from LaTeX in the background, drawn in any colour and size."""

from __future__ import annotations

import re
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any
from xml.etree.ElementTree import Element

from PySide6.QtCore import QByteArray, QObject, QPointF, QRectF, QSizeF, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtSvg import QSvgRenderer

from gui.jobs.background import Background

_SIZE = 48.0
_COLOUR = "#010203"  # replaced by the real colour when the formula is drawn
_KEPT = 512


@dataclass(frozen=True)
class Formula:
    """A typeset formula: its drawing, and its size for letters of `_SIZE` pixels."""

    svg: str
    natural: QSizeF

    def size(self, pixels: float) -> QSizeF:
        """Return its size with letters of so many pixels."""
        return self.natural * (pixels / _SIZE)


@cache
def _ziamath() -> tuple[Any, Any]:
    """Load ziamath, in the background where it does not delay the window; return it and the class of its rows."""
    import ziamath
    from ziamath.nodes.mrow import Mrow

    ziamath.config.svg2 = False  # QtSvg reads SVG 1.1

    class Row(Mrow, tag="mrow"):  # type: ignore[call-arg]  # ziamath has no types
        """Measures the rows within a row once, not twice at each depth: half the time, the same drawing."""

        scripts_on_brackets = False

        def _get_height_nostretch(self, line: list[Element], **how: Any) -> tuple[float, float]:
            # Only brackets that stretch need it. While one of them measures its row, none inside stretches;
            # that makes a difference only to a script on such a bracket.
            measuring = how.get("nostretch") and not self.scripts_on_brackets
            if measuring or all(next(child.iter("mo"), None) is None for child in line):
                return 0.0, 0.0
            height: tuple[float, float] = super()._get_height_nostretch(line, **how)
            return height

    return ziamath, Row


def _typeset(latex: str) -> Formula:
    ziamath, row = _ziamath()
    row.scripts_on_brackets = re.search(r"\\right.\s*[\^_]", latex) is not None
    drawing = ziamath.Latex(latex, size=_SIZE, color=_COLOUR)
    width, height = drawing.getsize()
    return Formula(drawing.svg(), QSizeF(width, height))


class Typesetter(QObject):
    """Formulas by their LaTeX. A new one is typeset in the background, and `ready` is emitted when it can be drawn.

    Typesetting takes up to 40 ms, much longer than a frame, so nothing waits for it. What was asked for last comes
    first, for that is on the screen; what is only prepared comes last.
    """

    ready = Signal(str)

    def __init__(self, background: Background | None) -> None:
        """background: None typesets each formula when it is asked for."""
        super().__init__()
        self._background = background
        self._formulas: OrderedDict[str, Formula | None] = OrderedDict()
        self._waiting: OrderedDict[str, None] = OrderedDict()
        """What is not being typeset yet, the next one at its end; the background takes one for each of its jobs."""
        self._renderers: OrderedDict[tuple[str, str], QSvgRenderer] = OrderedDict()

    def formula(self, latex: str) -> Formula | None:
        """Return the formula, or None while it is being typeset."""
        if latex in self._formulas:
            self._formulas.move_to_end(latex)
            formula = self._formulas[latex]
            if formula is None:
                self._put(latex, last=True)
            return formula
        self._ask(latex, last=True)
        return self._formulas[latex]

    def prepare(self, latex: str) -> None:
        """Typeset what may be drawn later, after all that was asked for."""
        if latex not in self._formulas and self._background is not None:
            self._ask(latex, last=False)

    def idle(self) -> bool:
        """Return whether every formula asked for is typeset."""
        return all(formula is not None for formula in self._formulas.values())

    def draw(self, painter: QPainter, latex: str, at: QPointF, pixels: float, colour: QColor) -> None:
        """Draw a formula with its upper left corner at a point; nothing while it is being typeset."""
        formula = self.formula(latex)
        if formula is None:
            return
        key = (latex, colour.name())
        renderer = self._renderers.get(key)
        if renderer is None:
            svg = formula.svg.replace(_COLOUR, colour.name())
            renderer = self._renderers[key] = QSvgRenderer(QByteArray(svg.encode()))
            while len(self._renderers) > _KEPT:
                self._renderers.popitem(last=False)
        renderer.render(painter, QRectF(at, formula.size(pixels)))

    def _ask(self, latex: str, last: bool) -> None:
        self._formulas[latex] = None if self._background is not None else _typeset(latex)
        while len(self._formulas) > _KEPT:
            self._formulas.popitem(last=False)
        if self._background is None:
            return
        if latex not in self._waiting:
            self._waiting[latex] = None
            self._background.run(self._typeset_next, self._store)
        self._put(latex, last)

    def _put(self, latex: str, last: bool) -> None:
        with suppress(KeyError):  # the background has just taken it
            self._waiting.move_to_end(latex, last)

    def _typeset_next(self) -> tuple[str, Formula]:
        latex, _ = self._waiting.popitem()
        return latex, _typeset(latex)

    def _store(self, typeset: tuple[str, Formula]) -> None:
        latex, formula = typeset
        self._formulas[latex] = formula
        self.ready.emit(latex)
