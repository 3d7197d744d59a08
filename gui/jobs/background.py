"""Does work in a thread or in a child process, so that the window never waits for it."""

from __future__ import annotations

import atexit
import time
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import partial
from threading import Event, Lock, Thread, current_thread
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from engine.errors import FailureReport, PlainError
from engine.session.child import Child, Ending, Work

LONGEST_S = 5.0
"""How long the end of the program waits for what is being read or written: a file may never be read to its end."""
_GRACE_S = 0.2

Expected = type[Exception] | tuple[type[Exception], ...]

_threads: set[Thread] = set()
"""Those that do jobs in turn."""
_unheard: set[_Job] = set()
"""The jobs of which something is still to be heard."""


def anything_to_come() -> bool:
    """Return whether a job of any Background is still to be heard of; a picture is not painted before."""
    return bool(_unheard)


class _Messenger(QObject):
    """Takes what came of jobs to the window's thread. It outlives every window: a thread may speak at any moment."""

    told = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.told.connect(self._on_told, Qt.ConnectionType.QueuedConnection)

    @Slot(object)
    def _on_told(self, told: tuple[_Job, Any]) -> None:
        job, said = told
        job.hear(said)


_messenger = _Messenger()


@dataclass(eq=False)
class _Job:
    """A piece of work, and who hears of what comes of it.

    owed: how many answers are still to come. among: where it is listed as long as one can come.
    """

    done: Callable[[Any], None]
    failed: Callable[[Exception], None] | None
    expected: Expected
    dropped: Event = field(default_factory=Event)
    work: Callable[[], Any] | None = None
    kind: Hashable = None
    child: Child | None = None
    died: str = ""
    owed: int = 1
    among: list[_Job] = field(default_factory=list)

    def do(self) -> None:
        """Do the work, in a thread."""
        assert self.work is not None
        with FailureReport(self.tell):
            self.tell(self.work())

    def tell(self, said: object) -> None:
        """Hand over a result, an exception, or how the child ended; in any thread."""
        _messenger.told.emit((self, said))

    def hear(self, said: Any) -> None:
        """Let those who asked hear of it, in the window's thread."""
        if self.owed <= 1:
            _unheard.discard(self)
        if self.dropped.is_set():
            return
        if self in self.among and (self.child is None or isinstance(said, Ending)):
            self.among.remove(self)
        self.owed -= 1
        if isinstance(said, Ending):
            if self.owed < 0:
                return  # it had answered everything
            said = PlainError(self.died.format(words=said.words))
        if not isinstance(said, Exception):
            self.done(said)
        elif self.failed is not None and isinstance(said, self.expected):
            self.failed(said)
        else:
            raise said

    def drop(self) -> None:
        """Let nobody hear of it, and end its child."""
        self.dropped.set()
        _unheard.discard(self)
        if self.child is not None:
            self.child.end(_GRACE_S)
        self.tell(None)  # they may be being deleted: the last reference to them goes in a later turn


class Background(QObject):
    """Does jobs beside the window's thread, which hears what comes of them and never waits.

    Jobs are done in turn, in one thread; or apart, in a thread or a child process of their own that holds up nothing,
    for they may never end. Of those apart only the newest is heard of. An error of an expected kind goes to the job's
    `failed`; any other is a fault of the program and is raised in the window's thread, where the program's handler
    shows it. What is not done when this object is closed or deleted is dropped.
    """

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        """name: of the threads. parent: part of the window that closes this."""
        super().__init__(parent)
        self._name = name
        self._closed = Event()
        self._waiting: deque[_Job] = deque()
        self._apart: list[_Job] = []
        """The newest of those apart, as long as something is to be heard of it."""
        self._thread: Thread | None = None
        """There while there is something to do in turn."""
        self._lock = Lock()
        end = partial(_drop, self._closed, self._lock, self._waiting, self._apart)
        self.destroyed.connect(lambda: end())  # a function of no arguments: Qt must not hand over what it deletes

    @property
    def busy(self) -> bool:
        """Whether there is a job apart that is still to be heard of, or a child that can be told something."""
        return bool(self._apart)

    def run(
        self,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None] | None = None,
        expected: Expected = (),
        kind: Hashable = None,
    ) -> None:
        """Do `work` in its turn, then `done(result)` in the window's thread.

        kind: of the jobs of a kind that have not begun, only the newest is done.
        """
        if self._closed.is_set():
            return  # the window is going; there is nobody to give the result to
        with self._lock:
            for job in [job for job in self._waiting if kind is not None and job.kind == kind]:
                self._waiting.remove(job)
                _unheard.discard(job)
            job = _Job(done, failed, expected, self._closed, work, kind)
            self._waiting.append(job)
            _unheard.add(job)
            if self._thread is None:
                self._thread = Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()

    def run_apart(
        self,
        work: Callable[[Event], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
        expected: Expected,
    ) -> None:
        """Do `work` in a thread of its own, then `done(result)` in the window's, unless it is dropped meanwhile.

        work: is given an event that is set when it is dropped. Nothing waits for it, nor does the end of the program.
        """
        if self._closed.is_set():
            return
        job = self._begin_apart(_Job(done, failed, expected))
        job.work = partial(work, job.dropped)
        Thread(target=job.do, name=self._name, daemon=True).start()

    def run_in_child(
        self,
        work: Work,
        arguments: tuple[Any, ...],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
        died: str,
    ) -> None:
        """Do the work of a `Child`, which may import torch or hold Python's lock; `done` hears each of its answers.

        The child answers once, and once for each thing that it is told; where it sends an exception, `failed` hears it.
        died: the sentence for `failed` where the child ends before; its {words} say how.
        """
        if self._closed.is_set():
            return
        job = self._begin_apart(_Job(done, failed, Exception, died=died))
        job.child = Child(f"training-{self._name}", work, arguments, job.tell, job.tell)
        job.child.start()

    def tell(self, command: object) -> None:
        """Send a command to the child."""
        for job in self._apart:
            if job.child is not None:
                job.owed += 1
                _unheard.add(job)
                job.child.tell(command)

    def drop(self) -> None:
        """Hear nothing of the job apart, and end its child."""
        while self._apart:
            self._apart.pop().drop()

    def close(self) -> None:
        """Drop everything that has not begun, and hear nothing of what has; does not wait."""
        _drop(self._closed, self._lock, self._waiting, self._apart)

    def _begin_apart(self, job: _Job) -> _Job:
        self.drop()
        job.among = self._apart
        self._apart.append(job)
        _unheard.add(job)
        return job

    def _work(self) -> None:
        _threads.add(current_thread())
        while (job := self._next()) is not None:
            job.do()
        _threads.discard(current_thread())

    def _next(self) -> _Job | None:
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            self._thread = None
            return None


def _drop(closed: Event, lock: Lock, waiting: deque[_Job], apart: list[_Job]) -> None:
    closed.set()
    with lock:
        dropped = [*waiting, *apart]
        waiting.clear()
    apart.clear()
    for job in dropped:
        job.drop()


@atexit.register
def _wait_at_the_end() -> None:
    """Let what is being written come to its end, and leave what has none."""
    until = time.monotonic() + LONGEST_S
    for thread in tuple(_threads):
        thread.join(max(0.0, until - time.monotonic()))
