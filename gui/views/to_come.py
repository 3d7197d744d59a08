"""Whether the views of a sequence hide what the playback has not reached: one switch for all of them."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from gui.widgets.buttons import CheckBox


class ToCome(QObject):
    """Says whether what is to come is hidden, so that an audience can predict it before it is shown."""

    changed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.hidden = False

    def hide(self, hidden: bool) -> None:
        """Hide it, or show it."""
        if hidden != self.hidden:
            self.hidden = hidden
            self.changed.emit(hidden)

    def switch(self, tip: str) -> CheckBox:
        """Return a box that hides it; tip: what it does in its view."""
        box = CheckBox("Hide what is to come")
        box.setToolTip(f"{tip} (Ctrl+Shift+H)")
        box.setChecked(self.hidden)
        box.clicked.connect(self.hide)
        self.changed.connect(box.setChecked)
        return box
