"""Settings in words."""

from __future__ import annotations

from dataclasses import replace

from engine.setting import OWN
from engine.settings.config import TrainingConfig
from engine.settings.words import change_in_words, departures, names_of

USUAL = TrainingConfig()


def test_what_differs_from_the_usual_settings_is_said_with_the_usual_value() -> None:
    config = replace(USUAL, cell="gru", cell_size=1000, learning_rate=1e-5, hidden_size=4)
    assert departures(config) == [
        "Cell: GRU (usually LSTM)",
        "Cell size k: 1,000 (usually 16)",
        "Hidden size n: 4 (usually same as k)",
        "Learning rate: 10⁻⁵ (usually 0.01)",
    ]


def test_what_has_its_usual_value_says_how_far_or_where_a_run_goes_or_does_not_matter_is_left_out() -> None:
    assert departures(USUAL) == []
    assert departures(replace(USUAL, device="cpu", steps=7, worker="thread", task=f"{OWN}mine.py")) == []
    assert departures(replace(USUAL, series_column="price")) == []  # the task has no such column


def test_a_text_from_a_file_stays_in_its_line() -> None:
    config = replace(USUAL, task="series", series_column="<b>one\n\ntwo</b>")
    assert any("<b>one two</b>" in line for line in departures(config))
    assert all("\n" not in line for line in departures(config))


def test_large_numbers_are_written_alike_wherever_a_setting_is_named() -> None:
    more = replace(USUAL, sequence_length=5000, learning_rate=1000.0)
    assert names_of((USUAL, more)) == ("T = 50, rate 0.01", "T = 5,000, rate 1,000")
    assert change_in_words(USUAL, replace(USUAL, learning_rate=1000.0)) == "learning rate 0.01 → 1,000"
