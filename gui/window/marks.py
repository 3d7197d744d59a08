"""Which checkable actions are checked: those that say what is in force."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtGui import QAction

from engine.cell.cells import CELLS, OUTPUTS
from engine.document.document import Document
from engine.text.numbers import Style
from gui.appearance.theme import Appearance
from gui.commands.views import VIEWS
from gui.window.stage import Stage

Actions = Mapping[str, QAction]


def mark_cell(actions: Actions, document: Document) -> None:
    """Check the cell, the output and the order of columns of a document."""
    for name in CELLS:
        actions[f"cell_{name}"].setChecked(name == document.cell_name)
    output = document.output if document.has_output else "none"
    for name in ("none", *OUTPUTS):
        actions[f"output_{name}"].setChecked(name == output)
    actions["order"].setChecked(document.order == "h,x")
    actions["link"].setEnabled(document.can_project)


def mark_view(actions: Actions, stage: Stage) -> None:
    """Check the view in front, and whether the flow is turned round."""
    for name in VIEWS:
        actions[f"view_{name}"].setChecked(name == stage.front)
    actions["turn"].setChecked(stage.cell.backwards)


def mark_appearance(actions: Actions, appearance: Appearance) -> None:
    """Check the theme and the style of numbers."""
    for name in ("system", "light", "dark"):
        actions[f"theme_{name}"].setChecked(name == appearance.choice)
    for style in Style:
        actions[f"digits_{style.value}"].setChecked(style is appearance.digits)
