"""Signals that ask a process to end, noticed at once even during a long step. Nothing here needs torch."""

import os
import signal
import socket
import stat
import sys
import threading
import time
from collections.abc import Callable
from typing import Self

_NEVER = float("inf")


def signals_to_end() -> list[signal.Signals]:
    """Return the signals that ask for the end: Ctrl+C, SIGTERM, and a terminal that is closed (not under `nohup`)."""
    signals = [signal.SIGINT, signal.SIGTERM]
    if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signals.append(signal.SIGHUP)
    return signals


def leave_terminal(number: int) -> None:
    """Write to no terminal any more where this signal says that it was closed: each line would be an error."""
    if sys.platform == "win32" or number != signal.SIGHUP:
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for output in (1, 2):
        if stat.S_ISCHR(os.fstat(output).st_mode):  # a file, or another program, goes on listening
            os.dup2(nowhere, output)
    os.close(nowhere)


class Signals:
    """The signals that ask for the end, while it is entered; noticed at once, even in the middle of a long step.

    A context manager for the main thread. stopping: whether there was one. patience_s: how long the process may then
    go on to its own end. giving_up: called before it is ended where it is, with status 0.
    """

    def __init__(self) -> None:
        self.stopping = False
        self.patience_s = 0.0
        self.giving_up: Callable[[], object] = lambda: None
        self._left = threading.Event()
        self._end = _NEVER, 0
        self._ear, self._bell = socket.socketpair()

    def __enter__(self) -> Self:
        # Python calls handlers between two steps of its own; a step of torch may take long, a thread need not wait.
        self._bell.setblocking(False)
        self._before = [(number, signal.signal(number, self._on_signal)) for number in signals_to_end()]
        self._wakeup_before = signal.set_wakeup_fd(self._bell.fileno(), warn_on_full_buffer=False)
        self._thread = threading.Thread(target=self._watch, name="training-signals", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._left.set()
        signal.set_wakeup_fd(self._wakeup_before)
        for number, handler in self._before:
            signal.signal(number, handler)
        self._bell.close()  # what the thread listens to has come to its end
        self._thread.join()
        self._ear.close()

    def _on_signal(self, number: int, _frame: object) -> None:
        leave_terminal(number)
        self.stopping = True

    def end_within(self, seconds: float, status: int) -> None:
        """End this process after so long, with this status, unless the run has ended by itself by then."""
        self._end = time.perf_counter() + seconds, status
        threading.Thread(target=self._wait_for_end, name="training-end", daemon=True).start()

    def _watch(self) -> None:
        heard = self._ear.recv(1)
        if heard:
            leave_terminal(heard[0])  # the number of the signal; Python's handler may be long in coming
            self.stopping = True
            if self._end[0] == _NEVER:
                self.end_within(self.patience_s, 0)

    def _wait_for_end(self) -> None:
        while not self._left.wait(max(0.0, self._end[0] - time.perf_counter())):
            if time.perf_counter() >= self._end[0]:  # it may have been put off
                try:
                    self.giving_up()
                finally:
                    os._exit(self._end[1])  # nothing can be asked of a thread that waits for another machine
