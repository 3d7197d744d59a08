"""The message box about this program: version, licence and sources."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox, QWidget

from engine.shipped import NAME, version
from gui.widgets.message_box import message_box


def show_about(parent: QWidget) -> None:
    """Show version, licence and sources."""
    more = (
        "Walk through the LSTM cell number by number, and watch one being trained. MIT licence.\n\n"
        "Font: Inter, SIL Open Font License. Formulas: ziamath. Yearly sunspot numbers: National Geophysical "
        "Data Center, public domain. Text: Lewis Carroll 1865, Alice's Adventures in Wonderland, public domain."
    )
    message_box(parent, QMessageBox.Icon.NoIcon, "About", f"{NAME} {version()}", more)
