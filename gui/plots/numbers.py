"""The numbers of plots, views and lists as tables, and the menu that copies and saves them.

Whoever has numbers to take away has a method `tables`; the rest is found here: a view's are those of its parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractItemModel, QEvent, QObject, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QTableView, QWidget

from engine.formats.numbers_file import Table, csv_text
from engine.text.numbers import copied
from gui.commands.number_taker import number_entries
from gui.commands.picture_taker import taking_entries
from gui.commands.popup import Entry, popup
from gui.plots.curve_stack import CurveStack
from gui.widgets.zoomable import Zoomable

Series = tuple[str, NDArray[np.float64], NDArray[np.float64]]
"""A name, where its points are, and their values."""


def table_of(series: Sequence[Series], across: str = "x") -> str:
    """Return series as CSV with every digit: one column of places where all share them, else one before each.

    "" where there are none.
    """
    if not series:
        return ""
    shared = all(np.array_equal(places, series[0][1]) for _, places, _ in series)
    columns: list[tuple[str, NDArray[np.float64]]] = []
    for name, places, values in series:
        if not shared or not columns:
            columns.append((across if shared else f"{across} of {name}", places))
        columns.append((name, values))
    lines = [",".join(_quoted(head) for head, _ in columns)]
    for row in zip_longest(*(column.tolist() for _, column in columns)):
        lines.append(",".join(map(_written, row)))
    return "\n".join(lines) + "\n"


def table_under(title: str, gathered: Callable[[], Callable[[], str]]) -> Table:
    """Return a table whose numbers are taken at once and written in the background."""
    return Table(title, lambda: gathered()(), gathered=gathered)


def series_of(plot: pg.PlotItem) -> list[Series]:
    """Return what a plot draws; a picture has a series for each of its columns."""
    found: list[Series] = []
    for item in plot.items:
        if item.isVisible():
            found += _drawn(item, len(found))
    return found


def _drawn(item: object, before: int) -> Iterator[Series]:
    if isinstance(item, CurveStack):
        yield from ((name, *item.points(name)) for name in item.names)
    elif isinstance(item, pg.PlotDataItem | pg.PlotCurveItem | pg.ScatterPlotItem):
        places, values = item.getData()
        if places is not None and len(places):
            yield item.name() or f"y{before + 1}", np.asarray(places, float), np.asarray(values, float)
    elif isinstance(item, pg.BarGraphItem):
        x, height = (np.asarray(item.opts[key], float) for key in ("x", "height"))
        yield f"y{before + 1}", x, np.broadcast_to(height, x.shape)
    elif isinstance(item, pg.ImageItem) and item.image is not None and item.image.ndim == 2:
        rows = np.arange(1.0, len(item.image) + 1)
        for place, column in enumerate(item.image.T, 1):
            yield f"column {place}", rows, np.asarray(column, float)


def _quoted(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""')) if set(name) & set(',"\n') else name


def _written(value: float | None) -> str:
    if value is None or value != value:
        return ""
    return f"{value:.0f}" if abs(value) < 1e15 and value == round(value) else copied(value)


@dataclass(frozen=True)
class Maps:
    """Values over time steps that can be copied: how many numbers, and what returns them by name, (T, units) each."""

    count: int
    made: Callable[[], Mapping[str, NDArray[np.floating]]]

    def named(self, title: str = "") -> Table:
        """Return them as they are copied and saved, under a title."""
        return Table(title, self.table, self.made, self.count, apart=True)

    def table(self) -> str:
        """Return them as CSV: a row for each time step, a column for each unit."""
        series = []
        for name, values in self.made().items():
            steps = np.arange(1.0, len(values) + 1)
            series += [(f"{name} {unit}", steps, column.astype(np.float64)) for unit, column in enumerate(values.T, 1)]
        return table_of(series, "t")


def picture_entries(widget: QWidget) -> list[Entry]:
    """Return entries for what is drawn in a widget: to copy or save the picture, and to show all of it again."""
    entries = taking_entries(widget)
    zoomed = _zoomed(widget)
    if zoomed is not None:
        entries.append(Entry("Reset the zoom (0)", zoomed.show_all, begins=True))
    return entries


def _zoomed(widget: QWidget) -> Zoomable | None:
    """Return what is zoomed of a widget, its parts and what it is a part of."""
    around: QWidget | None = widget
    while around is not None:
        if isinstance(around, Zoomable) and around.is_zoomed:
            return around
        around = None if around.isWindow() else around.parentWidget()
    parts = (part for part in widget.findChildren(QWidget) if isinstance(part, Zoomable) and part.isVisible())
    return next((part for part in parts if part.is_zoomed), None)


@dataclass(frozen=True)
class OwnTable:
    """What a plot's menu copies in place of what is drawn.

    series: returns it, in arrays that nothing changes. across: what its places are. has_rows: whether there is any.
    """

    series: Callable[[], Sequence[Series]]
    across: str = "step"
    has_rows: Callable[[], bool] = lambda: True


class PlotMenu(QObject):
    """Lets a plot have a menu: to copy its numbers or its picture, and to reset its zoom."""

    def __init__(self, widget: pg.PlotWidget, across: str, powers: bool, numbers: OwnTable | None = None) -> None:
        """across: what its places are, "step". powers: whether what is drawn are the decimal logarithms of values.

        numbers: what it copies where that is not what is drawn.
        """
        super().__init__(widget)
        self._widget, self._across, self._powers, self._numbers = widget, across, powers, numbers
        widget.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QContextMenuEvent):
            return False
        popup(self._widget, event.globalPos(), self.entries())
        return True

    def entries(self) -> list[Entry]:
        """Return what the menu offers."""
        return [*number_entries(self._widget, self.tables()), *picture_entries(self._widget)]

    def tables(self) -> list[Table]:
        """Return the numbers that are drawn; none where nothing is, or where the plot is hidden."""
        there = self._numbers.has_rows() if self._numbers is not None else bool(series_of(self._widget.getPlotItem()))
        return [table_under(title_over(self._widget), self.gathered)] if there and self._widget.isVisible() else []

    def table(self) -> str:
        """Return the numbers as CSV."""
        return self.gathered()()

    def gathered(self) -> Callable[[], str]:
        """Take the numbers as they are now; return what makes CSV of them, in any thread."""
        if self._numbers is not None:
            return partial(table_of, self._numbers.series(), self._numbers.across)
        series = series_of(self._widget.getPlotItem())
        if self._powers:
            series = [(name, places, 10.0**values) for name, places, values in series]
        return partial(table_of, series, self._across)


def tables_within(thing: QObject) -> list[Table]:
    """Return the tables of all parts of a widget that can be seen, each with the title that stands over it."""
    found: list[Table] = []
    for part in thing.children():
        if isinstance(part, QWidget) and not part.isVisible():
            continue
        tables = getattr(part, "tables", None)
        if callable(tables):
            found += tables()
        elif isinstance(part, QTableView):
            found += [model_table("Table", part.model())] if part.model() is not None else []
        else:
            found += tables_within(part)
    return found


def tables_around(widget: QWidget) -> list[Table]:
    """Return the numbers of the view that a drawing stands in."""
    around = widget.parentWidget()
    while around is not None:
        shown = getattr(around, "numbers_shown", None)
        if callable(shown):
            numbers = shown()
            return [numbers.named()] if numbers is not None else []
        around = around.parentWidget()
    return []


def model_table(title: str, model: QAbstractItemModel) -> Table:
    """Return what a model of Qt shows, row by row, as texts."""

    def write() -> str:
        across = range(model.columnCount())
        heads = [str(model.headerData(column, Qt.Orientation.Horizontal) or "") for column in across]
        lines = [[str(model.index(row, c).data() or "") for c in across] for row in range(model.rowCount())]
        return csv_text(heads, lines)

    return Table(title, write, count=model.rowCount() * model.columnCount())


def title_over(widget: QWidget) -> str:
    """Return the title of the part that a plot stands in; "" where it has none."""
    around: QObject | None = widget
    while around is not None:
        title = getattr(around, "title", None)
        words = getattr(title, "text", None)
        if callable(words) and str(words()):
            return str(words())
        around = around.parent()
    return ""
