from __future__ import annotations

import pytest
from PySide6.QtCore import QLocale, Qt
from pytestqt.qtbot import QtBot

from gui.widgets.spin_boxes import RealBox


@pytest.mark.parametrize("country", [QLocale.Country.Germany, QLocale.Country.UnitedStates])
@pytest.mark.parametrize(("typed", "meant"), [("0.05", 0.05), ("0,05", 0.05), ("1e-3", 0.001), ("2", 2.0)])
def test_a_number_means_the_same_in_every_country(
    qtbot: QtBot, country: QLocale.Country, typed: str, meant: float
) -> None:
    box = RealBox()
    qtbot.addWidget(box)
    box.setLocale(QLocale(QLocale.Language.AnyLanguage, country))
    box.setDecimals(6)
    box.setRange(1e-6, 1000.0)
    box.setValue(0.01)
    assert box.text() == "0.01"
    box.show()
    box.selectAll()
    qtbot.keyClicks(box, typed)
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert box.value() == pytest.approx(meant)
