"""Message boxes over a window: nothing waits for them, and each goes when it is closed."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QMessageBox, QWidget

Buttons = QMessageBox.StandardButton


def message_box(
    within: QWidget,
    icon: QMessageBox.Icon,
    title: str,
    sentence: str,
    more: str = "",
    buttons: Mapping[QMessageBox.StandardButton, str] | None = None,
    default: QMessageBox.StandardButton = Buttons.NoButton,
) -> QMessageBox:
    """Open a message box and return it.

    more: what stands below the sentence. buttons: their words, "" for the usual ones; OK alone without.
    """
    box = QMessageBox(icon, title, sentence, parent=within, informativeText=more)
    for button, words in (buttons or {}).items():
        added = box.addButton(button)
        added.setText(words or added.text())
    box.setDefaultButton(default)
    box.finished.connect(box.deleteLater)
    box.open()
    return box
