"""Curves over training steps: one readable line each, named at its end, and the range of all steps as a band.

A line is about the median of groups of neighbouring steps, so that a single step does not move it; the band reaches
from the least to the greatest of each group, so that no step is lost. Both come from a pyramid: a refresh costs the
same after a million steps as after a hundred.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QLabel, QWidget

from engine.runs.history import Groups, History
from engine.text.numbers import brief, percent
from gui.appearance.dashes import role_pen
from gui.appearance.text_size import NOTE
from gui.appearance.theme import Appearance, pale
from gui.plots.axes import (
    TINY,
    PowerAxis,
    StepAxis,
    ValueAxis,
    fit_ticks,
    last_step_shown,
    log10,
    log_range,
    plot_widget,
    styled_axis,
)
from gui.plots.curve_stack import BandStack, CurveStack
from gui.plots.end_names import EndName, EndNames
from gui.plots.events import EventMarks
from gui.plots.numbers import OwnTable, Series
from gui.spoken.news import NewestTold
from gui.widgets.layouts import in_column
from gui.widgets.zoomable import Zoomable

GROUPS = 60
"""Most groups of steps that a line is made of: more of them would not be a line any more."""
ZOOMING = "Zoom with the wheel; double-click to follow the run again"
_MOST_ROWS = 5000
"""Of a table of its numbers."""
_BAND_ALPHA = 55
_WIDEST = ("1.9·10⁻¹⁰", "0.000929")
"""What a value at the end of a line may be."""
Values = NDArray[np.floating]


@dataclass(frozen=True)
class CurveStyle:
    """The look of one curve; `role` is the role of its colour and its dashes in the theme.

    name: what stands at its end and what hovering calls it; "" for a curve without one. band: whether the range of all
    steps is drawn too. shows_value: whether its newest value stands at its end, instead of its name.
    """

    role: str
    alpha: int = 255
    width: int = 1
    """In pixels; a wide line takes several times as long to draw, too long for twenty of them."""
    name: str = ""
    band: bool = False
    shows_value: bool = False


class CurvesPlot(QWidget, Zoomable):
    """Curves of a history over its steps; its axes follow the run, unless the user zooms, until a double click.

    logarithmic: whether the vertical axis is. shares: the values lie between 0 and 1, and a linear axis has percents.
    """

    details_wanted = Signal(int, int)
    """First and last of steps that are drawn coarsely, because their details are not in memory."""
    drawn = Signal()
    """Something new is drawn: `in_groups` may say something else."""

    def __init__(
        self,
        appearance: Appearance,
        styles: Mapping[str, CurveStyle],
        *,
        logarithmic: bool = True,
        shares: bool = False,
    ) -> None:
        super().__init__()
        self._appearance = appearance
        self._styles = styles
        self._logarithmic, self._shares = logarithmic, shares
        self._history: History | None = None
        self.following = True
        """Whether the axes follow the run."""
        self._drawn_count = -1
        self._range: tuple[float, float, float] | None = None
        self._size = 0
        self.axis = PowerAxis() if logarithmic else ValueAxis("left", shares)
        self.widget = plot_widget(
            mouse=True, numbers=OwnTable(self.steps_shown, has_rows=self._has_steps), bottom=StepAxis(), left=self.axis
        )
        self.plot = self.widget.getPlotItem()
        self.plot.getViewBox().sigRangeChangedManually.connect(self._on_zoomed)
        self.widget.scene().sigMouseClicked.connect(self._on_clicked)
        self._names: dict[str, str] = {}
        self.title = "Curves over training steps"
        """What a screen reader says before the newest value."""
        self.widget.setAccessibleName(self.title)
        self._told = NewestTold(self.widget, self._newest_words)
        self.bands, self.lines = BandStack(), CurveStack()
        for stack in (self.bands, self.lines):  # lines above all bands
            self.plot.addItem(stack)
        self.ends = EndNames(self.plot, appearance)
        self.events = EventMarks(self.widget, appearance, named=True, told=self.words_at)
        self.begins_with_axes = False
        """Whether there are axes before the first step, rather than words that say what to do."""
        self._empty = QLabel("Train (Ctrl+T) to see curves", self, alignment=Qt.AlignmentFlag.AlignCenter)
        self._empty.setObjectName("muted")
        in_column(self.widget, self._empty, inside=self, margins=0, spacing=0)
        self.widget.hide()
        self.setMinimumHeight(appearance.px(60))
        appearance.changed.connect(self.apply_theme)
        self.apply_theme()

    @property
    def is_zoomed(self) -> bool:
        return not self.following

    def call(self, title: str) -> None:
        """Give the plot the name that a screen reader says before the newest value."""
        self.title = title
        self.widget.setAccessibleName(title)

    @property
    def in_groups(self) -> str:
        """What lines and bands are, in words: "median of 16 steps, band: range"; "" where each step is drawn."""
        return f"median of {self._size:,} steps, band: range" if self._size > 1 else ""

    def steps_shown(self) -> list[Series]:
        """Return what every step of the run came to, or where there are very many what groups of them did."""
        history = self._history
        if history is None or not self._has_steps():
            return []
        groups = history.in_groups(list(self._names.values()), 1, history.count, _MOST_ROWS)
        return [
            (self._styles[key].name or key, groups.centres, values.astype(np.float64))
            for key, values in zip(self._names, groups.middle, strict=True)
        ]

    def _has_steps(self) -> bool:
        return self._history is not None and self._history.count > 0

    def show_all(self) -> None:
        """Follow the run again."""
        self.following = True
        self.redraw()

    def show_history(self, history: History, names: Mapping[str, str]) -> None:
        """Draw a history; `names` are its columns by curve."""
        self._history, self._names = history, dict(names)
        self._drawn_count = -1
        self.following = True
        self._fit()
        self.refresh()

    def refresh(self) -> None:
        """Draw the new steps, if the plot is visible."""
        history = self._history
        if history is None or not self.isVisible():
            return
        self.events.show(history.events, history.moment)  # also while no step comes
        if history.count == self._drawn_count:
            return
        self._drawn_count = history.count
        has_data = history.count > 0
        self._empty.setVisible(not has_data and not self.begins_with_axes)
        self.widget.setVisible(has_data or self.begins_with_axes)
        if has_data:
            self._draw(history)
        elif self.begins_with_axes:
            self._draw_axes()

    def _draw_axes(self) -> None:
        """Show the axes of a run that has made no step."""
        self.lines.set_curves({})
        self.bands.set_bands({})
        self.ends.show_names(())
        self._range = None
        up = (-0.02, 1.02) if self._shares else (-3.0, 0.0) if self._logarithmic else (0.0, 1.0)
        self.plot.setRange(xRange=(1, last_step_shown(0)), yRange=up, padding=0, disableAutoRange=True)

    def _draw(self, history: History) -> None:
        first, last = 1, history.count
        if not self.following:
            left, right = self.plot.getViewBox().viewRange()[0]
            first, last = max(1, int(left)), min(history.count, int(right) + 1)
            if first >= last:
                return
            if history.misses(first, last, 2 * GROUPS):
                self.details_wanted.emit(first, last)
        groups = history.in_groups(list(self._names.values()), first, last, GROUPS)
        self._size = groups.size
        self._show(groups)
        if self.following:
            self._follow(groups, history.count)
        self._name_ends(groups)
        self.drawn.emit()
        self._told.tell()

    def _scaled(self, values: Values) -> NDArray[np.float64]:
        """Return places on the vertical axis; on a logarithmic one 0 stands below everything else."""
        return log10(values, TINY) if self._logarithmic else np.where(np.isfinite(values), values, np.nan)

    def _show(self, groups: Groups) -> None:
        middle, low, high = (self._scaled(values) for values in (groups.middle, groups.low, groups.high))
        self.lines.set_curves({key: (groups.centres, line) for key, line in zip(self._names, middle, strict=True)})
        edges = groups.edges.astype(np.float64) + 0.5
        left, right = edges[:-1], edges[1:]
        places = {key: place for place, key in enumerate(self._names) if self._styles[key].band}
        self.bands.set_bands({key: (left, right, low[place], high[place]) for key, place in places.items()})

    def _follow(self, groups: Groups, count: int) -> None:
        bottom, top = self._fitting(groups)
        right = last_step_shown(count)
        if (right, bottom, top) != self._range:  # pyqtgraph lays the axes out again even if nothing changed
            self._range = right, bottom, top
            self.plot.setRange(xRange=(1, right), yRange=(bottom, top), padding=0, disableAutoRange=True)

    def _fitting(self, groups: Groups) -> tuple[float, float]:
        """Return the ends of the vertical axis: all lines and bands lie within them, but for zeros."""
        if self._shares:
            return -0.02, 1.02
        banded = [self._styles[key].band for key in self._names]
        reach = [groups.middle, groups.low[banded], groups.high[banded]]
        values = np.concatenate([part.ravel() for part in reach])
        values = values[np.isfinite(values) & (values > 0)]
        if not self._logarithmic:
            high = float(values.max(initial=0.0))
            return 0.0, 1.1 * high or 1.0
        logs = log10(values) if values.size else np.zeros(1)
        return log_range(float(logs.min()), float(logs.max()))

    def _name_ends(self, groups: Groups) -> None:
        """Write beside the end of each line what it is, or what it comes to."""
        names = []
        for place, key in enumerate(self._names):
            style, (steps, line) = self._styles[key], self.lines.points(key)
            known = np.flatnonzero(np.isfinite(line))
            if style.name and known.size:
                last = int(known[-1])
                words = self._written(float(groups.middle[place, last])) if style.shows_value else style.name
                colour = self._appearance.theme.role(style.role)
                names.append(EndName(words, colour, float(steps[last]), float(line[last])))
        self.ends.show_names(names)

    def _newest_words(self) -> str:
        history = self._history
        if history is None or not history.count:
            return self.title
        step = history.count
        groups = history.in_groups(list(self._names.values()), step, step, GROUPS)
        said = [
            (self._styles[key].name, self._written(float(groups.middle[place, 0])))
            for place, key in enumerate(self._names)
            if self._styles[key].name and not np.isnan(groups.middle[place, 0])
        ]
        if len(said) == 1:
            return f"{self.title}, newest value {said[0][1]} at step {step:,}"
        values = ", ".join(f"{name} {value}" for name, value in said)
        return f"{self.title}, newest values at step {step:,}: {values}" if said else self.title

    def _written(self, value: float) -> str:
        return percent(value) if self._shares else brief(value)

    def words_at(self, step: float) -> str:
        """Return every value at a step, a curve a line; of a group of steps where the others were forgotten."""
        history = self._history
        if history is None or not history.count:
            return ""
        at = int(np.clip(round(step), 1, history.count))
        groups = history.in_groups(list(self._names.values()), at, at, GROUPS)
        first, last = groups.edges[0] + 1, groups.edges[-1]
        alone = first == last
        lines = [f"step {at:,}" if alone else f"steps {first:,} to {last:,}"]
        for place, key in enumerate(self._names):
            low, middle, high = (float(part[place, 0]) for part in (groups.low, groups.middle, groups.high))
            name = self._styles[key].name
            if name and not np.isnan(middle):
                reach = "" if alone else f" ({self._written(low)} to {self._written(high)})"
                lines.append(f"{name}  {self._written(middle)}{reach}")
        return "\n".join(lines)

    def _on_zoomed(self) -> None:
        self.following = False
        self._range = None
        self.redraw()

    def redraw(self) -> None:
        """Draw again, although no step has come: other steps are in view, or details have been read."""
        self._drawn_count = -1
        self.refresh()

    def _on_clicked(self, event: object) -> None:
        if getattr(event, "double", lambda: False)():
            self.show_all()

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]  # QShowEvent, as Qt calls it
        self._drawn_count = -1
        self.refresh()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.events.leave()

    def apply_theme(self) -> None:
        """Use the theme's colours and the present size of text."""
        styled_axis(self.plot, self._appearance)
        self.events.restyle()
        self.ends.restyle()
        self.lines.set_pens({key: pen(self._appearance, style) for key, style in self._styles.items()})
        theme = self._appearance.theme
        self.bands.set_colours({key: pale(theme.role(style.role), _BAND_ALPHA) for key, style in self._styles.items()})
        self._fit()
        self.redraw()  # the names at the ends have their curves' colours

    def _fit(self) -> None:
        """Give the axes the room that their numbers need, and the names theirs."""
        fit_ticks(self.plot, self._appearance)
        words = [style.name for key, style in self._styles.items() if key in self._names and style.name]
        if any(style.shows_value for key, style in self._styles.items() if key in self._names):
            words += ["99.95 %"] if self._shares else _WIDEST
        top = round(0.6 * self._appearance.text(NOTE))
        self.plot.layout.setContentsMargins(0, top, round(self.ends.room(words)), 0)
        self.plot.layout.activate()  # names are placed beside the plot as it is from now on


def pen(appearance: Appearance, style: CurveStyle) -> QPen:
    """Return a curve's pen, in its role's colour and dashes."""
    line = QPen(pale(appearance.theme.role(style.role), style.alpha), style.width)
    line.setCosmetic(True)
    return role_pen(line, style.role)


def curves_of(plot: QWidget) -> list[CurvesPlot]:
    """Return the plots of curves that a widget is or holds."""
    return [plot] if isinstance(plot, CurvesPlot) else plot.findChildren(CurvesPlot)
