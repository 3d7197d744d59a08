"""The tables of workspaces, views and panels: to add one, write its file and its row here.

Nothing of them is imported here: a view's class is looked up when the view is first looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

Workspace = Literal["learn", "explore", "train", "compare", "library", "side-by-side"]


@dataclass(frozen=True)
class WorkspaceRow:
    """A window for one job: the views and panels that name it.

    words: what it is called on its button and in its menu, where & marks the letter to press.
    """

    words: str
    keys: tuple[str, ...]
    sentence: str

    @property
    def title(self) -> str:
        """What its button says."""
        return self.words.replace("&", "")


WORKSPACES: dict[Workspace, WorkspaceRow] = {
    "learn": WorkspaceRow("Lear&n", ("Alt+1",), "Lessons that lead through the cell and its training, key by key"),
    "explore": WorkspaceRow("&Explore", ("Alt+2",), "One cell by hand: its sizes, weights and every number"),
    "train": WorkspaceRow("&Train", ("Alt+3",), "A network that learns a task while you watch"),
    "compare": WorkspaceRow("&Compare", ("Alt+4",), "Several configurations side by side, and published experiments"),
    "library": WorkspaceRow("&Library", ("Alt+5",), "All recorded runs"),
    "side-by-side": WorkspaceRow("&Side by side", ("Alt+6",), "The cell and its training together"),
}
"""Every workspace, in the order of their buttons."""


@dataclass(frozen=True)
class ViewRow:
    """A view.

    words: what it is called on its tab and in its menu, where & marks the letter to press. workspace: where its tab
    stands. place: of its class, as module:class.
    """

    words: str
    workspace: Workspace
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
        "explore",
        ("F2",),
        "The cell as a diagram with every number in it",
        "gui.views.cell.cell:CellPage",
    ),
    "sum": ViewRow(
        "&Sum",
        "explore",
        ("F3",),
        "One row of W·[h, x] + b at a time, term by term; a click on a layer of the diagram opens it",
        "gui.views.worked_sum.worked_sum:WorkedSumView",
    ),
    "sizes": ViewRow(
        "Si&zes",
        "explore",
        ("F4",),
        "Every vector and matrix to scale, with m, n and k at its sides",
        "gui.views.shapes.shapes:DimensionsView",
    ),
    "layers": ViewRow(
        "&Layers",
        "explore",
        ("F6",),
        "The layers stacked into one matrix product, as torch computes them",
        "gui.views.stacked.stacked:StackedView",
    ),
    "activations": ViewRow(
        "Acti&vations",
        "explore",
        ("F7",),
        "σ, tanh and ReLU with their derivatives, and where this cell's units stand on them",
        "gui.views.activations.activations:ActivationsView",
    ),
    "draws": ViewRow(
        "&Draws",
        "explore",
        ("F8",),
        "Gates tossed like coins, 0 or 1, beside the usual gates between 0 and 1",
        "gui.views.draws.draws:DrawsView",
    ),
    "unrolled": ViewRow(
        "&Unrolled",
        "explore",
        ("F9",),
        "One cell for each time step, side by side, with C and h over time",
        "gui.views.sequence.sequence:SequenceView",
    ),
    "gradients": ViewRow(
        "&Gradients",
        "explore",
        ("F11",),
        "How much of a gradient is left after travelling back through time, beside a plain RNN",
        "gui.views.gradients.gradients:GradientsView",
    ),
    "pair": ViewRow(
        "&Pair",
        "explore",
        ("F12",),
        "Another kind of cell beside this one, on the same input",
        "gui.views.sequence.pair:PairView",
    ),
    "by-hand": ViewRow(
        "By &hand",
        "explore",
        ("Shift+F12",),
        "Set the gates of a unit by hand, and see what C and h do over twelve time steps",
        "gui.views.by_hand.by_hand:ByHandView",
    ),
    "live": ViewRow(
        "Li&ve",
        "train",
        ("Ctrl+1",),
        "Input, gates, cell state, hidden state and prediction over time, while the network learns",
        "gui.views.live.live:LiveView",
    ),
    "task": ViewRow(
        "&Task",
        "train",
        ("Ctrl+2",),
        "Examples of the task; choose, type or draw the sequence that the heatmaps show",
        "gui.views.task.task:TaskView",
    ),
    "flow": ViewRow(
        "Gradient &flow",
        "train",
        ("Ctrl+3",),
        "How much of the gradient reaches each time step, while the network learns",
        "gui.views.flow.flow:FlowView",
    ),
    "slow-motion": ViewRow(
        "Slow &motion",
        "train",
        ("Ctrl+4",),
        "One training step: forward pass, loss, backward pass and the change of every weight",
        "gui.views.step.step:SlowStepView",
    ),
    "health": ViewRow(
        "&Health",
        "train",
        ("Ctrl+5",),
        "Saturated gates, histograms and update ratios; clamp gates and freeze weights",
        "gui.views.health.health:HealthView",
    ),
    "text": ViewRow(
        "Te&xt",
        "train",
        ("Ctrl+6",),
        "A text coloured by one unit, the likeliest next characters, and text that the network writes",
        "gui.views.text.text:TextView",
    ),
    "compare": ViewRow(
        "C&ompare",
        "compare",
        ("Ctrl+7",),
        "Train two to four configurations on the same batches, over several seeds",
        "gui.views.compare.compare:CompareView",
    ),
    "library": ViewRow(
        "&Library",
        "library",
        ("Ctrl+8",),
        "All recorded runs: search, open, resume, compare, delete",
        "gui.views.library.library:LibraryView",
    ),
    "experiments": ViewRow(
        "&Experiments",
        "compare",
        ("Ctrl+9",),
        "Repeat published experiments and see the paper's figures beside yours",
        "gui.views.experiments.experiments:ExperimentsView",
    ),
    "lessons": ViewRow(
        "Lesso&ns",
        "learn",
        (),
        "The lessons that come with the program, and your own",
        "gui.workspaces.learn.learn:LearnView",
    ),
    "side-by-side": ViewRow(
        "Side &by side",
        "side-by-side",
        (),
        "The diagram of the network that learns, beside its maps and curves",
        "gui.workspaces.side_by_side:SideBySide",
    ),
}
"""Every view, in the order of the tabs."""


@dataclass(frozen=True)
class PageRow:
    """What takes the room of the view and of all panels for a while; Esc leaves it.

    words: its entry in the menu. place: of its class, as module:class. opener: the files that it opens, by the name in
    `Files.openers`; "" for none.
    """

    words: str
    keys: tuple[str, ...]
    sentence: str
    place: str
    opener: str = ""

    @property
    def title(self) -> str:
        """What it is called."""
        return self.words.replace("&", "").removesuffix("…")


PAGES: dict[str, PageRow] = {
    "preferences": PageRow(
        "Preferences…",
        ("Ctrl+,",),
        "Choose theme, size of text, motion, folders, what is recorded, and the key of every command",
        "gui.preferences.page:PreferencesPage",
    ),
    "bring": PageRow(
        "&Bring a network…",
        (),
        "Open a network trained elsewhere, with PyTorch, Keras or as ONNX: walk through it, watch it, train it further",
        "gui.exchange.bring.page:ImportPage",
        opener="networks",
    ),
}
"""Every page, by the id of the command that opens it."""


def found(place: str) -> Any:
    """Return the class at a place such as "gui.views.cell.cell:CellPage"; imports its module."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def workspaces() -> dict[Workspace, list[str]]:
    """Return the names of the views of each workspace, in the order of the tabs."""
    return {workspace: [name for name, row in VIEWS.items() if row.workspace == workspace] for workspace in WORKSPACES}


