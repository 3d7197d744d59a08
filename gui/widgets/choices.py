"""Combo boxes whose choices change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox


def offer(box: QComboBox, entries: Mapping[str, str], wanted: Any = None) -> None:
    """Offer words by their data and choose `wanted`, else what was chosen, else the first. Emits no signal."""
    chosen = box.currentData() if wanted is None else wanted
    with QSignalBlocker(box):
        if [box.itemData(place) for place in range(box.count())] != list(entries):
            box.clear()
            for data, words in entries.items():
                box.addItem(words, data)
        for place, words in enumerate(entries.values()):
            if box.itemText(place) != words:  # the same choices may be called something else now
                box.setItemText(place, words)
        box.setCurrentIndex(max(0, box.findData(chosen)))


class LayerBox(QComboBox):
    """Offers layers 1, 2 …; it is hidden if there is only one."""

    def __init__(self, tip: str) -> None:
        super().__init__()
        self.setAccessibleName("Layer")
        self.setToolTip(tip)
        self.hide()

    @property
    def layer(self) -> int:
        """The chosen layer, from 0."""
        return max(0, self.currentIndex())

    def offer(self, count: int, chosen: int | None = None) -> None:
        """Offer `count` layers and choose `chosen` (from 0), else what was chosen, else the last. Emits no signal."""
        at = self.layer if chosen is None else chosen
        with QSignalBlocker(self):
            if self.count() != count:
                self.clear()
                self.addItems([f"layer {number}" for number in range(1, count + 1)])
            self.setCurrentIndex(min(at, count - 1))
        self.setVisible(count > 1)
