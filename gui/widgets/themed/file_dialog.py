"""The program's own icons, and room for every word, in a file dialog that Qt draws; the system's is as it is."""

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
    QHeaderView,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QTreeView,
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
_MOST_LETTERS = 24
"""Of the name of a place at the left; longer ones are cut short."""


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
    _make_room(dialog)


def _make_room(dialog: QFileDialog) -> None:
    """Make the dialog so wide that the kinds of files, the places and the heads of the columns are whole."""
    kinds, places = dialog.findChild(QComboBox, "fileTypeCombo"), dialog.findChild(QListView, "sidebar")
    files = dialog.findChild(QTreeView, "treeView")
    if kinds is None or places is None or files is None:
        return
    kinds.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    letters = places.fontMetrics().averageCharWidth()
    places.setMinimumWidth(min(places.sizeHintForColumn(0), _MOST_LETTERS * letters) + 2 * letters)
    head = files.header()
    head.setStretchLastSection(False)
    head.setResizeContentsPrecision(0)  # as wide as what is seen needs it: a folder can be large
    for column in range(head.count()):
        mode = QHeaderView.ResizeMode.ResizeToContents if column else QHeaderView.ResizeMode.Stretch
        head.setSectionResizeMode(column, mode)
    dialog.adjustSize()


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
