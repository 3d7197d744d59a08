"""What the menu File offers beside documents: what leaves the program."""

from __future__ import annotations

from gui.commands.command import Command
from gui.commands.menu import SEPARATOR, Menu

Entries = tuple[Command | Menu | str, ...]


def exchange_entries() -> Entries:
    """Return the entries of the menu File that take something out of the program, as another part of the menu."""
    return (
        SEPARATOR,
        export_menu(),
        Command(
            "save picture",
            "Save a &picture…",
            "Save what the view in front shows as SVG, PDF or PNG, in the colours that you choose",
        ),
        Command("copy picture", "Cop&y the picture", "Copy what the view in front shows as a picture"),
        Command(
            "save film", "Save a fil&m…", "Save the walk through the cell, a training or one step of it as MP4 or GIF"
        ),
    )


def export_menu() -> Menu:
    """Return the menu with what is written for other programs; each row is registered in gui/exchange."""
    return Menu(
        "&Export",
        (
            Command(
                "export weights",
                "Save the &weights…",
                "Save the weights of what is shown for PyTorch, ONNX or NumPy",
            ),
            Command(
                "export code",
                "Save as &code…",
                "Save a script or a notebook that rebuilds what is shown, with its weights, and prints its numbers",
            ),
            Command(
                "export training",
                "Save the &training as a script…",
                "Save a PyTorch script that trains with these settings and reaches the same losses",
            ),
            SEPARATOR,
            Command("copy numbers", "Copy the &numbers", "Copy all numbers of the view in front, as CSV"),
            Command("save numbers", "&Save the numbers…", "Save all numbers of the view in front, as CSV or .npz"),
        ),
    )
