"""Asks what picture is to be saved: its kind, size and colours, with numbers or without; it remembers the answer."""

from __future__ import annotations

from typing import get_args

from PySide6.QtCore import Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QDialogButtonBox, QGridLayout, QWidget

from gui.appearance.stored import Stored
from gui.appearance.theme import Appearance
from gui.exchange.pictures import SCALES, SUFFIXES, Colours, PictureChoice
from gui.widgets.labels import called, text_label
from gui.widgets.layouts import in_column

KINDS = {
    ".svg": "SVG: letters and lines, for a page or a slide",
    ".pdf": "PDF: letters and lines, for LaTeX or to print",
    ".png": "PNG: pixels, for anything else",
}
COLOURS: dict[Colours, str] = {
    "window": "As in the window",
    "light": "Light",
    "dark": "Dark",
    "print": "For print: on white paper",
}
_SCALES = (1, 2, 3, 4)


def remembered(stored: Stored | None) -> PictureChoice:
    """Return what was chosen last."""
    usual = PictureChoice()
    if stored is None:
        return usual
    colours = stored.text("picture/colours", "the colours of pictures", usual.colours, get_args(Colours))
    return PictureChoice(
        stored.text("picture/kind", "the kind of pictures", usual.suffix, SUFFIXES),
        stored.number("picture/scale", "the size of pictures", usual.scale, *SCALES),
        next(known for known in COLOURS if known == colours),
        stored.flag("picture/numbers", "whether pictures have numbers", usual.numbers) is not False,
    )


def remember(stored: Stored | None, choice: PictureChoice) -> None:
    """Keep a choice for the next picture."""
    if stored is not None:
        for key, value in (
            ("kind", choice.suffix),
            ("scale", choice.scale),
            ("colours", choice.colours),
            ("numbers", choice.numbers),
        ):
            stored.setValue(f"picture/{key}", value)


class PictureDialog(QDialog):
    """A small page over the window."""

    copy_wanted, save_wanted = Signal(object), Signal(object)
    """A picture is to be copied, or saved: its PictureChoice."""

    def __init__(self, widget: QWidget, appearance: Appearance, choice: PictureChoice) -> None:
        """widget: what is to be seen in the picture. choice: what is chosen at first."""
        super().__init__(widget.window())
        self.setWindowTitle("Save a picture")
        self.kind = self._box(KINDS, choice.suffix)
        self.scale = self._box(
            {
                str(float(times)): f"{times * widget.width():,} × {times * widget.height():,} pixels, {96 * times} dpi"
                for times in _SCALES
            },
            str(choice.scale),
        )
        self.colours = self._box(COLOURS, choice.colours)
        self.numbers = QCheckBox("Numbers in vectors and matrices")
        self.numbers.setChecked(choice.numbers)
        self.kind.currentIndexChanged.connect(self._update)
        rows = QGridLayout()
        rows.setHorizontalSpacing(appearance.px(16))
        rows.setVerticalSpacing(appearance.px(8))
        fields = {"Kind": self.kind, "Size": self.scale, "Colours": self.colours}
        self._labels = {words: text_label(words) for words in fields}
        for row, (words, field) in enumerate(fields.items()):
            rows.addWidget(self._labels[words], row, 0)
            rows.addWidget(called(words, field), row, 1)
        rows.addWidget(self.numbers, len(fields), 1)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setIcon(QIcon())
        self.copy = self.buttons.addButton("&Copy", QDialogButtonBox.ButtonRole.ActionRole)
        self.save = self.buttons.addButton("&Save…", QDialogButtonBox.ButtonRole.AcceptRole)
        self.save.setDefault(True)
        self.copy.clicked.connect(self.accept)
        self.copy.clicked.connect(lambda: self.copy_wanted.emit(self.choice))
        self.buttons.accepted.connect(self.accept)
        self.buttons.accepted.connect(lambda: self.save_wanted.emit(self.choice))
        self.buttons.rejected.connect(self.reject)
        self.finished.connect(self.deleteLater)
        in_column(rows, appearance.px(12), self.buttons, inside=self)
        self._update()

    @property
    def choice(self) -> PictureChoice:
        """What is chosen."""
        return PictureChoice(
            self.kind.currentData(),
            float(self.scale.currentData()),
            self.colours.currentData(),
            self.numbers.isChecked(),
        )

    def _box(self, entries: dict[str, str] | dict[Colours, str], chosen: str) -> QComboBox:
        box = QComboBox()
        for data, words in entries.items():
            box.addItem(words, data)
        box.setCurrentIndex(max(0, box.findData(chosen)))
        return box

    def _update(self) -> None:
        """Letters and lines have no pixels."""
        is_pixels = self.kind.currentData() == ".png"
        self.scale.setVisible(is_pixels)
        self._labels["Size"].setVisible(is_pixels)
        self.adjustSize()
