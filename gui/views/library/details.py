"""What is known of the chosen run, at the right of the table: verdict, loss, settings, notes, and what can be done."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QWidget

from engine.recording.library import Run
from engine.settings.config import setting
from engine.settings.words import departures
from engine.text.amounts import bytes_in_words, duration
from gui.appearance.stored import Stored
from gui.appearance.theme import Appearance
from gui.plots.compare_style import MOST_RUNS
from gui.runs.verdict_sign import VerdictSign
from gui.views.hall import only_at_desk
from gui.views.library.actions import RunActions
from gui.views.library.notes import NotesEditor
from gui.views.library.rows import IN_TRAINING, Column, Row, differences, state_words
from gui.views.library.run_curve import RunCurve
from gui.widgets.labels import NameLabel, text_label
from gui.widgets.layouts import REST, in_column, in_row, scrolled

_WIDTH, _MOST_SHARE = 400, 0.45
"""Width in pixels at 1080 lines, and the most that it takes of the library's."""
_ROOM = 1440
"""Width of a library, in pixels and at 1080 lines, from which on the details stand in it unless they are folded."""
_STORED = {True: "library/details", False: "library/details_in_little_room"}
_NONE = "No run is chosen"
_CHOOSE = "Choose one in the table to see its loss, its settings and its notes."
_SEVERAL = "Ctrl or Shift and a click choose several, to compare them or to delete them."
_COMPARABLE = (
    "Compare lays their losses over each other and their gates side by side. Delete moves all of them to the bin."
)
_TOO_MANY = f"Delete moves all of them to the bin. To compare, choose two to {MOST_RUNS}."
_USUAL = "Every setting has its usual value."
_UNKNOWN = "It was trained elsewhere: beyond cell and sizes, no setting is known here."
_UNTRAINED = "No training step was recorded, so there is nothing to judge."
_NO_VERDICT = "No verdict was recorded with this run."
_NAMED = 12
"""Runs that are named when several are chosen."""


