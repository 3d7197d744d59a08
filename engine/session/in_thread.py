"""Does the work of a child process in a thread of this process, if no other process is wanted."""

from ..runs.messages import Stop
from .child import Ending, Host


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
