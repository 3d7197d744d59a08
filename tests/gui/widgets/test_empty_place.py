"""An empty place says what is missing, and its buttons do what fills it."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from gui.appearance.theme import Appearance
from gui.widgets.empty_place import EmptyPlace, Offer
from tests.gui.driving import click


@pytest.fixture
def place(appearance: Appearance, qtbot: QtBot) -> EmptyPlace:
    made = EmptyPlace(appearance)
    qtbot.addWidget(made)
    made.resize(700, 300)
    made.show()
    return made


def test_a_button_does_what_it_offers(place: EmptyPlace, qtbot: QtBot) -> None:
    done: list[str] = []
    place.show_offers(
        "Nothing here.", Offer("One", lambda: done.append("one")), Offer("Two", lambda: done.append("two"))
    )
    first, second = place.buttons
    click(qtbot, second)
    click(qtbot, first)
    assert done == ["two", "one"]
    assert place.text() == "Nothing here."
    assert not place.note.isVisible()


def test_the_same_words_keep_their_buttons_and_do_what_was_offered_last(place: EmptyPlace, qtbot: QtBot) -> None:
    done: list[int] = []
    for number in range(3):  # as news come, many times a second
        place.show_offers("Wait.", Offer("Go", lambda number=number: done.append(number)), note="soon")
        button = place.buttons[0]
    assert place.buttons == [button]
    click(qtbot, button)
    assert done == [2]
    assert place.note.isVisible()
    place.show_offers("Wait.")
    assert place.buttons == []


def test_buttons_stand_below_each_other_where_there_is_little_room(place: EmptyPlace, qtbot: QtBot) -> None:
    place.show_offers("Little room.", *(Offer(f"A rather long offer {number}", lambda: None) for number in range(3)))
    qtbot.waitUntil(lambda: len({button.y() for button in place.buttons}) == 1)
    place.resize(260, 300)
    qtbot.waitUntil(lambda: len({button.y() for button in place.buttons}) == 3)
    assert all(place.rect().contains(button.geometry()) for button in place.buttons)
    assert not any(
        one.geometry().intersects(other.geometry())
        for index, one in enumerate(place.buttons)
        for other in place.buttons[index + 1 :]
    )
