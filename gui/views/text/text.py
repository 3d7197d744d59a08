"""The view Text: a text coloured by one unit, the likeliest next characters, and text that the network writes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSignalBlocker, QSize, QTimer
from PySide6.QtGui import QPixmap, QResizeEvent
from PySide6.QtWidgets import QComboBox, QLabel, QWidget

from engine.cell.cells import CELLS
from engine.runs.messages import State
from engine.runs.observation import SAMPLE
from engine.runs.snapshot import Snapshot
from engine.setting import ELSEWHERE
from engine.tasks.characters import CharactersTask
from engine.text.numbers import grouped
from gui.appearance.colour_maps import image_of, pixels_of, places_of
from gui.appearance.hatching import missing_in
from gui.plots.gate_maps import MapSpec, Ranges, maps_of
from gui.plots.heat_map import said
from gui.plots.numbers import Maps
from gui.views.base import Tools
from gui.views.offers import command
from gui.views.text.guesses import TRUE, GuessesPane, guesses
from gui.views.text.reading import MARKS, ReadingPane, mark
from gui.views.text.samples import KeptSamples, SamplesPane
from gui.views.training_view import LabView
from gui.widgets.choices import LayerBox, offer
from gui.widgets.empty_place import EmptyPlace, Offer
from gui.widgets.labels import called, text_label
from gui.widgets.layouts import REST, in_column, in_row, scrolled, show_instead
from gui.widgets.spin_boxes import WholeBox

_FIRST_VALUE = "C"
"""Karpathy, Johnson and Fei-Fei colour a text by tanh of it."""
_LETTERS = (44, 38, 34, 30, 26, 22, 18)
"""Sizes to write the text in, at 1080 lines."""
_TEXT_SHARE = 0.46
"""Of the view's height, for the text at most."""
_EDGE, _SCROLL_BAR = 14, 10
_BEFORE = 12
"""Characters before the one that is pointed at, in the words over the bars."""
_WROTE = "Text that the network wrote after so many training steps:"
_TO_COME = "Text that the network writes appears here while it trains (Ctrl+T)"
_WHAT = "Here the network colours a text by one of its units, says what it expects next, and writes a text of its own."
_CHOICE_MS = 250
"""How soon another task of the next run is noticed."""
_WORDS_MS = 200
"""Numbers and samples that change more often cannot be read."""


