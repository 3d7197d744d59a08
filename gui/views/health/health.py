"""The view Health: saturation, histograms, update ratios, clipping; switches to clamp gates and freeze weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from engine.cell.cell import Cell
from engine.cell.graph import Operation
from engine.runs.messages import State
from engine.runs.observation import FLOW, OBSERVED, Flow, WeightFacts
from engine.setting import ELSEWHERE
from engine.settings.ablation import clamped_gates, clamped_text, frozen_weights, gates_of
from engine.settings.config import ConfigError
from gui.views.base import Tools
from gui.views.health.clipping import ClippingPlot
from gui.views.health.controls import ClampSwitch, WeightTabs
from gui.views.health.histograms import HistogramsPlot
from gui.views.health.ratios import RatiosPlot, Weight
from gui.views.health.saturation import SaturationPlot
from gui.views.offers import say_what_run_lacks
from gui.views.training_view import LabView
from gui.widgets.buttons import CheckBox
from gui.widgets.choices import LayerBox
from gui.widgets.empty_place import EmptyPlace
from gui.widgets.labels import text_label
from gui.widgets.layouts import REST, discard, in_column, in_row, show_instead
from gui.widgets.segments import Segments

_WORDS_MS = 200
"""Numbers that change more often cannot be read; settings that were changed elsewhere are noticed as soon."""
_FOUR = (52, 32)
"""Letters across and down that four parts need; with less room there are two at a time."""
_READOUT = (Weight("W_out", r"W_{\mathrm{out}}", "cell"), Weight("b_out", r"b_{\mathrm{out}}", "cell"))
_SOON = "Waiting for the first numbers of this run"
_WHAT = "Saturated gates, histograms and update ratios are shown here"


def weights(cell: Cell, layer: int) -> tuple[Weight, ...]:
    """Return the weights of one layer, counted from 1, and those of the readout."""
    return (*(Weight(f"layer{layer}.{item.name}", item.latex, item.role) for item in cell.parameters), *_READOUT)


class HealthView(LabView):
    """Four parts about one layer, under a row of switches that clamp gates and a box that freezes a weight."""

    wants = frozenset({FLOW, OBSERVED})

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        appearance, typesetter = tools.appearance, tools.typesetter
        self.saturation = SaturationPlot(typesetter, appearance)
        self.histograms = HistogramsPlot(appearance)
        self.ratios = RatiosPlot(typesetter, appearance)
        self.clipping = ClippingPlot(appearance)
        self._parts = self.saturation, self.histograms, self.ratios, self.clipping
        self.layer = LayerBox("The layer whose gates and weights are shown")
        self.pair = Segments((("Gates", ""), ("Updates", "")), appearance)
        self.pair.segments[0].setToolTip("Saturation and histograms")
        self.pair.segments[1].setToolTip("Update ratios and gradient norm")
        self.pair.choose(0)
        self.clamps: dict[str, ClampSwitch] = {}
        """The switch of each gate, by the letter of its weights."""
        self.weight_tabs = WeightTabs(typesetter, appearance)
        self.frozen = CheckBox("frozen")
        self._no_gates = text_label("This cell has no gate to clamp")
        self._chosen = ""
        self._flow: Flow | None = None
        self._facts: tuple[int, Mapping[str, WeightFacts]] | None = None
        self._words_due = False
        self.while_shown(_WORDS_MS, self._on_timer)
        self._lay_out()
        self.layer.currentIndexChanged.connect(lambda _index: self.refresh())
        self.pair.chosen.connect(lambda _number: self.refresh())
        self.weight_tabs.chosen.connect(self.choose_weight)
        self.frozen.clicked.connect(self._on_frozen)
        for part in self._parts:
            part.hovered.connect(self.message)

    def _lay_out(self) -> None:
        px = self.tools.appearance.px
        self._switches = QHBoxLayout()
        self._controls = in_row(self.layer, self._switches, self._no_gates, REST, self.pair)
        self.histograms.chooser.addWidget(self.weight_tabs, 1, Qt.AlignmentFlag.AlignTop)
        self.histograms.chooser.addWidget(self.frozen, 0, Qt.AlignmentFlag.AlignTop)
        self._grid = QGridLayout()
        for number, part in enumerate(self._parts):
            self._grid.addWidget(part, *divmod(number, 2))
        for line in range(2):
            self._grid.setColumnStretch(line, 1)
            self._grid.setRowStretch(line, 1)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._body, self.empty = QWidget(), EmptyPlace(self.tools.appearance)
        self._body.setLayout(self._grid)
        self.empty.hide()
        parts = self._controls, (self._body, 1), (self.empty, 1)
        in_column(*parts, inside=self, margins=(px(14), px(6), px(14), px(8)), spacing=px(6))

    # ---- what is shown

    @property
    def shown_layer(self) -> int:
        """The layer that is shown, counted from 1."""
        return self.layer.layer + 1

    @property
    def chosen(self) -> Weight:
        """The weight whose histograms are shown; the first where that of the last run is not there."""
        offered = weights(self.shown_config.made_cell, self.shown_layer)
        return next((weight for weight in offered if weight.short == self._chosen), offered[0])

    def choose_weight(self, name: str) -> None:
        """Show another weight by its name, with or without its layer: "layer1.W_f", "W_out"."""
        self._chosen = name.rpartition(".")[2]
        self.refresh()

    # ---- news

    def show_run(self) -> None:
        self._flow = self._facts = None
        self._on_changed()

    def show_news(self) -> None:
        self._take()
        self._draw()
        self._words_due = True

    def refresh(self) -> None:
        self._follow_settings()
        self.dress()
        self.show_news()
        self._say()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.isVisible():
            self.dress()

    def _take(self) -> None:
        """Keep what is known of the snapshot that is shown."""
        extras = self.training.run.history.extras
        self._flow = extras.flow
        self._facts = (extras.observed.step, extras.observed.weights) if extras.observed is not None else None

    def _draw(self) -> None:
        history, chosen = self.training.run.history, self.chosen
        nothing = not history.count and self._flow is None and self._facts is None
        nothing = nothing or self.shown_config.task == ELSEWHERE  # the norms alone stand in Live
        show_instead(*(self.empty, self._body) if nothing else (self._body, self.empty))
        if nothing:
            say_what_run_lacks(self, self.empty, _WHAT)
        if self.saturation.isVisible():
            cell = self.shown_config.made_cell
            gateless = "" if cell.gates else f"This cell ({cell.title}) has no gate that could saturate"
            self.saturation.show_empty(gateless or self._missing(self._flow is not None, "the gates saturate"))
            if not self.saturation.is_empty:
                self.saturation.show_history(history, self.shown_layer, self._flow)
        if self.histograms.isVisible():
            facts = self._facts
            now = (facts[0], facts[1][chosen.name]) if facts is not None and chosen.name in facts[1] else None
            self.histograms.show_empty(self._missing(now is not None, "histograms of weights and gradients"))
            seen = history.first_observed
            first = (seen.step, seen.weights[chosen.name]) if seen and chosen.name in seen.weights else None
            self.histograms.show_weight(chosen.name, chosen.role, now, first)
            self.histograms.when = self.recorded_at(now[0]) if now else ""
        if self.ratios.isVisible():
            self.ratios.show_empty(self._missing(self._facts is not None, "how far each step moves the weights"))
            if not self.ratios.is_empty and self._facts is not None:
                self.ratios.show_history(history, self._facts[1])
        if self.clipping.isVisible():
            self.clipping.show_empty(self._missing(history.count > 0, "the gradient norm"))
            self.clipping.show_history(history, self.training.live_config.clip_norm)

    def _missing(self, there: bool, what: str) -> str:
        """Return what to do for a part to show something, or nothing where it can."""
        if there:
            return ""
        if not self.training.active:
            return f"Train (Ctrl+T) to see {what}"
        if self.training.run.state in (State.PAUSED, State.FINISHED):
            return f"Continue training (Ctrl+T) to see {what}"
        return _SOON

    def _say(self) -> None:
        self._words_due = False
        for part in self._parts:
            if part.isVisible() and not part.is_empty:
                part.say()

    def _on_timer(self) -> None:
        self._follow_settings()
        if self._words_due:
            self._say()

    # ---- settings

    def _follow_settings(self) -> None:
        """Show the gates, weights and switches of the present settings."""
        cell = self.shown_config.made_cell
        self.layer.offer(self.shown_config.layers)
        self.saturation.show_gates(cell.gates)
        offered, chosen = weights(cell, self.shown_layer), self.chosen
        self.weight_tabs.show_weights(offered, chosen.name)
        self.ratios.show_weights(offered, chosen.name)
        self._show_switches(gates_of(self.training.live_config.made_cell))
        clamped = self._clamped()
        for letter, switch in self.clamps.items():
            switch.show_value(clamped.get(letter))
        own = chosen not in _READOUT
        self.frozen.setEnabled(own)
        self.frozen.setChecked(own and chosen.name in self._frozen_names())
        tip = f"Freeze {chosen.name}: training leaves it unchanged" if own else "The readout's weights cannot be frozen"
        self.frozen.setToolTip(tip)

    def _show_switches(self, offered: Mapping[str, Operation]) -> None:
        if offered == {letter: switch.gate for letter, switch in self.clamps.items()}:
            return
        discard(*self.clamps.values())
        self.clamps = {}
        for letter, gate in offered.items():
            switch = ClampSwitch(letter, gate, self.tools.typesetter, self.tools.appearance)
            switch.clamped.connect(self._on_clamped)
            self._switches.addWidget(switch)
            self.clamps[letter] = switch
        self._no_gates.setVisible(not offered)

    def _clamped(self) -> dict[str, float]:
        config = self.training.live_config
        try:
            return dict(clamped_gates(config.made_cell, config.clamped))
        except ConfigError:  # of another cell than the one that runs
            return {}

    def _frozen_names(self) -> list[str]:
        config = self.training.live_config
        try:
            layers = frozen_weights(config.made_cell, config.layers, config.frozen)
        except ConfigError:
            return []
        return [f"layer{number}.{name}" for number, names in enumerate(layers, 1) for name in sorted(names)]

    def _on_clamped(self, letter: str, value: float | None) -> None:
        clamped = self._clamped() | {letter: value}
        text = clamped_text({gate: at for gate in self.clamps if (at := clamped.get(gate)) is not None})
        name = self.clamps[letter].gate.name
        what = f"{name} is no longer clamped" if value is None else f"{name} is clamped at {value:g} in every layer"
        self._change("clamped", text, what)

    def _on_frozen(self) -> None:
        name = self.chosen.name
        names = [other for other in self._frozen_names() if other != name]
        if self.frozen.isChecked():
            names.append(name)
        what = f"{name} is frozen" if self.frozen.isChecked() else f"{name} is no longer frozen"
        self._change("frozen", " ".join(sorted(names)), what)

    def _change(self, name: str, value: str, what: str) -> None:
        """Change a setting, and say what that does and from when on."""
        try:
            self.training.change_setting(name, value)
        except ConfigError as error:
            self.message.emit(str(error))
        else:
            self.message.emit(f"{what}, {self.when}")
        self._follow_settings()

    # ---- look

    def wanted_look(self) -> tuple[Any, ...]:
        letter = self.px(15)
        two = self.width() < _FOUR[0] * letter or self.height() < _FOUR[1] * letter
        return self.tools.appearance.theme, letter, two, self.pair.choice

    def put_on(self) -> None:
        _, text, two, pair = self.wanted_look()
        # Two at a time stand beside each other: a plot over steps wants width less than lanes want height.
        self.pair.setVisible(two)
        first = 2 * pair
        for number, part in enumerate(self._parts):
            part.setVisible(not two or number in (first, first + 1))
        self._grid.setRowStretch(0, int(not two or first == 0))
        self._grid.setRowStretch(1, int(not two or first == 2))
        self._grid.setHorizontalSpacing(round(1.4 * text))
        self._grid.setVerticalSpacing(0 if two else round(0.7 * text))
        self._controls.setSpacing(round(0.6 * text) if two else text)
        self._switches.setSpacing(round((0.6 if two else 1.2) * text))
        for part in self._parts:
            part.restyle()
        self.weight_tabs.arrange()
        self._words_due = True
