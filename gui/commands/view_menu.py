"""The menu View: where one goes, and how everything looks."""

from __future__ import annotations

from gui.commands.command import Command
from gui.commands.menu import SEPARATOR, Menu, switch
from gui.commands.views import PANELS, VIEWS, WORKSPACES, workspaces


def view_menu() -> Menu:
    """Return the menu with where one goes, and how everything looks: on the smallest screen in one column."""
    shown = {
        name: Command(f"show {name}", row.words, row.sentence, row.keys, checkable=True) for name, row in VIEWS.items()
    }
    by_hand = workspaces()["explore"]
    places = (
        Command(f"workspace {name}", row.words, row.sentence, row.keys, checkable=True)
        for name, row in WORKSPACES.items()
    )
    welcome = (
        Command(
            "welcome",
            "&Welcome",
            "Files used last, the examples as pictures, and something to train at once",
            ("Alt+Home",),
        ),
        switch("welcome first", "Begin with Welc&ome", "Show Welcome whenever the program starts without a file"),
    )
    fold = switch("fold", "&Fold the panel", "Fold the panel at the left away, or open it again", ("Alt+0",))
    matrices = zip(("&first", "&second", "&third", "f&ourth"), range(1, 5), strict=True)
    return Menu(
        "&View",
        (
            Menu("W&orkspaces", (*places, SEPARATOR, *welcome, SEPARATOR, fold)),
            SEPARATOR,
            *(shown[name] for name in by_hand),
            SEPARATOR,
            switch(
                "backwards",
                "&Backward pass",
                "Show the backward pass in the diagram: gradients travel back from a loss",
                ("Ctrl+B",),
            ),
            switch("names", "Names in the diagram", "Name the parts of the cell in its diagram, or hide the names"),
            Menu("T&raining", tuple(command for name, command in shown.items() if name not in (*by_hand, "lessons"))),
            SEPARATOR,
            Menu(
                "Presentatio&n",
                (
                    Command(
                        "present",
                        "P&resent",
                        "Fill the screen with the view in front, in large text for a lecture hall",
                        ("F5",),
                        checkable=True,
                    ),
                    Command("black", "&Black screen", "Show the hall a black screen; any key ends it", ("B", ".")),
                    Command("white", "&White screen", "Show the hall a white screen; any key ends it", ("W", ",")),
                    SEPARATOR,
                    Command("dot", "&Dot", "Point with a large dot in place of the mouse", ("D",), checkable=True),
                    Command(
                        "spotlight", "&Spotlight", "Darken all but what is about the mouse", ("L",), checkable=True
                    ),
                    Command("pen", "&Pen", "Draw over the picture with the mouse", ("P",), checkable=True),
                    Command("wipe", "Wipe the p&en away", "Remove everything that was drawn", ("E",)),
                    SEPARATOR,
                    Command(
                        "exchange screens",
                        "E&xchange the screens",
                        "Let the hall see the other screen, and keep notes and clock on this one",
                    ),
                ),
            ),
            Command(
                "leave",
                "Step out",
                "Leave an editor, a zoom or the view; press it twice to end the presentation",
                ("Esc",),
            ),
            Command("reset zoom", "Reset the zoo&m", "Undo every zoom", ("0",)),
            SEPARATOR,
            Menu(
                "&Weights",
                (
                    *(
                        Command(
                            f"weights {number}",
                            f"Weights of the {word} layer",
                            f"Show the {word} weight matrix".replace("&", ""),
                        )
                        for word, number in matrices
                    ),
                    Command(
                        "weights 5", "Weights of the &projection", "Show W_hr, which the cell has if n differs from k"
                    ),
                ),
            ),
            Menu(
                "P&anels",
                tuple(
                    Command(f"panel {name}", row.words, f"Show or hide the panel “{row.words}”", checkable=True)
                    for name, row in PANELS.items()
                ),
            ),
            Command("reset layout", "Reset the la&yout", "Put every panel back in its place"),
            Menu(
                "Numb&ers",
                (
                    Command("numbers short", "Numbers: &two decimals", "Write 92 and 0.88", checkable=True),
                    Command("numbers long", "Numbers: &four decimals", "Write 92 and 0.8808", checkable=True),
                    Command("numbers scientific", "Numbers: s&cientific", "Write 9.20·10¹", checkable=True),
                ),
            ),
            Menu(
                "&Theme",
                (
                    Command("theme system", "Syst&em theme", "Follow the system theme", checkable=True),
                    Command("theme light", "Lig&ht theme", "Dark text on a light background", checkable=True),
                    Command("theme dark", "Dar&k theme", "Light text on a dark background", checkable=True),
                    Command("theme projector", "Pro&jector theme", "Black on white, for a bright room", checkable=True),
                ),
            ),
        ),
    )
