"""The view Compare: trains two to four configurations on the same batches and shows them side by side."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QSignalBlocker, Qt
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QProgressBar, QTabBar

from engine.comparison.comparison import Comparison, ComparisonUpdate
from engine.comparison.results import ComparisonResults
from engine.comparison.verdicts import front_outlook
from engine.experiments.catalogue import EXPERIMENTS
from engine.runs.messages import State
from engine.session.pulse import SILENT
from engine.settings.config import ConfigError, TrainingConfig
from engine.settings.words import names_of
from engine.text.amounts import duration
from gui.views.base import Tools
from gui.views.compare.pages import ResultsPage, SetUpPage
from gui.views.compare.panel import ComparePanel, Told
from gui.views.compare.presets import PRESETS, Changes, with_changes
from gui.views.compare.run import CompareRun
from gui.views.compare.table import note_of
from gui.views.training_view import LabView
from gui.widgets.labels import called, text_label
from gui.widgets.layouts import in_column, in_row
from gui.widgets.resting_cursor import tell_again

_WORDS_MS = 200
"""A number that changes more often cannot be read."""
_ROOM_FOR_ALL = 500
"""Height in which curves, gates and table stand below each other, in pixels at 1080 lines."""
_ROOM_BELOW = 400
"""Height that curves and gates need below the settings, in pixels at 1080 lines."""
_SET_UP, _RESULTS = range(2)
_IN_LIBRARY = "To compare, choose two to four runs (Ctrl and a click), then Compare; networks you bring are listed, too"
_FIRST = "cells"
"""The preset that is set up before anybody has picked one."""
_PARTS = ("Curves", "Gates", "Table")


class CompareView(LabView):
    """Trains configurations in a process of their own, beside the ordinary run and independent of it."""

    has_run_timeline = False

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._base_changes: Changes = {}
        self._said = QElapsedTimer()
        appearance = tools.appearance
        self.run = CompareRun(self, self._drawings)
        self.tabs = called("Pages of the comparison", QTabBar())
        self.tabs.setObjectName("views")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.panel = ComparePanel(appearance, {name: one.title for name, one in EXPERIMENTS.items()}, self)
        """Stands in a card of the window, beside the views of the workspace: the other one, until this is seen."""
        self.panel.stand_beside(False)
        self.start, self.pause, self.stop = self.panel.start, self.panel.pause, self.panel.stop
        self.progress = QProgressBar(textVisible=False, maximum=1000)
        self.status = text_label("", "note", cut=True)
        self.set_up = SetUpPage(appearance)
        self.results = ResultsPage(appearance)
        self._lay_out()
        self._take_preset(_FIRST)
        self.panel.picked.connect(self.pick)
        self.panel.chosen.connect(self._on_chosen)
        self.panel.recorded_wanted.connect(self._go_to_library)
        self.panel.experiment_wanted.connect(lambda name: self.asked.emit(f"experiment {name}"))
        self.set_up.changed.connect(self._on_set_up)
        self.tabs.currentChanged.connect(self._on_tab)
        self.start.clicked.connect(self.begin)
        self.pause.clicked.connect(self.run.pause_or_resume)
        self.stop.clicked.connect(self.run.stop)
        self.run.changed.connect(self._on_run_changed)
        self.run.failed.connect(self.message)
        self.results.gates.example_chosen.connect(self._on_example)
        self._update_controls()

    def _lay_out(self) -> None:
        px = self.tools.appearance.px
        self.progress.setFixedHeight(px(8))
        line = in_row((self.progress, 1), (self.status, 2), spacing=px(12))
        in_column(
            self.tabs,
            line,
            self.set_up,
            (self.results, 1),
            inside=self,
            margins=(px(12), px(8), px(12), px(10)),
            spacing=px(8),
        )

    # What is compared

    @property
    def base(self) -> TrainingConfig:
        """What no configuration changes: the present settings, as far as the preset leaves them."""
        return with_changes(self.training.config, self._base_changes)

    def _go_to_library(self) -> None:
        """Show the recorded runs, and say how two of them are compared there."""
        self.asked.emit("show library")
        self.message.emit(_IN_LIBRARY)

    def pick(self, name: str) -> None:
        """Set up a preset, and show it."""
        self._take_preset(name)
        self.wanted.emit("compare")

    def _take_preset(self, name: str) -> None:
        preset = PRESETS[name]
        self._base_changes = preset.base
        self.set_up.use_steps(self.training.config.steps)
        self.set_up.rows.show_choices(self.base, preset.choices(self.base))
        self.set_up.show_base(self.base)
        self._update_tabs(_SET_UP)
        self._update_controls()

    def _on_set_up(self) -> None:
        self._update_controls()
        self._on_tab()

    def _on_chosen(self, place: int) -> None:
        """Show the settings of a configuration."""
        self.wanted.emit("compare")
        self._update_tabs(_SET_UP)
        self.set_up.go_to(place)

    def begin(self) -> None:
        """Start the comparison that is set up; one sentence where it cannot be."""
        self.set_up.show_base(self.base)
        if self.training.named.asks(self.base, self.begin):
            return
        rows = self.set_up.rows
        seeds, steps = self.set_up.seeds.number(), int(self.set_up.steps.number())
        if refusal := self.set_up.seeds.refusal or self.set_up.steps.refusal:
            self.message.emit(refusal)
            return
        try:
            comparison = Comparison(rows.configs, seeds, steps)
        except ConfigError as error:
            self.message.emit(str(error))
            return
        if all(rows.problems):
            self.message.emit(rows.problems[0])
            return
        self.run.begin(comparison)
        assert self.run.results is not None
        self.results.show_comparison(self.run.results)
        self.wanted.emit("compare")
        self._update_tabs(_RESULTS)
        self._update_status()

    # Places

    @property
    def _whole(self) -> bool:
        """Whether there is room for curves, gates and table at once."""
        return self.height() >= self.px(_ROOM_FOR_ALL)

    def _update_tabs(self, page: int | None = None) -> None:
        """Offer the tabs that there is room for; stay where the view is, or go to a page."""
        before = self.tabs.tabData(self.tabs.currentIndex()) or (_SET_UP, "")
        wanted = (before[0] if page is None else page, before[1])
        entries: list[tuple[str, tuple[int, str]]] = [("Set up", (_SET_UP, ""))]
        if self._whole:
            entries.append(("Results", (_RESULTS, "")))
        else:
            entries += [(part, (_RESULTS, part)) for part in _PARTS]
        with QSignalBlocker(self.tabs):
            if [self.tabs.tabText(place) for place in range(self.tabs.count())] != [words for words, _ in entries]:
                while self.tabs.count():
                    self.tabs.removeTab(0)
                for words, data in entries:
                    self.tabs.setTabData(self.tabs.addTab(words), data)
            alike = [place for place, (_, data) in enumerate(entries) if data[0] == wanted[0]]
            same = [place for place in alike if entries[place][1] == wanted]
            self.tabs.setCurrentIndex((same or alike)[0])
            for place, (_, data) in enumerate(entries):
                self.tabs.setTabEnabled(place, data[0] == _SET_UP or self.run.results is not None)
        self._on_tab()

    def _on_tab(self) -> None:
        data = self.tabs.tabData(self.tabs.currentIndex())
        if data is None:
            return
        page, part = data
        both = page == _SET_UP and self.height() - self.set_up.wanted_height >= self.px(_ROOM_BELOW)
        if page != _SET_UP and self.set_up.isAncestorOf(QApplication.focusWidget() or self):
            self.setFocus()  # else the keys would go to whatever comes next
        self.set_up.setVisible(page == _SET_UP)
        self.results.setVisible(page == _RESULTS or both)
        if page == _SET_UP:
            self.set_up.show_base(self.base)
        self.set_up.share_height(self.height() // 2 if both else 0)
        if both:
            self.results.show_parts(curves=True, gates=True, table=False)
        elif page == _RESULTS:
            self.results.show_parts(*(part in ("", name) for name in _PARTS))
        if both or page == _RESULTS:
            self._draw_all()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._update_tabs()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.panel.stand_beside(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.panel.stand_beside(False)

    def end(self) -> None:
        self.run.end()

    # Drawing

    def show_news(self) -> None:
        """Draw nothing: the ordinary run is not what this view shows."""

    def refresh(self) -> None:
        self.set_up.show_base(self.base)
        self._update_tabs()
        self._update_panel()

    def restyle(self) -> None:
        self.results.table.apply_theme()
        self.set_up.rows.restyle()

    def _drawings(self) -> list[Callable[[], None]]:
        """Return what new results change on the screen."""
        results = self.results
        if not self.isVisible():
            return [self._update_panel] if self.panel.isVisible() else []
        over = not self.run.active
        words = over or not self._said.isValid() or self._said.elapsed() >= _WORDS_MS
        if words:
            self._said.start()
        wanted = [
            (results.loss, results.draw_loss),
            (results.measure, results.draw_measure),
            (results.gates, results.draw_gates),
            *([(results.table, results.draw_table)] if words else []),
        ]
        drawings = [draw for part, draw in wanted if part.isVisible()]
        return [*drawings, self._update_status, self._update_panel] if words else drawings

    def _draw_all(self) -> None:
        if self.isVisible():
            self._show_what_is_to_come()
            self.results.draw()
            self._update_status()

    def _show_what_is_to_come(self) -> None:
        """Before the first comparison, show the empty curves and gates of the one that is set up."""
        configs = self.set_up.rows.configs
        if self.run.results is None and not all(self.set_up.rows.problems):
            seeds, steps = self.set_up.seeds.value(), int(self.set_up.steps.value())
            self.results.show_comparison(ComparisonResults(Comparison(configs, seeds, steps)), begun=False)

    def _on_example(self, number: int) -> None:
        self.run.example = number
        self.results.draw_gates()

    def _on_run_changed(self) -> None:
        self._update_controls()
        self._update_status()

    def _update_controls(self) -> None:
        state = self.run.state
        self.start.setText("Start over" if self.run.active else "Start")
        self.pause.setText("Continue" if state is State.PAUSED else "Pause")
        self.pause.setEnabled(state in (State.RUNNING, State.PAUSED))
        self.stop.setEnabled(self.run.active)
        shown = self.run.results is not None
        self.progress.setVisible(shown)
        self.status.setVisible(shown)
        self._update_panel()

    def _update_panel(self) -> None:
        """Tell on the cards which configurations are set up, and what the comparison says of those that it has."""
        rows, results = self.set_up.rows, self.run.results
        told = []
        for place, (config, name, problem) in enumerate(
            zip(rows.configs, names_of(rows.configs), rows.problems, strict=True)
        ):
            known = results is not None and results.comparison.configs[place : place + 1] == (config,)
            if problem or results is None or not known:
                told.append(Told(name, problem))
            else:
                told.append(Told(name, note_of(results, place), front_outlook(results.verdicts_of(place))))
        self.panel.show_configurations(told)

    def _update_status(self) -> None:
        results, last = self.run.results, self.run.last
        if results is None or last is None:
            return
        self.progress.setValue(round(1000 * results.share_done))
        self.status.setText(self._status_line(results, last))
        self.status.setToolTip(self.status.text())
        self.results.read()
        tell_again(self)

    def _status_line(self, results: ComparisonResults, last: ComparisonUpdate) -> str:
        worker = self.run.worker
        if worker is not None and worker.silent:
            return SILENT
        if last.state is State.PREPARING:
            return (last.message or "preparing").capitalize()
        made = sum(history.count for history in results.histories.values())
        parts = [f"{made:,} training steps in all runs"]
        children = worker.children if worker is not None else 1
        left = results.seconds_left(children)
        if last.state is State.FAILED:
            parts.append(last.error)
        elif last.state is not State.RUNNING:
            parts.append(str(last.state))
        elif not math.isnan(left):
            parts.append(f"{duration(left)} left")
        if last.place:
            parts.append(f"{children} × {last.place}" if children > 1 else last.place)
        return " · ".join(parts)
