"""The docked plots of a window: each is made when it is first looked at, and shows the run that is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, cast

from gui.commands.views import PANELS, found
from gui.plots.curves import curves_of
from gui.training.docked import DockedPlot
from gui.views.base import Tools

if TYPE_CHECKING:
    from gui.training.gates import GatesPlot


class DockedPlots(Mapping[str, DockedPlot]):
    """Every docked plot by the name of its panel; none is shown at the start, so the program starts without them."""

    def __init__(self, tools: Tools) -> None:
        assert tools.training is not None
        assert tools.recordings is not None
        assert tools.following is not None
        self._tools = tools
        self._controller, self._recordings, self._following = tools.training, tools.recordings, tools.following
        self._places = {name: row.place for name, row in PANELS.items() if row.place}
        self._made: dict[str, DockedPlot] = {}
        self.say_hovered: Callable[[str], object] = lambda _words: None
        """Takes what is under the cursor in the heatmaps of the gates, or nothing."""
        self._controller.run.changed.connect(self._on_another_run)

    def __getitem__(self, name: str) -> DockedPlot:
        if name not in self._made:
            self._made[name] = found(self._places[name]).made(self._tools)
            self._begin(self._made[name])
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._places  # without making it

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    @property
    def gates(self) -> GatesPlot:
        """The heatmaps."""
        return cast("GatesPlot", self["gates"])

    @property
    def layer(self) -> int:
        """The layer whose heatmaps are shown, from 0."""
        return self.gates.layer.layer if "gates" in self._made else 0

    def drawings(self) -> tuple[list[Callable[[], None]], list[Callable[[], None]]]:
        """Return what draws the newest of the run: in the plots that can be seen, and in those that cannot."""
        run, seen, unseen = self._controller.run, list[Callable[[], None]](), list[Callable[[], None]]()
        for plot in self._made.values():
            (seen if plot.isVisible() else unseen).append(partial(plot.show_news, run.history, run.facts))
        return seen, unseen

    def _begin(self, plot: DockedPlot) -> None:
        """Let a new plot show the run that there is, and tell what is done with it."""
        title = PANELS[next(name for name, made in self._made.items() if made is plot)].words
        plot.setAccessibleName(title)
        for curves in curves_of(plot):
            curves.call(title)
            curves.details_wanted.connect(self._recordings.lend_details)
            self._recordings.details_lent.connect(curves.redraw)
        if plot is self._made.get("gates"):
            self._connect_gates(self.gates)
        run = self._controller.run
        plot.show_run(run.history, run.config.layers)
        plot.show_news(run.history, run.facts)

    def _connect_gates(self, gates: GatesPlot) -> None:
        gates.hovered.connect(lambda words: self.say_hovered(words))
        gates.step_clicked.connect(self._following.follow)
        gates.example_chosen.connect(lambda number: self._controller.set_probe(example=number))
        gates.show_probe(self._controller.probe)
        self._controller.probe_changed.connect(gates.show_probe)

    def _on_another_run(self) -> None:
        run = self._controller.run
        for plot in self._made.values():
            plot.show_run(run.history, run.config.layers)
