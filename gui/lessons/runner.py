"""Carries out what a lesson's directives say, one after the other: each waits until the one before has come to rest."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from engine.document.document import Document
from engine.document.document_file import read_document
from engine.document.examples import EXAMPLES, load_example
from engine.errors import PlainError, did_you_mean
from engine.lessons.lesson import Directive, Lesson, LessonError
from engine.lessons.reading import beside
from engine.recording.recorded_run import RecordedRun, read_run
from engine.runs.messages import State
from gui.commands.command import CommandError
from gui.commands.registry import Registry
from gui.document.undo import Shown
from gui.lessons.allowed import LINKS
from gui.lessons.check import step_of
from gui.playback.walk import Walk
from gui.runs.travel import RunTravel
from gui.views.base import Tools

_LOOK_MS, _REST_MS = 15, 200
"""Between two looks whether what was begun has come to rest, and a rest between two operations, as while playing."""
_MOST_PLAYED = 24
"""Operations on the way to one that are played; of more, only the last is."""

AtRest = Callable[[], bool]
"""Whether what a step began has come to rest."""
Step = Callable[[], AtRest | None]
"""Begins something; None where that is done at once."""


@dataclass(frozen=True)
class Moment:
    """What is on the screen: the document, the view, where the walk stands, whether a network is shown."""

    shown: Shown
    view: str
    position: int
    in_view: int | None
    """Where the walk of the view stands, which may be another one; None at the newest of a run, which goes on."""
    backwards: bool
    of_network: bool


class Runner(QObject):
    """Does what a lesson says, with the commands that a person has."""

    done = Signal()
    """Everything that was to be carried out has been, and nothing moves."""
    said = Signal(str)
    """A sentence: what could not be done, and why."""

    def __init__(
        self,
        tools: Tools,
        commands: Registry,
        front: Callable[[], str],
        walk: Callable[[], Walk],
        parent: QObject,
    ) -> None:
        """front: the name of the view in front. walk: what the playback's keys move in it."""
        super().__init__(parent)
        self._tools, self._commands, self._front, self._walk = tools, commands, front, walk
        self._waiting: deque[Step] = deque()
        self._at_rest: AtRest | None = None
        self._in_motion = False
        self._rested = QElapsedTimer()
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(self._go_on)
        self.lesson: Lesson | None = None
        """The lesson whose files may be opened."""

    @property
    def busy(self) -> bool:
        """Whether something is being carried out."""
        return self._look.isActive()

    def carry_out(self, directives: Iterable[Directive], in_motion: bool) -> None:
        """Carry directives out. in_motion: operations on the way are played, not only reached."""
        self._in_motion = in_motion
        self._waiting.extend(partial(self._begin, directive) for directive in directives)
        self._look.start()

    def finish(self) -> None:
        """Bring what moves to its end at once."""
        self._in_motion = False
        walk = self._walk()
        if walk.playing:
            walk.seek(walk.last)
        elif walk.moving:
            walk.seek(walk.position)
        self._go_on()

    def forget(self) -> None:
        """Carry out nothing more."""
        self._waiting.clear()
        self._at_rest = None
        self._look.stop()

    def moment(self) -> Moment:
        """Return what is on the screen."""
        model = self._tools.model
        backwards = self._commands.bound("backwards").is_on()
        position, in_view = self._tools.playback.position, self._place_in_view()
        return Moment(model.own, self._front(), position, in_view, backwards, model.visiting)

    def _place_in_view(self) -> int | None:
        walk = self._walk()
        return None if isinstance(walk, RunTravel) and walk.live else walk.position

    def shows(self, moment: Moment) -> bool:
        """Whether this is on the screen."""
        now = self.moment()
        alike = now.shown.document is moment.shown.document and now.view == moment.view
        return alike and replace(moment, shown=now.shown) == now

    def restore(self, moment: Moment, text: str) -> None:
        """Bring back what was on the screen; undo, which says `text`, returns to what is there now."""
        model, playback = self._tools.model, self._tools.playback

        def document() -> None:
            model.end_visit()
            if model.own.document is not moment.shown.document:
                model.exchange(moment.shown.document, moment.shown.name, text)

        def view() -> None:
            self._run(f"show {moment.view}")
            if moment.of_network:
                self._run("show network")
            elif self._commands.bound("backwards").is_on() != moment.backwards:
                self._run(f"backwards {'on' if moment.backwards else 'off'}")

        self._in_motion = False

        def walk() -> None:
            playback.seek(moment.position)
            if self._place_in_view() != moment.in_view:
                self._walk().seek(self._walk().last if moment.in_view is None else moment.in_view)

        self._waiting.extend((document, view, walk))
        self._look.start()

    def follow(self, directive: Directive) -> None:
        """Do what a link of the text says."""
        if directive.name == "point":
            self._point(directive.rest)
        elif directive.name in LINKS:
            self._run(directive.text)

    # ---- one after the other

    @property
    def _ready(self) -> bool:
        """Whether the numbers of the cell are there."""
        model = self._tools.model
        return not model.waiting and model.trace is not None

    def _go_on(self) -> None:
        if not self._look.isActive() or (self._at_rest is not None and not self._at_rest()):
            return
        self._at_rest = None
        if not self._ready:
            return
        if not self._waiting:
            self._look.stop()
            self.done.emit()
            return
        try:
            self._at_rest = self._waiting.popleft()()
        except PlainError as error:
            self.said.emit(str(error))

    def _run(self, line: str) -> None:
        try:
            self._commands.run(line)
        except CommandError as error:
            self.said.emit(str(error))

    def _begin(self, directive: Directive) -> AtRest | None:
        name, words = directive.name, directive.text.split()
        if name == "open":
            return self._open(directive.rest)
        if name == "example":
            return self._read(partial(load_example, directive.rest), EXAMPLES.get(directive.rest, directive.rest))
        if name == "at":
            return self._wait_for(step_of(directive.text))
        if name == "point":
            self._point(directive.rest)
        elif name == "operation":
            values = self._commands.commands["operation"].read(directive.rest)
            t = values.get("t")
            return self._walk_to(str(values["name"]), None if t is None else int(t))
        elif words == ["play"]:
            return self._play()
        else:
            self._commands.run(directive.text)
            if name == "train" and self._tools.training is not None and self._tools.training.active:
                self._tools.training.run.of_lesson = True
            if words in (["next"], ["back"]):
                return lambda: not self._walk().moving
        return None

    # ---- documents and runs

    def _read(self, read: Callable[[], Document], name: str) -> AtRest:
        """Put a document in the place of the one that is there, as a change that undo takes back."""
        model, over = self._tools.model, list[bool]()

        def show(document: Document) -> None:
            model.exchange(document, name, f"open “{name}”")
            over.append(True)

        def miss(error: Exception) -> None:
            self.said.emit(str(error))
            over.append(True)

        self._tools.background.run(read, show, miss, PlainError)
        return lambda: bool(over)

    def _open(self, name: str) -> AtRest:
        lesson, recordings = self.lesson, self._tools.recordings
        if lesson is None:
            raise LessonError(f"{name}: there is no lesson")
        if not name.casefold().endswith(".lstmrec") or recordings is None:
            return self._read(lambda: read_document(beside(lesson, name))[0], name.rpartition(".")[0])
        over = list[bool]()

        def miss(error: Exception) -> None:
            self.said.emit(str(error))
            over.append(True)

        def show(run: RecordedRun) -> None:
            recordings.show_read(run)
            over.append(True)

        self._tools.background.run(lambda: read_run(beside(lesson, name)), show, miss, PlainError)
        return lambda: bool(over)

    def _wait_for(self, step: int) -> AtRest | None:
        """Let the run go on until a training step, and pause it there."""
        training = self._tools.training
        if training is None or not training.active:
            return None
        run = training.run

        def is_there() -> bool:
            is_over = not training.active or run.state is State.FINISHED
            return not self._in_motion or is_over or (run.history.count >= step and run.state is State.PAUSED)

        self._in_motion = True
        training.pause_at(step)
        return is_there

    # ---- the walk

    def _point(self, name: str) -> None:
        trace = self._tools.model.trace
        if trace is not None and name in trace.cell.shapes:
            if self._front() not in ("diagram", "unrolled", "side-by-side"):
                self._run("show diagram")
            self._tools.light.point_at(trace, name)

    def _walk_to(self, name: str, t: int | None) -> AtRest | None:
        """Go to where an operation has been computed, and on the way play those that come before it."""
        playback, trace = self._tools.playback, self._tools.model.trace
        assert trace is not None
        names = [operation.name for operation in trace.cell.operations]
        if name not in names:
            raise CommandError(f"This cell has no operation {name}{did_you_mean(name, names)}")
        if t is not None and not 1 <= t <= playback.steps:
            raise CommandError(f"There is no time step {t}; choose one from 1 to {playback.steps}")
        if self._commands.bound("backwards").is_on():
            self._run("backwards off")
        target = playback.first(playback.t if t is None else t - 1) + names.index(name)
        played = self._in_motion and self._walk() is playback and not (playback.by_legs or playback.still)
        if not played or target <= playback.position:
            playback.seek(target)
            return None
        if target - playback.position > _MOST_PLAYED:
            playback.seek(target - 1)
        self._rested.start()

        def is_there() -> bool:
            if not self._in_motion:
                playback.seek(target)
            if playback.moving:
                self._rested.restart()
                return False
            if playback.position >= target:
                return True
            if self._rested.elapsed() >= _REST_MS / playback.speed:
                playback.next()
            return False

        playback.next()
        return is_there

    def _play(self) -> AtRest:
        """Play to the end of the walk in front."""
        walk = self._walk()
        if walk.position < walk.last and not walk.playing:
            if self._in_motion:
                walk.toggle()
            else:
                walk.seek(walk.last)
        return lambda: not walk.playing and not walk.moving
