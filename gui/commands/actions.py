"""Every action with its words, key and sentence: one table. Menus are lists of names into it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from engine.cell.cell import Cell
from engine.cell.cells import CELLS
from engine.document.examples import EXAMPLES
from gui.commands.views import CELL_VIEWS, TRAINING_VIEWS


@dataclass(frozen=True)
class ActionSpec:
    """What an action is called, which keys it has, and what it does, in one sentence."""

    text: str
    keys: tuple[str, ...]
    sentence: str
    icon: str = ""
    checkable: bool = False


def _summary(make: Callable[..., Cell]) -> str:
    """Return the first words of what a cell's declaration says of it."""
    first = (make.__doc__ or "").strip().splitlines()[0]
    return first.removeprefix("Return ").partition(":")[0].replace("`", "").rstrip(".")


PANELS: Mapping[str, str] = {
    "sizes": "Sizes",
    "weights": "Weights",
    "inputs": "Inputs",
    "training": "Training",
    "loss": "Loss",
    "gradients": "Gradient norm, by weight",
    "prediction": "Prediction against target",
    "gates": "Gates of the probe sequence",
}
"""Every panel with its words, in the order of their keys."""

_VIEWS: Mapping[str, tuple[str, tuple[str, ...], str]] = {
    "cell": ("The &cell", ("F2",), "The cell as a diagram, with every number in it"),
    "sum": (
        "A layer as a worked &sum",
        ("F3",),
        "One layer's product, term by term; a click on a layer opens it",
    ),
    "sizes": ("The si&zes", ("F4",), "m, n and k as brackets on every vector and matrix"),
    "stacked": ("All &layers as one product", ("F6",), "The layers stacked into one matrix, as torch computes them"),
    "activations": (
        "The &activations",
        ("F7",),
        "σ, tanh and ReLU with their derivatives, and this cell's units on them",
    ),
    "draws": ("Gates &drawn at random", ("F8",), "Each gate unit drawn as 0 or 1, beside the soft gate"),
    "sequence": ("The se&quence, unrolled", ("F9",), "A cell for each time step, side by side, with C and h over time"),
    "gradients": (
        "&Gradients through time",
        ("F11",),
        "What an error keeps of itself on its way back",
    ),
    "pair": ("T&wo cells side by side", ("F12",), "Another cell on the same input"),
    "experiments": ("&Experiments", ("Shift+F2",), "Published experiments, repeated here, their figures beside ours"),
    "task": ("The t&ask", ("Shift+F3",), "One example of the task; the probe sequence, picked, typed or drawn"),
    "flow": ("Gradients through time, l&ive", ("Shift+F4",), "How much of the error comes back to each time step"),
    "slow": ("One s&tep in slow motion", ("Shift+F6",), "Forward, loss, backward and every weight's change, by Space"),
    "health": ("&Health of the network", ("Shift+F7",), "Saturation, histograms, how far a step moves the weights"),
    "text": ("The te&xt", ("Shift+F8",), "A text coloured by one unit, the likeliest next characters, samples"),
    "compare": ("C&ompare configurations", ("Shift+F9",), "Two to four networks on the same batches, over seeds"),
    "library": ("The &library of runs", ("Shift+F10",), "Every recorded run: search, open, resume, compare, delete"),
}