@dataclass(frozen=True)
class PanelRow:
    """A card beside or below the views.

    words: what it is called. sentence: what it is for. workspaces: where it can stand. shown: whether it stands there
    at first. height: in pixels of a screen of 1080 lines. place: of the class of a docked plot, as module:class; ""
    for a panel that the window makes itself. axes: what its title says after its words.
    """

    words: str
    sentence: str
    workspaces: tuple[Workspace, ...]
    side: Literal["left", "right", "bottom"]
    height: int = 190
    place: str = ""
    axes: str = ""
    shown: bool = True

    @property
    def title(self) -> str:
        """What stands over the card."""
        return f"{self.words}: {self.axes}" if self.axes else self.words


def _plot(
    words: str, sentence: str, side: Literal["right", "bottom"], height: int, place: str, axes: str = ""
) -> PanelRow:
    """Return the row of a plot of the run, which can be put beside every view of the training."""
    return PanelRow(words, sentence, ("train",), side, height, place, axes, shown=False)


_BY_HAND: tuple[Workspace, ...] = ("explore", "side-by-side")

PANELS: dict[str, PanelRow] = {
    "sizes": PanelRow(
        "Sizes", "m, n and k, the numbers of entries of x, h and C; and the cell's output", _BY_HAND, "left", 180
    ),
    "weights": PanelRow(
        "Weights", "Every matrix of weights with its bias; click a number and type another", _BY_HAND, "left", 300
    ),
    "inputs": PanelRow(
        "Inputs", "x at every time step, and the h and C that the sequence begins with", _BY_HAND, "left", 190
    ),
    "training": PanelRow(
        "Training",
        "The task, the network, and how it is trained; a dot marks what acts at once",
        ("train", "side-by-side"),
        "left",
        600,
    ),
    "configurations": PanelRow(
        "Configurations", "What the networks that are compared have in common, and what not", ("compare",), "left", 600
    ),
    "loss": _plot("Loss", "The loss of every training step", "right", 190, "gui.training.loss:LossPlot"),
    "measure": _plot(
        "Measure", "How well the network does, in the task's own measure", "right", 150, "gui.training.loss:MeasurePlot"
    ),
    "gradients": _plot(
        "Gradient norms",
        "How large the gradient of each matrix is, at every training step",
        "right",
        220,
        "gui.training.gradients:GradientsPlot",
    ),
    "prediction": _plot(
        "Predictions",
        "What the network answers, against what it should answer",
        "right",
        190,
        "gui.training.prediction:PredictionPlot",
    ),
    "gates": _plot(
        "Gates over time",
        "Gates and states of every unit at each time step of the probe sequence",
        "bottom",
        190,
        "gui.training.gates:GatesPlot",
        "unit 1 on top, time →",
    ),
}
"""Every panel, from the top down."""
