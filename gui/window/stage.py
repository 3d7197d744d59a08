"""The middle of the window: one view in front, with the formula line and the bar of time below it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from engine.errors import did_you_mean
from engine.explain.notes import note_of
from gui.commands.command import CommandError, Value
from gui.commands.registry import Registry
from gui.commands.views import VIEWS, Workspace, found, workspaces
from gui.diagram.formula import FormulaPanel
from gui.exchange.film_saving import FilmSaving
from gui.exchange.taking import Pictures
from gui.network.bar import NetworkBar
from gui.playback.timeline import Timeline
from gui.playback.walk import Walk
from gui.runs.run_strip import RunStrip
from gui.runs.run_timeline import RunTimeline
from gui.training.verdict import VerdictStrip
from gui.views.base import Tools, View
from gui.views.cell.cell import CellPage
from gui.views.check.card import CheckCard
from gui.views.training_view import LabView
from gui.widgets.buttons import tool_button
from gui.widgets.layouts import in_column, in_row
from gui.window.card import Card
from gui.window.view_tabs import ViewTabs

if TYPE_CHECKING:
    from gui.views.by_hand.by_hand import ByHandView  # made when it is first looked at
    from gui.views.experiments.experiments import ExperimentsView

_WITH_FORMULA = ("diagram", "unrolled", "side-by-side")
"""Views over the formula line; the others say themselves what they show, and take its room."""
_LOW = 640
"""Pixels of height at 1080 lines below which the view that shows most has the formula line's room."""

_AFTER_DIAGRAM_MS = 12
"""Between new numbers in the diagram and in the formula line: both in one turn would hold up a frame."""


