"""What can be zoomed, and one way to show the whole of it again."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


class Zoomable:
    """A widget into which the user zooms."""

    @property
    def is_zoomed(self) -> bool:
        """Whether less than the whole is shown."""
        raise NotImplementedError

    def show_all(self) -> None:
        """Show the whole again."""
        raise NotImplementedError


def reset_zooms(within: QWidget) -> bool:
    """Show the whole of everything that is zoomed and on the screen within a widget; return whether anything was."""
    found = [part for part in within.findChildren(QWidget) if isinstance(part, Zoomable) and part.is_zoomed]
    shown = [part for part in found if part.isVisible()]
    for part in shown:
        part.show_all()
    return bool(shown)
