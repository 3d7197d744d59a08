"""The tables of views and panels: to add one, write its file and its row here.

Nothing of them is imported here: a view's class is looked up when the view is first looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal


@dataclass(frozen=True)
class ViewRow:
    """A view.

    words: what it is called on its tab and in its menu, where & marks the letter to press. workspace: the group of
    views that it stands in. place: of its class, as module:class.
    """

    words: str
    workspace: Literal["Cell", "Training"]
    keys: tuple[str, ...]
    sentence: str
    place: str

    @property
    def title(self) -> str:
        """What its tab says."""
        return self.words.replace("&", "")


VIEWS: dict[str, ViewRow] = {
    "diagram": ViewRow(
        "D&iagram",
        "Cell",
        ("F2",),
        "The cell as a diagram with every number in it",
        "gui.views.cell.cell:CellPage",
    ),
    "sum": ViewRow(
        "&Sum",
        "Cell",
        ("F3",),
        "One row of W·[h, x] + b at a time, term by term; a click on a layer of the diagram opens it",
        "gui.views.worked_sum.worked_sum:WorkedSumView",
    ),
    "sizes": ViewRow(
        "Si&zes",
        "Cell",
        ("F4",),
        "Every vector and matrix to scale, with m, n and k at its sides",
        "gui.views.shapes.shapes:DimensionsView",
    ),
    "layers": ViewRow(
        "&Layers",
        "Cell",
        ("F6",),
        "The layers stacked into one matrix product, as torch computes them",
        "gui.views.stacked.stacked:StackedView",
    ),
    "activations": ViewRow(
        "Acti&vations",
        "Cell",
        ("F7",),
        "σ, tanh and ReLU with their derivatives, and where this cell's units stand on them",
        "gui.views.activations.activations:ActivationsView",
    ),
    "draws": ViewRow(
        "&Draws",
        "Cell",
        ("F8",),
        "Gates tossed like coins, 0 or 1, beside the usual gates between 0 and 1",
        "gui.views.draws.draws:DrawsView",
    ),
    "unrolled": ViewRow(
        "&Unrolled",
        "Cell",
        ("F9",),
        "One cell for each time step, side by side, with C and h over time",
        "gui.views.sequence.sequence:SequenceView",
    ),
    "gradients": ViewRow(
        "&Gradients",
        "Cell",
        ("F11",),
        "How much of a gradient is left after travelling back through time, beside a plain RNN",
        "gui.views.gradients.gradients:GradientsView",
    ),
    "pair": ViewRow(
        "&Pair",
        "Cell",
        ("F12",),
        "Another kind of cell beside this one, on the same input",
        "gui.views.sequence.pair:PairView",
    ),
    "experiments": ViewRow(
        "&Experiments",
        "Training",
        ("Ctrl+1",),
        "Repeat published experiments and see the paper's figures beside yours",
        "gui.views.experiments.experiments:ExperimentsView",
    ),
    "task": ViewRow(
        "&Task",
        "Training",
        ("Ctrl+2",),
        "Examples of the task; choose, type or draw the sequence that the heatmaps show",
        "gui.views.task.task:TaskView",
    ),
    "flow": ViewRow(
        "Gradient &flow",
        "Training",
        ("Ctrl+3",),
        "How much of the gradient reaches each time step, while the network learns",
        "gui.views.flow.flow:FlowView",
    ),
    "slow-motion": ViewRow(
        "Slow &motion",
        "Training",
        ("Ctrl+4",),
        "One training step: forward pass, loss, backward pass and the change of every weight",
        "gui.views.step.step:SlowStepView",
    ),
    "health": ViewRow(
        "&Health",
        "Training",
        ("Ctrl+5",),
        "Saturated gates, histograms and update ratios; clamp gates and freeze weights",
        "gui.views.health.health:HealthView",
    ),
    "text": ViewRow(
        "Te&xt",
        "Training",
        ("Ctrl+6",),
        "A text coloured by one unit, the likeliest next characters, and text that the network writes",
        "gui.views.text.text:TextView",
    ),
    "compare": ViewRow(
        "C&ompare",
        "Training",
        ("Ctrl+7",),
        "Train two to four configurations on the same batches, over several seeds",
        "gui.views.compare.compare:CompareView",
    ),
    "library": ViewRow(
        "&Library",
        "Training",
        ("Ctrl+8",),
        "All recorded runs: search, open, resume, compare, delete",
        "gui.views.library.library:LibraryView",
    ),
}
"""Every view, in the order of the tabs."""


def found(place: str) -> Any:
    """Return the class at a place such as "gui.views.cell.cell:CellPage"; imports its module."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def workspaces() -> dict[str, list[str]]:
    """Return the names of the views of each workspace, in the order of the tabs."""
    groups: dict[str, list[str]] = {}
    for name, row in VIEWS.items():
        groups.setdefault(row.workspace, []).append(name)
    return groups


@dataclass(frozen=True)
class PanelRow:
    """A card beside or below the views.

    words: what it is called; height: in pixels of a screen of 1080 lines; axes: what its title says after its words.
    place: of the class of a docked plot, as module:class; "" for a panel that the window makes itself.
    """

    words: str
    workspace: Literal["Cell", "Training"]
    side: Literal["left", "right", "bottom"]
    height: int = 190
    place: str = ""
    axes: str = ""

    @property
    def title(self) -> str:
        """What stands over the card."""
        return f"{self.words}: {self.axes}" if self.axes else self.words


PANELS: dict[str, PanelRow] = {
    "sizes": PanelRow("Sizes", "Cell", "left", 180),
    "weights": PanelRow("Weights", "Cell", "left", 300),
    "inputs": PanelRow("Inputs", "Cell", "left", 190),
    "training": PanelRow("Training", "Training", "right", 230),
    "loss": PanelRow("Loss", "Training", "right", 190, "gui.training.loss:LossPlot"),
    "gradients": PanelRow("Gradient norms", "Training", "right", 220, "gui.training.gradients:GradientsPlot"),
    "prediction": PanelRow("Predictions", "Training", "right", 190, "gui.training.prediction:PredictionPlot"),
    "gates": PanelRow("Gates over time", "Training", "bottom", 190, "gui.training.gates:GatesPlot", "unit ↑, time →"),
}
"""Every panel, from the top down."""
