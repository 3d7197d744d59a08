"""What an update brings is drawn part by part, each in a turn of its own, and what stands beside seldom."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot

from gui.training.turns import DrawingTurns


class Drawn:
    """Parts that write down in which turn of the event loop they were drawn."""

    def __init__(self, parent: QObject, is_moving: Callable[[], bool] = lambda: False) -> None:
        self.turns = DrawingTurns(is_moving, parent)
        self.names: list[str] = []
        self.at: list[int] = []
        self._turn = 0
        self.updates = 0
        self.turns.done.connect(self._on_done)

    def _on_done(self) -> None:
        self.updates += 1

    def part(self, name: str) -> Callable[[], None]:
        return partial(self._write, name)

    def _write(self, name: str) -> None:
        self.names.append(name)
        self.at.append(self._turn)
        QTimer.singleShot(0, self._next)

    def _next(self) -> None:
        self._turn += 1

    def draw(self, qtbot: QtBot, beside: str, some: bool) -> list[str]:
        """Draw one update; return what was drawn, in its order."""
        before, self.names, self.at = self.updates, [], []
        self.turns.draw([self.part("front")], [self.part(name) for name in beside], [self.part("unseen")], some)
        qtbot.waitUntil(lambda: self.updates > before)
        return self.names


def test_each_part_has_a_turn_of_its_own(qtbot: QtBot, qapp: QObject):
    drawn = Drawn(qapp)
    assert drawn.draw(qtbot, "abc", some=False) == ["unseen", "front", "a", "b", "c"]
    assert len(set(drawn.at[1:])) == 4, "no two parts that are seen share a turn"
    drawn.turns.deleteLater()


def test_while_a_run_goes_on_what_stands_beside_is_drawn_with_every_third_update(qtbot: QtBot, qapp: QObject):
    drawn = Drawn(qapp)
    updates = [drawn.draw(qtbot, "abcd", some=True) for _ in range(6)]
    assert all(names[:2] == ["unseen", "front"] for names in updates)
    for beside in "abcd":
        assert sum(beside in names for names in updates) == 2
    assert max(map(len, updates)) == 4
    drawn.turns.deleteLater()


def test_while_the_diagram_moves_parts_come_after_its_frames(qtbot: QtBot, qapp: QObject):
    drawn = Drawn(qapp, lambda: True)
    drawn.turns.draw([drawn.part("front")], [drawn.part("a")], [], some=False)
    drawn.turns.after_frame()
    qtbot.waitUntil(lambda: drawn.names == ["front"])
    drawn.turns.after_frame()
    qtbot.waitUntil(lambda: drawn.names == ["front", "a"])
    drawn.turns.draw([], [], [], some=False)
    qtbot.waitUntil(lambda: drawn.updates == 2)  # also where no frame comes
    drawn.turns.deleteLater()
