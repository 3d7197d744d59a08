"""The background worker: owns a training run from start to stop, and never lets its caller wait.

A thread of the window's process starts the trainer in a child process of its own, or runs it itself. The
window asks (`request`), goes on painting, and takes what has come (`take`) from a mailbox with one slot.
"""

import multiprocessing
import os
import signal
import threading
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from queue import SimpleQueue

from engine.config import TrainingConfig
from engine.messages import (
    Command,
    ExtendSteps,
    Float32,
    Pause,
    Pull,
    Restrict,
    Resume,
    SetClipNorm,
    SetLearningRate,
    SetProbe,
    SetTwin,
    State,
    Step,
    Stop,
    TakeApart,
    Update,
)
from engine.session import Channel, run_session

STOP_GRACE_S = 3.0  # stop wants the last metrics, so a long step may come to its end
CLOSE_GRACE_S = 1.0
_EXIT_S = 2.0  # for the child to be gone after its last word
_KILL_AFTER_S = 0.5  # between SIGTERM and SIGKILL

_OVER = (State.STOPPED, State.FAILED)


class TrainingWorker:
    """One training run in the background; made for one config, started once.

    No method waits: commands are obeyed between two steps, updates are fetched with `take`. Only `join` and
    `wait_for_mail` wait, for a test or at the program's end.
    """

    def __init__(self, config: TrainingConfig) -> None:
        self.config = config
        self._commands: SimpleQueue[Command] = SimpleQueue()
        self._lock = threading.Lock()
        self._mail: Update | None = None
        self._last = Update(State.PREPARING, goal=config.steps, message="starting the child process")
        self._has_mail = threading.Event()
        self._asked = False
        self._ending = False
        self._child_gone = False
        self._over = threading.Event()
        self._process: SpawnProcess | None = None
        self._thread = threading.Thread(target=self._run, name="training-worker", daemon=True)

    # What the window says

    def start(self) -> None:
        """Start the run; raises RuntimeError when called twice."""
        self._thread.start()

    def request(self, wants: frozenset[str] = frozenset()) -> None:
        """Ask for an Update with everything since the last; does nothing while one is still on its way.

        wants: what its snapshot has to bring beside the gates; see `engine.messages.Pull`.
        """
        with self._lock:
            if self._asked or self._over.is_set():
                return
            self._asked = True
        self._commands.put(Pull(wants))

    def take(self) -> Update | None:
        """Return what has come since the last time, as one Update, or None."""
        with self._lock:
            mail, self._mail = self._mail, None
            self._has_mail.clear()
        return mail

    def pause(self) -> None:
        """Pause before the next step."""
        self._commands.put(Pause())

    def resume(self) -> None:
        """Go on after a pause."""
        self._commands.put(Resume())

    def step(self, count: int = 1) -> None:
        """Make `count` steps, then pause."""
        self._commands.put(Step(count))

    def extend(self, count: int) -> None:
        """Add `count` steps to the goal; a finished run goes on."""
        self._commands.put(ExtendSteps(count))

    def set_learning_rate(self, value: float) -> None:
        """Use another learning rate from the next step on."""
        self._commands.put(SetLearningRate(value))

    def set_clip_norm(self, value: float) -> None:
        """Clip at another norm from the next step on; 0 switches clipping off."""
        self._commands.put(SetClipNorm(value))

    def restrict(self, clamped: str, frozen: str) -> None:
        """Clamp gates and freeze weights from the next step on, as the settings of these names say."""
        self._commands.put(Restrict(clamped, frozen))

    def set_twin(self, on: bool) -> None:
        """Let a plain RNN of the same size learn from the same batches, from now on, or end that."""
        self._commands.put(SetTwin(on))

    def set_probe(self, example: int | None = None, x: Float32 | None = None) -> None:
        """Look at another sequence: an example of the task by its number, or any x (T, m)."""
        self._commands.put(SetProbe(example, x))

    def take_apart(self) -> None:
        """Make one step on the probe alone and tell everything that it computed, then pause."""
        self._commands.put(TakeApart())

    def stop(self, grace_s: float = STOP_GRACE_S) -> None:
        """End the run after the present step; a child that has not ended after grace_s is terminated.

        The last Update has state stopped and everything since the last answer.
        """
        self._end(grace_s)

    def close(self, grace_s: float = CLOSE_GRACE_S) -> None:
        """End the run because the window closes: as `stop`, with less patience."""
        self._end(grace_s)

    @property
    def alive(self) -> bool:
        """Whether the run, or its child, still exists."""
        return self._thread.is_alive()

    @property
    def child_pid(self) -> int | None:
        """The process id of the child, None before it was started and for a thread."""
        return self._process.pid if self._process else None

    def wait_for_mail(self, timeout_s: float) -> bool:
        """Wait until `take` has something to return; False after timeout_s."""
        return self._has_mail.wait(timeout_s)

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait until the run has ended and its child is gone; False after timeout_s."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    # The thread

    def _end(self, grace_s: float) -> None:
        self._ending = True
        if not self._thread.is_alive():
            return
        self._commands.put(Stop())
        # A thread that waits in place of the window, which may not.
        threading.Thread(target=self._end_child, args=(grace_s,), name="training-worker-closer", daemon=True).start()

    def _end_child(self, grace_s: float) -> None:
        if self._over.wait(grace_s) or self.config.worker == "thread":
            return  # a thread cannot be terminated; it ends after its present step
        while self._process is None:  # it is being started at this moment
            if self._over.wait(0.01):
                return
        self._process.terminate()
        if not self._over.wait(_KILL_AFTER_S):
            self._process.kill()

    def _deliver(self, update: Update) -> None:
        with self._lock:
            self._last = update
            self._mail = update.after(self._mail)
            if update.answer:
                self._asked = False
            self._has_mail.set()

    def _run(self) -> None:
        try:
            if self.config.worker == "thread":
                run_session(self.config, Channel(self._commands, self._deliver, "worker thread"))
            else:
                self._deliver(self._last)
                self._run_child()
        finally:
            self._over.set()

    def _run_child(self) -> None:
        context = multiprocessing.get_context("spawn")
        commands_out, commands_in = context.Pipe(duplex=False)
        updates_out, updates_in = context.Pipe(duplex=False)
        process = context.Process(
            target=_child, args=(self.config, commands_out, updates_in), name="training", daemon=True
        )
        try:
            process.start()
        except (OSError, RuntimeError) as error:
            self._fail(f"The training process could not be started ({error}); choose the thread instead.")
            return
        finally:
            # The child's ends, so that each side sees the other one's death as an end of file.
            commands_out.close()
            updates_in.close()
        self._process = process
        sender = threading.Thread(
            target=self._send_commands, args=(commands_in,), name="training-worker-commands", daemon=True
        )
        sender.start()
        with updates_out:
            self._receive(updates_out)
        process.join(_EXIT_S)
        process.kill()  # does nothing to a child that has ended
        process.join()
        self._child_gone = True
        self._commands.put(Stop())  # wakes the sender
        sender.join()
        if self._last.state not in _OVER:
            self._account_for(process.exitcode)

    def _receive(self, updates: Connection) -> None:
        while True:
            try:
                self._deliver(updates.recv())
            except (EOFError, OSError):
                return

    def _send_commands(self, connection: Connection) -> None:
        # A thread of its own: a pipe that a stuck child does not read would otherwise hold up the window.
        with connection:
            while True:
                command = self._commands.get()
                if self._child_gone:
                    return
                try:
                    connection.send(command)
                except OSError:
                    return  # the child is gone; the receiving thread tells

    def _account_for(self, exit_code: int | None) -> None:
        """Say why the child ended without a word."""
        if self._ending:
            last = self._last
            self._deliver(Update(State.STOPPED, step=last.step, goal=last.goal, place=last.place))
        elif exit_code is not None and exit_code < 0:
            known = -exit_code in set(signal.Signals)
            name = signal.Signals(-exit_code).name if known else f"signal {-exit_code}"
            self._fail(
                f"The training process was killed ({name}, exit code {exit_code}), often because memory ran "
                "out; choose a smaller batch, cell or sequence length, or start over."
            )
        else:
            self._fail(f"The training process ended without a word (exit code {exit_code}); start over.")

    def _fail(self, sentence: str) -> None:
        last = self._last
        self._deliver(Update(State.FAILED, step=last.step, goal=last.goal, place=last.place, error=sentence))


def _child(config: TrainingConfig, inbox: Connection, outbox: Connection) -> None:
    """Run a session in the child process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is the window's to handle
    commands: SimpleQueue[Command] = SimpleQueue()
    ended = threading.Event()

    def receive() -> None:
        # A thread: looking into a pipe costs 20 µs, looking into this queue before each step 0.05 µs.
        while True:
            try:
                commands.put(inbox.recv())
            except (EOFError, OSError):
                break
        commands.put(Stop())
        if not ended.wait(CLOSE_GRACE_S):
            os._exit(0)  # the window is gone and a step hangs: nobody is left to tell

    def send(update: Update) -> None:
        try:
            outbox.send(update)
        except OSError:
            commands.put(Stop())  # the window is gone

    threading.Thread(target=receive, name="training-commands", daemon=True).start()
    run_session(config, Channel(commands, send, "child process"))
    ended.set()
    outbox.close()
    os._exit(0)  # taking torch's 1,900 modules down in good order takes a second, and nothing is left to save
