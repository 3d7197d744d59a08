"""Every view by its name: the word on its tab, and where its class stands. A view is made when first looked at."""

from __future__ import annotations

from collections.abc import Mapping

Entry = tuple[str, str, str]

CELL_VIEWS: Mapping[str, Entry] = {
    "cell": ("Cell", "gui.views.cell.cell", "CellPage"),
    "sum": ("Sum", "gui.views.worked_sum.worked_sum", "WorkedSumView"),
    "sizes": ("Sizes", "gui.views.shapes.shapes", "DimensionsView"),
    "stacked": ("Layers", "gui.views.stacked.stacked", "StackedView"),
    "activations": ("σ", "gui.views.activations.activations", "ActivationsView"),
    "draws": ("Draws", "gui.views.draws.draws", "DrawsView"),
    "sequence": ("Steps", "gui.views.sequence.sequence", "SequenceView"),
    "gradients": ("Gradients", "gui.views.gradients.gradients", "GradientsView"),
    "pair": ("Pair", "gui.views.sequence.pair", "PairView"),
}
"""Views of the cell at rest, drawn from the document's trace."""

TRAINING_VIEWS: Mapping[str, Entry] = {
    "experiments": ("Experiments", "gui.views.experiments.experiments", "ExperimentsView"),
    "task": ("Task", "gui.views.task.task", "TaskView"),
    "flow": ("Gradients", "gui.views.flow.flow", "FlowView"),
    "slow": ("Step", "gui.views.step.step", "SlowStepView"),
    "health": ("Health", "gui.views.health.health", "HealthView"),
    "text": ("Text", "gui.views.text.text", "TextView"),
    "compare": ("Compare", "gui.views.compare.compare", "CompareView"),
    "library": ("Library", "gui.views.library.library", "LibraryView"),
}
"""Views of the network in training, drawn from the run's history."""

GROUPS: Mapping[str, Mapping[str, Entry]] = {"Cell": CELL_VIEWS, "Training": TRAINING_VIEWS}
VIEWS: Mapping[str, Entry] = {**CELL_VIEWS, **TRAINING_VIEWS}


def group_of(name: str) -> str:
    """Return the group that a view belongs to; raise KeyError for an unknown name."""
    VIEWS[name]
    return next(group for group, entries in GROUPS.items() if name in entries)
