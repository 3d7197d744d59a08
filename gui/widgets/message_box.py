"""Message boxes over a window: nothing waits for them, and each goes when it is closed."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

from gui.appearance.icons import palette_icon

Buttons = QMessageBox.StandardButton
_SIGNS = {
    QMessageBox.Icon.Question: "question",
    QMessageBox.Icon.Information: "information",
    QMessageBox.Icon.Warning: "warning",
    QMessageBox.Icon.Critical: "error",
}
_SIGN_PIXELS = 32


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
    put_sign(box)
    for button, words in (buttons or {}).items():
        added = box.addButton(button)
        added.setText(words or added.text())
    box.setDefaultButton(default)
    box.finished.connect(box.deleteLater)
    box.open()
    return box


def put_sign(box: QMessageBox) -> None:
    """Give a message box the program's own sign in place of the system's, in the colours of the theme."""
    kind = box.icon()
    if kind in _SIGNS:
        wrong = kind in (QMessageBox.Icon.Warning, QMessageBox.Icon.Critical)
        sign = palette_icon(_SIGNS[kind], QApplication.palette(), _SIGN_PIXELS, wrong)
        box.setIconPixmap(sign.pixmap(_SIGN_PIXELS))
