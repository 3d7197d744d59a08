"""Connects every place that shows numbers: hovering over one frames what it was computed from.

A part of the diagram that the cursor rests on is explained in the formula's place.
"""

from __future__ import annotations

from engine.cell.provenance import Place
from engine.explain.backward_line import GRADIENT
from engine.explain.explanation import explain
from gui.appearance.theme import Appearance
from gui.diagram.formula import FormulaPanel
from gui.document.highlight import Light
from gui.document.inputs import InputsPanel
from gui.document.weights import WeightsPanel
from gui.playback.playback import Playback
from gui.views.cell.cell import CellPage


def connect_light(
    light: Light,
    playback: Playback,
    page: CellPage,
    formula: FormulaPanel,
    weights: WeightsPanel,
    inputs: InputsPanel,
    appearance: Appearance,
) -> None:
    """Let every place that shows numbers say where the cursor rests, and hear what to frame."""

    def rest(name: str, place: Place | None, t: int | None = None) -> None:
        light.rest_on(page.trace, playback.moment.t if t is None else t, name, place)

    def rest_in_diagram(name: str, entry: int | None) -> None:
        if entry is not None and page.backwards and page.way is not None:
            light.rest_on_gradient(page.way, page.back.position, page.back.t, name, (entry,))
        else:
            rest(name, None if entry is None else (entry,))

    def rest_in_formula(name: str, place: Place | None) -> None:
        trace = page.trace
        if name.startswith(GRADIENT):
            rest_in_diagram(name.removeprefix(GRADIENT), place[0] if place and len(place) == 1 else None)
        elif trace is not None and (name in trace.parameters or name in trace.steps[0]):
            rest(name, place, page.walk.t)
        else:
            light.leave()

    def rest_on_input(row: int, column: int) -> None:
        t, name, place = inputs.entry_at(row, column) or (0, "", None)
        rest(name, place, t)

    def rest_on_part(place: str) -> None:
        trace = page.trace
        if not place or trace is None:
            formula.show_explanation(None)
            page.view.tell("")
            return
        computed = None if page.backwards else page.scene.known
        said = explain(trace, page.walk.t, place, computed, appearance.digits)
        formula.show_explanation(said)
        page.view.tell(f"{said.name}, {said.heading}. {' '.join(said.sentences)}")

    page.scene.part_rested.connect(rest_on_part)
    page.scene.rested.connect(rest_in_diagram)
    formula.rested.connect(rest_in_formula)
    weights.table.rested.connect(lambda row, column: rest(*(weights.entry_at(row, column) or ("", None))))
    inputs.table.rested.connect(rest_on_input)
    for shows in (page.scene, formula, weights):
        light.changed.connect(shows.show_light)
    light.changed.connect(lambda made_of, _goes_into: inputs.light(light.t, made_of))
    light.said.connect(formula.show_resting)
    for walk in (playback, page.back):
        walk.moved.connect(light.leave)
        walk.moved.connect(page.scene.forget_rest)
