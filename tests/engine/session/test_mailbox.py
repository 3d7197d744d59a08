"""The mailbox between work in the background and its owner, with work that takes no time, in a thread."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Self

import pytest

from engine.runs.messages import KeepMoment, Pull, Said, State, Stop
from engine.session.mailbox import Worker

PATIENCE_S = 30.0


@dataclass(frozen=True)
class Counted(Said):
    """How many questions were asked, each told once."""

    questions: int = 0

    def _kept_of(self, older: Self) -> dict[str, Any]:
        return super()._kept_of(older) | {"questions": older.questions + self.questions}


class Counting(Worker[Counted]):
    def __init__(self, work: Callable[..., None]) -> None:
        super().__init__("training-test", work, [()], Counted(State.PREPARING), here=True)

    def ask(self) -> None:
        self._ask(Pull())

    def _end_in_words(self, ending: str) -> str:
        return f"It {ending}."


def answers(commands: SimpleQueue[Any], send: Callable[[Counted], None]) -> None:
    """Answer each question, until Stop; say nothing of other commands."""
    send(Counted(State.RUNNING, place="here"))
    while not isinstance(command := commands.get(), Stop):
        if isinstance(command, Pull):
            send(Counted(State.RUNNING, answer=True, questions=1))
    send(Counted(State.STOPPED))


def until(worker: Counting, condition: Callable[[Counted], bool]) -> Counted:
    while worker.wait_for_mail(PATIENCE_S):
        said = worker.take()
        if said is not None and condition(said):
            return said
    raise AssertionError("nothing came")


def test_what_nobody_took_is_joined_and_one_question_is_on_its_way() -> None:
    worker = Counting(answers)
    for _ in range(5):
        worker.ask()  # the first is on its way: nothing has answered yet
    worker.start()
    first = until(worker, lambda said: said.answer)
    assert first.questions == 1
    for _ in range(3):
        worker.tell(Pull())  # not as a question: each is answered
    worker.stop()
    assert worker.join(PATIENCE_S)
    last = worker.take()  # everything since, in one
    assert last is not None
    assert (last.state, last.questions, last.answer) == (State.STOPPED, 3, True)
    assert worker.take() is None
    worker.ask()
    assert not worker.wait_for_mail(0.0)  # nobody is there to ask


def test_an_answer_that_a_command_overtook_is_not_told_as_one() -> None:
    worker = Counting(answers)
    worker.ask()
    worker.tell(KeepMoment())
    worker.start()
    overtaken = until(worker, lambda said: said.questions > 0)
    assert not overtaken.answer
    worker.ask()  # again: nothing is on its way any more
    assert until(worker, lambda said: said.answer).answer
    worker.stop()
    assert worker.join(PATIENCE_S)


def test_work_that_is_lost_is_accounted_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("threading.excepthook", lambda _args: None)

    def breaks(commands: SimpleQueue[Any], send: Callable[[Counted], None]) -> None:
        send(Counted(State.RUNNING, place="here"))
        commands.get()
        sys.exit("for a reason that the work does not tell")

    failed = Counting(breaks)
    failed.start()
    failed.tell(Pull())
    last = until(failed, lambda said: said.over)
    assert (last.state, last.error, last.place) == (State.FAILED, "It ended without a word.", "here")
    stopped = Counting(breaks)
    stopped.start()
    stopped.stop()
    assert until(stopped, lambda said: said.over).state is State.STOPPED
    assert stopped.join(PATIENCE_S)
    assert failed.join(PATIENCE_S)
