"""The two directions between a run and its worker."""

from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue

from ..runs.messages import Command, Update


@dataclass(frozen=True)
class Channel:
    """The two directions between a run and its worker.

    commands: what the window wants, read between two steps. send: takes an Update, and does not raise.
    where: "child process" or "worker thread", for a person.
    """

    commands: SimpleQueue[Command]
    send: Callable[[Update], None]
    where: str
