"""The main window: makes the parts of the program, places them and connects them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QMessageBox

from engine.cell.cell import Cell
from engine.cell.trace import Trace
from engine.document.document import Document
from gui.appearance.chosen.folder import ChosenFolder
from gui.appearance.screen import ScreenWatch
from gui.appearance.stored import Stored
from gui.appearance.style import style_sheet
from gui.appearance.theme import Appearance
from gui.appearance.typeset import Typesetter
from gui.commands.actions import Actions
from gui.commands.keymap import Keymap
from gui.commands.registry import Registry
from gui.commands.table import commands, menus
from gui.commands.views import Workspace
from gui.document.cell_model import CellModel
from gui.document.dropping import Dropping
from gui.document.files import Files
from gui.document.highlight import Light
from gui.document.inputs import InputsPanel
from gui.document.sizes import SizesPanel
from gui.document.weights import WeightsPanel
from gui.exchange.giving import Giving
from gui.hall.presenting import Presenting
from gui.help.commands import register_help
from gui.jobs.background import Background
from gui.lessons.lessons import Lessons
from gui.network.following import Following
from gui.network.window_title import WindowTitle
from gui.playback.playback import Playback
from gui.preferences.commands import register_preferences
from gui.runs.controller import TrainingController
from gui.runs.recordings import Recordings
from gui.safety.session import sessions_folder
from gui.training.room import TrainingRoom
from gui.training.stored_config import stored_config
from gui.views.base import Tools
from gui.views.page import Desk
from gui.widgets.message_box import message_box
from gui.widgets.own_keys import leave_editor
from gui.widgets.resting_cursor import tell_again
from gui.widgets.zoomable import reset_zooms
from gui.window.docks import Docks
from gui.window.hover import connect_light
from gui.window.menu_bar import MenuBar
from gui.window.reading_order import ReadWindow
from gui.window.stage import Stage
from gui.window.top_bar import TopBar
from gui.window.transport import Transport
from gui.workspaces.late_panel import LatePanel
from gui.workspaces.pages import Pages
from gui.workspaces.welcome.welcome import Welcome

if TYPE_CHECKING:
    from gui.views.compare.compare import CompareView  # made when its panel is first looked at
    from gui.views.step.step import SlowStepView
    from gui.views.worked_sum.worked_sum import WorkedSumView  # made when a layer is first opened

_MESSAGE_MS = 8000
_WITH_DIAGRAM, _WITH_RUN = ("explore", "side-by-side"), ("train", "side-by-side")
"""The workspaces that show the cell with its numbers, and those that show the run."""


class MainWindow(ReadWindow):
    """A workspace: one view in the middle, what the user sets at the left, the menus on top."""

    def __init__(
        self, document: Document, name: str, stored: Stored, appearance: Appearance, record: bool = True
    ) -> None:
        """record: whether runs are recorded where the user wants that; False leaves no recordings."""
        super().__init__()
        self._stored, self._appearance = stored, appearance
        self._closing = False
        self._screen = ScreenWatch(self, appearance)
        self._prepared: Cell | None = None
        self.background = Background("documents", self)
        self.typesetter = Typesetter(Background("typesetting", self))
        self.model = CellModel(document, name, self.background)
        self.playback = Playback(self)
        self.model.trace_changed.connect(self.playback.set_trace)  # first of all: others seek in the new trace
        self.files = Files(self.model, self.background, stored, self)
        self.light = Light(self)
        controller = TrainingController(stored_config(stored), self)
        recordings = Recordings(controller, stored, never=not record)
        self.following = Following(controller.run, recordings.travel, self.model, self.playback, self)
        tools = Tools(
            *(self.model, self.playback, self.light, self.background, self.typesetter, appearance),
            filling=lambda: self.sizes.filling,
            training=controller,
            recordings=recordings,
            stored=stored,
            following=self.following,
        )
        self.stage = Stage(tools)
        self.scene, self.view = self.stage.cell.scene, self.stage.cell.view
        self.formula, self.timeline = self.stage.formula, self.stage.timeline
        self.sizes = SizesPanel(self.model, self.typesetter, appearance)
        self.weights = WeightsPanel(self.model, self.typesetter, appearance, lambda: self.sizes.filling)
        self.inputs = InputsPanel(self.model, appearance)
        self.training = TrainingRoom(self, controller, stored, tools)
        self.training.lab = lambda: self.stage.lab
        self.commands = Registry(commands())
        self.keymap = Keymap(self.commands.commands, stored)
        self.actions_by_name = Actions(self, self.commands, menus(), self.keymap)
        self.transport = Transport(self.actions_by_name, self.playback, appearance)
        self.stage.take_transport(self.transport)
        self.actions_by_name["names"].setIconText("Names")  # on its button, beside the tabs
        for made, name in ((self.stage.names, "names"), (self.stage.turn, "backwards")):
            made.setDefaultAction(self.actions_by_name[name])
        if self.stage.run_timeline is not None:
            self.stage.run_timeline.use(self.actions_by_name)
        own = {"sizes": self.sizes, "weights": self.weights, "inputs": self.inputs, "training": self.training.panel}
        own["configurations"] = LatePanel(lambda: cast("CompareView", self.stage.view("compare")).panel)
        self.copies = ChosenFolder(stored, "copies folder", "the folder for unsaved work", sessions_folder())
        desk = Desk(tools, self.commands, self.keymap, self.files, stored, self.copies, self.training.this_cell)
        self.pages = Pages(self.stage, self.stage.strip, desk, self._make_room)
        self.docks = Docks(self, own, self.training.plots, appearance)
        self.lessons = Lessons(self, tools, self.commands, self.files, self.stage, self.warn)
        self._set_up_places()
        self._set_up_menus()
        assert self.stage.network is not None
        for panel in (self.sizes, self.weights, self.inputs, self.training.panel, self.stage.network):
            for name, button in panel.buttons.items():
                button.use(self.actions_by_name[name])
        self.welcome = Welcome(self, tools, self.files, self.stage.strip)
        self.giving = Giving(self, tools, lambda: self.stage.view(self.stage.front), self.say, self.warn)
        self.presenting = Presenting(self, appearance, stored, self.lessons, self._show_presenting)
        if self.stage.strip is not None:
            self.stage.strip.pause.use(self.actions_by_name["train"])
        self._register_commands()
        self._connect()
        self.docks.restore(stored)
        self._apply_appearance()
        self._title = WindowTitle(self, self.model, self.following, self.top.show_document)
        self.view.setFocus()  # the first Space is the playback's

    # Places

    def _set_up_places(self) -> None:
        px = self._appearance.px
        self.setCentralWidget(self.lessons.around(self.pages))
        Dropping(self, self.files.open)
        self.setContentsMargins(px(12), px(4), px(12), 0)
        self._where = QLabel()
        self.statusBar().addPermanentWidget(self._where)
        self.statusBar().setSizeGripEnabled(False)

    def _set_up_menus(self) -> None:
        self._menus = MenuBar(menus(), self.actions_by_name, self.files.open)
        self.top = TopBar(self._menus, self.actions_by_name, self._appearance)
        self.top.switch.show_front(self.stage.workspace)
        self.setMenuWidget(self.top)
        self._menus.show_recent(self.files.recent)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.docks.share_room_at_first()
        self._screen.begin()
        QTimer.singleShot(0, self._say_what_was_left_out)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.docks.fit()

    def _say_what_was_left_out(self) -> None:
        sentence, self.docks.news = self._stored.sentence_of_left_out() or self.docks.news, ""
        if sentence:
            self.statusBar().showMessage(sentence)  # until there is something else to say

    # Who hears whom

    def _connect(self) -> None:
        self.model.opened.connect(self.playback.restart)
        self.model.document_changed.connect(self._update_cell_marks)
        self.model.visit_changed.connect(lambda: self._update_cell_marks(self.model.document))
        self._followed = False, False
        self.following.changed.connect(self._on_following)
        self._update_cell_marks(self.model.document)
        for changed in (
            *(self.model.undo_stack.canUndoChanged, self.model.undo_stack.canRedoChanged, self.stage.walk_changed),
            *(self._appearance.changed, self.training.recordings.on_changed),
            *(card.toggleViewAction().toggled for card in self.docks.cards.values()),
        ):
            changed.connect(self._update_states)
        self.model.undo_stack.undoTextChanged.connect(self._update_undo)
        self.stage.walk_changed.connect(lambda: self.transport.follow(self.stage.walk))
        self.stage.walk_changed.connect(self.training.ask)  # another view may want to see more
        self.stage.workspace_changed.connect(self._on_workspace)
        self.top.switch.chosen.connect(self.stage.show_workspace)
        self.top.switch.chosen.connect(lambda _name: self.welcome.leave())
        self.welcome.changed.connect(self._on_welcome)
        self.welcome.wanted.connect(self.stage.show_view)
        for shown in (self.stage, self.pages, self.model, self.files):
            shown.message.connect(self.say)
        self.stage.called.connect(self.pages.leave)
        self.model.opened.connect(self._show_cell)
        self.pages.changed.connect(self._show_front)
        self.model.trace_changed.connect(self._on_trace)
        for after in (self.training.turns.after_frame, self.following.after_frame):
            self.view.painted.connect(after)
        self.scene.layer_clicked.connect(self._on_layer_clicked)
        self.scene.output_clicked.connect(self.sizes.switch_output)
        self.light.said.connect(self.statusBar().showMessage)
        connect_light(self.light, self.playback, self.stage, self.weights, self.inputs, self._appearance)
        self._stored.missed.connect(self._say_what_was_left_out, Qt.ConnectionType.QueuedConnection)  # by later views
        for part in (self.following, self.welcome, self.training, self.lessons):
            part.said.connect(self.say)
        self.files.refused.connect(lambda sentence: self.warn("Nothing was changed", sentence))
        self.files.recent_changed.connect(lambda: self._menus.show_recent(self.files.recent))
        for panel in (self.weights, self.inputs):
            panel.table.message.connect(self.say)
            panel.table.link_pasted.connect(self.files.open_link)
        self.training.slow_motion_wanted.connect(self._on_slow_motion)
        self.training.diagram_wanted.connect(self._show_cell)
        self.training.settings_wanted.connect(self._on_settings)
        self.training.plots.say_hovered = self.docks.cards["gates"].set_aside
        self.training.warned.connect(self.warn)
        self.files.openers |= {"recordings": self.training.recordings.open, "data": self.training.data.open}
        self.files.settings_found.connect(self.training.use_linked)
        self.training.recordings.opened.connect(self._on_recording)
        self.training.where_changed.connect(self._where.setText)
        self._appearance.changed.connect(self._apply_appearance)
        self._update_states()

    def _register_commands(self) -> None:
        commands, appearance = self.commands, self._appearance
        self.sizes.register_commands(commands, self.files.when_safe)
        for part in (
            *(self.files, self.weights, self.inputs, self.stage, self.transport, self.docks, self.presenting),
            *(self.training, self.following, self.welcome, self.pages, self.giving, self.lessons),
        ):
            part.register_commands(commands)
        commands.register("quit", lambda: self.close())
        commands.register("weights", self._on_matrix, possible=lambda number: 1 <= number <= len(self.weights.matrices))
        commands.register("leave", self._on_escape)
        commands.register("reset zoom", lambda: reset_zooms(self))
        register_preferences(commands, self.pages, appearance)
        register_help(commands, self.keymap, appearance, self, lambda: "" if self._is_covered else self.stage.front)
        self.actions_by_name.bind()

    def say(self, sentence: str) -> None:
        """Put a sentence in the status line for a while."""
        self.statusBar().showMessage(self.keymap.retold(sentence), _MESSAGE_MS)

    def warn(self, title: str, sentence: str) -> None:
        """Show a sentence that must be seen, without stopping anything."""
        message_box(self, QMessageBox.Icon.Warning, title, sentence)

    def _show_presenting(self, presenting: bool) -> None:
        """Leave the diagram and the formula line alone on the screen, in large letters, or bring the rest back."""
        if presenting:
            self.pages.leave()
            self.docks.hide_all()
        for widget in (self.top, self.statusBar()):
            widget.setVisible(not presenting)
        self._appearance.present(presenting)
        self.view.has_tips = not presenting  # the formula's card says it in large letters
        if not presenting:
            self.docks.bring_back()
        self._update_states()

    def _make_room(self, taken: bool) -> None:
        """Leave the whole room to a page, or bring the panels back."""
        if taken:
            self.docks.hide_all()
            return
        self.docks.bring_back()
        self.stage.view(self.stage.front).setFocus()

    def _update_states(self, *_news: object) -> None:
        if not self._closing:  # panels and the undo stack still speak as they die
            self.actions_by_name.update_states()

    def _update_cell_marks(self, document: Document) -> None:
        self._update_states()
        self.docks.cards["sizes"].set_aside(document.cell.title)
        self.formula.show_lesson(document.lesson if self.model.untouched and not self.lessons.course.on else "")

    def _on_matrix(self, number: int) -> None:
        self._show_cell()
        self.docks.raise_card("weights")
        self.weights.choose(self.weights.matrices[number - 1])

    def _on_trace(self, trace: Trace) -> None:
        tell_again(self)
        if trace.cell is not self._prepared:
            self._prepared = trace.cell
            self.formula.prepare(trace.cell)

    def _on_layer_clicked(self, name: str) -> None:
        """Open the layer's product as a worked sum, and its weights beside it."""
        cast("WorkedSumView", self.stage.view("sum")).show_layer(name)
        self.stage.show_view("sum")
        self.weights.choose(name)
        if not self.docks.folded:
            self.docks.raise_card("weights")

    def _show_front(self) -> None:
        """Mark the workspace in front, where no page lies over it; over one that is hidden, a run has its line."""
        self.stage.cover(self._is_covered)
        self.top.switch.show_front(None if self._is_covered else self.stage.workspace)

    @property
    def _is_covered(self) -> bool:
        """Whether Welcome or a page is seen in place of the view in front."""
        return self.welcome.shown or bool(self.pages.front)

    def _on_welcome(self, shown: bool) -> None:
        self._show_front()
        if shown:
            self.pages.leave()
        else:
            self.stage.view(self.stage.front).setFocus()

    def _on_workspace(self, name: Workspace) -> None:
        self.top.switch.show_front(name)
        self.docks.show_workspace(name)
        self._update_states()

    def _on_settings(self) -> None:
        self.stage.show_workspace(self.stage.workspace if self.stage.workspace in _WITH_RUN else "train")
        self.docks.fold(False)
        self.docks.raise_card("training")

    def _on_slow_motion(self) -> None:
        cast("SlowStepView", self.stage.view("slow-motion")).begin()
        self.stage.show_view("slow-motion")

    def _show_cell(self) -> None:
        """Show the cell, in the view in front if that is one of the cell, else in the diagram; a page gives way."""
        self.stage.show_view(self.stage.front if self.stage.workspace in _WITH_DIAGRAM else "diagram")

    def _on_recording(self) -> None:
        """Show a run that was opened, in the view in front if that is one of runs, else in Live; a page gives way."""
        if (path := self.training.controller.run.path) is not None:
            self.files.remember(path)
        self.stage.show_view(self.stage.front if self.stage.workspace in _WITH_RUN else "live")

    def _on_escape(self) -> None:
        if self.presenting.step_out() or self.welcome.leave() or self.docks.over.close_over():
            return
        if leave_editor(self.pages.page or self.stage.view(self.stage.front)):
            return
        if not self.pages.step_out() and not reset_zooms(self) and not self.stage.step_out():
            self.presenting.ask_to_end()

    def _update_undo(self, text: str) -> None:
        self.actions_by_name["undo"].setText(f"&Undo {text}" if text else "&Undo")

    def _on_following(self) -> None:
        standing = self.following.on, self.following.held
        if standing != self._followed:
            self._followed = standing
            self._update_states()

    def _apply_appearance(self) -> None:
        sheet = style_sheet(self._appearance)
        if sheet != self.styleSheet() and not self._appearance.lent:  # Qt goes through all of it again, the same or not
            self.setStyleSheet(sheet)

    # The end

    def closeEvent(self, event: QCloseEvent) -> None:
        self.presenting.end()
        self.lessons.end()
        self.pages.leave()
        self.model.end_visit()
        if self.model.unsaved and not self._closing:
            event.ignore()
            self.files.when_safe(self._close_after_asking)
            return
        self._end()
        event.accept()

    def _close_after_asking(self) -> None:
        self._end()
        # From inside a close event Qt ignores a second one; the next turn of the loop closes.
        QTimer.singleShot(0, self.close)

    def _end(self) -> None:
        if self._closing:
            return
        self._closing = True
        self.playback.seek(self.playback.position)  # nothing moves any more
        self.stage.walk.seek(self.stage.walk.position)
        self.docks.save(self._stored)
        self.training.close()
        self.stage.end()
        self.pages.end()
        for background in self.findChildren(Background):
            background.close()
