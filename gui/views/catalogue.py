"""Every view by its name: the word on its tab, and where its class stands. A view is made when first looked at."""

from __future__ import annotations

from collections.abc import Mapping

Entry = tuple[str, str, str]

CELL_VIEWS: Mapping[str, Entry] = {
    "cell": ("Cell", "gui.views.cell", "CellPage"),
    "sum": ("Sum", "gui.views.worked_sum", "WorkedSumView"),
    "sizes": ("Sizes", "gui.views.dimensions", "DimensionsView"),
    "stacked": ("Layers", "gui.views.stacked", "StackedView"),
    "activations": ("σ", "gui.views.activations", "ActivationsView"),
    "draws": ("Draws", "gui.views.draws", "DrawsView"),
    "sequence": ("Steps", "gui.views.sequence", "SequenceView"),
    "gradients": ("Gradients", "gui.views.gradients", "GradientsView"),
    "pair": ("Pair", "gui.views.pair", "PairView"),
}
"""Views of the cell at rest, drawn from the document's trace."""

TRAINING_VIEWS: Mapping[str, Entry] = {
    "experiments": ("Experiments", "gui.views.experiments", "ExperimentsView"),
    "task": ("Task", "gui.views.task", "TaskView"),
    "flow": ("Gradients", "gui.views.flow", "FlowView"),
    "slow": ("Step", "gui.views.slow_step", "SlowStepView"),
    "health": ("Health", "gui.views.health", "HealthView"),
    "text": ("Text", "gui.views.text", "TextView"),
    "compare": ("Compare", "gui.views.compare", "CompareView"),
    "library": ("Library", "gui.views.library", "LibraryView"),
}
"""Views of the network in training, drawn from the run's history."""

GROUPS: Mapping[str, Mapping[str, Entry]] = {"Cell": CELL_VIEWS, "Training": TRAINING_VIEWS}
VIEWS: Mapping[str, Entry] = {**CELL_VIEWS, **TRAINING_VIEWS}


def group_of(name: str) -> str:
    """Return the group that a view belongs to; raise KeyError for an unknown name."""
    VIEWS[name]
    return next(group for group, entries in GROUPS.items() if name in entries)