class RunDetails(QFrame):
    """Shows one run; says how many are chosen where there are several, and what to do where there is none."""

    def __init__(self, appearance: Appearance, stored: Stored | None) -> None:
        super().__init__()
        self._appearance, self._stored = appearance, stored
        self._wanted = {
            ample: bool(stored.flag(key, "whether a run's details are shown", ample)) if stored is not None else ample
            for ample, key in _STORED.items()
        }
        """Whether they are to be seen, with ample room and with little."""
        self.setObjectName("card")
        px = appearance.px
        self.name = NameLabel("headline")
        self.what = text_label("", "note", wrap=True, cut=True)
        self.sign = VerdictSign(appearance)
        self.verdict = text_label("", "strong", wrap=True, cut=True)
        self.reason = text_label("", "note", wrap=True, cut=True)
        self.advice = text_label("", "", wrap=True, cut=True)
        self.curve = RunCurve(appearance)
        self.facts = text_label("", "", wrap=True, cut=True)
        self.settings = text_label("", "", wrap=True, cut=True)
        self.notes = NotesEditor()
        self.notes.setMinimumHeight(px(72))
        settings_head, notes_head = (
            text_label("Settings that are not the usual ones", "heading"),
            text_label("Notes", "heading"),
        )
        for head in (settings_head, notes_head):
            head.setIndent(0)
        judged = in_column(self.verdict, self.reason, self.advice, margins=0, spacing=px(2))
        self._judged = QWidget()
        in_row((in_column(self.sign, REST, margins=0), 0), (judged, 1), inside=self._judged, margins=0, spacing=px(8))
        self._of_one = QWidget()
        parts = self._judged, (self.curve, 3), self.facts, settings_head, self.settings, notes_head, (self.notes, 2)
        in_column(*parts, inside=self._of_one, margins=0, spacing=px(6))
        self.words = text_label("", "", wrap=True, cut=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        inside = QWidget()
        in_column(self.name, self.what, (self._of_one, 1), (self.words, 1), inside=inside, margins=4, spacing=px(6))
        self.area = scrolled(inside, focus=False)
        self.foot = in_row(margins=(4, 0))
        in_column((self.area, 1), self.foot, inside=self, margins=px(10), spacing=px(10))
        only_at_desk(notes_head, self.notes)
        self.show_rows([])

    def wanted(self, room: int) -> bool:
        """Return whether they are to be seen in a library of this width."""
        return self._wanted[self._is_ample(room)]

    def want(self, room: int, shown: bool) -> None:
        """Show them from now on, or fold them away, in libraries with as much room as this one."""
        ample = self._is_ample(room)
        self._wanted[ample] = shown
        if self._stored is not None:
            self._stored.setValue(_STORED[ample], "true" if shown else "false")

    def fit_width(self, room: int) -> None:
        """Be as wide as the text needs it in a library of this width."""
        self.setFixedWidth(min(self._appearance.with_text(_WIDTH), round(_MOST_SHARE * room)))

    def _is_ample(self, room: int) -> bool:
        return room >= max(_ROOM, self._appearance.with_text(_ROOM))

    def take(self, buttons: RunActions) -> None:
        """Have the buttons at the foot."""
        self.foot.addWidget(buttons)
        buttons.set_apart(True)

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show what is chosen."""
        one = rows[0] if len(rows) == 1 else None
        is_read = one is not None and one.run.about is not None
        self._of_one.setVisible(is_read)
        self.words.setVisible(not is_read)
        self.notes.show_row(one if is_read else None)
        self.curve.show_run(one.run if one is not None and is_read else None)
        if one is not None and is_read:
            self._show_one(one)
        elif one is not None:
            self._say(one.run.title, state_words(one.run).capitalize(), one.run.problem)
        elif rows:
            self._show_several(rows)
        else:
            self._say(_NONE, "", f"{_CHOOSE}\n\n{_SEVERAL}")

    def _say(self, name: str, what: str, words: str) -> None:
        self.name.show_name(name)
        self.what.setText(what)
        self.what.setVisible(bool(what))
        self.words.setText(words)

    def _show_one(self, row: Row) -> None:
        run = row.run
        assert run.about is not None
        self._say(run.title, f"{run.task}, {run.sizes}" if row.named else "", "")
        verdict = run.verdict
        self.sign.show_outlook(verdict.outlook if verdict is not None else None)
        unjudged = _NO_VERDICT if run.steps else _UNTRAINED
        self.verdict.setText(f"{verdict.sentence}." if verdict is not None else unjudged)
        self.reason.setText(verdict.reason if verdict is not None else "")
        self.advice.setText(f"{verdict.advice}." if verdict is not None else "")
        for label in (self.reason, self.advice):
            label.setVisible(bool(label.text()))
        self.facts.setText("\n".join(_facts(row)))
        lines = [] if run.is_elsewhere else departures(run.about.config)
        self.settings.setText("\n".join(lines) or (_UNKNOWN if run.is_elsewhere else _USUAL))

    def _show_several(self, rows: Sequence[Row]) -> None:
        readable = [row.run for row in rows if row.run.about is not None]
        can_compare = 2 <= len(readable) <= MOST_RUNS
        words = [*(f"· {row.run.title}" for row in rows[:_NAMED])]
        if len(rows) > _NAMED:
            words.append(f"· and {len(rows) - _NAMED:,} more")
        if can_compare:
            differing = ", ".join(setting(name).label_inside for name in differences(readable))
            words.append(f"\nThey differ in {differing}." if differing else "\nTheir settings are the same.")
        self._say(f"{len(rows):,} runs are chosen", _COMPARABLE if can_compare else _TOO_MANY, "\n".join(words))


def _facts(row: Row) -> list[str]:
    """Return what a run was and is, a line for each kind of thing."""
    run: Run = row.run
    about = run.about
    assert about is not None
    goal = f" of {about.goal:,}" if about.goal > about.steps else ""
    took = f" in {duration(run.seconds)}" if run.seconds else ""
    lines = [f"{run.steps:,}{goal} steps{took}, {state_words(run)}"] if run.steps or not run.is_elsewhere else []
    if not math.isnan(run.best_loss):
        lines.append(f"Best loss {row.texts[Column.LOSS]}, the mean of 100 steps in a row")
    if run.held_out is not None:
        held_out = run.held_out
        lines.append(f"{held_out.measure_name} on held-out rows: {row.texts[Column.HELD_OUT]}")
    began = "Began" if state_words(run) == IN_TRAINING else "Trained" if run.steps else "Recorded"
    where = f" on {run.device}" if run.device else ""
    lines.append(f"{began} {row.texts[Column.DATE]}{where}, {bytes_in_words(run.nbytes)}")
    return lines
