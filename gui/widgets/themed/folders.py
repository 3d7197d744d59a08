"""A folder as people see it: how it is written, chosen, and shown in the file manager."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from gui.widgets.themed.file_dialog import use_own_icons


def from_home(folder: Path) -> Path:
    """Return a folder as people write it: with ~ for their own."""
    try:
        return Path("~") / folder.relative_to(Path.home())
    except (ValueError, RuntimeError):
        return folder


def show_folder(folder: Path) -> str:
    """Open a folder in the system's file manager; return a sentence where that cannot be, else ""."""
    if not folder.exists():
        return f"{folder} does not exist yet; it is made when something is first written there"
    if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
        return f"No file manager could be opened; the folder is {folder}"
    return ""


def choose_folder(within: QWidget, title: str, where: Path, chosen: Callable[[Path], object]) -> QFileDialog:
    """Let the user choose a folder; return the dialog, for which nothing waits."""
    dialog = QFileDialog(within, title, str(where))
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.fileSelected.connect(lambda path: chosen(Path(path)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    use_own_icons(dialog)
    return dialog
