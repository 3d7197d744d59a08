"""Saves what the program writes in other formats: a dialog for the name, the writing beside the window's thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from gui.widgets.themed.file_dialog import use_own_icons


@dataclass(frozen=True)
class SavedKind:
    """A kind of file that can be chosen in the dialog: what it is called, and what its names end in."""

    words: str
    suffix: str

    @property
    def filter(self) -> str:
        """As Qt's dialog has it: "PyTorch script (*.py)"."""
        return f"{self.words} (*{self.suffix})"


def choose_saved(
    within: QWidget, title: str, name: str, kinds: Sequence[SavedKind], chosen: Callable[[Path, SavedKind], object]
) -> QFileDialog:
    """Let the user choose a name and a kind; an ending that belongs to another kind chooses that one.

    name: the one offered, without its ending.
    """
    dialog = QFileDialog(within, title)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters([kind.filter for kind in kinds])
    dialog.setDefaultSuffix(kinds[0].suffix[1:])
    dialog.filterSelected.connect(
        lambda filter_: dialog.setDefaultSuffix(next(kind.suffix[1:] for kind in kinds if kind.filter == filter_))
    )
    dialog.selectFile(f"{name}{kinds[0].suffix}")

    def take(text: str) -> None:
        path = Path(text)
        kind = next(kind for kind in kinds if kind.filter == dialog.selectedNameFilter())
        if path.suffix.casefold() != kind.suffix:
            kind = next((other for other in kinds if other.suffix == path.suffix.casefold()), kind)
        chosen(path, kind)

    dialog.fileSelected.connect(take)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    use_own_icons(dialog)
    return dialog
