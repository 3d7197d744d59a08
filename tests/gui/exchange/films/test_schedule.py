"""When a walk stands where in a film."""

import pytest

from gui.exchange.films.schedule import LONGEST_S, Place, schedule_of
from gui.playback.walk import Leg, Stop

STOPS = [Stop("cell", "a"), Stop("cell", "b"), Stop("cell", "c")]


def test_each_stop_is_reached_gently_and_rested_at() -> None:
    schedule = schedule_of([Leg(0, STOPS), Leg(1, STOPS)])
    assert schedule.at(0.0) == Place(0, 1.0)
    way = schedule.at(1.2)
    assert way.position == 1
    assert way.progress == pytest.approx(0.5)
    assert schedule.at(1.5) == Place(1, 1.0)
    positions = [schedule.place_of(frame, 30).position for frame in range(schedule.frames(30))]
    assert positions == sorted(positions)
    assert set(positions) == set(range(7))
    assert schedule.place_of(schedule.frames(30) - 1, 30) == Place(6, 1.0)
    assert schedule.lasts_s == pytest.approx(1.0 + 6 * 0.75 + 2.0)


def test_the_length_that_is_asked_for_is_kept() -> None:
    schedule = schedule_of([Leg(0, STOPS)], seconds=1.5)
    assert schedule.lasts_s == pytest.approx(1.5)
    assert schedule.frames(60) == 90


def test_one_time_step_can_be_shown_alone() -> None:
    schedule = schedule_of([Leg(0, STOPS), Leg(1, STOPS)], only_t=1)
    positions = {schedule.place_of(frame, 30).position for frame in range(schedule.frames(30))}
    assert positions == {3, 4, 5, 6}


def test_a_long_walk_passes_its_middle_quickly_and_shows_its_ends_in_full() -> None:
    legs = [Leg(t, STOPS * 6) for t in range(400)]
    schedule = schedule_of(legs)
    assert schedule.lasts_s <= LONGEST_S
    positions = [schedule.place_of(frame, 30).position for frame in range(schedule.frames(30))]
    assert set(range(19)) <= set(positions)
    assert set(range(399 * 18, 400 * 18 + 1)) <= set(positions)
    assert 200 * 18 in positions
    assert 200 * 18 + 3 not in positions


def test_by_legs_it_goes_from_time_step_to_time_step() -> None:
    schedule = schedule_of([Leg(0, STOPS), Leg(1, STOPS)], by_legs=True)
    positions = {schedule.place_of(frame, 30).position for frame in range(schedule.frames(30))}
    assert positions == {0, 3, 6}


def test_a_walk_without_a_stop_has_a_frame() -> None:
    assert schedule_of([]).place_of(0, 30) == Place(0, 1.0)
