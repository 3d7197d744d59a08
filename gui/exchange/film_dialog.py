"""The dialog “Save film”: what the film shows, its kind and size, and how far it is; the window stays usable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDialog, QFormLayout, QLabel, QProgressBar, QWidget

from engine.text.amounts import bytes_in_words, duration
from gui.appearance.stored import Stored
from gui.appearance.theme import Appearance
from gui.exchange.films.encoder import KINDS
from gui.exchange.films.film_choice import RATES, SIZES, FilmChoice
from gui.widgets.buttons import Button, CheckBox
from gui.widgets.choices import offer
from gui.widgets.labels import text_label
from gui.widgets.layouts import REST, in_column, in_row
from gui.widgets.spin_boxes import RealBox

_KINDS = {".mp4": "MP4", ".gif": "GIF"}
_THEMES = {"light": "light", "dark": "dark", "projector": "projector"}
_KEY = "film/"
_LEAST_S, _MOST_S = 1.0, 3600.0
_NOTHING = "There is nothing to film yet"


@dataclass(frozen=True)
class Subject:
    """Something that a film can show. words: in the list. view: that shows it. seconds: how long it usually takes."""

    words: str
    view: str
    seconds: float
    of_run: bool = False


class FilmDialog(QDialog):
    """Chooses a film, and shows how far it is; closing it ends nothing."""

    wanted = Signal(str, object)
    """The key of a subject and a FilmChoice: the film is to be made."""
    unwanted = Signal()
    """The film that is being made is not wanted any more."""

    def __init__(self, stored: Stored, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Save film")
        self._stored = stored
        self._subjects: Mapping[str, Subject] = {}
        self._making = False
        self.subject, self.kind, self.size_box, self.rate, self.theme = (QComboBox() for _ in range(5))
        self.captions = CheckBox("Captions below the picture")
        self.seconds = RealBox()
        self.seconds.setRange(_LEAST_S, _MOST_S)
        self.seconds.setSuffix(" s")
        self.about, self.where = text_label("", "note"), text_label("", "note", wrap=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.hide()
        self.save, self.stop, self.shut = Button("Save film…"), Button("Cancel film"), Button("Close")
        self.save.setObjectName("main")
        self.stop.hide()
        self._lay_out(appearance)
        self._restore(appearance)
        self.subject.currentIndexChanged.connect(self._on_subject)
        self.kind.currentIndexChanged.connect(self._on_kind)
        for changed in (self.size_box.currentIndexChanged, self.rate.currentIndexChanged, self.seconds.valueChanged):
            changed.connect(self._update)
        self.save.clicked.connect(self._on_save)
        self.stop.clicked.connect(self.unwanted)
        self.shut.clicked.connect(self.close)

    def _lay_out(self, appearance: Appearance) -> None:
        form = QFormLayout()
        rows = ("Shows", self.subject), ("Kind", self.kind), ("Size", self.size_box), ("Frames a second", self.rate)
        for words, box in (*rows, ("Length", self.seconds), ("Theme", self.theme)):
            label = QLabel(words)
            label.setBuddy(box)
            box.setAccessibleName(words)
            form.addRow(label, box)
        form.addRow("", self.captions)
        buttons = in_row(self.save, self.stop, REST, self.shut, spacing=appearance.px(8))
        in_column(form, self.about, self.bar, self.where, REST, buttons, inside=self, spacing=appearance.px(8))
        self.setMinimumWidth(appearance.px(460))

    def _restore(self, appearance: Appearance) -> None:
        stored, usual = self._stored, FilmChoice("")
        usual_theme = appearance.theme.name if appearance.theme.name in _THEMES else usual.theme
        for box, entries, name, value in (
            (self.kind, _KINDS, "kind", usual.suffix),
            (self.size_box, SIZES, "size", usual.size),
            (self.theme, _THEMES, "theme", usual_theme),
        ):
            offer(box, entries, stored.text(_KEY + name, "the choices for a film", value, tuple(entries)))
        self.captions.setChecked(stored.flag(_KEY + "captions", "the choices for a film", True) is not False)
        self._on_kind()
        known = {str(rate) for rate in RATES[self.kind.currentData()]}
        rate = stored.text(_KEY + "rate", "the choices for a film", str(self.rate.currentData()))
        if rate in known:
            self.rate.setCurrentIndex(self.rate.findData(int(rate)))

    def offer_subjects(self, subjects: Mapping[str, Subject], front: str) -> None:
        """Offer what can be filmed now; front: the view of the window, which is chosen where it is among them."""
        before = self.subject.currentData()
        self._subjects = subjects
        chosen = next((key for key, subject in subjects.items() if subject.view == front), before)
        offer(self.subject, {key: subject.words for key, subject in subjects.items()}, chosen)
        self._on_subject()

    @property
    def choice(self) -> FilmChoice:
        """What is chosen."""
        subject = self._subjects.get(self.subject.currentData())
        return FilmChoice(
            view=subject.view if subject is not None else "",
            suffix=self.kind.currentData(),
            size=self.size_box.currentData(),
            rate=self.rate.currentData(),
            captions=self.captions.isChecked(),
            theme=self.theme.currentData(),
            seconds=self.seconds.value(),
        )

    def show_progress(self, made: int, frames: int) -> None:
        """Show how many frames are made."""
        self.bar.setRange(0, frames)
        self.bar.setValue(made)
        self.where.setText(f"{made:,} of {frames:,} frames; you can go on working meanwhile")

    def show_making(self, making: bool, words: str = "") -> None:
        """Show that a film is being made, or what came of it."""
        self._making = making
        for box in (self.subject, self.kind, self.size_box, self.rate, self.seconds, self.theme, self.captions):
            box.setEnabled(not making)
        self.bar.setRange(0, 0)
        for widget in (self.bar, self.stop):
            widget.setVisible(making)
        self.save.setVisible(not making)
        self.where.setText(words)
        self._update()

    def _on_subject(self) -> None:
        subject = self._subjects.get(self.subject.currentData())
        if subject is not None:
            self.seconds.setValue(round(subject.seconds, 1))
        self._update()

    def _on_kind(self) -> None:
        rates = RATES[self.kind.currentData()]
        offer(self.rate, {rate: f"{rate}" for rate in rates})  # type: ignore[misc]  # numbers are data, too
        self._update()

    def _update(self) -> None:
        self.save.setEnabled(bool(self._subjects) and not self._making)
        choice = self.choice
        if not self._subjects:
            self.about.setText(_NOTHING)
            return
        words = f"{choice.frames:,} frames"
        if choice.seconds >= 60:  # the field has it in seconds alone
            words = f"{duration(choice.seconds)}, {words}"
        if choice.nbytes is not None:
            words += f", about {bytes_in_words(round(choice.nbytes))}"
        self.about.setText(words)

    def _on_save(self) -> None:
        choice = self.choice
        for name, value in (("kind", choice.suffix), ("size", choice.size), ("theme", choice.theme)):
            self._stored.setValue(_KEY + name, value)
        self._stored.setValue(_KEY + "rate", str(choice.rate))
        self._stored.setValue(_KEY + "captions", "true" if choice.captions else "false")
        self.wanted.emit(self.subject.currentData(), choice)


def kind_in_words(suffix: str) -> str:
    """Return what a film of a suffix is called."""
    return KINDS[suffix].words