class Stage(QWidget):
    """Shows one view; says which walk the playback's keys move."""

    walk_changed = Signal()
    workspace_changed = Signal(str)
    called = Signal()
    """A view was asked for, perhaps the one in front."""
    message = Signal(str)
    diagram_made = Signal(object)
    """A CellPage within another view, when that is first looked at."""

    def __init__(self, tools: Tools) -> None:
        super().__init__()
        self._tools = tools
        self._views: dict[str, View] = {}
        self._last: dict[Workspace, str] = {workspace: names[0] for workspace, names in workspaces().items() if names}
        """The view that was in front last, of each workspace."""
        self._speed = tools.appearance.motion.speed
        self._covered = False
        self._commands: Registry | None = None
        self.cell = CellPage(tools)
        self.formula = FormulaPanel(tools.typesetter, tools.appearance)
        self.timeline = Timeline(tools.playback, tools.appearance)
        px = tools.appearance.px
        self.names, self.turn = tool_button("turn"), tool_button("turn")
        """The buttons that name the parts and show the backward pass, for their actions."""
        self._of_diagram = QWidget()
        in_row(self.names, self.turn, inside=self._of_diagram, margins=0, spacing=px(4))
        self._tabs = ViewTabs(tools.appearance, self._of_diagram)
        self._stack = QStackedWidget()
        self._bar = QWidget()
        in_row(self._tabs, inside=self._bar, margins=(px(6), px(4), px(6), 0))
        inside = QWidget()
        self.check = CheckCard(tools, lambda: self.cell.bar.loss)
        """Beside the diagram, once it was asked for."""
        self._check_wanted = False
        self.check.hide()
        self.check.closed.connect(lambda: self._want_check(False))
        self.cell.bar.changed.connect(self.check.refresh)
        middle = in_row((self._stack, 1), self.check, margins=0, spacing=0)
        column = in_column(self._bar, (middle, 1), inside=inside, margins=0, spacing=0)
        self.network: NetworkBar | None = None
        """Which network the views of the cell show, if one is."""
        if tools.following is not None:
            self.network = NetworkBar(tools.following, tools.appearance)
            self._of_network = QWidget()  # hidden with the views of the cell, whatever the bar does by itself
            in_row((self.network, 1), inside=self._of_network, margins=0, spacing=0)
            column.insertWidget(1, self._of_network)
            tools.following.watched = lambda: self._views[self.front].shows_cell
            self.walk_changed.connect(tools.following.look)
            tools.model.visit_changed.connect(self._show_timelines)
            tools.model.visit_changed.connect(self._show_strip)
        bar = QWidget()
        self._time = in_row((self.timeline, 1), inside=bar, margins=0, spacing=px(8))
        self._timeline_card = Card(bar)
        self.verdict: VerdictStrip | None = None
        """Above the views of a run."""
        if tools.training is not None:
            self.verdict = VerdictStrip(tools)
            self.verdict.hide()
            self.verdict.said.connect(self.message)
            column.insertWidget(1, self.verdict)
        self._formula_card = Card(self.formula)
        layout = in_column(
            (Card(inside, 1), 1), self._formula_card, self._timeline_card, inside=self, margins=0, spacing=px(12)
        )
        self.run_timeline: RunTimeline | None = None
        if tools.recordings is not None and tools.training is not None:
            travel = tools.recordings.travel
            self.run_timeline = RunTimeline(tools.training, travel, tools.appearance)
            self.run_timeline.bar.hovered.connect(self.message)
            self._run_card = Card(self.run_timeline)
            layout.addWidget(self._run_card)
            travel.run.changed.connect(self._show_timelines)
        self.strip: RunStrip | None = None
        if tools.training is not None:
            self.strip = RunStrip(tools.training, tools.appearance)
            self.strip.opened.connect(lambda: self.show_workspace("train"))
            layout.addWidget(self.strip)  # until it has its place below the pages
        self.films = FilmSaving(self, tools)
        self.films.said.connect(self.message)
        self.pictures = Pictures(tools, self)
        self.pictures.said.connect(self.message)
        self._add("diagram", self.cell)
        self.front = "diagram"
        """Name of the view in front."""
        self._tabs.show_front(self.front)
        self._tabs.chosen.connect(self.show_view)
        self._formula_soon = QTimer(self, singleShot=True, interval=_AFTER_DIAGRAM_MS)
        self._formula_soon.timeout.connect(self._update_formula)
        self.cell.turned.connect(self._follow)
        for walk in (self.cell.back, tools.playback):
            walk.moved.connect(self._update_formula)
            walk.renewed.connect(self._formula_soon.start)
            walk.progressed.connect(self._show_progress)
        tools.appearance.changed.connect(self._on_appearance)
        tools.appearance.motion.changed.connect(self._on_motion)
        self._on_motion()
        self._show_timelines()
        self._show_strip()

    def take_transport(self, transport: QWidget) -> None:
        """Put the buttons of the playback before its timeline."""
        self._time.insertWidget(0, transport)

    def register_commands(self, commands: Registry) -> None:
        """Say what the commands do that choose a view and walk through it."""
        self.cell.register_commands(commands)
        self.formula.register_commands(commands)
        self.pictures.register_commands(commands, lambda: self.view(self.front).pictured)
        self._commands = commands
        commands.register("show", lambda view: self.show_view(view), on=lambda view: view == self.front)
        commands.register("workspace", self.show_workspace, on=lambda name: name == self.workspace)
        commands.register("experiment", self._go_to_experiment)
        commands.register("save film", lambda: self.films.show_dialog(self.front))
        commands.register("backwards", self._turn_round, on=lambda: self._shows_backwards)
        commands.register("next", lambda: self.walk.next())
        commands.register("back", lambda: self.walk.back())
        commands.register("play", lambda: self.walk.toggle())
        commands.register("restart", lambda: self.walk.restart())
        commands.register("operation", self._go_to)
        commands.register("gate", self._set_gates)
        commands.register("check", self._check_gradient)
        to_come = self._tools.to_come
        commands.register("hide", lambda: to_come.hide(not to_come.hidden), on=lambda: to_come.hidden)
        to_come.changed.connect(self._follow)

    def _go_to_experiment(self, name: str) -> None:
        view = cast("ExperimentsView", self.view("experiments"))
        if name not in view.names:
            raise CommandError(f"There is no experiment “{name}”{did_you_mean(name, view.names)}")
        view.choose(name)
        self.show_view("experiments")

    def _set_gates(self, **values: Value) -> None:
        self.show_view("by-hand")
        cast("ByHandView", self.view("by-hand")).set_gates(**values)  # type: ignore[arg-type]  # gates have any name

    def _check_gradient(self, name: str = "", row: int = 1, column: int | None = None) -> None:
        self.show_view("diagram")
        self._want_check(True)
        self.check.show_weight(name or next(iter(self._tools.model.document.weights)), row, column)

    def _want_check(self, wanted: bool) -> None:
        self._check_wanted = wanted
        self.check.setVisible(wanted and self.front == "diagram")
        if not wanted:
            self.cell.setFocus()

    def _turn_round(self) -> None:
        backwards = not self._shows_backwards
        self.show_view("diagram")
        self.cell.turn(backwards)

    @property
    def _shows_backwards(self) -> bool:
        return self.front == "diagram" and self.cell.backwards

    def _go_to(self, name: str, t: int | None = None) -> None:
        """Stand where an operation has just been computed, at time step t (from 1)."""
        playback, trace = self._tools.playback, self._tools.model.latest_trace
        if trace is None:
            raise CommandError(f"{name}: the numbers are still being computed; try again in a moment")
        names = [operation.name for operation in trace.cell.operations]
        if name not in names:
            raise CommandError(f"This cell has no operation {name}{did_you_mean(name, names)}")
        if t is not None and not 1 <= t <= playback.steps:
            raise CommandError(f"There is no time step {t}; choose one from 1 to {playback.steps}")
        self.cell.turn(False)
        playback.seek(playback.first(playback.t if t is None else t - 1) + names.index(name))

    @property
    def workspace(self) -> Workspace:
        """The workspace of the view in front."""
        return VIEWS[self.front].workspace

    def show_workspace(self, name: Workspace) -> None:
        """Go to a workspace, to the view that was in front there last."""
        self.show_view(self._last[name])

    def cover(self, covered: bool) -> None:
        """Know whether something is seen in place of the view in front: then a run has its line below."""
        self._covered = covered
        self._show_strip()

    def step_out(self) -> bool:
        """Leave the view in front for the first one of its workspace; return whether it was another."""
        first = workspaces()[self.workspace][0]
        if self.front == first:
            return False
        self.show_view(first)
        return True

    @property
    def walk(self) -> Walk:
        """What the playback's keys move."""
        return self._views[self.front].walk

    def view(self, name: str) -> View:
        """Return a view, made if it was not yet looked at; raise KeyError for an unknown name."""
        if name not in self._views:
            self._add(name, found(VIEWS[name].place)(self._tools))
        return self._views[name]

    def show_view(self, name: str) -> None:
        """Bring a view to the front; what moved in the one before stands still."""
        view = self.view(name)
        self.called.emit()
        if name == self.front:
            return
        self.walk.seek(self.walk.position)
        before = self.workspace
        self.front = name
        self._last[self.workspace] = name
        self._tabs.show_front(name)
        self._stack.setCurrentWidget(view)
        if not self._tabs.bar.hasFocus():  # who goes through the tabs by keys stays there
            view.setFocus()  # keys are the playback's, not those of the first field in the view
        self._follow()
        if self.workspace != before:
            self.workspace_changed.emit(self.workspace)

    @property
    def lab(self) -> LabView | None:
        """The view in front, if it is one of the training."""
        view = self._views[self.front]
        return view if isinstance(view, LabView) else None

    def end(self) -> None:
        """End what goes on in the background for any view: the window closes."""
        self.films.end()
        self.pictures.end()
        for view in self._views.values():
            view.end()

    def set_speed(self, speed: float) -> None:
        """Play at a speed, in whatever view."""
        self._speed = speed
        self.walk.set_speed(speed)

    def _on_motion(self) -> None:
        motion = self._tools.appearance.motion
        self.set_speed(motion.speed)
        self.walk.still = motion.still

    def _on_appearance(self) -> None:
        """Leave the view and the formula line alone on the screen while somebody presents."""
        self._bar.setVisible(not self._tools.appearance.presenting)
        self._show_formula()
        self._show_strip()
        self._show_timelines()

    def _add(self, name: str, view: View) -> None:
        self._views[name] = view
        view.setWhatsThis(VIEWS[name].sentence)
        view.setAccessibleName(VIEWS[name].title)
        self._stack.addWidget(view)
        view.message.connect(self.message)
        view.wanted.connect(self.show_view)
        view.asked.connect(self._carry_out)
        for page in view.findChildren(CellPage):
            self.diagram_made.emit(page)

    def _carry_out(self, line: str) -> None:
        """Do what a view offers in an empty place."""
        if self._commands is not None:
            try:
                self._commands.run(line)
            except CommandError as error:
                self.message.emit(str(error))

    def _follow(self) -> None:
        view = self._views[self.front]
        self.timeline.follow(view.shown_walk)
        self._tools.playback.by_legs = view.by_steps
        view.walk.set_speed(self._speed)
        view.walk.still = self._tools.appearance.motion.still
        self._of_diagram.setVisible(self.front == "diagram")
        self.check.setVisible(self._check_wanted and self.front == "diagram")
        self._show_formula()
        if self.verdict is not None:
            self.verdict.setVisible(isinstance(view, LabView) and view.has_run_timeline)
        self._show_timelines()
        self._show_strip()
        self._update_formula()
        self.walk_changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_formula()

    def _show_formula(self) -> None:
        """Show the formula line below the views that it belongs to, as high as there is room for."""
        self.formula.fit(self.height())
        low = self.height() < self._tools.appearance.px(_LOW) and not self._tools.appearance.presenting
        self._formula_card.setVisible(self.front in _WITH_FORMULA and not (low and self.front == "side-by-side"))

    @property
    def _shows_run(self) -> bool:
        """Whether what is in front shows the run, or a network of it."""
        if self._covered:
            return False
        of_network = self._tools.model.visiting and self._views[self.front].shows_cell
        return of_network or self.workspace in ("train", "side-by-side")

    def _show_strip(self) -> None:
        """Tell of a run that goes on where the view in front does not."""
        if self.strip is not None:
            self.strip.elsewhere = not self._tools.appearance.presenting and not self._shows_run
            self.strip.follow()

    def _show_timelines(self) -> None:
        """Show the timeline of what is in front: of the cell's walk, or of the run."""
        view = self._views[self.front]
        self._timeline_card.setVisible(not self._tools.appearance.presenting and view.has_timeline)
        if self.run_timeline is not None and self._tools.recordings is not None:
            of_run = isinstance(view, LabView) and view.has_run_timeline
            # The diagram shows a network of the run; in a presentation its numbers need the room.
            of_network = self._tools.model.visiting and not self._tools.appearance.presenting
            self._run_card.setVisible(of_run or (of_network and self._tools.recordings.travel.run.last is not None))
        if self.network is not None:
            self.network.stand_beside_step(not self._run_card.isHidden())
            self._of_network.setVisible(view.shows_cell)

    def _show_progress(self) -> None:
        """Write the result when its tokens arrive."""
        self.formula.show_progress(self.cell.walk.progress)

    def _update_formula(self) -> None:
        self._show_progress()
        trace, playback, model = self._tools.model.latest_trace, self._tools.playback, self._tools.model
        if trace is None:
            return
        if self.front == "diagram" and self.cell.backwards:
            way = self.cell.way
            if way is not None:
                move = way.move(self.cell.back.position)
                self.formula.show_move(way, move)
                self.formula.show_note(note_of(trace.cell, move.operation.name, backwards=True) if move else "")
            return
        operation = playback.operation
        name = operation.name if operation else None
        self.formula.show_operation(trace, playback.moment.t, name, self._tools.shows_whole)
        authors = model.document.notes if model.untouched else {}
        self.formula.show_note(note_of(trace.cell, operation.name, authors) if operation else "")
