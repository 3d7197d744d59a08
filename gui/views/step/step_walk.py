"""The walk through one training step: forward, the loss, the way back, each weight's change, and training goes on."""

from __future__ import annotations

from bisect import bisect_right
from enum import IntEnum

from PySide6.QtCore import QObject, Signal

from engine.cell import formula
from engine.cell.backward import BackMove
from engine.cell.cell import plain_symbol
from gui.playback.playback import Mark, Moment, StepWalk
from gui.views.step.answer import Prepared


class Phase(IntEnum):
    """What happens in a training step, in its order."""

    FORWARD = 0
    LOSS = 1
    BACKWARD = 2
    WEIGHTS = 3
    GOES_ON = 4


class SlowWalk(StepWalk):
    """Position 0 is the start; then come all operations, the loss, all moves of the way back, and all weights."""

    finished = Signal()
    """Next was wanted at the last position: training is to go on."""
    wanted = Signal()
    """Next was wanted while there is no step to walk through."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.step: Prepared | None = None
        self._starts = (0, 1, 2, 3, 3)
        self._marks: dict[tuple[Phase, int], tuple[Mark, ...]] = {}

    @property
    def last(self) -> int:
        return self._starts[Phase.GOES_ON] - 1 if self.step else 0

    @property
    def phase(self) -> Phase:
        """What the present position belongs to."""
        return Phase(min(bisect_right(self._starts, self.position) - 1, Phase.WEIGHTS))

    @property
    def within(self) -> int:
        """How many places of the present phase are reached: operations done, moves made; of the others from 1."""
        if self.phase is Phase.FORWARD:
            return self.position
        return self.position - self._starts[self.phase] + 1

    @property
    def moment(self) -> Moment:
        """Where the forward pass stands; complete in all that follows."""
        if self.step is None or not self.position:
            return Moment(0, 0, 1.0)
        forward = self.phase is Phase.FORWARD
        place = self.position if forward else self._starts[Phase.LOSS] - 1
        t, before = divmod(place - 1, self._per_step)
        return Moment(t, before + 1, self._progress if forward else 1.0)

    @property
    def move(self) -> BackMove | None:
        """The present move of the way back; None in other phases."""
        if self.step is None or self.phase is not Phase.BACKWARD:
            return None
        return self.step.way.moves[self.within - 1]

    @property
    def weight(self) -> str | None:
        """The weight whose change is shown, "layer1.W_f"; None in other phases."""
        if self.step is None or self.phase is not Phase.WEIGHTS:
            return None
        return self.step.weights[self.within - 1]

    def set_step(self, step: Prepared | None) -> None:
        """Walk through another step, from its start; another layer of the same one is taken up in the same phase."""
        before, phase = self.step, self.phase
        self.step = step
        self._marks.clear()
        self._set_playing(False)
        if step is None:
            self._stand_at(0)
            return
        forward = len(step.trace.steps) * len(step.trace.cell.operations)
        loss = forward + 1
        back = loss + 1
        weights = back + len(step.way.moves)
        self._starts = (0, loss, back, weights, weights + len(step.weights))
        same = before is not None and before.apart is step.apart
        self._stand_at(self._starts[phase] if same else 0)

    def next(self) -> None:
        if self.step is None:
            self._set_playing(False)
            self.wanted.emit()
            return
        ended = self.position >= self.last
        super().next()
        if ended:
            self.finished.emit()

    def seek_phase(self, phase: Phase) -> None:
        """Stand at the beginning of a phase; what goes on after the last weight has no position."""
        if self.step is not None and phase is not Phase.GOES_ON:
            self.seek(self._starts[phase])

    def next_phase(self) -> None:
        """Skip the rest of this phase; after the last one training is to go on."""
        if self.step is None:
            return
        if self.phase is Phase.WEIGHTS:
            self.seek(self.last)
            self.finished.emit()
        else:
            self.seek_phase(Phase(self.phase + 1))

    def previous_phase(self) -> None:
        """Return to the beginning of this phase, or of the one before."""
        at_start = self.position == self._starts[self.phase]
        self.seek_phase(Phase(max(0, self.phase - 1)) if at_start else self.phase)

    # ---- what a timeline shows

    @property
    def backwards(self) -> bool:  # type: ignore[override]  # changes with the phase
        return self.phase is Phase.BACKWARD

    @property
    def steps(self) -> int:
        return len(self.step.trace.steps) if self.step else 0

    @property
    def t(self) -> int:
        if self.phase is Phase.FORWARD:
            return self.moment.t
        return self.move.t if self.move else max(0, self.steps - 1)

    @property
    def marks(self) -> tuple[Mark, ...]:
        if self.step is None:
            return ()
        key = self.phase, self.t if self.phase is Phase.BACKWARD else 0
        if key not in self._marks:
            self._marks[key] = _marks(self.step, *key)
        return self._marks[key]

    @property
    def mark(self) -> int | None:
        if self.step is None:
            return None
        if self.phase is Phase.FORWARD:
            return self.moment.current
        if self.phase is Phase.BACKWARD:
            return self.within - 1 - self.step.way.places[self.t].start
        return self.within - 1

    def seek_mark(self, index: int) -> None:
        if self.step is None:
            return
        first = self._starts[self.phase]
        if self.phase is Phase.FORWARD:
            first = self.moment.t * self._per_step + 1
        elif self.phase is Phase.BACKWARD:
            first += self.step.way.places[self.t].start
        self.seek(first + index)

    def seek_step(self, t: int) -> None:
        if self.step is None:
            return
        if self.phase in (Phase.FORWARD, Phase.LOSS):
            self.seek((t + 1) * self._per_step)
        else:
            self.seek(self._starts[Phase.BACKWARD] + self.step.way.places[t].stop - 1)

    @property
    def _per_step(self) -> int:
        return len(self.step.trace.cell.operations) if self.step else 1


def _marks(step: Prepared, phase: Phase, t: int) -> tuple[Mark, ...]:
    cell = step.trace.cell
    if phase is Phase.FORWARD:
        return tuple(Mark(item.role, f"{item.name} = {formula.text(cell, item.name)}") for item in cell.operations)
    if phase is Phase.LOSS:
        return (Mark("output", "the answer, the target and the loss"),)
    if phase is Phase.BACKWARD:
        return tuple(_back_mark(step, step.way.moves[index]) for index in step.way.places[t])
    found = []
    for name in step.weights:
        own = name.rpartition(".")[2]
        role = "output" if own in ("W_out", "b_out") else cell.described(own).role
        found.append(Mark(role, f"{own} changes"))
    return tuple(found)


def _back_mark(step: Prepared, move: BackMove) -> Mark:
    source, target = (plain_symbol(step.trace.cell.described(name)) for name in (move.operation.name, move.target))
    return Mark(move.operation.role, f"∂L/∂{source} is passed on to ∂L/∂{target}")
