"""What the window gives away, in one place: code and numbers."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from gui.commands.registry import Registry
from gui.exchange.code import CodeExport
from gui.exchange.numbers import NumbersExport
from gui.views.base import Tools, View

_NOTHING = "Nothing was saved"


class Giving:
    """Makes what gives things away, and lets a window say what comes of it."""

    def __init__(
        self,
        window: QWidget,
        tools: Tools,
        front: Callable[[], View],
        say: Callable[[str], None],
        warn: Callable[[str, str], None],
    ) -> None:
        """front: returns the view in front. say, warn: show a sentence for a while; one that must be seen."""
        self.numbers = NumbersExport(window, tools.background, lambda: front().tables())
        self.code = CodeExport(window, tools, lambda: front().shows_cell)
        for part in (self.numbers, self.code):
            part.said.connect(say)
            part.refused.connect(lambda sentence: warn(_NOTHING, sentence))

    def register_commands(self, commands: Registry) -> None:
        """Say what the commands do that give something away."""
        self.numbers.register_commands(commands)
        self.code.register_commands(commands)
