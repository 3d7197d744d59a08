"""Connects every place that shows numbers: hovering over one frames what it was computed from.

A part of the diagram that the cursor rests on is explained in the formula's place.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex

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
from gui.window.stage import Stage


def connect_light(
    light: Light, playback: Playback, stage: Stage, weights: WeightsPanel, inputs: InputsPanel, appearance: Appearance
) -> None:
    """Let every place that shows numbers say where the cursor rests, and hear what to frame."""
    page, formula = stage.cell, stage.formula
    rest, rest_in_diagram = _connect_diagram(page, light, playback, formula, appearance)
    stage.diagram_made.connect(lambda other: _connect_diagram(other, light, playback, formula, appearance))

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

    def rest_on_weight(row: int, column: int) -> None:
        name, place = weights.entry_at(row, column) or ("", None)
        rest(name, place, None)

    def check_weight(index: QModelIndex | QPersistentModelIndex) -> None:
        """Let the card that checks gradients, where it is shown, have the weight that was clicked."""
        entry = weights.entry_at(index.row(), index.column())
        if entry is not None and stage.check.isVisible():
            stage.check.show_place(*entry)

    formula.rested.connect(rest_in_formula)
    weights.table.clicked.connect(check_weight)
    weights.table.rested.connect(rest_on_weight)
    inputs.table.rested.connect(rest_on_input)
    for shows in (formula, weights):
        light.changed.connect(shows.show_light)
    light.changed.connect(lambda made_of, _goes_into: inputs.light(light.t, made_of))
    light.said.connect(formula.show_resting)
    playback.moved.connect(light.leave)


def _connect_diagram(
    page: CellPage, light: Light, playback: Playback, formula: FormulaPanel, appearance: Appearance
) -> tuple[Callable[[str, Place | None, int | None], None], Callable[[str, int | None], None]]:
    """Connect a diagram; return what rests on a number anywhere, at time step t, and on one of the diagram."""

    def rest(name: str, place: Place | None, t: int | None) -> None:
        light.rest_on(page.trace, playback.moment.t if t is None else t, name, place)

    def rest_in_diagram(name: str, entry: int | None) -> None:
        if entry is not None and page.backwards and page.way is not None:
            light.rest_on_gradient(page.way, page.back.position, page.back.t, name, (entry,))
        else:
            rest(name, None if entry is None else (entry,), None)

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
    light.changed.connect(page.scene.show_light)
    page.back.moved.connect(light.leave)
    for walk in (playback, page.back):
        walk.moved.connect(page.scene.forget_rest)
    return rest, rest_in_diagram
