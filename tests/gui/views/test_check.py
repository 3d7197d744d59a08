"""The card that checks gradients: a weight from the command, the panel or the card's own fields; a whole matrix."""

from __future__ import annotations

from threading import Event

import pytest
from pytestqt.qtbot import QtBot

from engine.document.gradient_check import check_weight
from engine.document.loss import Loss
from gui.commands.command import CommandError
from gui.views.check import card as card_module
from gui.views.check.card import CheckCard
from gui.window.main_window import MainWindow


@pytest.fixture
def card(window: MainWindow, qtbot: QtBot) -> CheckCard:
    window.commands.run("cell lstm")
    window.commands.run("check W_C 2 3")
    found = window.stage.check
    assert found.isVisible()
    qtbot.waitUntil(lambda: checked(found) == ("W_C", (1, 2)))
    return found


def checked(card: CheckCard) -> tuple[str, tuple[int, ...]] | None:
    return None if card.found is None else (card.found.name, card.found.place)


def test_a_weight_is_shown_with_both_losses_and_both_slopes(card: CheckCard, window: MainWindow) -> None:
    expected = check_weight(window.model.document, Loss(), "W_C", (1, 2))
    assert card.found == expected
    assert card.values["weight"].text() == "W_C[2,3] = −0.10"
    above, below = card.values["L(w + ε)"].text(), card.values["L(w − ε)"].text()
    assert float(above) == pytest.approx(expected.above, abs=1e-15)
    assert float(below) == pytest.approx(expected.below, abs=1e-15)
    assert card.values["slope between"].text()[:8] == card.values["backpropagation"].text()[:8]
    assert card.says.text().startswith("They agree")


def test_another_epsilon_says_when_it_is_too_small(card: CheckCard, qtbot: QtBot) -> None:
    card.epsilon.setCurrentIndex(11)
    card.epsilon.activated.emit(11)
    qtbot.waitUntil(lambda: card.found is not None and card.found.epsilon == 1e-12)
    assert card.says.text().startswith("ε is too small")
    card.epsilon.setCurrentIndex(4)
    card.epsilon.activated.emit(4)
    qtbot.waitUntil(lambda: card.says.text().startswith("They agree"))


def test_a_click_in_the_panel_of_weights_chooses_one(card: CheckCard, window: MainWindow, qtbot: QtBot) -> None:
    window.weights.choose("W_f")
    model = window.weights.table.model()
    window.weights.table.clicked.emit(model.index(1, 2))
    qtbot.waitUntil(lambda: checked(card) == ("W_f", (1, 2)))
    window.weights.table.clicked.emit(model.index(2, 6))
    qtbot.waitUntil(lambda: checked(card) == ("b_f", (2,)))
    assert not card.column.isVisible()


def test_it_follows_the_document_and_the_loss(card: CheckCard, window: MainWindow, qtbot: QtBot) -> None:
    window.commands.run("set x = 0.1 0.2 0.3")
    qtbot.waitUntil(lambda: card.found == check_weight(window.model.document, Loss(), "W_C", (1, 2)))
    window.commands.run("backwards on")
    square = window.stage.cell.bar.choice.findData("square")
    window.stage.cell.bar.choice.setCurrentIndex(square)
    window.stage.cell.bar.choice.activated.emit(square)
    qtbot.waitUntil(lambda: card.found == check_weight(window.model.document, Loss("square"), "W_C", (1, 2)))
    window.commands.run("backwards off")
    window.commands.run("cell rnn")
    qtbot.waitUntil(lambda: card.found is not None and card.found.name in window.model.document.weights)
    window.model.undo_stack.undo()
    window.stage.cell.bar.reset()


def test_a_whole_matrix_can_be_checked_and_broken_off(
    card: CheckCard, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    card.whole.click()
    qtbot.waitUntil(lambda: card.differences is not None)
    assert card.map.isVisible()
    assert card.of_matrix.text().startswith("18 weights: largest relative difference")
    card.map.clicked.emit(0, 4)
    qtbot.waitUntil(lambda: checked(card) == ("W_C", (0, 4)))
    ended = Event()

    def endless(*arguments: object) -> None:
        goes_on = arguments[-1]
        assert callable(goes_on)
        while goes_on(0.25):
            ended.wait(0.001)
        ended.set()

    monkeypatch.setattr(card_module, "check_matrix", endless)
    card.whole.click()
    assert card.cancel.isVisible()
    qtbot.waitUntil(lambda: card.progress.value() == 250)
    card.cancel.click()
    qtbot.waitUntil(ended.is_set)
    assert card.whole.isVisible()
    assert not card.progress.isVisible()


def test_it_closes_stays_with_the_diagram_and_refuses_what_there_is_not(card: CheckCard, window: MainWindow) -> None:
    window.commands.run("show sizes")
    assert not card.isVisible()
    window.commands.run("show diagram")
    assert card.isVisible()
    card.close_button.click()
    assert not card.isVisible()
    for line, words in (
        ("check W_q 1 1", "no weight W_q"),
        ("check W_f 9 1", "no row 9"),
        ("check b_f 1 2", "vector"),
        ("check W_f x", "row"),
    ):
        with pytest.raises(CommandError, match=words):
            window.commands.run(line)
    window.commands.run("check b_f 2")
    card.close_button.click()
