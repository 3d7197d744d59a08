"""Draws what an update of the run has brought, part by part: no turn of the event loop is longer than a frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

Draw = Callable[[], None]

_BETWEEN_MS = 4
_LONGEST_WAIT_MS = 40  # for a frame of the animation, such as of a hidden diagram
_TURNS = 3
"""Of so many updates each plot beside the view in front is drawn with one."""
_FRAMES_BETWEEN = 2
"""Frames of an animated diagram without an update of the run, where nothing else of it is seen."""


class DrawingTurns(QObject):
    """Gives each part a turn; while the diagram moves, a turn comes after one of its frames."""

    done = Signal()
    """Everything is drawn."""

    def __init__(self, is_moving: Callable[[], bool], parent: QObject) -> None:
        """is_moving: whether the diagram's animation goes on."""
        super().__init__(parent)
        self._is_moving = is_moving
        self._to_draw: list[tuple[Draw, ...]] = []
        self._turn = 0
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._on_turn)

    def draw(self, front: Sequence[Draw], beside: Sequence[Draw], unseen: Sequence[Draw], some: bool) -> None:
        """Draw an update in place of the last; front: with every update; unseen: what only takes note.

        some: of what stands beside draw only a part, in its turn. A curve that moves ten times a second is as smooth to
        an eye as one of thirty, for a third of the work.
        """
        parts = list(beside)
        if some and parts:
            self._turn = (self._turn + 1) % _TURNS
            parts = parts[self._turn :: _TURNS]
        quiet = [()] * (_FRAMES_BETWEEN if not beside and self._is_moving() else 0)
        self._to_draw = [*quiet, *((draw,) for draw in reversed(parts)), (*unseen, *front)]
        self._next()

    def after_frame(self) -> None:
        """Take the next turn now: the animation has just painted a frame, and the next one is far."""
        if self._to_draw:
            self._timer.start(0)

    def _next(self) -> None:
        # While the diagram moves, plots wait for its frames: drawn at any other moment they would delay one.
        self._timer.start(_LONGEST_WAIT_MS if self._is_moving() else _BETWEEN_MS)

    def _on_turn(self) -> None:
        for draw in self._to_draw.pop() if self._to_draw else ():
            draw()
        if self._to_draw:
            self._next()
        else:
            self.done.emit()
