"""Background work that sends updates through a mailbox with one slot, so that its owner never waits for it.

Child processes do the work, or a thread. The owner asks, goes on, and takes what has come: the newest, joined with
what nobody took. Nothing queues, however slow the owner is.
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar

from ..runs.messages import Said, State
from .child import Child, Ending, Host, InThread, Work

S = TypeVar("S", bound=Said)


class Worker(ABC, Generic[S]):
    """Work of one kind in the background; made for one piece of it, started once.

    work: see `Child`. arguments: of each child, one or several side by side. beginning: what is said while they start.
    here: whether a thread of this process does the work instead.

    No method waits: commands are obeyed between two steps, what is said is fetched with `take`. Only `join` and
    `wait_for_mail` wait, for a test or at the program's end.
    """

    stop_grace_s: ClassVar[float] = 3.0
    """How long a child that is stopped may take: its last metrics are wanted, so a long step may come to its end."""
    close_grace_s: ClassVar[float] = 1.0
    """The same when the window closes."""

    def __init__(
        self, name: str, work: Work, arguments: Sequence[tuple[Any, ...]], beginning: S, here: bool = False
    ) -> None:
        self._lock = threading.Lock()
        self._mail: S | None = None
        self._has_mail = threading.Event()
        self._asked: set[int] = set()
        self._overtaken: set[int] = set()
        """Children that were told something after they were asked: their answer may be of before that."""
        self._last = [beginning] * len(arguments)
        host: type[Host] = InThread if here else Child
        self._hosts = [
            host(name, work, each, partial(self._deliver, number), partial(self._account_for, number))
            for number, each in enumerate(arguments)
        ]

    def start(self) -> None:
        """Start the work; raises RuntimeError when called twice."""
        for number, host in enumerate(self._hosts):
            if isinstance(host, Child):
                self._deliver(number, self._last[number])
            host.start()

    def take(self) -> S | None:
        """Return what has come since the last time, of all children, as one, or None."""
        with self._lock:
            mail, self._mail = self._mail, None
            self._has_mail.clear()
        return mail

    def tell(self, command: object) -> None:
        """Send a command of `engine.runs.messages` to every child, which obeys it before its next step.

        An answer that is on its way was asked for before: it is not told as one, so that its owner asks again.
        """
        with self._lock:
            self._overtaken |= self._asked
        for host in self._hosts:
            host.tell(command)

    def stop(self, grace_s: float | None = None) -> None:
        """End the work after the present step; a child that has not ended after grace_s is terminated.

        The last word has state stopped and everything since the last answer.
        """
        for host in self._hosts:
            host.end(self.stop_grace_s if grace_s is None else grace_s)

    def close(self, grace_s: float | None = None) -> None:
        """End the work because the window closes: as `stop`, with another patience."""
        self.stop(self.close_grace_s if grace_s is None else grace_s)

    @property
    def alive(self) -> bool:
        """Whether the work, or a child of it, still exists."""
        return any(host.alive for host in self._hosts)

    @property
    def silent(self) -> bool:
        """Whether a child has stopped answering for now; a thread is never said to."""
        return any(host.silent for host in self._hosts)

    @property
    def child_pids(self) -> list[int]:
        """The process ids of the children that were started."""
        return [host.pid for host in self._hosts if host.pid is not None]

    @property
    def child_pid(self) -> int | None:
        """The process id of the first child, None before it was started and for a thread."""
        return self._hosts[0].pid

    def wait_for_mail(self, timeout_s: float) -> bool:
        """Wait until `take` has something to return; False after timeout_s."""
        return self._has_mail.wait(timeout_s)

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait until all has ended and no child is left; False where one took longer than timeout_s."""
        return all(host.join(timeout_s) for host in self._hosts)

    @abstractmethod
    def _end_in_words(self, ending: str) -> str:
        """Return the sentence about a child that ended by itself; ending: "was killed (SIGKILL, exit code -9)"."""

    def _whole(self, said: S) -> S:
        """Return what is said of the whole where one child says this; called with the lock held."""
        return said

    def _ask(self, question: object) -> None:
        """Send what is answered, to every child from which no answer is on its way still."""
        for number, host in enumerate(self._hosts):
            with self._lock:
                if number in self._asked or self._last[number].over:
                    continue
                self._asked.add(number)
            host.tell(question)

    def _deliver(self, number: int, said: S) -> None:
        with self._lock:
            if said.answer or said.over:
                self._asked.discard(number)
                if number in self._overtaken:
                    self._overtaken.discard(number)
                    said = replace(said, answer=False)
            self._last[number] = said
            self._mail = self._whole(said).after(self._mail)
            self._has_mail.set()

    def _account_for(self, number: int, ending: Ending) -> None:
        """Say how a child ended, where it did not say so itself."""
        last = self._last[number]
        if last.over:
            return
        if ending.asked:
            self._deliver(number, last.ended(State.STOPPED))
        else:
            self._deliver(number, last.ended(State.FAILED, self._end_in_words(ending.words)))
