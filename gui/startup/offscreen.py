"""Qt without a screen: the same letters and sizes on every machine, whatever its user has chosen."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from engine.shipped import SHIPPED

_CHOSEN_BY_THE_USER = (
    *("QT_SCALE_FACTOR", "QT_SCREEN_SCALE_FACTORS", "QT_FONT_DPI", "QT_AUTO_SCREEN_SCALE_FACTOR"),
    *("QT_STYLE_OVERRIDE", "QT_QPA_PLATFORMTHEME", "QT_ENABLE_HIGHDPI_SCALING", "QT_USE_PHYSICAL_DPI"),
)
"""Variables that would change the size of letters, or the style."""


def use_no_screen() -> None:
    """Have Qt draw alike on every machine, whatever its user has chosen."""
    from PySide6.QtCore import QCoreApplication

    if QCoreApplication.instance() is not None:
        return  # it has its screen
    for name in _CHOSEN_BY_THE_USER:
        os.environ.pop(name, None)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["FONTCONFIG_FILE"] = str(SHIPPED / "fonts" / "fonts.conf")


def use_known_letters() -> None:
    """Take letters that the program's own font lacks, such as ∘, from a font that is installed with the program."""
    from PySide6.QtGui import QFont, QFontDatabase

    from gui.appearance.theme import FAMILY

    spec = find_spec("ziafont")
    for folder in spec.submodule_search_locations or () if spec is not None else ():
        number = QFontDatabase.addApplicationFont(str(Path(folder) / "fonts" / "DejaVuSans.ttf"))
        for family in QFontDatabase.applicationFontFamilies(number):
            QFont.insertSubstitution(FAMILY, family)
