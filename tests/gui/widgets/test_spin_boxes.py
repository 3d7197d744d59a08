from __future__ import annotations

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from engine.settings.config import settings
from engine.text.number_text import parse_number
from gui.widgets.field_note import FieldNote
from gui.widgets.setting_boxes import number_box
from gui.widgets.spin_boxes import RealBox, WholeBox
from tests.gui.driving import CONTROL, Key, activate, press, write


@pytest.mark.parametrize("country", [QLocale.Country.Germany, QLocale.Country.UnitedStates])
@pytest.mark.parametrize(("typed", "meant"), [("0.05", 0.05), ("0,05", 0.05), ("1e-3", 0.001), ("2", 2.0)])
def test_a_number_means_the_same_in_every_country(
    qtbot: QtBot, country: QLocale.Country, typed: str, meant: float
) -> None:
    box = RealBox()
    qtbot.addWidget(box)
    box.setLocale(QLocale(QLocale.Language.AnyLanguage, country))
    box.setRange(1e-6, 1000.0)
    box.setValue(0.01)
    assert box.text() == "0.01"
    box.show()
    box.selectAll()
    qtbot.keyClicks(box, typed)
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert box.value() == pytest.approx(meant)


SETTINGS = {setting.name: setting for setting in settings()}


class Place:
    """A window with a field, and another one for the keyboard to go to."""

    def __init__(self, qtbot: QtBot, box: WholeBox | RealBox) -> None:
        self.qtbot, self.box = qtbot, box
        self.window = QWidget()
        self.other = QLineEdit()
        layout = QVBoxLayout(self.window)
        for widget in (box, self.other, QLabel("\n" * 8)):
            layout.addWidget(widget)
        qtbot.addWidget(self.window)
        self.window.show()
        activate(qtbot, self.window)
        self.values: list[float] = []
        box.valueChanged.connect(self.values.append)

    def type(self, text: str) -> None:
        self.box.setFocus()
        self.box.selectAll()
        if text.isascii():
            write(text)
        else:
            QGuiApplication.clipboard().setText(text)
            press(Key.Key_V, CONTROL)

    def end(self, how: str) -> None:
        if how == "Return":
            self.qtbot.keyClick(self.box, Qt.Key.Key_Return)
        else:
            self.other.setFocus()

    @property
    def text(self) -> str:
        return self.box.text().removesuffix(self.box.suffix())

    @property
    def note(self) -> str:
        notes = [note.text() for note in self.window.findChildren(FieldNote) if note.isVisible()]
        return notes[0] if notes else ""


def field(name: str, value: float) -> WholeBox | RealBox:
    box = number_box(SETTINGS[name])
    box.setValue(value)  # type: ignore[arg-type]  # whole for whole boxes
    return box


@pytest.mark.parametrize("how", ["Return", "leaving"])
@pytest.mark.parametrize(
    ("name", "typed", "number"),
    [
        ("steps", "1e5", 100_000),
        ("steps", "1,000,000", 1_000_000),
        ("steps", "2\N{NO-BREAK SPACE}500", 2500),
        ("cell_size", "24.0", 24),
        ("cell_size", "1.5e1", 15),
        ("learning_rate", "0,05", 0.05),
        ("learning_rate", "1.5e-6", 1.5e-6),
        ("learning_rate", "3·10⁻⁴", 3e-4),
        ("learning_rate", "0.123456789", 0.123456789),
        ("clip_norm", "1.234,5", 1234.5),
        ("forget_bias", "−2,5", -2.5),
    ],
)
def test_a_number_comes_into_force_when_the_typing_ends(
    qtbot: QtBot, name: str, typed: str, number: float, how: str
) -> None:
    place = Place(qtbot, field(name, 1))
    place.type(typed)
    assert place.text == typed
    assert place.values == []
    place.end(how)
    assert place.box.value() == number
    assert place.values == [number]
    assert place.note == place.box.refusal == ""
    assert parse_number(place.text) == number
    place.box.setFocus()
    place.end(how)
    assert place.box.value() == number  # what it shows is what it holds


