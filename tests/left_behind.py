"""Threads that a test leaves behind: it fails, and says where they were started.

Without Qt: tests of the engine run where there is none.
"""

from __future__ import annotations

import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Thread
from typing import Any, NamedTuple

import pytest

from tests.origins import Origin, in_words, is_ours, makers, origin

PATIENCE_S = 10.0
"""How long what a test has begun may take to end after it."""


class _Start(NamedTuple):
    test: int
    origin: Origin
    pool: weakref.ref[ThreadPoolExecutor] | None


class _Pool(NamedTuple):
    test: int
    makers: tuple[weakref.ref[Any], ...]


def _belongs_to_nothing(_thing: object) -> bool:
    return False


class Threads:
    """What our own code has started, from one test to the next.

    A thread that a library starts for itself is the library's: it may keep it for the next call. One of a pool is of
    who gave the pool its work.
    """

    def __init__(self) -> None:
        self._test = 0
        self._starts: weakref.WeakKeyDictionary[Thread, _Start] = weakref.WeakKeyDictionary()
        self._pools: weakref.WeakKeyDictionary[ThreadPoolExecutor, _Pool] = weakref.WeakKeyDictionary()
        self._asked = threading.local()
        self._is_of_older: Callable[[Any], bool] = _belongs_to_nothing

    def begin(self, is_of_older: Callable[[Any], bool] = _belongs_to_nothing) -> None:
        """A test begins; what was started before is not its own.

        is_of_older: whether an object is part of one that was there before the test.
        """
        self._test += 1
        self._is_of_older = is_of_older

    def left(self) -> list[Thread]:
        """Return the threads of this test that live and belong to nothing older."""
        return [
            thread
            for thread in threading.enumerate()
            if (start := self._starts.get(thread)) is not None
            and start.test == self._test
            and not self._works_for_older(start)
        ]

    def complaints(self) -> list[str]:
        return [
            f"test left a thread behind: '{thread.name}', started at {in_words(self._starts[thread].origin)}"
            for thread in self.left()
        ]

    def join_one(self) -> None:
        """Wait for a thread of this test, but not for long: there may be others."""
        for thread in self.left()[:1]:
            thread.join(0.05)

    def _works_for_older(self, start: _Start) -> bool:
        """Whether it is of a pool that was there before the test, or is part of what was, and that goes on.

        A pool makes its thread when it is first given something to do, which any test may happen to be the one to do.
        """
        pool = start.pool() if start.pool is not None else None
        if pool is None or (made := self._pools.get(pool)) is None:
            return False
        if made.test < self._test:
            return True
        alive = [maker for held in made.makers if (maker := held()) is not None]
        return any(self._is_of_older(maker) for maker in alive)

    @contextmanager
    def recorded(self) -> Iterator[None]:
        """Take note of every start of a thread."""
        make, submit, shutdown = ThreadPoolExecutor.__init__, ThreadPoolExecutor.submit, ThreadPoolExecutor.shutdown
        start = Thread.start

        def noted_start(thread: Thread) -> None:
            frame, pool = sys._getframe(1), getattr(self._asked, "pool", None)
            if pool is not None or is_ours(frame):
                by = self._starts.get(threading.current_thread())
                self._starts[thread] = _Start(self._test, origin(frame) + (by.origin if by is not None else ()), pool)
            start(thread)

        def noted_make(pool: ThreadPoolExecutor, *args: Any, **more: Any) -> None:
            make(pool, *args, **more)
            held = tuple(weakref.ref(maker) for maker in makers(sys._getframe(1)) if _can_be_held(maker))
            self._pools[pool] = _Pool(self._test, held)

        def noted_submit(pool: ThreadPoolExecutor, *args: Any, **more: Any) -> Future[Any]:
            if not is_ours(sys._getframe(1)):
                return submit(pool, *args, **more)
            self._asked.pool = weakref.ref(pool)
            try:
                return submit(pool, *args, **more)
            finally:
                self._asked.pool = None

        def noted_shutdown(pool: ThreadPoolExecutor, *args: Any, **more: Any) -> None:
            self._pools.pop(pool, None)
            shutdown(pool, *args, **more)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Thread, "start", noted_start)
            patch.setattr(ThreadPoolExecutor, "__init__", noted_make)
            patch.setattr(ThreadPoolExecutor, "submit", noted_submit)
            patch.setattr(ThreadPoolExecutor, "shutdown", noted_shutdown)
            yield


def _can_be_held(thing: object) -> bool:
    return type(thing).__weakrefoffset__ != 0


def fail_if_left(complaints: Callable[[], list[str]], let_go_on: Callable[[], None], patience_s: float) -> None:
    """Let what is left go on until it has ended; fail with the complaints about what does not."""
    deadline = time.monotonic() + patience_s
    while found := complaints():
        if time.monotonic() > deadline:
            pytest.fail("\n".join(found), pytrace=False)
        let_go_on()


@pytest.fixture(scope="session")
def threads() -> Iterator[Threads]:
    started = Threads()
    with started.recorded():
        yield started


@pytest.fixture(autouse=True)
def nothing_left_behind(threads: Threads) -> Iterator[None]:
    """Fail a test that leaves a thread."""
    threads.begin()
    yield
    fail_if_left(threads.complaints, threads.join_one, PATIENCE_S)
