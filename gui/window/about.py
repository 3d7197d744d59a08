"""A small window of words: what this program is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from engine.shipped import NAME, version


def show_about(parent: QWidget) -> None:
    """Show version, licence and sources."""
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle("About")
    box.setText(f"{NAME} {version()}")
    box.setInformativeText(
        "Walk through the LSTM cell number by number, and watch one being trained. MIT licence.\n\n"
        "Letters: Inter, SIL Open Font License. Formulas: ziamath. Yearly sunspot numbers: National Geophysical "
        "Data Center, public domain. Text: Lewis Carroll 1865, Alice's Adventures in Wonderland, public domain."
    )
    box.open()
