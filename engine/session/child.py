"""Who works in the background: a child process, with the threads that exchange messages with it, or a thread.

The owner never waits: what it says goes through a queue, what the child says comes in a thread. Whatever happens to
the child, its owner hears of its end exactly once, and can see whether it still answers; whatever happens to the owner,
the child ends.
"""

import multiprocessing
import os
import signal
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from queue import SimpleQueue
from typing import Any

from ..runs.messages import Stop
from .pulse import BEAT_S, Pulse
from .spawning import without_main

ALONE_S = 3.0
"""How long a child goes on to its next look at its commands when its owner is gone."""
_EXIT_S = 2.0  # for the child to be gone after its last word
_KILL_AFTER_S = 0.5  # between SIGTERM and SIGKILL

Work = Callable[..., None]
"""Called in the child with a queue of commands, a function that sends to the owner and never raises, and arguments."""


@dataclass(frozen=True)
class Ending:
    """How a child ended. asked: its owner wanted that. words: "was killed (SIGKILL, exit code -9)" for a sentence."""

    asked: bool
    words: str


@dataclass(frozen=True)
class _Question:
    """Asks the child, beside its work, whether it is there."""


@dataclass(frozen=True)
class _Here:
    """It is."""


class Host(ABC):
    """Who does a piece of work in the background, started once.

    name: of its thread, which begins with "training". work: a function of a module. heard: called in a thread with
    each message of the work. ended: called in that thread after the last message.
    """

    def __init__(
        self,
        name: str,
        work: Work,
        arguments: tuple[Any, ...],
        heard: Callable[[Any], None],
        ended: Callable[[Ending], None],
    ) -> None:
        self._name = name
        self._work = work, arguments
        self._heard, self._ended = heard, ended
        self._commands: SimpleQueue[Any] = SimpleQueue()
        self._asked = False
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the work; raises RuntimeError when called twice."""
        self._thread.start()

    def tell(self, command: object) -> None:
        """Send a command to the work."""
        self._commands.put(command)

    @abstractmethod
    def end(self, grace_s: float) -> None:
        """Tell the work to stop; a child that has not ended after grace_s is terminated. Does not wait."""

    @property
    def silent(self) -> bool:
        """Whether it has stopped answering: it was stopped, or waits for memory. A long step is no reason."""
        return False

    @property
    def pid(self) -> int | None:
        """The process id of a child, None before it was started."""
        return None

    @property
    def alive(self) -> bool:
        """Whether the work, or a thread that speaks with it, still exists."""
        return self._thread.is_alive()

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait until the work has ended; False after timeout_s."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @abstractmethod
    def _run(self) -> None:
        """Do the work, and say how it ended; runs in the thread."""


class Child(Host):
    """One child process, named as its threads are."""

    _gone = False
    _process: SpawnProcess | None = None
    _pulse: Pulse | None = None

    def end(self, grace_s: float) -> None:
        """Tell the child to stop; one that has not ended after grace_s is terminated. Does not wait."""
        self._asked = True
        if not self._thread.is_alive():
            return
        self._commands.put(Stop())
        # A thread that waits in place of the owner, which may not.
        threading.Thread(target=self._terminate, args=(grace_s,), name=f"{self._name}-closer", daemon=True).start()

    @property
    def silent(self) -> bool:
        """Whether its pulse is missed."""
        return self._pulse is not None and self._pulse.silent

    @property
    def pid(self) -> int | None:
        """The process id, None before it was started."""
        return self._process.pid if self._process else None

    def _terminate(self, grace_s: float) -> None:
        if self._over.wait(grace_s):
            return
        while self._process is None:  # it is being started at this moment
            if self._over.wait(0.01):
                return
        self._process.terminate()
        if not self._over.wait(_KILL_AFTER_S):
            self._process.kill()

    def _run(self) -> None:
        try:
            self._ended(self._run_process())
        finally:
            self._over.set()

    def _run_process(self) -> Ending:
        context = multiprocessing.get_context("spawn")
        commands_out, commands_in = context.Pipe(duplex=False)
        messages_out, messages_in = context.Pipe(duplex=False)
        process = context.Process(
            target=_main, args=(*self._work, commands_out, messages_in), name=self._name, daemon=True
        )
        try:
            with without_main():
                process.start()
        except (OSError, RuntimeError) as error:
            return Ending(self._asked, f"could not be started ({error})")
        finally:
            # The child's ends, so that each side sees the other one's death as an end of file.
            commands_out.close()
            messages_in.close()
        self._process = process
        assert process.pid is not None  # it was started
        pulse = self._pulse = Pulse(process.pid, lambda: self._commands.put(_Question()))
        sender = threading.Thread(
            target=self._send_commands, args=(commands_in,), name=f"{self._name}-commands", daemon=True
        )
        sender.start()
        with messages_out:
            self._receive(messages_out, pulse)
        pulse.heard()  # its end is told by other words
        process.join(_EXIT_S)
        process.kill()  # does nothing to a child that has ended
        process.join()
        self._gone = True
        self._commands.put(Stop())  # wakes the sender
        sender.join()
        return Ending(self._asked, _end_in_words(process.exitcode))

    def _receive(self, messages: Connection, pulse: Pulse) -> None:
        while True:
            try:
                if not messages.poll(BEAT_S):
                    pulse.missed()
                    continue
                message = messages.recv()
            except (EOFError, OSError):
                return
            pulse.heard()
            if not isinstance(message, _Here):
                self._heard(message)

    def _send_commands(self, connection: Connection) -> None:
        # A thread of its own: a pipe that a stuck child does not read would otherwise hold up the owner.
        with connection:
            while True:
                command = self._commands.get()
                if self._gone:
                    return
                try:
                    connection.send(command)
                except OSError:
                    return  # the child is gone; the receiving thread tells


class InThread(Host):
    """Does the work in a thread; it cannot be terminated, and ends after its present step."""

    def end(self, grace_s: float) -> None:
        """Tell the work to stop. Does not wait."""
        self._asked = True
        self._commands.put(Stop())

    def _run(self) -> None:
        work, arguments = self._work
        try:
            work(self._commands, self._heard, *arguments)
        finally:
            self._ended(Ending(self._asked, "ended without a word"))


def _end_in_words(exit_code: int | None) -> str:
    if exit_code is None or exit_code >= 0:
        return f"ended without a word (exit code {exit_code})"
    known = -exit_code in set(signal.Signals)
    name = signal.Signals(-exit_code).name if known else f"signal {-exit_code}"
    return f"was killed ({name}, exit code {exit_code}), often because memory ran out"


def _main(work: Work, arguments: tuple[Any, ...], inbox: Connection, outbox: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is the owner's to handle
    commands: SimpleQueue[Any] = SimpleQueue()
    ended = threading.Event()
    sending = threading.Lock()

    def receive() -> None:
        # A thread: looking into a pipe costs 20 µs, looking into this queue before each step 0.05 µs.
        while True:
            try:
                command = inbox.recv()
            except (EOFError, OSError):
                break
            if isinstance(command, _Question):
                send(_Here())  # from here, for the work may take long
            else:
                commands.put(command)
        commands.put(Stop())
        if not ended.wait(ALONE_S):
            os._exit(0)  # the owner is gone and a step hangs: nobody is left to tell

    def send(message: object) -> None:
        try:
            with sending:
                outbox.send(message)
        except OSError:
            commands.put(Stop())  # the owner is gone

    threading.Thread(target=receive, name="training-commands", daemon=True).start()
    work(commands, send, *arguments)
    ended.set()
    outbox.close()
    os._exit(0)  # taking torch's 1,900 modules down in good order takes a second, and nothing is left to save
