"""What the window gives away, in one place: weights, code and numbers."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from gui.commands.registry import Registry
from gui.exchange.code import CodeExport
from gui.exchange.numbers import NumbersExport
from gui.exchange.shown import Shown
from gui.exchange.weights import WeightsExport
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
        shown = Shown(tools, lambda: front().shows_cell)
        self.code = CodeExport(window, tools, shown)
        self.weights = WeightsExport(window, shown)
        self._parts = (self.numbers, self.code, self.weights)
        for part in self._parts:
            part.said.connect(say)
            part.refused.connect(lambda sentence: warn(_NOTHING, sentence))

    def register_commands(self, commands: Registry) -> None:
        """Say what the commands do that give something away."""
        for part in self._parts:
            part.register_commands(commands)
