"""The program's own icons in a file dialog that Qt draws; that of the system, where there is one, keeps its own."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QComboBox,
    QFileDialog,
    QFileSystemModel,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
)

from gui.appearance.icons import palette_icon

_BUTTONS = {
    "backButton": "go-back",
    "forwardButton": "go-forward",
    "toParentButton": "go-up",
    "newFolderButton": "new-folder",
    "listModeButton": "list",
    "detailModeButton": "details",
}
"""The icon of each button, by the name that Qt gives it."""
_LISTS = ("listView", "treeView", "sidebar")
_PIXELS = 18


def use_own_icons(dialog: QFileDialog) -> None:
    """Give the buttons and the lists of a file dialog the program's icons in the colours of the theme."""
    palette = QApplication.palette()
    for name, sign in _BUTTONS.items():
        button = dialog.findChild(QToolButton, name)
        if button is not None:
            button.setIcon(palette_icon(sign, palette, _PIXELS))
            button.setIconSize(QSize(_PIXELS, _PIXELS))
    for name in _LISTS:
        view = dialog.findChild(QAbstractItemView, name)
        if view is not None:
            view.setItemDelegate(_Entries(view))
    folders = dialog.findChild(QComboBox, "lookInCombo")
    if folders is not None:
        folders.setIconSize(QSize(1, 1))  # its text is the whole path


class _Entries(QStyledItemDelegate):
    """Draws files and folders with the program's icons.

    Not a QFileIconProvider: Qt asks one from a thread of its own, which would have to wait for Python.
    """

    def __init__(self, view: QAbstractItemView) -> None:
        super().__init__(view)
        palette = QApplication.palette()
        self._folder, self._file = (palette_icon(name, palette, _PIXELS) for name in ("folder", "file"))

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        drawn: Any = option  # older stubs of Qt leave its members out
        if not drawn.icon.isNull():
            drawn.icon = self._icon_of(index)

    def _icon_of(self, index: QModelIndex | QPersistentModelIndex) -> QIcon:
        model = index.model()
        is_file = isinstance(model, QFileSystemModel) and not model.isDir(QModelIndex(index))  # type: ignore[arg-type]
        return self._file if is_file else self._folder
