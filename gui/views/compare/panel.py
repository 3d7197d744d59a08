"""The panel of the workspace Compare: the configurations as cards, presets, and published experiments below them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from engine.runs.verdict.findings import Outlook
from gui.appearance.controls import least_height
from gui.appearance.rich_text import RichLabel
from gui.appearance.theme import Appearance
from gui.plots.compare_style import LineSample, in_its_colour, rich_name
from gui.runs.verdict_sign import VerdictSign
from gui.views.compare.presets import PRESETS
from gui.widgets.buttons import Button, CardButton
from gui.widgets.labels import text_label
from gui.widgets.layouts import REST, discard, in_column, in_row, scrolled

_RECORDED = "Recorded runs and networks from elsewhere"
_WHERE = "Choose two to four in the Library; a network that you bring and open is among them."
_ROOM_FOR_SENTENCES = 900
"""Height from which the sentences of the presets stand in them, in pixels at 1080 lines."""


@dataclass(frozen=True)
class Told:
    """What a card tells of a configuration. words: the verdict on its runs, or why it cannot be trained."""

    name: str
    words: str = ""
    outlook: Outlook | None = None


class ConfigurationCard(CardButton):
    """A configuration's line in its colour and dashes, its name, and what came of it; a click opens its settings."""

    def __init__(self, appearance: Appearance, place: int) -> None:
        super().__init__()
        self._appearance, self._place = appearance, place
        self.line, self.name, self.sign = LineSample(appearance, place), RichLabel(), VerdictSign(appearance)
        self.name.setWordWrap(True)
        self.name.setMinimumWidth(10)
        self.words = text_label("", "note", wrap=True, cut=True)
        px, middle = appearance.px, Qt.AlignmentFlag.AlignVCenter
        row = in_row((self.line, 0, middle), (self.name, 1), (self.sign, 0, middle), spacing=px(8))
        self.take(in_column(row, self.words, spacing=px(2), margins=(px(10), px(7))))
        self.setToolTip("Show and change the settings of this configuration")
        self.told = Told("")

    def show_told(self, told: Told) -> None:
        """Show another configuration, or what has become of it."""
        self.told = told
        self.name.setText(in_its_colour(self._appearance.theme, self._place, rich_name(told.name)))
        self.words.setText(told.words)
        self.words.setVisible(bool(told.words))
        self.sign.show_outlook(told.outlook)
        self.sign.setVisible(told.outlook is not None)
        self.setAccessibleName(told.name)
        self.setAccessibleDescription(told.words)
        self.updateGeometry()


class ComparePanel(QWidget):
    """What is compared, what else could be, and the buttons that begin and end it."""

    picked = Signal(str)
    """The name of a preset."""
    chosen = Signal(int)
    """The place of a configuration whose settings are wanted."""
    experiment_wanted = Signal(str)
    recorded_wanted = Signal()
    """Recorded runs are to be compared, which the library does."""

    def __init__(self, appearance: Appearance, experiments: Mapping[str, str], parent: QWidget) -> None:
        """experiments: the title of each, by its name. parent: whose panel it is, until a card of the window has it."""
        super().__init__(parent)
        self.hide()
        self._appearance = appearance
        px = appearance.px
        self.start, self.pause, self.stop = Button("Start"), Button("Pause"), Button("Stop")
        self.start.setObjectName("train")
        self.start.setToolTip("Train these configurations; the results of an earlier comparison are discarded")
        self.pause.setToolTip("Pause before the next training step, or continue")
        self.stop.setToolTip("End the comparison; its results stay")
        self.cards: list[ConfigurationCard] = []
        cards = QWidget()  # made first, so that the keys come to it first
        self._cards = in_column(inside=cards, margins=0, spacing=px(6))
        self.presets: dict[str, CardButton] = {}
        self._sentences: list[QLabel] = []
        presets = in_column(text_label("Presets", "heading"), margins=0, spacing=px(6))
        for name, preset in PRESETS.items():
            button = self.presets[name] = self._card_of(preset.title, preset.sentence)
            button.clicked.connect(partial(self.picked.emit, name))
            presets.addWidget(button)
        self.recorded = self._card_of(_RECORDED, _WHERE)
        self.recorded.clicked.connect(self.recorded_wanted)
        presets.addWidget(self.recorded)
        self.published = QWidget()
        """The published experiments; they are not here while their own view lists them."""
        column = in_column(text_label("Published experiments", "heading"), margins=0, spacing=0, inside=self.published)
        self.experiments: dict[str, CardButton] = {}
        for name, title in experiments.items():
            entry = self.experiments[name] = CardButton("entry")
            entry.take(in_column(text_label(title, "small", wrap=True, cut=True), margins=(px(6), px(3))))
            entry.setAccessibleName(title)
            entry.setToolTip("Open this experiment, with the paper's figures")
            entry.clicked.connect(partial(self.experiment_wanted.emit, name))
            column.addWidget(entry)
        inside = QWidget()
        ring = 4  # pixels of the ring around what has the keys, which the area would cut off
        in_column(cards, presets, self.published, REST, inside=inside, margins=ring, spacing=px(10))
        self.area = scrolled(inside, focus=False)
        in_column(
            (self.area, 1),
            self.start,
            in_row((self.pause, 1), (self.stop, 1), spacing=px(6)),
            inside=self,
            margins=0,
            spacing=px(6),
        )
        appearance.changed.connect(self._restyle)

    def _card_of(self, title: str, words: str) -> CardButton:
        """Return a card with a title, and a sentence where there is room for it."""
        px, button = self._appearance.px, CardButton()
        sentence = text_label(words, "note", wrap=True, cut=True)
        button.take(in_column(text_label(title, "", wrap=True, cut=True), sentence, margins=(px(10), px(5)), spacing=0))
        button.setAccessibleName(title)
        button.setToolTip(words)
        self._sentences.append(sentence)
        return button

    def show_configurations(self, told: Sequence[Told]) -> None:
        """Show a card for each configuration."""
        while len(self.cards) > len(told):
            discard(self.cards.pop())
        for place in range(len(self.cards), len(told)):
            card = ConfigurationCard(self._appearance, place)
            card.clicked.connect(partial(self.chosen.emit, place))
            self._cards.addWidget(card)
            self.cards.append(card)
        self._order_for_tab()
        for card, one in zip(self.cards, told, strict=True):
            if card.told != one:  # each change lays the panel out anew
                card.show_told(one)

    def _order_for_tab(self) -> None:
        """Let Tab go from the top down: cards are made last, and stand first."""
        parts = [
            *self.cards,
            *self.presets.values(),
            self.recorded,
            *self.experiments.values(),
            self.start,
            self.pause,
            self.stop,
        ]
        for before, after in pairwise(parts):
            QWidget.setTabOrder(before, after)

    def _restyle(self) -> None:
        for card in self.cards:
            card.show_told(card.told)
        self._share_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_room()

    def stand_beside(self, compare: bool) -> None:
        """Stand beside the view of comparisons, or beside that of experiments, which has a list and a start itself."""
        self.published.setVisible(compare)
        self.start.setVisible(compare)

    def _share_room(self) -> None:
        for entry in self.experiments.values():
            entry.setMinimumHeight(least_height(self._appearance))
        roomy = self.height() >= self._appearance.with_text(_ROOM_FOR_SENTENCES)
        for sentence in self._sentences:
            sentence.setVisible(roomy)
