"""A test that leaves a thread fails, and says where the thread was started."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread, Timer

import pytest

from tests.left_behind import Threads, fail_if_left

HERE = "tests/test_left_behind.py"


@pytest.fixture
def started() -> Iterator[Threads]:
    """As for a test of its own, within this one."""
    started = Threads()
    with started.recorded():
        started.begin()
        yield started


@pytest.fixture
def over() -> Iterator[Event]:
    """What threads of a test wait for; it comes when the test has ended."""
    event = Event()
    yield event
    event.set()


def begin(over: Event) -> Thread:
    thread = Thread(target=over.wait, name="training 3")
    thread.start()
    return thread


def check(started: Threads, patience_s: float = 0) -> None:
    fail_if_left(started.complaints, started.join_one, patience_s)


def test_a_thread_that_is_left_fails_the_test_and_names_its_start(started: Threads, over: Event):
    begin(over)
    with pytest.raises(pytest.fail.Exception) as failure:
        check(started)
    message = str(failure.value)
    assert message.startswith(f"test left a thread behind: 'training 3', started at {HERE}:")
    assert f" in begin < {HERE}:" in message
    assert "in test_a_thread_that_is_left_fails_the_test_and_names_its_start" in message


def test_a_thread_that_ends_soon_is_waited_for(started: Threads, over: Event):
    begin(over)
    Timer(0.1, over.set).start()
    check(started, 10)


def test_a_thread_that_has_ended_is_not_spoken_of(started: Threads, over: Event):
    thread = begin(over)
    over.set()
    thread.join()
    assert started.complaints() == []


def test_a_thread_of_a_thread_names_the_starts_of_both(started: Threads, over: Event):
    begun = Event()

    def start_another() -> None:
        begin(over)
        begun.set()

    Thread(target=start_another).start()
    assert begun.wait(10)
    (complaint,) = (said for said in started.complaints() if "'training 3'" in said)
    assert "start_another" in complaint
    assert "in test_a_thread_of_a_thread_names_the_starts_of_both" in complaint


def test_the_next_test_is_not_told_of_it(started: Threads, over: Event):
    begin(over)
    started.begin()
    assert started.complaints() == []


def test_a_pool_that_was_there_before_keeps_its_thread_until_it_is_shut_down(started: Threads, over: Event):
    pool = ThreadPoolExecutor(1, thread_name_prefix="documents")
    started.begin()
    pool.submit(over.wait)
    assert started.complaints() == []
    pool.shutdown(wait=False)
    (complaint,) = started.complaints()
    assert complaint.startswith(f"test left a thread behind: 'documents_0', started at {HERE}:")


def test_a_pool_of_the_test_itself_is_left(started: Threads, over: Event):
    pool = ThreadPoolExecutor(1, thread_name_prefix="documents")
    pool.submit(over.wait)
    assert len(started.complaints()) == 1
    over.set()
    pool.shutdown()
    assert started.complaints() == []


def test_the_check_comes_after_the_end_of_all_else_that_a_test_has(
    request: pytest.FixtureRequest, threads: Threads, over: Event
):
    """What is set up first is torn down last; this very test would fail if that of the event came later."""
    names = request.fixturenames
    assert names.index("nothing_left_behind") < names.index("over")
    begin(over)
    assert len(threads.complaints()) == 1
