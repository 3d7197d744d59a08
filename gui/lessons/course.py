"""Where a lesson stands, and what each key does there: show the next text, play a move, ask, go to the next stop."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from engine.lessons.answers import answer_of
from engine.lessons.lesson import Ask, Beat, Directive, Lesson, LessonError, Move, Stop
from engine.runs.pace import Pace
from engine.settings.config import TrainingConfig
from gui.commands.registry import Registry
from gui.lessons.check import FIRST
from gui.lessons.question import verdict
from gui.lessons.runner import Moment, Runner
from gui.views.base import Tools

_RETURN = "return to the page"
_SWITCHES = ("names", "hide")
"""What a lesson may switch that a user expects to find as it was."""


@dataclass(frozen=True)
class _Desk:
    """What of the user's is given back at the end, besides the document."""

    view: str
    position: int
    config: TrainingConfig
    pace: Pace
    switches: dict[str, bool]


class Course(QObject):
    """Goes through a lesson; the user's own document, settings and switches come back when it ends."""

    changed = Signal()
    """There is something else to read, or to answer."""
    began = Signal()
    ended = Signal()
    said = Signal(str)

    def __init__(self, tools: Tools, commands: Registry, runner: Runner, parent: QObject) -> None:
        super().__init__(parent)
        self._tools, self._commands, self.runner = tools, commands, runner
        self.lesson: Lesson | None = None
        """The lesson that is on; None where none is."""
        self.place = 0
        """Index of the stop."""
        self.done = 0
        """How many beats of it have been shown or played."""
        self.answers: dict[tuple[int, int], str] = {}
        """What was revealed, by stop and beat."""
        self._moments: dict[tuple[int, int], Moment] = {}
        self._desk: _Desk | None = None
        self._enters = False
        runner.done.connect(self._on_done)

    # ---- what there is to read

    @property
    def on(self) -> bool:
        """Whether a lesson is on."""
        return self.lesson is not None

    @property
    def stop(self) -> Stop:
        """The stop that is shown; raises IndexError where no lesson is on."""
        return self.lesson.stops[self.place] if self.lesson is not None else Stop(0, "")

    @property
    def shown(self) -> tuple[Beat, ...]:
        """The beats of the stop that have been shown or played."""
        return self.stop.beats[: self.done]

    @property
    def question(self) -> Ask | None:
        """The question that waits for its answer."""
        last = self.shown[-1] if self.shown else None
        return last if isinstance(last, Ask) and (self.place, self.done - 1) not in self.answers else None

    @property
    def where(self) -> str:
        """Where it stands: "stop 3 of 9"."""
        return f"stop {self.place + 1} of {len(self.lesson.stops)}" if self.lesson is not None else ""

    @property
    def announced(self) -> bool:
        """Whether the next key plays a move."""
        beats = self.stop.beats
        return self.done < len(beats) and isinstance(beats[self.done], Move)

    @property
    def at_end(self) -> bool:
        """Whether nothing follows."""
        assert self.lesson is not None
        return self.place == len(self.lesson.stops) - 1 and self.done == len(self.stop.beats)

    @property
    def at_begin(self) -> bool:
        """Whether nothing goes before."""
        return self.place == 0 and self.done <= 1

    # ---- begin and end

    def begin(self, lesson: Lesson) -> None:
        """Begin a lesson at its first stop; one that is on ends."""
        self.end()
        tools, training = self._tools, self._tools.training
        moment = self.runner.moment()
        if training is not None:
            switches = {name: self._commands.bound(name).is_on() for name in _SWITCHES}
            self._desk = _Desk(moment.view, moment.position, training.config, training.pace, switches)
            here = training.config
            training.use_next(replace(TrainingConfig(), device=here.device, worker=here.worker))
        tools.model.lend()
        self.lesson, self.runner.lesson = lesson, lesson
        self._moments, self.answers = {}, {}
        self.began.emit()
        self.runner.carry_out([Directive(0, f"example {FIRST}")], in_motion=False)
        self._enter(0)

    def end(self) -> None:
        """End the lesson: what is the user's stands there again."""
        if self.lesson is None:
            return
        self.runner.forget()
        self.lesson = self.runner.lesson = None
        self.place = self.done = 0
        tools, desk = self._tools, self._desk
        tools.light.leave()
        tools.model.give_back("end the lesson")
        if desk is not None and tools.training is not None:
            tools.training.use_next(desk.config)
            tools.training.set_pace(desk.pace)
            for name, on in desk.switches.items():
                self._commands.run(f"{name} {'on' if on else 'off'}")
            self._commands.run(f"show {desk.view}")
            tools.playback.seek(desk.position)
        self.ended.emit()

    # ---- a key

    def next(self) -> None:
        """Bring what moves to its end, reveal the answer, play the move, or show what follows: one of these."""
        if self.lesson is None:
            return
        if self.runner.busy:
            self.runner.finish()
        elif self.question is not None:
            self.reveal()
        elif self.done < len(self.stop.beats):
            self._go_on()
        elif not self.at_end:
            self._enter(self.place + 1)
        else:
            self.said.emit("This is the end of the lesson; “End” brings back what you had before")

    def back(self) -> None:
        """Take back the last thing, with what is on the screen."""
        if self.lesson is None or self.at_begin:
            return
        self.runner.forget()
        if self.done > 1:
            self.answers.pop((self.place, self.done - 1), None)
            self.done -= 1
        else:
            self.place -= 1
            self.done = len(self.stop.beats)
        self._restore("go back in the lesson")
        self.changed.emit()

    def to_page(self) -> None:
        """Bring back what the stop has on the screen, whatever was played with in between."""
        if self.lesson is not None and not self.runner.busy:
            self._restore(_RETURN)

    def reveal(self, given: str = "") -> None:
        """Show the right answer of the question that waits, computed from the numbers of the moment.

        given: what was predicted, "" for nothing.
        """
        asked, place = self.question, (self.place, self.done - 1)
        if asked is None:
            return
        document = self._tools.model.document

        def show(answer: str) -> None:
            if self.lesson is not None:
                self.answers[place] = " ".join(filter(None, (verdict(given, answer), f"{answer}.", asked.because)))
                self.changed.emit()

        if asked.computed:
            self._tools.background.run(
                lambda: answer_of(asked.computed, document), show, lambda error: show(str(error)), LessonError
            )
        else:
            show(asked.answer)

    def _enter(self, place: int) -> None:
        if self._moments:
            self._settle(self.done)
        self.place, self.done = place, 0
        self._enters = True
        self._tools.light.leave()
        self.runner.carry_out(self.stop.begin, in_motion=False)

    def _go_on(self) -> None:
        """Show the next beat, or play it."""
        beat = self.stop.beats[self.done]
        self.done += 1
        if isinstance(beat, Move):
            self._tools.light.leave()
            self._settle(self.done - 1)
            self.runner.carry_out(beat.directives, in_motion=True)
        elif (before := self._moments.get((self.place, self.done - 1))) is not None:
            self._moments[self.place, self.done] = before  # text alone changes nothing of what the stop shows
        self.changed.emit()

    def _on_done(self) -> None:
        """Everything stands still: a stop that was begun shows its first text."""
        if self.lesson is None:
            return
        if self._enters:
            self._enters = False
            if self.stop.beats and not isinstance(self.stop.beats[0], Move):
                self.done = 1
        self._moments.setdefault((self.place, self.done), self.runner.moment())
        self.changed.emit()

    def _settle(self, done: int) -> None:
        """Before something moves, bring back what the stop has shown so far, if somebody has played with it."""
        moment = self._moments.get((self.place, done))
        if moment is not None and not self.runner.shows(moment):
            self.runner.restore(moment, _RETURN)

    def _restore(self, text: str) -> None:
        moment = self._moments.get((self.place, self.done))
        if moment is not None:
            self.runner.restore(moment, text)
