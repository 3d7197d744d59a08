"""The window: where everything stands, and who hears whom."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMainWindow, QMessageBox, QWidget

from engine.cell.cell import Cell
from engine.cell.cells import CELLS, OUTPUTS
from engine.cell.initialise import INITIALISATIONS
from engine.cell.trace import Trace
from engine.document.document import Document
from engine.document.examples import EXAMPLES
from engine.text.numbers import Style
from gui.appearance.stored import Stored
from gui.appearance.style import style_sheet
from gui.appearance.text_size import SMALLEST_TEXT_PT
from gui.appearance.theme import Appearance
from gui.appearance.typeset import Typesetter
from gui.commands.actions import ACTIONS, PANELS, make_actions
from gui.commands.views import VIEWS, group_of
from gui.document.cell_model import CellModel
from gui.document.dropping import Dropping
from gui.document.files import Files
from gui.document.highlight import Light
from gui.document.inputs import InputsPanel
from gui.document.sizes import SizesPanel
from gui.document.weights import WeightsPanel
from gui.jobs.background import Background
from gui.playback.playback import Playback
from gui.runs.controller import TrainingController
from gui.runs.recordings import Recordings
from gui.training.room import TrainingRoom
from gui.training.stored_config import stored_config
from gui.views.base import Tools
from gui.widgets.resting_cursor import tell_again
from gui.window.about import show_about
from gui.window.docks import Docks
from gui.window.hover import connect_light
from gui.window.keys import KeysWindow
from gui.window.marks import mark_appearance, mark_cell, mark_view
from gui.window.menu_bar import MenuBar
from gui.window.presenting import Presenting
from gui.window.stage import Stage
from gui.window.transport import Transport

if TYPE_CHECKING:
    from gui.views.step.step import SlowStepView
    from gui.views.worked_sum.worked_sum import WorkedSumView  # made when a layer is first opened

_MESSAGE_MS = 8000


class MainWindow(QMainWindow):
    """The diagram in the middle; what the user sets on the left; the training right and below."""

    def __init__(
        self, document: Document, name: str, stored: Stored, appearance: Appearance, record: bool = True
    ) -> None:
        """record: whether runs are recorded where the user wants that; False leaves no recordings."""
        super().__init__()
        self._stored = stored
        self._appearance = appearance
        self._closing = False
        self._prepared: Cell | None = None
        self.background = Background("documents")
        self._typesetting = Background("typesetting")
        self.typesetter = Typesetter(self._typesetting)
        self.model = CellModel(document, name, self.background)
        self.playback = Playback(self)
        self.model.trace_changed.connect(self.playback.set_trace)  # first of all: others seek in the new trace
        self.files = Files(self.model, self.background, stored, self)
        self.light = Light(self)
        controller = TrainingController(stored_config(stored), self)
        recordings = Recordings(controller, stored, never=not record)
        tools = Tools(
            *(self.model, self.playback, self.light, self.background, self.typesetter, appearance),
            filling=lambda: self.sizes.filling,
            training=controller,
            recordings=recordings,
        )
        self.stage = Stage(tools, {name: ACTIONS[f"view_{name}"].sentence for name in VIEWS})
        self.scene, self.view = self.stage.cell.scene, self.stage.cell.view
        self.formula, self.timeline = self.stage.formula, self.stage.timeline
        self.sizes = SizesPanel(self.model, self.typesetter, appearance)
        self.weights = WeightsPanel(self.model, self.typesetter, appearance, lambda: self.sizes.filling)
        self.inputs = InputsPanel(self.model, appearance)
        self.training = TrainingRoom(self, controller, stored, tools)
        self.training.lab = lambda: self.stage.lab
        self.actions_by_name = make_actions(self, self._slots())
        self.transport = Transport(self.actions_by_name, self.playback, appearance)
        self.stage.use_actions(self.actions_by_name["turn"])
        self.docks = self._make_docks()
        self._set_up_places()
        self._set_up_menus()
        for panel in (self.sizes, self.weights, self.inputs, self.training.panel):
            panel.connect_actions(self.actions_by_name)
        self.presenting = Presenting(self, self._show_presenting)
        self._connect()
        self.docks.restore(stored)
        self._apply_appearance()
        self._update_title()
        self._update_view_marks()
        self.actions_by_name["train_record"].setChecked(recordings.on)
        self.view.setFocus()  # the first Space is the playback's

    # Places

    def _make_docks(self) -> Docks:
        left = [("sizes", self.sizes), ("weights", self.weights), ("inputs", self.inputs)]
        right, bottom = list(self.training.docks()), ("gates", self.training.gates)
        return Docks(self, left, right, bottom, self._appearance, self.actions_by_name)

    def _set_up_places(self) -> None:
        px = self._appearance.px
        self.setCentralWidget(self.stage)
        Dropping(self, self.files.open)
        self.setContentsMargins(px(12), px(4), px(12), 0)
        self.docks.share_room()
        self._where = QLabel()
        self.statusBar().addPermanentWidget(self._where)
        self.statusBar().setSizeGripEnabled(False)

    def _set_up_menus(self) -> None:
        top = self._top = QWidget()
        stack = QHBoxLayout(top)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(0)
        self._menus = MenuBar(self.actions_by_name, self.files.open)
        stack.addWidget(self._menus, 0, Qt.AlignmentFlag.AlignVCenter)
        stack.addWidget(self.transport, 1)
        self.setMenuWidget(top)
        self._menus.show_recent(self.files.recent)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.docks.share_room_at_first()
        QTimer.singleShot(0, self._say_what_was_left_out)

    def _say_what_was_left_out(self) -> None:
        sentence = self._stored.sentence_of_left_out()
        if sentence:
            self.statusBar().showMessage(sentence)  # until there is something else to say

    # Who hears whom

    def _connect(self) -> None:
        self.model.title_changed.connect(self._update_title)
        self.model.opened.connect(self.playback.restart)
        self.model.document_changed.connect(self._update_cell_marks)
        self._update_cell_marks(self.model.document)
        self.model.undo_stack.canUndoChanged.connect(self.actions_by_name["undo"].setEnabled)
        self.model.undo_stack.canRedoChanged.connect(self.actions_by_name["redo"].setEnabled)
        self.model.undo_stack.undoTextChanged.connect(self._update_undo)
        self.stage.walk_changed.connect(lambda: self.transport.follow(self.stage.walk))
        self.stage.walk_changed.connect(self._update_view_marks)
        self.stage.walk_changed.connect(self.training.ask)  # another view may want to see more
        self.stage.message.connect(self.say)
        self.model.message.connect(self.say)
        self.transport.speed_changed.connect(self.stage.set_speed)
        self.model.trace_changed.connect(self._on_trace)
        self.view.painted.connect(self.training.after_frame)
        self.scene.layer_clicked.connect(self._on_layer_clicked)
        self.scene.output_clicked.connect(
            lambda: self.sizes.choose_output(None if self.model.document.has_output else self.model.document.output)
        )
        self.light.said.connect(self.statusBar().showMessage)
        connect_light(self.light, self.playback, self.stage.cell, self.formula, self.weights, self.inputs)
        self.files.message.connect(self.say)
        self.files.refused.connect(lambda sentence: self.warn("Nothing was changed", sentence))
        self.files.recent_changed.connect(lambda: self._menus.show_recent(self.files.recent))
        for panel in (self.weights, self.inputs):
            panel.table.message.connect(self.say)
        self.training.said.connect(self.say)
        self.training.slow_motion_wanted.connect(self._on_slow_motion)
        self.training.diagram_wanted.connect(self._on_diagram)
        self.training.gates.hovered.connect(self.docks.cards["gates"].set_aside)
        self.training.warned.connect(self.warn)
        self.files.recording_chosen.connect(self.training.recordings.open)
        self.files.data_chosen.connect(self.training.data.open)
        self.training.recordings.opened.connect(self._on_recording)
        self.training.where_changed.connect(self._where.setText)
        self._appearance.changed.connect(self._apply_appearance)
        for name in ("undo", "redo"):
            self.actions_by_name[name].setEnabled(False)

    def _slots(self) -> dict[str, Callable[[], object]]:
        undo = self.model.undo_stack
        return {
            "new": lambda: self.sizes.new_cell(self.files.when_safe),
            "open": self.files.open_dialog,
            **{f"example_{name}": partial(self.files.open_example, name) for name in EXAMPLES},
            "save": self.files.save,
            "save_as": self.files.save_dialog,
            "quit": self.close,
            "undo": undo.undo,
            "redo": undo.redo,
            **{f"fill_{name}": partial(self.sizes.refill, name) for name in INITIALISATIONS},
            "fill": self.weights.show_fillings,
            "randomise": self.weights.randomise,
            "randomise_inputs": self.inputs.randomise,
            "copy": lambda: self.weights.table.copy("numpy"),
            "paste": self.weights.table.paste,
            "add_step": self.inputs.add_step,
            "remove_step": self.inputs.remove_step,
            **{f"cell_{name}": partial(self._on_cell_changed, partial(self.sizes.choose_cell, name)) for name in CELLS},
            "link": self.sizes.toggle_link,
            "order": partial(self._on_cell_changed, self.sizes.turn_columns),
            **{
                f"output_{name or 'none'}": partial(self._on_cell_changed, partial(self.sizes.choose_output, name))
                for name in (None, *OUTPUTS)
            },
            **{f"matrix_{number}": partial(self._on_matrix, number - 1) for number in range(1, 6)},
            "restart": lambda: self.stage.walk.restart(),
            "back": lambda: self.stage.walk.back(),
            "next": lambda: self.stage.walk.next(),
            "play": lambda: self.stage.walk.toggle(),
            "turn": self._on_turn,
            **{f"view_{name}": partial(self._on_view, name) for name in VIEWS},
            **{f"digits_{style.value}": partial(self._on_digits, style) for style in Style},
            "slower": lambda: self.transport.change_speed(-1),
            "faster": lambda: self.transport.change_speed(1),
            "present": lambda: self.presenting.toggle(),
            "end_present": self._on_escape,
            **self.training.slots(),
            "train_record": self._on_record,
            **{f"panel_{name}": partial(self._on_panel, name) for name in PANELS},
            "reset_layout": self.reset_layout,
            **{f"theme_{name}": partial(self._on_theme, name) for name in ("system", "light", "dark")},
            "keys": lambda: KeysWindow(self._appearance, self).open(),
            "register": self.files.register,
            "about": lambda: show_about(self),
        }

    def say(self, sentence: str) -> None:
        """Put a sentence in the status line for a while."""
        self.statusBar().showMessage(sentence, _MESSAGE_MS)

    def warn(self, title: str, sentence: str) -> None:
        """Show a sentence that must be seen, without stopping anything."""
        box = QMessageBox(QMessageBox.Icon.Warning, title, sentence, QMessageBox.StandardButton.Ok, self)
        box.finished.connect(box.deleteLater)
        box.open()

    def reset_layout(self) -> None:
        """Put every panel back to its place."""
        self.docks.reset()

    def _show_presenting(self, presenting: bool) -> None:
        """Leave the diagram and the formula line alone on the screen, in large letters, or bring the rest back."""
        for widget in (self._top, self.statusBar()):
            widget.setVisible(not presenting)
        self.stage.set_presenting(presenting)
        lines = self.screen().geometry().height()
        self.scene.set_smallest_text(SMALLEST_TEXT_PT * 96 / 72 * lines / 1080 - 0.5 if presenting else 0.0)
        self.view.has_tips = not presenting  # the formula's card says it in large letters
        self.actions_by_name["present"].setChecked(presenting)

    def _on_cell_changed(self, change: Callable[[], None]) -> None:
        change()
        self._update_cell_marks(self.model.document)  # a click on what is chosen has unchecked it

    def _update_cell_marks(self, document: Document) -> None:
        mark_cell(self.actions_by_name, document)
        self.docks.cards["sizes"].set_aside(document.cell.title)
        self.formula.show_lesson(document.lesson if self.model.untouched else "")

    def _on_panel(self, name: str) -> None:
        self.docks.toggle(name)

    def _on_matrix(self, index: int) -> None:
        names = self.weights.matrices
        if index < len(names):
            self.docks.raise_card("weights")
            self.weights.choose(names[index])

    def _on_record(self) -> None:
        self.training.toggle_recording()
        self.actions_by_name["train_record"].setChecked(self.training.recordings.on)

    def _on_theme(self, choice: str) -> None:
        self._appearance.choose(choice)
        self._update_theme_marks()

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
        if not self.presenting.on:
            self.docks.raise_card("weights")

    def _on_view(self, name: str) -> None:
        self.stage.show_view(name)
        self._update_view_marks()

    def _on_slow_motion(self) -> None:
        cast("SlowStepView", self.stage.view("slow")).begin()
        self.stage.show_view("slow")

    def _on_diagram(self) -> None:
        """The network is to be shown: views of the cell show it, those of the training do not."""
        if group_of(self.stage.front) != "Cell":
            self._on_view("cell")

    def _on_recording(self) -> None:
        """A recorded run is shown: where a view of the cell is in front, go to one of the training."""
        if group_of(self.stage.front) == "Cell":
            self._on_view("flow")

    def _on_turn(self) -> None:
        self.stage.show_view("cell")
        self.stage.cell.turn(not self.stage.cell.backwards)
        self._update_view_marks()

    def _on_escape(self) -> None:
        if self.presenting.on:
            self.presenting.end()
        else:
            self.stage.show_view("cell")

    def _on_digits(self, style: Style) -> None:
        self._appearance.choose_digits(style)
        self._update_theme_marks()

    def _update_view_marks(self) -> None:
        mark_view(self.actions_by_name, self.stage)

    def _update_undo(self, text: str) -> None:
        self.actions_by_name["undo"].setText(f"&Undo {text}" if text else "&Undo")

    def _update_title(self) -> None:
        shown, unsaved = self.model.shown, self.model.unsaved
        self.transport.show_document(shown.name, unsaved, shown.path is not None)
        name = shown.name.replace("[*]", "[*][*]")  # Qt's place for a mark of its own
        self.setWindowTitle(f"{name}{' *' if unsaved else ''} – LSTM Visualizer")

    def _update_theme_marks(self) -> None:
        mark_appearance(self.actions_by_name, self._appearance)

    def _apply_appearance(self) -> None:
        self.setStyleSheet(style_sheet(self._appearance))
        self._update_theme_marks()

    # The end

    def closeEvent(self, event: QCloseEvent) -> None:
        self.presenting.end()
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
        self.background.close()
        self._typesetting.close()
