"""Finds out whether a silent child process still responds; it is asked only after a while without messages."""

from __future__ import annotations

from collections.abc import Callable

SILENT = (
    "The training process is not responding: it may be suspended, or the computer may be short of memory. Training "
    "continues once it responds."
)
BEAT_S = 0.4
"""Without a word for so long, a child is asked; and so often it is looked at until it answers."""
_IDLE_BEATS = 3  # without an answer and without using the processor
_BUSY_BEATS = 25  # without an answer, whatever it does


class Pulse:
    """Listens to one child, in one thread.

    A thread of the child answers while a step takes its time, however long. It cannot while something holds Python's
    lock, such as a large library that is loaded: that uses the processor, where a process that was stopped, or lies
    on the disk for want of memory, does not. Until something first came that tells nothing: it also waits for such a
    library to come from a slow disk. Beats are counted and not the clock read: one who slept himself has missed one
    beat at most.

    silent: whether the child has stopped answering. ask: sends a question to it, which is answered if it can be.
    """

    def __init__(self, pid: int, ask: Callable[[], None]) -> None:
        self.silent = False
        self._pid = pid
        self._ask = ask
        self._used_s = 0.0
        self._missed = self._idle = 0
        self._has_spoken = False

    def heard(self) -> None:
        """Take note that something came."""
        self.silent = False
        self._has_spoken = True
        self._missed = self._idle = 0

    def missed(self) -> None:
        """Take note that nothing came for a beat."""
        used_s = _processor_seconds(self._pid)
        if self._missed == 0:
            self._ask()
        else:
            self._idle = self._idle + 1 if used_s == self._used_s else 0
        self._used_s = used_s
        self._missed += 1
        self.silent = (self._has_spoken and self._idle >= _IDLE_BEATS) or self._missed > _BUSY_BEATS


def _processor_seconds(pid: int) -> float:
    """Return the seconds of all cores that a process has used; 0 for one that is gone."""
    import psutil  # not needed as long as everything answers

    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)
