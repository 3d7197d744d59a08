"""What a worker says is taken in the window's thread, when the window is ready for it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from gui.jobs.polling import Polling


@dataclass(frozen=True)
class Word:
    text: str
    over: bool = False


class Worker:
    """Says what stands in its list, one word at each look."""

    def __init__(self, *words: Word) -> None:
        self.words = list(words)
        self.silent = False

    def take(self) -> Word | None:
        return self.words.pop(0) if self.words else None


def test_everything_is_heard_until_the_last_word(qtbot: QtBot) -> None:
    heard: list[Word] = []
    parent = QObject()
    polling = Polling(1, heard.append, parent)
    first, last, after = Word("first"), Word("last", over=True), Word("after the end")
    worker = Worker(first, last, after)
    polling.listen_to(worker)
    qtbot.waitUntil(lambda: not polling.active)
    assert heard == [first, last]
    assert worker.words == [after]
    polling.listen_to(Worker(after))  # another worker is heard from its first word on
    qtbot.waitUntil(lambda: heard[-1] == after)
    polling.stop()


def test_the_mailbox_keeps_what_comes_while_the_window_is_not_ready(qtbot: QtBot) -> None:
    heard: list[Word] = []
    looks: list[None] = []
    ready = False
    parent = QObject()
    polling = Polling(1, heard.append, parent, lambda: ready)
    polling.looked.connect(lambda: looks.append(None))
    word = Word("only", over=True)
    polling.listen_to(Worker(word))
    qtbot.waitUntil(lambda: len(looks) > 3)
    assert heard == []
    ready = True
    qtbot.waitUntil(lambda: not polling.active)
    assert heard == [word]


def test_silence_is_told_when_it_begins_and_ends_and_is_nothing_of_the_next_worker(qtbot: QtBot) -> None:
    told: list[bool] = []
    parent = QObject()
    polling = Polling(1, lambda _word: None, parent)
    polling.silent.connect(told.append)
    worker = Worker()
    polling.listen_to(worker)
    for silent in (True, False, True):
        worker.silent = silent
        qtbot.waitUntil(lambda silent=silent: told[-1:] == [silent])  # type: ignore[misc]
    polling.listen_to(Worker())
    assert told == [True, False, True, False]
    polling.stop()