class TextView(LabView):
    """The text of the probe in the colours of one unit, what the network expects after a character, what it writes."""

    wants = frozenset({SAMPLE})

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self.value, self.layer = called("Value that colours the text", QComboBox()), LayerBox("The layer of the unit")
        self.value.setToolTip("The value that colours the characters")
        self.unit = called("Unit", WholeBox())
        self.unit.setMinimum(1)
        self.unit.setToolTip("The unit whose value is shown")
        self.scale, self.low, self.high = QLabel(), QLabel(), QLabel()
        self.of_units, self.unit_word = QLabel(), QLabel("unit")
        self.reading = ReadingPane()
        self.expected = text_label(wrap=True, cut=True)  # a long line must not widen its half
        self.guesses = GuessesPane(tools.appearance)
        self.written = text_label(_WROTE, wrap=True, cut=True)
        self.samples = SamplesPane(tools.appearance)
        self.empty = EmptyPlace(tools.appearance)
        self.while_shown(_CHOICE_MS, self._follow_choice)
        self._kept = KeptSamples()
        self._snapshot: Snapshot | None = None
        self._codes: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._specs: tuple[MapSpec, ...] = ()
        self._form: tuple[object, ...] = ()
        self._ranges = Ranges()
        self._words_due = False
        self._words_timer = QTimer(self, singleShot=True, interval=_WORDS_MS)
        self._words_timer.timeout.connect(self._on_words_timer)
        self._lay_out()
        self.value.currentIndexChanged.connect(self._on_chosen)
        self.layer.currentIndexChanged.connect(self._on_chosen)
        self.unit.valueChanged.connect(self._on_chosen)
        self.reading.pointed_at.connect(self._on_pointed)

    def _lay_out(self) -> None:
        px = self.tools.appearance.px
        self.area = scrolled(self.reading, focus=False)
        self.setFocusProxy(self.reading)  # the arrow keys point as soon as the view is in front
        chosen: tuple[QWidget, ...] = (self.value, self.unit_word, self.unit, self.of_units, self.layer)
        controls = in_row(*chosen, REST, self.low, self.scale, self.high, spacing=px(6))
        below = in_row(spacing=px(28))
        for title, pane, share in ((self.expected, self.guesses, 2), (self.written, self.samples, 3)):
            below.addLayout(in_column(title, (pane, 1), spacing=px(6)), share)
        self.page = QWidget()
        in_column(controls, self.area, (below, 1), inside=self.page, margins=0, spacing=px(10))
        in_column(self.page, self.empty, inside=self, margins=(px(_EDGE), px(10)))
        self.page.hide()

    # ---- what comes

    def show_run(self) -> None:
        """Forget the texts of the run before."""
        self._kept = KeptSamples()
        self._snapshot = None
        self._ranges = Ranges()
        self._form = ()
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """Draw everything."""
        self._snapshot = None
        self.show_news()
        self._update_words()

    def show_news(self) -> None:
        """Colour the text by the newest snapshot; numbers and samples follow at most five times a second."""
        facts, snapshot = self.training.run.facts, self.training.run.history.shown
        empty = self._say_why_empty()
        show_instead(*(self.empty, self.page) if empty else (self.page, self.empty))
        if empty or snapshot is None or facts is None or snapshot is self._snapshot:
            return
        self._snapshot = snapshot
        flow = snapshot.extras.flow  # of a recording it may be of another moment than the rest
        self._kept.add(flow.step - 1 if flow is not None else snapshot.step, snapshot.extras.sample)
        self._offer(snapshot)
        self._read(snapshot, facts.alphabet)
        self._colour()
        if self._words_timer.isActive():
            self._words_due = True
        else:
            self._update_words()

    def _say_why_empty(self) -> bool:
        """Say what is missing where there is no text, and offer what brings one; return whether that is so."""
        training, title = self.training, CharactersTask.title
        facts = training.run.facts
        other = facts is not None and not facts.alphabet
        if facts is not None and not other and training.run.history.shown is not None:
            return False
        if not other and training.active and training.run.config.task == CharactersTask.name:
            preparing = training.run.state is State.PREPARING
            self.empty.show_offers("The run is being prepared …" if preparing else "The first text is being read …")
            return True
        known = other and facts is not None and facts.name != ELSEWHERE
        learns = f"This run learns: {facts.title}. " if known and facts is not None else ""
        if training.config.task == CharactersTask.name:
            again = training.active or other
            words, line = ("Start over (Ctrl+R)", "start over") if again else ("Train (Ctrl+T)", "train")
            train = command(self, words, line, f"Train a network on the task {title}")
            self.empty.show_offers(f"{learns}The next run learns: {title}.", train, note=_WHAT)
        else:
            choose = Offer(f"Choose {title} for the next run", self._on_wanted, "Choose the task; it is trained later")
            self.empty.show_offers(f"{learns}Text is read and written by the task {title}.", choose, note=_WHAT)
        return True

    def _on_wanted(self) -> None:
        self.asked.emit(f"task {CharactersTask.name}")
        if self.training.config.task == CharactersTask.name:
            self.message.emit(f"The next run learns: {CharactersTask.title}")
        self.show_news()

    def _follow_choice(self) -> None:
        """Notice that another task was chosen elsewhere."""
        if self.empty.isVisible():
            self.show_news()

    def _offer(self, snapshot: Snapshot) -> None:
        """Let the fields offer what this network has."""
        form = (snapshot.cell, snapshot.layers, tuple(snapshot.gates[0]))
        if form == self._form:
            return
        self._form = form
        self._specs = tuple(maps_of(CELLS[snapshot.cell]()).values())
        offer(self.value, {spec.name: spec.words for spec in self._specs}, self.value.currentData() or _FIRST_VALUE)
        self.layer.offer(snapshot.layers, 0)
        self._bound_unit(snapshot)

    def _bound_unit(self, snapshot: Snapshot) -> None:
        units = snapshot.gates[self.layer.layer][self._spec.name].shape[1]
        if units != self.unit.maximum() or not self.of_units.text():
            with QSignalBlocker(self.unit):
                self.unit.setMaximum(units)
            self.of_units.setText(f"of {units:,}")

    @property
    def _spec(self) -> MapSpec:
        return self._specs[max(0, self.value.currentIndex())]

    def _read(self, snapshot: Snapshot, alphabet: tuple[str, ...]) -> None:
        """Show the probe as a text, if it is another one."""
        codes = snapshot.probe.argmax(axis=1)
        text = "".join(alphabet[code] for code in codes)
        if text != self.reading.text:
            self.reading.show_text(text)
            self._place()
        self._codes = codes

    def _colour(self) -> None:
        """Put every character on the colour of the chosen unit's value as it is read."""
        snapshot = self._snapshot
        if snapshot is None:
            return
        theme, spec, gates = self.tools.appearance.theme, self._spec, snapshot.gates[self.layer.layer]
        limits = self._ranges.limits({spec.name: spec}, gates)[spec.name]
        values = gates[spec.name][:, self.unit.value() - 1]
        self.reading.show_colours(places_of(values, limits), theme, spec.gate_role, missing_in(values))
        for label, end in zip((self.low, self.high), limits, strict=True):
            label.setText(grouped(end))
        strip = image_of(pixels_of(theme, spec.gate_role)[None])
        self.scale.setPixmap(QPixmap.fromImage(strip.scaled(self.scale.size())))

    def numbers_shown(self) -> Maps | None:
        snapshot = self._snapshot
        if snapshot is None:
            return None
        values = snapshot.gates[self.layer.layer][self._spec.name]
        return Maps(values.size, lambda: {self._spec.name: values})

    def value_at(self, place: int) -> float:
        """Return the number that colours a character, from 0."""
        assert self._snapshot is not None
        return float(self._snapshot.gates[self.layer.layer][self._spec.name][place, self.unit.value() - 1])

    # ---- words

    def _update_words(self) -> None:
        self._words_due = False
        if self._snapshot is None:
            return
        self._words_timer.start()
        self._expect()
        self.samples.show_samples(self._kept)
        self.written.setText(_WROTE if len(self._kept) else _TO_COME)

    def _on_words_timer(self) -> None:
        if self._words_due:
            self._update_words()

    def _expect(self) -> None:
        """Show what the network expects after the character that is pointed at."""
        snapshot, facts, place = self._snapshot, self.training.run.facts, self.reading.pointed
        if snapshot is None or facts is None or place >= len(snapshot.answers):
            self.guesses.show_guesses(())
            return
        true = int(self._codes[place + 1]) if place + 1 < len(self._codes) else None
        found = guesses(snapshot.answers[place], facts.alphabet, true)
        self.guesses.show_guesses(found)
        before = "".join(map(_in_words, self.reading.text[max(0, place + 1 - _BEFORE) : place + 1]))
        start = "…" if place + 1 > _BEFORE else ""
        if not found:
            self.expected.setText("The network has diverged and predicts nothing; lower the learning rate")
        else:
            end = " (the text shown ends here)" if true is None else f"; {TRUE.strip()} marks what really comes next"
            self.expected.setText(f"After “{start}{before}” it expects{end}")
        value = self.tools.appearance.written(self.value_at(place))
        self.reading.setToolTip(said(self._spec.words, self.unit.value() - 1, place, value))

    def _on_pointed(self, place: int) -> None:
        self.area.ensureVisible(0, round(self.reading.rect_of(place).center().y()), 0, self.px(30))
        self._expect()
        if self._snapshot is not None:
            self.message.emit(self.reading.toolTip())

    def _on_chosen(self) -> None:
        if self._snapshot is not None:
            self._bound_unit(self._snapshot)
            self._colour()
            self._expect()

    # ---- places

    def restyle(self) -> None:
        self.unit.setFixedWidth(self.px(72))
        self.scale.setFixedSize(self.px(110), self.px(14))
        self.guesses.restyle()
        self.reading.use_letters([self.tools.appearance.text(size) for size in _LETTERS])
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        """Give the text the height that it takes, or as much of it as leaves room for the rest."""
        room = round(self.height() * _TEXT_SHARE)
        width = self.width() - 2 * self.tools.appearance.px(_EDGE) - self.tools.appearance.px(_SCROLL_BAR)
        height = self.reading.fit(width, room)
        self.reading.setMinimumHeight(height)
        self.area.setFixedHeight(min(height, room))

    def sizeHint(self) -> QSize:
        return QSize(self.px(900), self.px(560))


def _in_words(character: str) -> str:
    """Return a character as it stands in a sentence: a space is a space there."""
    return character if character == " " or character not in MARKS else mark(character)
