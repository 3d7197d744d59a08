"""What the view Live lets one choose: maps, layer, order of units, scales, example."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QComboBox, QWidget

from gui.appearance.math_widgets import MathTab
from gui.appearance.text_size import SYMBOL, TEXT
from gui.appearance.theme import Appearance
from gui.appearance.typeset import Typesetter
from gui.plots.gate_maps import MapSpec
from gui.views.live.scales import CHOICES, SHORT, Scaling
from gui.widgets.buttons import CheckBox
from gui.widgets.choices import offer
from gui.widgets.labels import text_label
from gui.widgets.layouts import REST, discard, in_row
from gui.widgets.segments import Segment
from gui.widgets.spin_boxes import WholeBox

ALL = ""
"""Stands for all maps."""
STACK = -1
"""Stands for all layers."""
NUMBERED, OPENING = "numbered", "opening"
_ORDERS = {NUMBERED: "as numbered", OPENING: "by when they open"}
_ALL_TIP = "All maps below each other; the letters beside it, or the keys , and ., show one in the room of all"
_LAST_EXAMPLE = 999
_OWN = -1
_CAPTIONED, _IN_LINE = 78, 60
"""Letters across from which choices have a word before them, and from which all stand in one line."""
_ANSWER = 9
"""Letters that the choice of an answer needs besides."""


class Choices(QWidget):
    """A row of choices; it says when one was made."""

    changed = Signal()
    """Other maps, another layer, or another scale."""
    order_chosen = Signal()
    """An order of the units was chosen, perhaps again."""
    example_chosen = Signal(int)
    answer_chosen = Signal()
    """One of several answers, or all of them."""

    def __init__(self, end: QWidget, typesetter: Typesetter, appearance: Appearance) -> None:
        """end: stands at the end of the first line."""
        super().__init__()
        self._typesetter, self._appearance = typesetter, appearance
        self.chosen = ALL
        """The short name of the map that is shown alone, or ALL."""
        self.all = Segment("all", "", appearance)
        self.all.setToolTip(_ALL_TIP)
        self.all.clicked.connect(lambda: self.choose(ALL))
        self.maps: dict[str, MathTab] = {}
        """What shows one map alone, by its short name."""
        self._row = in_row(spacing=2)
        self.layer, self.order, self.scale, self.answer = QComboBox(), QComboBox(), QComboBox(), QComboBox()
        self.spread = CheckBox("spread gates")
        self.example = WholeBox()
        self._words = {word: text_label(word) for word in ("show", "layer", "units", "C and h")}
        for name, box in (
            ("Layer", self.layer),
            ("Order of the units", self.order),
            ("Scale of C and h", self.scale),
            ("Answer that is drawn", self.answer),
            ("Example", self.example),
        ):
            box.setAccessibleName(name)
        self._set_up()
        px = appearance.px
        words, spacing = self._words, px(6)
        first = in_row(words["show"], self.all, self._row, words["layer"], self.layer, REST, end, spacing=spacing)
        others = (words["units"], self.order, words["C and h"], self.scale, self.spread)
        second = in_row(*others, REST, self.answer, self.example, spacing=spacing)
        self._rows = in_row(first, (second, 1), inside=self, margins=0, spacing=px(10))

    def _set_up(self) -> None:
        offer(self.order, _ORDERS)
        self.order.setToolTip(
            "By when they open: the unit that opens first on top, as it is now; choose it again to sort again"
        )
        offer(self.scale, CHOICES)
        self.scale.setToolTip(
            "The scale of cell state and hidden state: each unit to its own largest value, so that none is blank; one "
            "scale for all units; or the root of one scale, which shows small values beside large ones"
        )
        self.spread.setToolTip("Spread the colours of each gate over its own range; otherwise they run from 0 to 1")
        self.layer.setToolTip("The layer that is shown, or all layers one below the other")
        self.example.setRange(0, _LAST_EXAMPLE)
        self.example.setPrefix("example ")
        self.example.setToolTip("The example of the task that is shown, 0 at first; training is not affected")
        self.answer.setToolTip("Which of the network's answers is drawn and told, or all of them")
        for box in (self.layer, self.order, self.scale, self.answer):
            box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for changed in (self.layer.currentIndexChanged, self.scale.currentIndexChanged, self.spread.toggled):
            changed.connect(lambda _value: self.changed.emit())
        self.answer.currentIndexChanged.connect(lambda _index: self.answer_chosen.emit())
        self.answer.hide()
        self.order.activated.connect(lambda _index: self.order_chosen.emit())
        self.example.valueChanged.connect(self._on_example)
        self.layer.hide()

    # ---- what is chosen

    @property
    def shown_layer(self) -> int:
        """The layer that is shown, from 0, or STACK."""
        data = self.layer.currentData()
        return 0 if data is None else int(data)

    @property
    def shown_answer(self) -> int | None:
        """The one of several answers that is shown, from 0; None for all of them."""
        data = self.answer.currentData()
        return int(data) if data else None

    @property
    def scaling(self) -> Scaling:
        """The scales that are chosen."""
        return Scaling(str(self.scale.currentData()), self.spread.isChecked())

    @property
    def by_opening(self) -> bool:
        """Whether units are to be sorted."""
        return bool(self.order.currentData() == OPENING)

    def choose(self, name: str) -> None:
        """Show one map by its short name, or ALL."""
        self.chosen = name
        self._mark()
        self.changed.emit()

    def go_on(self, by: int) -> None:
        """Show the next map alone, or the one before; all of them stand between the last and the first."""
        names = [ALL, *self.maps]
        self.choose(names[(names.index(self.chosen) + by) % len(names)])

    def show_scaling(self, scaling: Scaling) -> None:
        """Choose scales, without a word."""
        with QSignalBlocker(self.scale), QSignalBlocker(self.spread):
            self.scale.setCurrentIndex(max(0, self.scale.findData(scaling.states)))
            self.spread.setChecked(scaling.spread)

    # ---- what there is to choose from

    def offer_maps(self, maps: Mapping[str, MapSpec], latex: Mapping[str, str], gates: bool, states: str) -> None:
        """Offer the maps of a cell; gates: whether it has any to spread; states: "C and h", or "h"."""
        if list(maps) != list(self.maps):
            discard(*self.maps.values())
            self.maps = {}
            for name, spec in maps.items():
                tab = MathTab(latex[name], spec.role, SYMBOL, self._typesetter, self._appearance)
                tab.setToolTip(f"{spec.words} alone, in the room of all")
                tab.clicked.connect(lambda chosen=name: self.choose(chosen))
                self._row.addWidget(tab)
                self.maps[name] = tab
            if self.chosen not in maps:
                self.chosen = ALL
            self.spread.setVisible(gates)
            self._words["C and h"].setText(states)
        self._mark()

    def offer_layers(self, count: int) -> None:
        """Offer so many layers, and the stack of them."""
        entries = {str(number): f"{number + 1} of {count}" for number in range(count)}
        if count > 1:
            entries[str(STACK)] = "all layers"
        offer(self.layer, entries)
        self.layer.setVisible(count > 1)
        self._words["layer"].setVisible(count > 1 and self._is_captioned)

    def offer_answers(self, names: Sequence[str]) -> None:
        """Offer several answers by their names; none where there is one."""
        every = {"": "all answers"} if names else {}
        offer(self.answer, every | {str(place): name for place, name in enumerate(names)})
        self.answer.setVisible(bool(names))

    def show_probe(self, example: int | None) -> None:
        """Say which example of the task is shown; None: a sequence of the user's own."""
        own = example is None
        with QSignalBlocker(self.example):
            self.example.setMinimum(_OWN if own else 0)
            self.example.setSpecialValueText("own sequence" if own else "")
            self.example.setValue(_OWN if example is None else example)

    def allow_all(self, possible: bool, shown: str) -> None:
        """Say whether there is room for all maps; shown: the one that is shown where there is not."""
        self.all.setEnabled(possible)
        self.all.setToolTip(
            _ALL_TIP if possible else "There is no room for all maps; choose one, or make the window higher"
        )
        self._mark("" if possible else shown)

    def _mark(self, instead: str = "") -> None:
        chosen = self.chosen or instead
        self.all.setChecked(chosen == ALL)
        for name, tab in self.maps.items():
            tab.set_chosen(name == chosen)

    def _on_example(self, number: int) -> None:
        if number != _OWN:
            self.show_probe(number)
            self.example_chosen.emit(number)

    # ---- look

    @property
    def _is_captioned(self) -> bool:
        needed = _CAPTIONED + (_ANSWER if self.answer.count() else 0)
        return self.width() >= needed * self._appearance.text(TEXT)

    def fit(self, presenting: bool) -> None:
        """Show as many words as there is room for."""
        captioned = self._is_captioned
        needed = _IN_LINE + (_ANSWER if self.answer.count() else 0)
        two_lines = self.width() < needed * self._appearance.text(TEXT)
        self._rows.setDirection(QBoxLayout.Direction.TopToBottom if two_lines else QBoxLayout.Direction.LeftToRight)
        for word, label in self._words.items():
            label.setVisible(captioned and (word != "layer" or self.layer.count() > 1))
        with QSignalBlocker(self.scale):
            for place, words in enumerate((CHOICES if captioned else SHORT).values()):
                self.scale.setItemText(place, words)
        self.setVisible(not presenting)