@pytest.mark.parametrize("how", ["Return", "leaving"])
@pytest.mark.parametrize(
    ("name", "typed", "reason"),
    [
        ("learning_rate", "1e-7", "“1e-7” was typed, but a number from 10⁻⁶ to 1,000 is needed"),
        ("learning_rate", "2000", "“2000” was typed, but a number from 10⁻⁶ to 1,000 is needed"),
        ("learning_rate", "1,234", "“1,234” can mean 1234 or 1.234"),
        ("learning_rate", "fast", "“fast” is not a number"),
        ("learning_rate", "", "is empty"),
        ("learning_rate", "1e999", "is not a finite number"),
        ("forget_bias", "30", "“30” was typed, but a number from −10 to 10 is needed"),
        ("clip_norm", "-5", "“-5” was typed, but a number from 0 to 1,000,000 is needed"),
        ("cell_size", "12.5", "“12.5” was typed, but a whole number from 1 to 1,024 is needed"),
        ("cell_size", "50,5", "“50,5” was typed, but a whole number from 1 to 1,024 is needed"),
        ("cell_size", "5000", "“5000” was typed, but a whole number from 1 to 1,024 is needed"),
        ("steps", "9" * 30, "a whole number from 1 to 100,000,000 is needed"),
        ("steps", "-1", "a whole number from 1 to 100,000,000 is needed"),
    ],
)
def test_what_is_refused_stays_and_says_why_beside_the_field(
    qtbot: QtBot, name: str, typed: str, reason: str, how: str
) -> None:
    place = Place(qtbot, field(name, 0 if name == "clip_norm" else 1))
    before = place.box.value()
    place.type(typed)
    if not typed:
        qtbot.keyClick(place.box, Qt.Key.Key_Backspace)
    place.end(how)
    assert place.text == typed
    assert place.box.value() == before
    assert place.values == []
    assert reason in place.note
    assert "Still in use: " in place.note
    assert place.box.refusal == place.note
    note = next(iter(place.window.findChildren(FieldNote)))
    assert place.window.rect().contains(note.geometry())
    assert not note.geometry().intersects(place.box.geometry())
    place.type("2")
    assert place.note == ""
    place.end(how)
    assert place.box.value() == 2
    assert place.note == ""


def test_a_note_has_room_for_its_letters_also_where_a_style_makes_them_larger(qtbot: QtBot) -> None:
    place = Place(qtbot, field("cell_size", 16))
    place.window.setStyleSheet("#fieldNote { font-size: 30px; padding: 12px; }")
    place.window.resize(900, 600)
    place.type("5000")
    place.end("Return")
    note = next(iter(place.window.findChildren(FieldNote)))
    assert note.height() >= note.heightForWidth(note.width())


def test_escape_brings_the_number_in_force_back(qtbot: QtBot) -> None:
    place = Place(qtbot, field("cell_size", 16))
    place.type("5000")
    place.end("Return")
    assert place.note
    qtbot.keyClick(place.box, Qt.Key.Key_Escape)
    assert place.text == "16"
    assert place.note == ""
    assert place.values == []


def test_a_step_goes_on_from_the_number_in_force(qtbot: QtBot) -> None:
    place = Place(qtbot, field("cell_size", 16))
    place.type("5000")
    place.end("leaving")
    place.box.stepUp()
    assert (place.box.value(), place.text, place.note) == (17, "17", "")
    off = Place(qtbot, field("clip_norm", 0))
    off.box.stepUp()
    assert off.box.value() == pytest.approx(0.01)


def test_a_value_set_from_elsewhere_takes_a_refused_text_away(qtbot: QtBot) -> None:
    place = Place(qtbot, field("cell_size", 16))
    place.type("x")
    place.end("leaving")
    place.box.setValue(16)
    assert (place.text, place.note) == ("16", "")


def test_the_note_goes_and_comes_with_its_field(qtbot: QtBot) -> None:
    place = Place(qtbot, field("cell_size", 16))
    place.type("x")
    place.end("leaving")
    place.box.hide()
    assert place.note == ""
    place.box.show()
    assert "“x” is not a number" in place.note
