"""Does the work of a child process in a thread of this process, if no other process is wanted."""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from ..runs.messages import Stop
from .child import Ending, Work


class InThread:
    """Does the work of a `Child` in a thread; it cannot be terminated, and ends after its present step.

    The arguments are those of a `Child`.
    """

    silent = False
    pid = None

    def __init__(
        self,
        name: str,
        work: Work,
        arguments: tuple[Any, ...],
        heard: Callable[[Any], None],
        ended: Callable[[Ending], None],
    ) -> None:
        self._work = work, arguments
        self._heard, self._ended = heard, ended
        self._commands: SimpleQueue[Any] = SimpleQueue()
        self._asked = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread; raises RuntimeError when called twice."""
        self._thread.start()

    def tell(self, command: object) -> None:
        """Give the work a command."""
        self._commands.put(command)

    def end(self, _grace_s: float) -> None:
        """Tell the work to stop. Does not wait."""
        self._asked = True
        self._commands.put(Stop())

    @property
    def alive(self) -> bool:
        """Whether the work goes on."""
        return self._thread.is_alive()

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait until the work has ended; False after timeout_s."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        work, arguments = self._work
        try:
            work(self._commands, self._heard, *arguments)
        finally:
            self._ended(Ending(self._asked, "ended without a word"))
