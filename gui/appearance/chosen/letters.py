"""How large the system's own letters are: whoever has set them larger there finds them larger here."""

from __future__ import annotations

import sys

from PySide6.QtGui import QFontDatabase, QFontInfo

_USUAL_PX = {"win32": 12.0, "darwin": 13.0}
"""The pixels of the letters of each system's windows as it is installed, before a screen's own factor."""
_ELSEWHERE_PX = 14.7
"""11 points at 96 dots an inch; desktops of Linux begin with 9 to 11."""
_SAME = 1.1
"""Up to here letters count as the usual ones: desktops differ so much without anybody having chosen it."""
_MOST = 2.0


def system_factor() -> float:
    """Return how much larger than usual the system's letters are: 1 where they are usual or smaller, 2 at most."""
    pixels = QFontInfo(QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)).pixelSize()
    factor = pixels / _USUAL_PX.get(sys.platform, _ELSEWHERE_PX)
    return min(factor, _MOST) if factor > _SAME else 1.0
