"""Whether a child still answers, of children that are stopped, and of others that are only slow."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import Any

import pytest

from engine.session.child import Child, Work
from engine.session.pulse import Pulse
from tests.timing import assert_within, timed

PATIENCE_S = 20.0
SLOW_S = 2.0
"""Longer than a child needs to be known as silent."""


def in_a_loop(_commands: SimpleQueue[Any], send: Callable[[object], None]) -> None:
    """Compute in Python."""
    send("begun")
    end = time.monotonic() + SLOW_S
    while time.monotonic() < end:
        pass
    send("done")


def with_the_lock_held(_commands: SimpleQueue[Any], send: Callable[[object], None]) -> None:
    """Compute where no other thread of Python can run, as while a large library is loaded."""
    send("begun")
    end = time.monotonic() + SLOW_S
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e6)
    while time.monotonic() < end:
        pass
    sys.setswitchinterval(before)
    send("done")


def waiting(_commands: SimpleQueue[Any], send: Callable[[object], None]) -> None:
    """Wait for a device, say, without using the processor."""
    send("begun")
    time.sleep(SLOW_S)
    send("done")


def at_rest(commands: SimpleQueue[Any], send: Callable[[object], None]) -> None:
    send("begun")
    commands.get()


class Heard:
    def __init__(self, work: Work) -> None:
        self.messages: SimpleQueue[Any] = SimpleQueue()
        self.child = Child("training-test", work, (), self.messages.put, self.messages.put)
        self.child.start()
        assert self.messages.get(timeout=PATIENCE_S) == "begun"

    def until_silent(self, silent: bool) -> float:
        begin = time.monotonic()
        while self.child.silent is not silent:
            assert time.monotonic() < begin + PATIENCE_S
            time.sleep(0.01)
        return time.monotonic() - begin


Begin = Callable[[Work], Heard]


@pytest.fixture
def begin() -> Iterator[Begin]:
    heard: list[Heard] = []

    def start(work: Work) -> Heard:
        heard.append(Heard(work))
        return heard[-1]

    yield start
    for each in heard:
        each.child.end(0.1)
    assert all(each.child.join(PATIENCE_S) for each in heard)


def test_a_child_that_is_slow_is_not_silent(begin: Begin) -> None:
    children = [begin(work) for work in (in_a_loop, with_the_lock_held, waiting)]
    while any(each.messages.empty() for each in children):
        assert not any(each.child.silent for each in children)
        time.sleep(0.01)
    assert all(each.messages.get() == "done" for each in children)


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="a process can be stopped on Unix alone")
def test_a_child_that_has_not_spoken_yet_may_wait_for_its_libraries(begin: Begin) -> None:
    heard = begin(at_rest)
    assert heard.child.pid is not None
    os.kill(heard.child.pid, signal.SIGSTOP)  # it does not use the processor
    pulse = Pulse(heard.child.pid, lambda: None)
    for _ in range(25):
        pulse.missed()
        assert not pulse.silent
    pulse.missed()
    assert pulse.silent  # however long a disk may take
    pulse.heard()
    for beat in range(5):
        assert pulse.silent == (beat > 3)
        pulse.missed()
    os.kill(heard.child.pid, signal.SIGCONT)


@timed
@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="a process can be stopped on Unix alone")
def test_a_child_that_is_stopped_is_silent_within_two_seconds_until_it_goes_on(begin: Begin) -> None:
    heard = begin(at_rest)
    assert heard.child.pid is not None
    os.kill(heard.child.pid, signal.SIGSTOP)
    for _ in range(2000):
        heard.child.tell("x" * 100)  # more than its pipe holds
    assert_within(heard.until_silent(True), 2.0)
    os.kill(heard.child.pid, signal.SIGCONT)
    assert_within(heard.until_silent(False), 2.0)


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="a process can be stopped on Unix alone")
def test_a_child_that_is_stopped_and_ended_is_not_silent_any_more(begin: Begin) -> None:
    heard = begin(at_rest)
    assert heard.child.pid is not None
    os.kill(heard.child.pid, signal.SIGSTOP)
    heard.until_silent(True)
    heard.child.end(0.0)
    assert heard.child.join(PATIENCE_S)
    assert not heard.child.silent
