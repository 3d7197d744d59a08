from __future__ import annotations

import time

import pytest
from pytestqt.qtbot import QtBot

from engine.cell.trace import Trace
from engine.document.document import blank
from engine.document.examples import load_example
from engine.document.tracing import trace_document
from gui.appearance.chosen.motion import SPEEDS
from gui.playback.playback import Playback
from gui.playback.walk import OPERATION_MS, REST_MS, Moment


@pytest.fixture
def trace() -> Trace:
    return trace_document(load_example("four-steps"))


@pytest.fixture
def playback(trace: Trace) -> Playback:
    made = Playback()
    made.set_trace(trace)
    made.set_speed(4)
    return made


def test_without_a_trace_nothing_moves():
    playback = Playback()
    playback.next()
    playback.back()
    playback.restart()
    playback.seek(3)
    assert (playback.position, playback.last, playback.operation) == (0, 0, None)
    assert playback.moment == Moment(0, 0, 1.0)


def test_next_moves_then_rests(playback: Playback, qtbot: QtBot):
    shares: list[float] = []
    playback.progressed.connect(lambda: shares.append(playback.moment.progress))
    playback.next()
    assert playback.moment.moving
    assert playback.operation is not None
    assert playback.operation.name == "xh"
    qtbot.waitUntil(lambda: not playback.moment.moving)
    assert shares == sorted(shares)
    assert len(shares) > 2
    assert shares[-1] == 1.0
    assert playback.position == 1
    assert not playback.playing


def test_an_operation_takes_its_time_at_every_speed(playback: Playback, qtbot: QtBot):
    for speed in (2.0, 4.0):
        playback.set_speed(speed)
        begun = time.monotonic()
        playback.next()
        qtbot.waitUntil(lambda: not playback.moment.moving)
        took_ms = (time.monotonic() - begun) * 1000
        assert took_ms >= 0.8 * OPERATION_MS / speed


def test_next_while_moving_completes_the_operation_before(playback: Playback):
    playback.next()
    playback.next()
    assert playback.position == 2
    assert playback.moment.current == 1


def test_back_and_restart_do_not_move(playback: Playback):
    playback.seek(5)
    playback.back()
    assert playback.position == 4
    assert not playback.moment.moving
    playback.restart()
    assert playback.position == 0
    playback.back()
    assert playback.position == 0


def test_a_step_that_is_complete_stays_until_the_next_begins(playback: Playback):
    playback.seek(len(playback.leg.stops))
    assert playback.moment == Moment(0, len(playback.leg.stops), 1.0)
    playback.next()
    assert (playback.moment.t, playback.moment.done) == (1, 1)


def test_seek_keeps_within_the_sequence(playback: Playback, trace: Trace):
    playback.seek(10**6)
    assert playback.position == playback.last == len(trace.steps) * len(trace.cell.operations)
    playback.seek(-3)
    assert playback.position == 0
    playback.seek_step(2)
    assert playback.moment == Moment(2, len(playback.leg.stops), 1.0)


def test_playing_goes_to_the_end_and_starts_again_from_there(playback: Playback, qtbot: QtBot):
    told: list[bool] = []
    playback.playing_changed.connect(told.append)
    playback.seek(playback.last - 2)
    playback.toggle()
    qtbot.waitUntil(lambda: not playback.playing)
    assert playback.position == playback.last
    assert not playback.moment.moving
    playback.toggle()
    assert playback.position == 1
    playback.toggle()
    assert told == [True, False, True, False]


def test_pausing_lets_the_operation_come_to_its_end_and_no_other_begin(playback: Playback, qtbot: QtBot):
    playback.toggle()
    playback.toggle()
    qtbot.waitUntil(lambda: not playback.moment.moving)
    assert playback.position == 1
    with qtbot.assertNotEmitted(playback.moved, wait=2 * REST_MS // 4):
        pass


@pytest.mark.parametrize("stop", ["back", "restart", "seek"])
def test_a_move_by_hand_stops_the_playing(playback: Playback, stop: str):
    playback.seek(3)
    playback.toggle()
    {"back": playback.back, "restart": playback.restart, "seek": lambda: playback.seek(4)}[stop]()
    assert not playback.playing
    assert not playback.moment.moving


def test_speed_keeps_within_its_limits(playback: Playback):
    playback.set_speed(100)
    assert playback.speed == SPEEDS[1]
    playback.set_speed(0)
    assert playback.speed == SPEEDS[0]


def test_new_numbers_leave_the_place_and_the_playing(playback: Playback, qtbot: QtBot):
    playback.seek(3)
    playback.toggle()
    changed = load_example("four-steps")
    playback.set_trace(trace_document(changed.with_inputs(x=changed.x + 1)))
    assert playback.position == 4
    assert playback.playing
    qtbot.waitUntil(lambda: playback.position == 6)


def test_a_shorter_sequence_brings_the_walk_to_its_end(playback: Playback):
    playback.seek(playback.last)
    shorter = load_example("four-steps")
    playback.set_trace(trace_document(shorter.with_inputs(x=shorter.x[:2])))
    assert playback.position == playback.last == 2 * len(playback.leg.stops)


def test_another_cell_begins_at_the_start_and_rests(playback: Playback):
    playback.seek(3)
    playback.toggle()
    playback.set_trace(trace_document(blank(3, 2, 3)))
    assert playback.position == 0
    assert not playback.playing, "it says that it plays, but nothing moves"
    assert not playback.moment.moving
