"""The table of all commands, in the order of the menus: id, words, keys, sentence and arguments.

What a command does is registered beside what it acts on; menus, keys, tool tips, the list of keys and lessons read
this. Qt is not needed for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.cell.cell import Cell
from engine.cell.cells import CELLS, OUTPUTS
from engine.cell.initialise import INITIALISATIONS
from engine.document.by_hand import COMPUTED, STORIES
from engine.document.examples import EXAMPLES
from engine.experiments.contrasts import CONTRASTS
from gui.commands.command import TO, Argument, Command
from gui.commands.menu import RECENT, SEPARATOR, Menu, choice, named, switch
from gui.commands.menus.exchange import exchange_entries
from gui.commands.menus.learn import learn_menu
from gui.commands.training_menu import PACE, UNTIL, training_menu
from gui.commands.view_menu import view_menu
from gui.commands.views import PAGES, PANELS, VIEWS, WORKSPACES


def menus() -> tuple[Menu, ...]:
    """Return the menus as they stand in the menu bar, with every command that needs to be told nothing more."""
    return (_file(), _edit(), _cell(), _playback(), training_menu(), learn_menu(), view_menu(), _help())


def commands() -> dict[str, Command]:
    """Return every command by its id: those of the menus, and those that ask for something."""
    listed = (command for menu in menus() for command in menu.commands)
    return {command.id: command for command in (*listed, *_asking())}


def _asking() -> tuple[Command, ...]:
    """Return the commands that need an argument."""
    return (
        choice("example", "Open an example", EXAMPLES),
        choice("fill", "Fill every weight and bias of the cell", INITIALISATIONS),
        choice("cell", "Compute with another kind of cell", CELLS),
        choice("output", "Give the cell an output, or none", ("none", *OUTPUTS)),
        choice("workspace", "Go to a workspace", WORKSPACES),
        choice("show", "Show a view", VIEWS, "view"),
        named("task", "Choose the task of the next run", "the task to learn"),
        named("setting", "Go to a setting of the training", "which setting, as the command line names it"),
        named("preference", "Go to a preference", "which preference, such as text-size"),
        named("lesson", "Open a lesson", "which lesson, or the path of its file"),
        choice("contrast", "Show a run that was trained before", CONTRASTS),
        named("experiment", "Go to a published experiment", "which experiment, as the command line names it"),
        choice("numbers", "Choose how numbers are written", ("short", "long", "scientific"), "style"),
        choice("theme", "Choose the colours of the window", ("system", "light", "dark", "projector")),
        Command(
            "panel",
            "",
            "Show or hide a panel",
            arguments=(Argument("name", "which panel", choices=tuple(PANELS), needed=True), TO),
        ),
        Command("pace", "", "Make training steps at another pace", arguments=(replace(PACE, needed=True),)),
        choice("until", "Let the run, and the next, go on until solved, or for its training steps", UNTIL, "until"),
        Command(
            "weights",
            "",
            "Show the weights of one layer in their panel",
            arguments=(Argument("number", "which matrix, from 1 on", "whole", needed=True),),
        ),
        Command(
            "operation",
            "",
            "Go to an operation of the cell; everything up to it is computed",
            arguments=(
                Argument("name", "the value that it computes, such as f_t", needed=True),
                Argument("t", "the time step, from 1 on; the present one if left out", "whole"),
            ),
        ),
        Command(
            "gate",
            "",
            "Set gates of a unit by hand, such as gate remember, gate f=0.9 i=0 or gate f=0 t=5",
            arguments=(
                Argument("name", "what the gates do with a value", choices=(*STORIES, COMPUTED)),
                Argument("unit", "the unit whose gates are set, from 1 on; the present one if left out", "whole"),
                Argument("t", "the time step that is set alone, from 1 on; every one if left out", "whole"),
            ),
            others="f, i, C~ or o, with a number or “computed”",
        ),
        Command(
            "set",
            "",
            "Set sizes and numbers of the cell, such as m=4, C_0 = 1 0 0 or W_f = 1 2; 3 4",
            others="a size, h_0, C_0, x, or a weight of the cell",
        ),
    )


def _page(name: str) -> Command:
    row = PAGES[name]
    return Command(name, row.words, row.sentence, row.keys)


def _file() -> Menu:
    examples = (Command(f"example {name}", title, f"Open the example “{title}”") for name, title in EXAMPLES.items())
    return Menu(
        "&File",
        (
            Command("new", "&New", "Start with a new cell of the chosen sizes", ("Ctrl+N",)),
            Command("open", "&Open…", "Open a document, a recorded run, a network, a table or a text", ("Ctrl+O",)),
            _page("bring"),
            Command("open link", "Open a lin&k…", "Open a document or settings from a link, lstmviz:…"),
            RECENT,
            Menu("E&xamples", tuple(examples)),
            SEPARATOR,
            Command("save", "&Save", "Save the document", ("Ctrl+S",)),
            Command("save as", "Save &as…", "Save the document under another name", ("Ctrl+Shift+S",)),
            Command("copy link", "Copy a l&ink to this document", "Copy the document as a short text, for a mail"),
            *exchange_entries(),
            SEPARATOR,
            Command("quit", "&Quit", "Close the window, after asking about unsaved changes", ("Ctrl+Q",)),
        ),
    )


def _edit() -> Menu:
    return Menu(
        "&Edit",
        (
            Command("undo", "&Undo", "Take back the last change", ("Ctrl+Z",)),
            Command("redo", "&Redo", "Make the change again", ("Ctrl+Shift+Z", "Ctrl+Y")),
            SEPARATOR,
            Command(
                "copy matrix",
                "&Copy the selection",
                "Copy the selected numbers of the matrix, or all of them if none is selected, for NumPy",
                ("Ctrl+C",),
            ),
            Command("copy all", "Copy a&ll of the matrix", "Copy the shown matrix with its bias, for NumPy"),
            Menu(
                "Copy as LaTeX",
                (
                    Command("copy latex", "The &matrix", "Copy the selection, or all of the shown matrix, as LaTeX"),
                    Command("copy formula", "The &formula", "Copy the formula of the present operation as LaTeX"),
                    Command(
                        "copy formula numbers",
                        "The formula with its &numbers",
                        "Copy the present operation with its numbers as LaTeX",
                    ),
                ),
            ),
            Command(
                "paste matrix", "&Paste into the matrix", "Paste a block of numbers at the selected cell", ("Ctrl+V",)
            ),
            Command("fill matrix", "Fill this &matrix…", "Fill the shown matrix and its bias"),
            Command("randomise matrix", "Randomise t&his matrix", "Fill the shown matrix and its bias at random"),
            SEPARATOR,
            Command("add step", "&Add a time step", "Make the sequence one time step longer, with the last inputs"),
            Command(
                "continue",
                "Continue the se&quence for 8 steps",
                "Make the sequence 8 time steps longer, with the last inputs",
            ),
            Command("remove step", "Remo&ve a time step", "Remove the last time step"),
            Command("randomise inputs", "Randomise the i&nputs", "Fill x, and the first h and C, at random"),
            SEPARATOR,
            Command("fill zeros", "All weights: &zeros", "Set every weight and bias to 0"),
            Command("fill ones", "All weights: &ones", "Set every weight and bias to 1"),
            Command("fill identity", "All weights: &identity-like", "Let unit i read only input i and hidden state i"),
            Command("fill xavier", "All weights: &Xavier", "Fill every weight at random, with the chosen seed"),
            SEPARATOR,
            _page("preferences"),
        ),
    )


def _cell() -> Menu:
    kinds = (
        Command(f"cell {name}", make(False, "x,h", None).title, f"Show this cell: {_summary(make)}", checkable=True)
        for name, make in CELLS.items()
    )
    return Menu(
        "&Cell",
        (
            *kinds,
            SEPARATOR,
            Command(
                "check",
                "&Check a gradient",
                "Nudge a weight and compare the slope of the loss with what backpropagation computes",
                arguments=(
                    Argument("name", "the weight, such as W_f"),
                    Argument("row", "its row, from 1 on", "whole"),
                    Argument("column", "its column, from 1 on; none of a bias", "whole"),
                ),
            ),
            Command(
                "train cell",
                "&Train this cell",
                "Begin a run with this cell, its sizes and, where the task has as many inputs, its weights",
                ("Ctrl+Shift+T",),
            ),
            SEPARATOR,
            switch("link", "&Keep n equal to k", "Keep n equal to k (standard LSTM)"),
            switch(
                "order", "Columns [&h, x] instead of [x, h]", "Swap the blocks of columns in every W; no result changes"
            ),
            SEPARATOR,
            Command("output none", "&No output", "End the cell with h_t", checkable=True),
            Command("output sigmoid", "Output y = &σ(W·h + b)", "Independent probabilities", checkable=True),
            Command("output softmax", "Output y = soft&max(W·h + b)", "Probabilities that add up to 1", checkable=True),
            Command("output identity", "Output y = &W·h + b", "Any real numbers", checkable=True),
        ),
    )


def _playback() -> Menu:
    return Menu(
        "&Playback",
        (
            Command("next", "&Next", "Compute the next operation", ("Space", "PgDown")),
            Command("back", "&Back", "Take back the last operation", ("Shift+Space", "PgUp")),
            Command("play", "&Play or pause", "Compute all operations in turn, or pause", ("Return", "Enter")),
            Command("restart", "Back to the &start", "Back to the start", ("Home",)),
            SEPARATOR,
            switch(
                "hide",
                "&Hide what is to come",
                "Hide in Unrolled, Draws, Gradients, Pair and a network's diagram what the playback has not reached",
                ("Ctrl+Shift+H",),
            ),
            SEPARATOR,
            Command("slower", "S&lower", "Play at half the speed", ("Ctrl+-",)),
            Command("faster", "&Faster", "Play at twice the speed", ("Ctrl++", "Ctrl+=")),
        ),
    )


def _help() -> Menu:
    return Menu(
        "&Help",
        (
            Command(
                "palette",
                "Find a &command…",
                "Find a command, example, task, experiment, setting or word, and press Return",
                ("Ctrl+P",),
            ),
            Command(
                "guide",
                "&Guide",
                "Read about the view in front, or anything else, in a window of its own",
                ("F1",),
                arguments=(Argument("page", "a page's name, such as tasks"),),
            ),
            Command("this example", "This &example", "Read what the example shows, and what to try"),
            Command("what is this", "&What’s this?", "Click anything to read what it is", ("Shift+F1",)),
            Command(
                "keys", "&Keyboard shortcuts", "List every command with its key and what it does", ("?", "Ctrl+F1")
            ),
            Command(
                "register",
                "Open files by &double click",
                "Let a double click in the file manager open this program's files",
            ),
            Command("about", "&About", "Show version, licence and sources"),
        ),
    )


def _summary(make: Callable[..., Cell]) -> str:
    """Return the first words of what a cell's declaration says of it."""
    first = (make.__doc__ or "").strip().splitlines()[0]
    return first.removeprefix("Return ").partition(":")[0].replace("`", "").rstrip(".")
