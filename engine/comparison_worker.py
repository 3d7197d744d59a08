"""Trains a comparison in the background, and never lets its caller wait.

One child process trains all runs in turn; where the machine has cores to spare, several children train side by
side. The window asks (`request`), goes on painting, and takes what has come (`take`) from a mailbox with one slot.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from queue import SimpleQueue

from engine.comparison import OVER, Ask, Comparison, ComparisonCommand, ComparisonUpdate, Run
from engine.comparison_session import Lane, run_lane
from engine.messages import Pause, Resume, State, Stop
from engine.worker import CLOSE_GRACE_S, STOP_GRACE_S

_EXIT_S = 2.0  # for a child to be gone after its last word
_KILL_AFTER_S = 0.5  # between SIGTERM and SIGKILL
_SPARE_CORES = 2  # for the window and the rest of the machine
_CORES_FOR_MORE = 4


def usual_children(comparison: Comparison) -> int:
    """Return how many children a comparison has: one, or side by side where the machine has cores to spare."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores - _SPARE_CORES, len(comparison.runs)) if cores >= _CORES_FOR_MORE else 1


class ComparisonWorker:
    """One comparison in the background; started once.

    children: how many processes train, see `usual_children`. No method waits: commands are obeyed between two
    steps, updates are fetched with `take`. Only `join` and `wait_for_mail` wait, for a test.
    """

    def __init__(self, comparison: Comparison, children: int | None = None) -> None:
        self.comparison = comparison
        count = max(1, min(children or usual_children(comparison), len(comparison.runs)))
        runs = comparison.runs
        self._lock = threading.Lock()
        self._mail: ComparisonUpdate | None = None
        self._has_mail = threading.Event()
        self._states = [State.PREPARING] * count
        self._asked: set[int] = set()
        self._children = [
            _Child(comparison, runs[number::count], count > 1, lambda update, n=number: self._deliver(n, update))
            for number in range(count)
        ]

    def start(self) -> None:
        """Start training; raises RuntimeError when called twice."""
        for child in self._children:
            child.start()

    def request(self, snapshots: bool = False) -> None:
        """Ask for an update with everything since the last; does nothing where one is still on its way."""
        for number, child in enumerate(self._children):
            with self._lock:
                if number in self._asked or self._states[number] in OVER:
                    continue
                self._asked.add(number)
            child.tell(Ask(snapshots))

    def take(self) -> ComparisonUpdate | None:
        """Return what has come since the last time, of all children, as one update, or None."""
        with self._lock:
            mail, self._mail = self._mail, None
            self._has_mail.clear()
        return mail

    def pause(self) -> None:
        """Pause before the next step."""
        self._tell(Pause())

    def resume(self) -> None:
        """Go on after a pause."""
        self._tell(Resume())

    def stop(self, grace_s: float = STOP_GRACE_S) -> None:
        """End after the present step; a child that has not ended after grace_s is terminated.

        The last update has state stopped and everything since the last answer.
        """
        for child in self._children:
            child.end(grace_s)

    def close(self, grace_s: float = CLOSE_GRACE_S) -> None:
        """End because the window closes: as `stop`, with less patience."""
        self.stop(grace_s)

    @property
    def children(self) -> int:
        """How many processes train side by side."""
        return len(self._children)

    @property
    def state(self) -> State:
        """Where the whole stands: over only when every child is."""
        with self._lock:
            return self._state()

    @property
    def alive(self) -> bool:
        """Whether the comparison, or a child of it, still exists."""
        return any(child.alive for child in self._children)

    @property
    def child_pids(self) -> list[int]:
        """The process ids of the children that were started."""
        return [child.pid for child in self._children if child.pid is not None]

    def wait_for_mail(self, timeout_s: float) -> bool:
        """Wait until `take` has something to return; False after timeout_s."""
        return self._has_mail.wait(timeout_s)

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait until all has ended and no child is left; False where one took longer than timeout_s."""
        return all(child.join(timeout_s) for child in self._children)

    def _tell(self, command: ComparisonCommand) -> None:
        for child in self._children:
            child.tell(command)

    def _state(self) -> State:
        going = [state for state in self._states if state not in OVER]
        order = (State.RUNNING, State.PAUSED, State.PREPARING) if going else (State.FAILED, State.STOPPED)
        return next((state for state in order if state in (going or self._states)), State.FINISHED)

    def _deliver(self, number: int, update: ComparisonUpdate) -> None:
        with self._lock:
            self._states[number] = update.state
            if update.answer or update.state in OVER:
                self._asked.discard(number)
            whole = replace(update, state=self._state(), answer=update.answer and not self._asked)
            self._mail = whole.after(self._mail)
            self._has_mail.set()


class _Child:
    """One child process, and the threads that speak with it in place of the window."""

    def __init__(
        self, comparison: Comparison, runs: Sequence[Run], side_by_side: bool, deliver: Callable[..., None]
    ) -> None:
        self._work = (comparison, tuple(runs), side_by_side)
        self._deliver = deliver
        self._commands: SimpleQueue[ComparisonCommand] = SimpleQueue()
        self._state = State.PREPARING
        self._ending = False
        self._gone = False
        self._over = threading.Event()
        self._process: SpawnProcess | None = None
        self._thread = threading.Thread(target=self._run, name="training-comparison", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def tell(self, command: ComparisonCommand) -> None:
        self._commands.put(command)

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def join(self, timeout_s: float | None) -> bool:
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def end(self, grace_s: float) -> None:
        self._ending = True
        if not self._thread.is_alive():
            return
        self._commands.put(Stop())
        # A thread that waits in place of the window, which may not.
        threading.Thread(
            target=self._end_process, args=(grace_s,), name="training-comparison-closer", daemon=True
        ).start()

    def _end_process(self, grace_s: float) -> None:
        if self._over.wait(grace_s):
            return
        while self._process is None:  # it is being started at this moment
            if self._over.wait(0.01):
                return
        self._process.terminate()
        if not self._over.wait(_KILL_AFTER_S):
            self._process.kill()

    def _say(self, update: ComparisonUpdate) -> None:
        self._state = update.state
        self._deliver(update)

    def _run(self) -> None:
        try:
            self._say(ComparisonUpdate(State.PREPARING, message="starting the child process"))
            self._run_process()
        finally:
            self._over.set()

    def _run_process(self) -> None:
        context = multiprocessing.get_context("spawn")
        commands_out, commands_in = context.Pipe(duplex=False)
        updates_out, updates_in = context.Pipe(duplex=False)
        process = context.Process(
            target=_train, args=(*self._work, commands_out, updates_in), name="training-comparison", daemon=True
        )
        try:
            process.start()
        except (OSError, RuntimeError) as error:
            self._say(ComparisonUpdate(State.FAILED, error=f"The training process could not be started ({error})."))
            return
        finally:
            # The child's ends, so that each side sees the other one's death as an end of file.
            commands_out.close()
            updates_in.close()
        self._process = process
        sender = threading.Thread(
            target=self._send_commands, args=(commands_in,), name="training-comparison-commands", daemon=True
        )
        sender.start()
        with updates_out:
            self._receive(updates_out)
        process.join(_EXIT_S)
        process.kill()  # does nothing to a child that has ended
        process.join()
        self._gone = True
        self._commands.put(Stop())  # wakes the sender
        sender.join()
        if self._state not in OVER:
            self._account_for(process.exitcode)

    def _receive(self, updates: Connection) -> None:
        while True:
            try:
                self._say(updates.recv())
            except (EOFError, OSError):
                return

    def _send_commands(self, connection: Connection) -> None:
        # A thread of its own: a pipe that a stuck child does not read would otherwise hold up the window.
        with connection:
            while True:
                command = self._commands.get()
                if self._gone:
                    return
                try:
                    connection.send(command)
                except OSError:
                    return  # the child is gone; the receiving thread tells

    def _account_for(self, exit_code: int | None) -> None:
        """Say why the child ended without a word."""
        if self._ending:
            self._say(ComparisonUpdate(State.STOPPED))
            return
        how = f"exit code {exit_code}"
        if exit_code is not None and exit_code < 0:
            known = -exit_code in set(signal.Signals)
            how = f"{signal.Signals(-exit_code).name if known else f'signal {-exit_code}'}, {how}"
        sentence = (
            f"A training process was killed ({how}), often because memory ran out; "
            "choose a smaller batch, cell or sequence length, or start again."
        )
        self._say(ComparisonUpdate(State.FAILED, error=sentence))


def _train(
    comparison: Comparison, runs: Sequence[Run], side_by_side: bool, inbox: Connection, outbox: Connection
) -> None:
    """Train some runs in the child process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is the window's to handle
    commands: SimpleQueue[ComparisonCommand] = SimpleQueue()
    ended = threading.Event()

    def receive() -> None:
        # A thread: looking into a pipe before each step costs much more than looking into this queue.
        while True:
            try:
                commands.put(inbox.recv())
            except (EOFError, OSError):
                break
        commands.put(Stop())
        if not ended.wait(CLOSE_GRACE_S):
            os._exit(0)  # the window is gone and a step hangs: nobody is left to tell

    def send(update: ComparisonUpdate) -> None:
        try:
            outbox.send(update)
        except OSError:
            commands.put(Stop())  # the window is gone

    threading.Thread(target=receive, name="training-commands", daemon=True).start()
    run_lane(Lane(comparison, runs, side_by_side, commands, send))
    ended.set()
    outbox.close()
    os._exit(0)  # taking torch's modules down in good order takes a second, and nothing is left to save
