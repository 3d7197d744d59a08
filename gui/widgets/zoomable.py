"""Widgets that can be zoomed, and one way to reset all zooms."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


class Zoomable:
    """A widget into which the user zooms."""

    @property
    def is_zoomed(self) -> bool:
        """Whether only a part is shown."""
        raise NotImplementedError

    def show_all(self) -> None:
        """Show all of it again."""
        raise NotImplementedError


def reset_zooms(within: QWidget) -> bool:
    """Reset the zoom of all visible widgets within a widget; return whether any was zoomed."""
    parts = [part for part in within.findChildren(QWidget) if isinstance(part, Zoomable)]
    zoomed = [part for part in parts if part.is_zoomed and part.isVisible()]
    for part in zoomed:
        part.show_all()
    return bool(zoomed)
