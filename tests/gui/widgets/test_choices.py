"""A box whose choices change says what they are called now."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from gui.widgets.choices import offer


def test_the_same_choices_may_be_called_something_else(qtbot: QtBot) -> None:
    box = QComboBox()
    qtbot.addWidget(box)
    offer(box, {"": "all answers", "0": "sum", "1": "product"}, "1")
    with qtbot.assertNotEmitted(box.currentIndexChanged):
        offer(box, {"": "all answers", "0": "wind", "1": "rain"})
    assert [box.itemText(place) for place in range(box.count())] == ["all answers", "wind", "rain"]
    assert box.currentData() == "1"