ACTIONS: Mapping[str, ActionSpec] = {
    "new": ActionSpec("&New", ("Ctrl+N",), "Start with a new cell of the chosen sizes"),
    "open": ActionSpec("&Open…", ("Ctrl+O",), "Open a document, a recorded run, a table or a text"),
    **{
        f"example_{name}": ActionSpec(
            title, (f"Ctrl+F{number}" if number <= 12 else f"Ctrl+Shift+F{number - 12}",), f"Open the example “{title}”"
        )
        for number, (name, title) in enumerate(EXAMPLES.items(), 1)
    },
    "save": ActionSpec("&Save", ("Ctrl+S",), "Save the document"),
    "save_as": ActionSpec("Save &as…", ("Ctrl+Shift+S",), "Save the document under another name"),
    "quit": ActionSpec("&Quit", ("Ctrl+Q",), "Close the window; what is not saved is asked for"),
    "undo": ActionSpec("&Undo", ("Ctrl+Z",), "Take the last change back"),
    "redo": ActionSpec("&Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "Make the change again"),
    "fill_zeros": ActionSpec("All weights: &zeros", ("Ctrl+Alt+0",), "Set every weight and bias to 0"),
    "fill_ones": ActionSpec("All weights: &ones", ("Ctrl+Alt+9",), "Set every weight and bias to 1"),
    "fill_identity": ActionSpec("All weights: &identity-like", ("Ctrl+Alt+I",), "Unit i reads input i and state i"),
    "fill_xavier": ActionSpec("All weights: &Xavier", ("Ctrl+Alt+X",), "Draw every weight with the chosen seed"),
    "fill": ActionSpec("Fill this &matrix…", ("Ctrl+Shift+F",), "Fill the shown matrix and its bias"),
    "randomise": ActionSpec("&Randomise this matrix", ("Ctrl+Shift+R",), "Draw the shown matrix and its bias anew"),
    "randomise_inputs": ActionSpec("Randomise the i&nputs", ("Ctrl+Shift+I",), "Draw x, h0 and C0 anew"),
    "copy": ActionSpec("&Copy the matrix", ("Ctrl+Shift+C",), "Copy the selected block, or all, for NumPy"),
    "paste": ActionSpec("&Paste into the matrix", ("Ctrl+Shift+V",), "Paste a block of numbers at the selected cell"),
    **{
        f"cell_{name}": ActionSpec(
            make(False, "x,h", None).title, (f"Ctrl+Alt+{number}",), f"Show this cell: {_summary(make)}", "", True
        )
        for number, (name, make) in enumerate(CELLS.items(), 1)
    },
    "order": ActionSpec(
        "Columns [&h, x] instead of [x, h]", ("Ctrl+Shift+O",), "Turn W's columns; no result changes", "", True
    ),
    "output_none": ActionSpec("&No output", ("Ctrl+Shift+N",), "The cell ends with h_t", "", True),
    "output_sigmoid": ActionSpec("Output y = &σ(W·h + b)", ("Ctrl+Shift+G",), "Each a share of its own", "", True),
    "output_softmax": ActionSpec("Output y = soft&max(…)", ("Ctrl+Shift+M",), "Shares that add up to 1", "", True),
    "output_identity": ActionSpec("Output y = &W·h + b", ("Ctrl+Shift+Y",), "Outputs as they come", "", True),
    "add_step": ActionSpec("&Add a time step", ("Ctrl+Shift+A",), "One more time step, with the inputs of the last"),
    "remove_step": ActionSpec("Remo&ve a time step", ("Ctrl+Shift+D",), "Remove the last time step"),
    "link": ActionSpec("&Link or unlink n and k", ("Ctrl+L",), "Whether n follows k, as in the plain cell"),
    "matrix_1": ActionSpec("Weights of the &first layer", ("Ctrl+1",), "Show the first weight matrix"),
    "matrix_2": ActionSpec("Weights of the &second layer", ("Ctrl+2",), "Show the second weight matrix"),
    "matrix_3": ActionSpec("Weights of the &third layer", ("Ctrl+3",), "Show the third weight matrix"),
    "matrix_4": ActionSpec("Weights of the f&ourth layer", ("Ctrl+4",), "Show the fourth weight matrix"),
    "matrix_5": ActionSpec("Weights of the &projection", ("Ctrl+5",), "Show W_hr, where n is not k"),
    "restart": ActionSpec("&Restart", ("Home",), "Stand before the first operation", "restart"),
    "back": ActionSpec("&Back", ("Shift+Space", "PgUp"), "Take the last operation back", "back"),
    "next": ActionSpec("&Next operation", ("Space", "PgDown"), "Compute the next operation", "next"),
    "play": ActionSpec("&Play through", ("Return", "Enter"), "Compute all operations in turn, or pause", "play"),
    "slower": ActionSpec("S&lower", ("Ctrl+-",), "Play at half the speed"),
    "faster": ActionSpec("&Faster", ("Ctrl++", "Ctrl+="), "Play at twice the speed"),
    "turn": ActionSpec("&Backwards", ("Ctrl+B",), "Turn the flow round: gradients travel back from a loss", "", True),
    **{f"view_{name}": ActionSpec(*spec, "", True) for name, spec in _VIEWS.items()},
    "digits_short": ActionSpec("Numbers: &two decimals", ("Ctrl+Alt+W",), "Write 92 and 0.88", "", True),
    "digits_long": ActionSpec("Numbers: &four decimals", ("Ctrl+Alt+F",), "Write 92 and 0.8808", "", True),
    "digits_scientific": ActionSpec("Numbers: s&cientific", ("Ctrl+Alt+E",), "Write 9.20·10¹", "", True),
    "present": ActionSpec("&Present", ("F5",), "Full screen for a hall: the diagram and its formula", checkable=True),
    "end_present": ActionSpec("&End presenting", ("Esc",), "Return to the window, and there to the cell"),
    "train": ActionSpec("&Train or pause", ("Ctrl+T",), "Train the network, or pause the training"),
    "train_step": ActionSpec("One &step", ("Ctrl+E",), "Do one training step, then pause"),
    "train_apart": ActionSpec(
        "One step in slow &motion", ("Ctrl+Shift+E",), "Take one training step apart, then go on by Space"
    ),
    "train_stop": ActionSpec("Sto&p", ("Ctrl+.",), "End the training; what it showed stays"),
    "train_again": ActionSpec("Start &over", ("Ctrl+R",), "Begin again with fresh weights and the present settings"),
    "train_record": ActionSpec("Re&cord runs", ("Ctrl+Shift+K",), "Write each run to a file of its own", "", True),
    "train_keep": ActionSpec("&Keep this moment", ("Ctrl+K",), "Record this step of the run, to come back to it"),
    "train_resume": ActionSpec("Go on with a &recorded run", ("Ctrl+Shift+T",), "Resume the run that is shown"),
    "train_live": ActionSpec("Return to the ne&west step", ("Ctrl+End",), "Look at the run as it is now"),
    "train_settings": ActionSpec("Training se&ttings…", ("Ctrl+,",), "Task, network, optimizer, device"),
    "show_network": ActionSpec("Show the &network in the diagram", ("Ctrl+D",), "The trained cell as it is now"),
    **{
        f"panel_{name}": ActionSpec(words, (f"Alt+{number}",), f"Show or hide the panel “{words}”", "", True)
        for number, (name, words) in enumerate(PANELS.items(), 1)
    },
    "reset_layout": ActionSpec("&Reset the layout", ("Ctrl+Alt+R",), "Put every panel back to its place"),
    "theme_system": ActionSpec("Theme of the &system", ("Ctrl+Alt+S",), "Light or dark as the system is", "", True),
    "theme_light": ActionSpec("&Light theme", ("Ctrl+Alt+L",), "Dark letters on paper", "", True),
    "theme_dark": ActionSpec("&Dark theme", ("Ctrl+Alt+D",), "Light letters on slate", "", True),
    "keys": ActionSpec("&Keys", ("F1", "?"), "Every key and what it does"),
    "register": ActionSpec(
        "Open files by &double click",
        ("Ctrl+Alt+O",),
        "Tell the desktop which files this program opens",
    ),
    "about": ActionSpec("&About", ("Shift+F1",), "Version, licence, where things come from"),
}

MENUS: Mapping[str, tuple[str, ...]] = {
    "&File": ("new", "open", "RECENT", "EXAMPLES", "-", "save", "save_as", "-", "quit"),
    "&Edit": (
        *("undo", "redo", "-", "copy", "paste", "fill", "randomise", "-"),
        *("add_step", "remove_step", "randomise_inputs", "-"),
        *("fill_zeros", "fill_ones", "fill_identity", "fill_xavier"),
    ),
    "&Cell": (
        *(f"cell_{name}" for name in CELLS),
        *("-", "link", "order", "-", "output_none", "output_sigmoid", "output_softmax", "output_identity"),
    ),
    "&Playback": ("next", "back", "play", "restart", "-", "slower", "faster"),
    "&Training": (
        "train",
        "train_step",
        "train_apart",
        "train_stop",
        "train_again",
        "-",
        "train_record",
        "train_keep",
        "train_live",
        "train_resume",
        "-",
        "train_settings",
        "show_network",
    ),
    "&View": (
        *(f"view_{name}" for name in CELL_VIEWS),
        *("-", "turn", "-", "TRAINING", "-", "present", "-", "MATRICES", "PANELS", "reset_layout", "-"),
        *("digits_short", "digits_long", "digits_scientific", "-"),
        *("theme_system", "theme_light", "theme_dark"),
    ),
    "&Help": ("keys", "register", "about"),
}

SUBMENUS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "EXAMPLES": ("E&xamples", tuple(name for name in ACTIONS if name.startswith("example_"))),
    "TRAINING": ("T&raining", tuple(f"view_{name}" for name in TRAINING_VIEWS)),
    "MATRICES": ("&Weights", tuple(name for name in ACTIONS if name.startswith("matrix_"))),
    "PANELS": ("&Panels", tuple(name for name in ACTIONS if name.startswith("panel_"))),
}
"""Menus within a menu, by the names that stand for them there."""


def make_actions(parent: QWidget, slots: Mapping[str, Callable[[], object]]) -> dict[str, QAction]:
    """Make every action of the table; each needs its slot. Raises KeyError for one without."""
    actions = {}
    for name, spec in ACTIONS.items():
        action = QAction(spec.text, parent)
        action.setObjectName(name)
        action.setShortcuts([QKeySequence(key) for key in spec.keys])
        action.setCheckable(spec.checkable)
        keys = " or ".join(QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in spec.keys)
        action.setToolTip(f"{spec.sentence} ({keys})")
        action.setStatusTip(spec.sentence)
        slot = slots[name]
        action.triggered.connect(lambda _checked=False, slot=slot: slot())
        parent.addAction(action)
        actions[name] = action
    return actions
