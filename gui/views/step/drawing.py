"""Shows the current operation of a training step in the diagram and in the formula line."""

from __future__ import annotations

from engine.explain.notes import note_of
from gui.diagram.formula import FormulaPanel
from gui.diagram.scene import CellScene
from gui.playback.walk import Walk
from gui.views.step.answer import Prepared
from gui.views.step.step_walk import Phase, moves_made, phase_of


def show_cell(scene: CellScene, formula: FormulaPanel, step: Prepared, walk: Walk) -> None:
    """Show the operation that the walk has come to, there or back."""
    if phase_of(walk) is Phase.BACKWARD:
        made = moves_made(walk)
        move = step.way.move(made)
        scene.show_back(step.way, made, walk.progress)
        formula.show_move(step.way, move)
        operation, backwards = (move.operation.name if move else None), True
    else:
        scene.show_moment(step.trace, walk.moment)
        current = walk.moment.current
        operation = step.trace.cell.operations[current].name if current is not None else None
        formula.show_operation(step.trace, walk.moment.t, operation)
        backwards = False
    formula.show_note(note_of(step.trace.cell, operation, backwards=backwards) if operation else "")
    formula.show_progress(walk.progress)


def show_progress(scene: CellScene, formula: FormulaPanel, step: Prepared, walk: Walk) -> None:
    """Show how far the operation has come, there or back."""
    formula.show_progress(walk.progress)
    if phase_of(walk) is Phase.BACKWARD:
        scene.show_back(step.way, moves_made(walk), walk.progress, further=True)
    else:
        scene.show_moment(step.trace, walk.moment, further=True)
