"""The view Gradient flow: gradient norms at each time step, now, over training, and path by path."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from engine.runs.observation import FLOW, Flow, LayerFlow
from engine.runs.snapshot import Snapshot
from engine.settings.config import ConfigError
from gui.appearance.rich_text import RichLabel
from gui.plots.axes import log10
from gui.views.base import Tools
from gui.views.flow.controls import NOW, PATHS, TRAINING, FlowControls, only_one
from gui.views.flow.flow_map import FlowMap, Scale
from gui.views.flow.lines import FlowLines, Line
from gui.views.flow.ways import ROLES, TWIN, norm_words, state_lines, states, way_lines
from gui.views.flow.words import comes_in, left_over
from gui.views.offers import say_what_run_lacks
from gui.views.training_view import LabView
from gui.widgets.empty_place import EmptyPlace
from gui.widgets.labels import text_label
from gui.widgets.layouts import in_column, show_instead

_WORDS_MS = 500
"""A sentence whose numbers change more often cannot be read."""
_MAPS_MS = 120
"""Maps are drawn in turns of their own, one each: they change by a column only, and cost more than the curves."""
_ALL = (52, 32)
"""Letters across and down that all parts need; with less room there is one page at a time."""
_ACROSS = 40
"""Letters across that two maps beside each other need."""
_WORDY = 40
"""Letters across of a map whose title has room for words."""
_WHAT = "How far back through time a gradient reaches is shown here"
_TWIN_LATER = "The plain RNN learns from the next training step on"


class FlowView(LabView):
    """Gradient norms of one layer: at each time step, over training as heatmaps, and along each path back."""

    wants = frozenset({FLOW})

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        appearance, typesetter = tools.appearance, tools.typesetter
        self.scale = Scale()
        self.now = FlowLines("Now", typesetter, appearance)
        self.ways = FlowLines("Path by path", typesetter, appearance)
        self.map = FlowMap("Over training", self.scale, typesetter, appearance)
        self.twin_map = FlowMap("Plain RNN", self.scale, typesetter, appearance)
        self._parts = self.now, self.ways, self.map, self.twin_map
        self.controls = FlowControls(appearance)
        self.sentence, self.where = RichLabel(look="lead", wrap=True), text_label(wrap=True, cut=True)
        self.sentence.setMinimumWidth(10)
        self._newest: Snapshot | None = None
        self._flow: Flow | None = None
        self._twin_flow: Flow | None = None
        self._lines: tuple[Line, ...] = ()
        self._way_lines: tuple[Line, ...] = ()
        self._followed: tuple[object, ...] | None = None
        self._words_due = False
        self._maps_due: list[FlowMap] = []
        self.while_shown(_WORDS_MS, self._on_timer)
        self.while_shown(_MAPS_MS, self._on_map_timer)
        self._lay_out()
        self.controls.changed.connect(self.refresh)
        self.controls.sequence_chosen.connect(self._on_sequence)
        self.controls.twin_wanted.connect(self._on_twin)
        for part in self._parts:
            part.hovered.connect(self.message)

    def _lay_out(self) -> None:
        px = self.tools.appearance.px
        self._grid = QGridLayout()
        self._margin = px(14)
        self._body, self.empty = QWidget(), EmptyPlace(self.tools.appearance)
        for part in (self.map, self.twin_map):  # placed when their room is known; till then no windows of their own,
            part.setParent(
                self._body
            )  # and there already: from elsewhere they would be seen a turn after they are drawn
        self._grid.addWidget(self.now, 0, 0)
        self._grid.addWidget(self.ways, 0, 1)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._body.setLayout(self._grid)
        self.empty.hide()
        parts = self.controls, self.sentence, self.where, (self._body, 1), (self.empty, 1)
        in_column(*parts, inside=self, margins=(self._margin, px(6), self._margin, px(8)), spacing=px(4))

    # ---- what is shown

    @property
    def shown_layer(self) -> int:
        """The layer that is shown, counted from 1."""
        return self.controls.layer.layer + 1

    @property
    def chosen(self) -> str:
        """The state that the sentence and the maps are about: "C_t" or "h_t"."""
        return "C_t" if self.shown_config.made_cell.has_state and self.controls.state.choice == 0 else "h_t"

    @property
    def flow(self) -> LayerFlow | None:
        """The newest gradients of the layer that is shown."""
        return self._of_layer(self._flow)

    @property
    def twin_flow(self) -> LayerFlow | None:
        """Those of the plain RNN beside it, while it is wanted."""
        return self._of_layer(self._twin_flow) if self._twin_wanted else None

    @property
    def _twin_wanted(self) -> bool:
        return self.training.config.twin == "on"

    def _of_layer(self, flow: Flow | None) -> LayerFlow | None:
        if flow is None or len(flow.layers) < self.shown_layer:
            return None
        return flow.layers[self.shown_layer - 1]

    # ---- news

    def show_run(self) -> None:
        self._newest = self._flow = self._twin_flow = None
        self.scale.clear()
        for part in self._parts:
            part.clear()
        self._on_changed()

    def show_news(self) -> None:
        told = self._flow.sequence if self._flow is not None else None
        if self._take():
            self._draw_curves()
            self._maps_due += [part for part in (self.map, self.twin_map) if part not in self._maps_due]
            self._words_due = True
            if self._flow is not None and self._flow.sequence != told:  # words of another may not stand beside it
                self._say()
        elif self._flow is None:
            self._show_whether_empty()

    def refresh(self) -> None:
        self._follow_settings()
        self.dress()
        self._take()
        self._rescale()  # other moments may have come while it was hidden
        self._draw()
        self._say()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for label in (self.sentence, self.where):
            label.setMinimumHeight(0)
        if self.isVisible() and self.dress():
            self._draw()

    def _take(self) -> bool:
        """Keep what is known of the snapshot that is shown; say whether that is anything new."""
        history = self.training.run.history
        if history.shown is None or history.shown is self._newest:
            return False
        self._newest, self._words_due = history.shown, True
        if history.extras.flow is None or history.extras.flow is self._flow:
            return False
        is_first = self._flow is None
        self._flow, self._twin_flow = history.extras.flow, history.extras.twin_flow
        if is_first:  # a recording has many moments at once
            self._rescale()
        else:
            self._widen_by_newest()
        return True

    def _widen_by_newest(self) -> None:
        for flow in (self.flow, self._of_layer(self._twin_flow)):
            for norms in flow.states.values() if flow is not None else ():
                self.scale.widen(log10(norms))

    def _draw(self) -> None:
        self._draw_curves()
        self._maps_due = []
        for part in (self.map, self.twin_map):
            self._draw_map(part)

    def _show_whether_empty(self) -> None:
        empty = self.flow is None
        show_instead(*(self.empty, self._body) if empty else (self._body, self.empty))
        if empty:
            say_what_run_lacks(self, self.empty, _WHAT)
        for part in self._parts:
            if part is not self.twin_map or empty:
                part.show_empty(self.empty.text() if empty else "")

    def _draw_curves(self) -> None:
        self._show_whether_empty()
        flow, twin = self.flow, self.twin_flow
        if flow is None:
            return
        if self.now.isVisible():
            beside = {TWIN: twin.states["h_t"]} if twin is not None else {}
            self.now.show_norms(self._lines, {**flow.states, **beside})
        if self.ways.isVisible():
            self.ways.show_norms(self._way_lines, flow.parts)

    def _draw_map(self, part: FlowMap) -> None:
        if self.flow is None or not part.isVisible():
            return
        history, twin = self.training.run.history, part is self.twin_map
        key = f"twin.{self.shown_layer}.h_t" if twin else f"flow.{self.shown_layer}.{self.chosen}"
        there = key in set(history.samples.keys())
        if twin:
            part.show_empty("" if there else _TWIN_LATER)
        if there:
            steps, norms = history.samples.series(key)
            part.show_moments(steps, norms, history.count, history.events, history.moment)

    def _on_map_timer(self) -> None:
        if self._maps_due:
            self._draw_map(self._maps_due.pop(0))

    def _say(self) -> None:
        self._words_due = False
        flow = self.flow
        self.now.words.setText(self._moment_words())
        layers = len(self._flow.layers) if self._flow is not None else 1
        where = "" if flow is None else comes_in(flow, self.shown_layer, layers)
        if where and self._flow is not None and self._flow.sequence:
            where += f". {only_one(self._flow.sequence, self.shown_config.batch_size)}"
        self._put(self.where, where)
        style = self.tools.appearance.digits
        self._put(self.sentence, "" if flow is None else left_over(flow, self.chosen, self.twin_flow, style))
        self.ways.words.setText("" if flow is None else "what arrives at time step t")
        for part in (self.map, self.twin_map):
            roomy = part.width() > _WORDY * self.px(15)
            part.words.setText("t = 1 on top, training steps across" if roomy and not part.is_empty else "")

    def _moment_words(self) -> str:
        """Say after which step that is, and of which sequences where these are not all of the batch."""
        flow = self._flow
        if flow is None:
            return ""
        words = self.recorded_at(flow.step - 1)
        if flow.sequence:
            return f"{words}, sequence {flow.sequence}"
        # Of a large network not all of the batch is followed back.
        part = flow.sequences and flow.sequences < self.shown_config.batch_size
        return f"{words}, the first {flow.sequences} sequences" if part else words

    def _put(self, label: QLabel, words: str) -> None:
        """Write words; lines that were once needed stay, so that nothing below moves with each number."""
        if words != label.text():
            label.setText(words)
        label.setVisible(bool(words))
        height = label.heightForWidth(self.contentsRect().width() - 2 * self._margin) if words else 0
        if height > label.minimumHeight():
            label.setMinimumHeight(height)

    def _on_timer(self) -> None:
        if self._follow_settings():
            self.dress()
            self._draw()
            self._say()
        elif self._words_due:
            self._say()

    # ---- settings

    def _on_sequence(self, number: int) -> None:
        training = self.training
        try:
            training.follow_sequence(number or None)
        except ConfigError as error:  # the settings have just become those of smaller batches
            self.message.emit(str(error))
            self._follow_settings()
            return
        words = only_one(number, training.live_config.batch_size) if number else "All sequences of each training batch"
        self.message.emit(words if training.active else f"{words}; from the next run on")

    def _on_twin(self, on: bool) -> None:
        self.training.change_setting("twin", "on" if on else "off")
        self.message.emit(f"A plain RNN is trained as a baseline, {self.when}" if on else "The plain RNN is left out")
        self.refresh()

    def _follow_settings(self) -> bool:
        """Offer the layers, states and curves of the run that is shown; say whether anything is new."""
        run, twin = self.shown_config, self._twin_wanted
        self.controls.layer.offer(run.layers)
        of_batch = self.training.followed_sequence, self.training.live_config.batch_size
        followed = run.cell, run.projected, run.layers, twin, self.shown_layer, self.chosen, of_batch
        if followed == self._followed:
            return False
        other_layer = self._followed is not None and self._followed[4] != self.shown_layer
        self._followed = followed
        cell = run.made_cell
        self.controls.show_sequence(*of_batch)
        self.controls.state.setVisible(len(states(cell)) > 1)
        self.controls.twin.setChecked(twin)
        self._lines = state_lines(cell, twin)
        above = "the loss" if self.shown_layer == run.layers else f"layer {self.shown_layer + 1}"
        self._way_lines = way_lines(cell, above)
        role = ROLES[self.chosen]
        self.map.set_state(self.chosen, role, norm_words(self.chosen))
        self.twin_map.set_state("h_t", "muted", f"plain RNN {norm_words('h_t')}", colours=role)
        if other_layer:
            self._rescale()
        return True

    def _rescale(self) -> None:
        """Find the powers of ten that the maps' colours tell apart, of every moment that is kept of the layer."""
        self.scale.clear()
        samples = self.training.run.history.samples
        wanted = [f"flow.{self.shown_layer}.{state}" for state in states(self.shown_config.made_cell)]
        kept = samples.keys()
        for key in (*wanted, f"twin.{self.shown_layer}.h_t"):
            if key in kept:
                self.scale.widen(_ends(samples.series(key)[1]))
        self._widen_by_newest()

    # ---- look

    def wanted_look(self) -> tuple[Any, ...]:
        letter = self.px(15)
        one = self.width() < _ALL[0] * letter or self.height() < _ALL[1] * letter
        across = not one or self.width() >= _ACROSS * letter
        return self.tools.appearance.theme, letter, one, self.controls.pages.choice, self._twin_wanted, across

    def put_on(self) -> None:
        _, text, one, page, twin, across = self.wanted_look()
        self.now.setVisible(not one or page == NOW)
        self.ways.setVisible(not one or page == PATHS)
        self.map.setVisible(not one or page == TRAINING)
        self.twin_map.setVisible(twin and (not one or page == TRAINING))
        self._arrange(one, page, twin, across)
        for part in self._parts:
            part.restyle()
        self.controls.fit(text, one)
        self._grid.setHorizontalSpacing(round(1.4 * text))
        self._grid.setVerticalSpacing(0 if one else round(0.5 * text))
        self._words_due = True

    def _arrange(self, one: bool, page: int, twin: bool, across: bool) -> None:
        """Give what is visible all the room; across: two maps fit beside each other."""
        for part in (self.map, self.twin_map):
            self._grid.removeWidget(part)
        self._grid.addWidget(self.map, 1, 0, 1, 1 if twin and across else 2)
        if twin:
            self._grid.addWidget(self.twin_map, *((1, 1) if across else (2, 0, 1, 2)))
        self._grid.setRowStretch(0, int(not one or page != TRAINING))
        self._grid.setRowStretch(1, int(not one or page == TRAINING))
        self._grid.setRowStretch(2, int(one and page == TRAINING and twin and not across))
        both = not one or (page == TRAINING and twin)
        self._grid.setColumnStretch(0, int(both or page != PATHS))
        self._grid.setColumnStretch(1, int(both or page == PATHS))


def _ends(norms: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the logarithms of the least and the largest of many norms, of those that have one."""
    known = norms[np.isfinite(norms) & (norms > 0)]
    return log10(np.array([known.min(), known.max()])) if known.size else np.empty(0)
