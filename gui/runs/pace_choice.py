"""The choice of the pace: one step a key, some steps a second, or full speed; and the speed that is reached."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QWidget

from engine.runs.messages import State, Update
from engine.runs.pace import FULL, ONE_AT_A_TIME, WATCHED, Pace
from gui.appearance.text_size import TEXT
from gui.appearance.theme import Appearance, font
from gui.widgets.labels import text_label
from gui.widgets.layouts import in_row
from gui.widgets.segments import Segments

PACES: dict[Pace, str] = {ONE_AT_A_TIME: "1 a key", Pace(5.0): "5 / s", WATCHED: "50 / s", FULL: "full"}
"""The paces that have a button, with its words."""
_MEASURED = "10,000 steps/s"
_SLOW = 9.95
"""Steps a second below which a decimal says more."""


class PaceChoice(QWidget):
    """A button for each usual pace, one for another that was asked for in words, and the measured speed."""

    chosen = Signal(object)
    """A Pace."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._paces = list(PACES)
        self.word = text_label("pace")
        self.choices = Segments([(words, "") for words in (*PACES.values(), "")], appearance)
        tips = (
            "Make a step each time that you press Ctrl+E",
            "5 steps a second",
            "50 steps a second",
            "As fast as it goes",
        )
        for segment, tip in zip(self.choices.segments, tips, strict=False):
            segment.setAccessibleName(tip)
            segment.setToolTip(f"{tip}; the results are the same at any pace")
        self.choices.chosen.connect(lambda number: self.chosen.emit(self._paces[number]))
        self.measured = text_label()
        in_row(self.word, self.choices, self.measured, inside=self, margins=0, spacing=appearance.px(8))
        self.show_pace(FULL)

    def fit(self) -> None:
        """Keep room for the speed, so that nothing moves as its digits change."""
        self.measured.setFixedWidth(QFontMetrics(font(self._appearance.text(TEXT))).horizontalAdvance(_MEASURED))

    def show_pace(self, pace: Pace) -> None:
        """Show the pace that is kept to."""
        usual = pace in PACES
        self._paces = list(PACES) if usual else [*PACES, pace]
        self.choices.segments[-1].setText("" if usual else f"{pace.per_s:,g} / s")
        self.choices.segments[-1].setAccessibleName(f"{pace.per_s:,g} steps a second")
        self.choices.offer(len(PACES), not usual)
        self.choices.choose(self._paces.index(pace))

    def show_speed(self, update: Update | None) -> None:
        """Show the speed that is reached; nothing while no step is made."""
        per_s = update.steps_per_second if update is not None and update.state is State.RUNNING else 0.0
        self.measured.setText(f"{per_s:,.{1 if per_s < _SLOW else 0}f} steps/s" if per_s > 0 else "")
