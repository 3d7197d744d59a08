"""The verdict on the run that is shown: one sentence, what was measured, and one thing to try."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.runs.history import History
from engine.runs.messages import State
from engine.runs.verdict.judging import Try, Verdict
from engine.setting import ELSEWHERE
from engine.settings.config import setting
from engine.tasks.base import TaskFacts
from engine.text.numbers import in_full
from gui.appearance.style import fit_text
from gui.runs.verdict_sign import colours, paint_sign
from gui.views.base import Tools
from gui.widgets.buttons import Button, CheckBox
from gui.widgets.labels import text_label
from gui.widgets.layouts import REST, in_column, in_row

BEFORE = "Train (Ctrl+T) to see it learn"
"""What stands here before the first run."""
PREPARED = "No step has been made yet"
IMPORTED = "This network was trained elsewhere; no training step is recorded"
USE, USED = "Use in next run", "In the next run"
STOPS = "Stop when solved"
_SAID_MS = 250
"""A sentence that changes more often than this cannot be read."""
_SIGN, _BAR = 22, 4
_ABOVE = 6
"""Pixels above and below two lines."""


class VerdictStrip(QWidget):
    """Shows what is to be said of the run, while it trains and when it has ended.

    Follows the run by itself. Where room gets short the reason goes into the tool tip, then what the advice is for;
    the sentence stays whole.
    """

    said = Signal(str)
    """A sentence for the status line."""

    def __init__(self, tools: Tools) -> None:
        super().__init__()
        if tools.training is None:
            raise ValueError("the verdict needs the training in its tools")
        self._training = tools.training
        self._appearance = tools.appearance
        self.verdict: Verdict | None = None
        self._shown_at = QElapsedTimer()
        self._later = QTimer(self, singleShot=True, interval=_SAID_MS)
        """Shows what came too soon, if nothing comes after it."""
        self._later.timeout.connect(self.show_news)
        self._state: State | None = None
        self.sentence = text_label(BEFORE, "headline")
        self.reason = text_label("", "note")
        self.what, self.why = text_label("", "strong"), text_label("", "note")
        for label in (self.what, self.why):
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.use = Button(USE)
        self.use.clicked.connect(self._on_use)
        self.stops = CheckBox(STOPS)
        self.stops.clicked.connect(self._on_stops)
        px = self._appearance.px
        said = in_column(REST, self.sentence, self.reason, REST, spacing=0)
        advice = in_column(REST, self.what, self.why, REST, spacing=0)
        margins = px(_BAR + _SIGN + 22), px(_ABOVE), px(12), px(_ABOVE)
        self._row = in_row((said, 1), advice, self.use, self.stops, inside=self, margins=margins, spacing=px(12))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)  # and never jumps
        self.setAccessibleName("Verdict")
        self._training.run.changed.connect(self.show_run)
        self._training.run.updated.connect(self.show_news)
        self._training.next_changed.connect(self._mark)
        self._appearance.changed.connect(self._on_appearance)
        self._show(None)

    def show_run(self, history: History | None = None, layers: int = 0) -> None:
        """Begin with another run."""
        self._shown_at.invalidate()
        self._refresh()

    def show_news(self, history: object = None, facts: TaskFacts | None = None) -> None:
        """Show what the last update brought, as often as it can be read, if it can be seen."""
        state = self._training.run.state
        is_read = self._shown_at.isValid() and self._shown_at.elapsed() < _SAID_MS
        if not self.isVisible():
            return
        if not (is_read and state is self._state):
            self._refresh()
        elif not self._later.isActive():
            self._later.start()

    def _refresh(self) -> None:
        self._shown_at.start()
        self._state = self._training.run.state
        verdict = self._training.run.verdict
        if verdict != self.verdict or verdict is None:
            self._show(verdict)
        elif self._can_stop == self.stops.isHidden():
            self._arrange()
        self.stops.setChecked(self._training.live_config.until == "solved")

    def _show(self, verdict: Verdict | None) -> None:
        self.verdict = verdict
        elsewhere = self._training.run.config.task == ELSEWHERE
        unjudged = IMPORTED if elsewhere else PREPARED if self._has_begun else BEFORE
        self.sentence.setText(verdict.sentence if verdict is not None else unjudged)
        self.reason.setText(verdict.reason if verdict is not None else "")
        advice = verdict.advice if verdict is not None else ""
        what, _, why = advice.partition(": ")
        self.what.setText(what if verdict is not None else "")
        self.why.setText(why if verdict is not None else "")
        parts = [self.sentence.text(), self.reason.text(), advice]
        words = "\n".join(part for part in parts if part)
        self.setToolTip(words)
        self.setAccessibleDescription(words)
        self._mark()
        self._arrange()
        self.update()

    @property
    def _has_begun(self) -> bool:
        return self._training.run.last is not None

    # When it ends

    @property
    def _can_stop(self) -> bool:
        """Whether there is a run that can be told to stop when it is solved."""
        is_steered = self._training.active and not self._appearance.presenting
        return is_steered and self._training.run.goal is not None

    def _on_stops(self, to: bool) -> None:
        self._training.set_until("solved" if to else "steps")
        limit, run = self._training.live_config.limit, self._training.run
        if to:
            self.said.emit(f"The run stops as soon as it is solved, at step {limit:,} at the latest")
        else:
            last = run.config.steps if run.last is None or run.config.steps > run.last.step else run.last.goal
            self.said.emit(f"The run goes on to step {last:,}, also when it is solved")

    # What is to be tried

    def _mark(self) -> None:
        """Say whether the next run has what is to be tried already."""
        tried = self.verdict.to_try if self.verdict is not None else None
        self.use.setVisible(tried is not None and not self._appearance.presenting)
        if tried is None:
            return
        is_used = tried.in_use(self._training.config) == self._training.config
        self.use.setText(USED if is_used else USE)
        self.use.setEnabled(not is_used)
        self.use.setAccessibleName(f"{self.use.text()}: {tried.sentence}")
        self.use.setToolTip(
            f"The next run has {_value_words(tried)}; Start over (Ctrl+R) begins it"
            if is_used
            else f"Gives the next run {_value_words(tried)}; this run keeps its settings"
        )

    def _on_use(self) -> None:
        tried = self.verdict.to_try if self.verdict is not None else None
        if tried is None:
            return
        self._training.use_next(tried.in_use(self._training.config))
        self.said.emit(f"The next run has {_value_words(tried)}; Start over (Ctrl+R) begins it")

    # What it looks like

    def minimumSizeHint(self) -> QSize:
        return QSize(self._appearance.px(200), self.sizeHint().height())

    def sizeHint(self) -> QSize:
        """Return the room for two lines, whether there are as many or not: what is below never moves."""
        lines = self.sentence.fontMetrics().height() + self.reason.fontMetrics().height()
        return QSize(super().sizeHint().width(), lines + 2 * self._appearance.px(_ABOVE))

    def _arrange(self) -> None:
        """Leave out what has no room: the reason, what the advice is for, the advice; the sentence takes two lines."""
        margins, gap = self._row.contentsMargins(), self._row.spacing()
        room = self.width() - margins.left() - margins.right()
        if not self.use.isHidden():
            room -= self.use.sizeHint().width() + gap
        stops = self.stops.sizeHint().width() + gap
        sentence, reason, what, why = (
            label.fontMetrics().horizontalAdvance(label.text()) + 4 if label.text() else 0
            for label in (self.sentence, self.reason, self.what, self.why)
        )
        can_stop = self._can_stop and sentence + stops <= room
        self.stops.setVisible(can_stop)
        room -= stops if can_stop else 0
        has_reason = bool(reason) and max(sentence, reason) + gap + max(what, why) <= room
        has_why = bool(why) and sentence + gap + max(what, why) <= room
        has_what = bool(what) and sentence + gap + what <= room
        self.reason.setVisible(has_reason)
        self.why.setVisible(has_why)
        self.what.setVisible(has_what)
        self.sentence.setWordWrap(sentence > room)
        above = 0 if sentence > room else self._appearance.px(_ABOVE)  # two lines of it are higher than it and a reason
        self._row.setContentsMargins(margins.left(), above, margins.right(), above)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._on_appearance()
        self._refresh()

    def _on_appearance(self) -> None:
        if self.isVisible():
            fit_text(self, self._appearance)
            self._mark()
            self.updateGeometry()
            self._arrange()
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self._appearance.theme, self._appearance.px
        outlook = self.verdict.outlook if self.verdict is not None else None
        colour, ground = colours(theme, outlook)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
        painter.setBrush(colour)
        painter.drawRect(QRectF(0, 0, px(_BAR), self.height()))
        radius = px(_SIGN) / 2
        paint_sign(painter, theme, outlook, QPointF(px(_BAR + 10) + radius, self.height() / 2), radius)
        painter.end()


def _value_words(tried: Try) -> str:
    """Return a setting and its value within a sentence: "learning rate 0.01", "cell: LSTM"."""
    item = setting(tried.setting)
    if item.kind == "choice" or item.name == "goal":
        return f"{item.label_inside}: {item.choices.get(str(tried.value), tried.value)}"
    shown = tried.value if isinstance(tried.value, str) else in_full(tried.value)
    return f"{item.label_inside} {shown}" if shown else f"no {item.label_inside}"
