"""A step that was taken apart, as diagram and formula line show the place where its walk stands."""

from __future__ import annotations

from engine.cell.backward import Backward
from engine.explain import backward_line
from engine.explain.notes import note_of
from gui.appearance.typeset import Typesetter
from gui.diagram.formula import FormulaPanel
from gui.diagram.scene import CellScene
from gui.views.step.answer import Prepared
from gui.views.step.step_walk import Phase, SlowWalk


def typeset_all(typesetter: Typesetter, way: Backward) -> None:
    """Have every formula of the way typeset, so that none has to be waited for; all steps share them."""
    for t in {0, max(0, len(way.trace.steps) - 2), len(way.trace.steps) - 1}:
        for index in way.places[t]:
            typesetter.formula(backward_line.latex(way.trace.cell, way.moves[index]))


def show_cell(scene: CellScene, formula: FormulaPanel, step: Prepared, walk: SlowWalk) -> None:
    """Show the operation that the walk has come to, there or back."""
    if walk.phase is Phase.BACKWARD:
        scene.show_back(step.way, walk.within, walk.progress)
        formula.show_move(step.way, walk.move)
        operation, backwards = (walk.move.operation.name if walk.move else None), True
    else:
        scene.show_moment(step.trace, walk.moment)
        current = walk.moment.current
        operation = step.trace.cell.operations[current].name if current is not None else None
        formula.show_operation(step.trace, walk.moment.t, operation)
        backwards = False
    formula.show_note(note_of(step.trace.cell, operation, backwards=backwards) if operation else "")


def show_progress(scene: CellScene, step: Prepared, walk: SlowWalk) -> None:
    """Show how far the operation has come, there or back."""
    if walk.phase is Phase.BACKWARD:
        scene.show_back_progress(step.way, walk.within, walk.progress)
    else:
        scene.show_progress(step.trace, walk.moment)
