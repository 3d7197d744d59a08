"""A studio: the views of a document or of a recorded run without a window, drawn alike on every machine."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QEvent, QEventLoop, QObject, QPoint, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPalette
from PySide6.QtWidgets import QApplication, QGraphicsView, QWidget

from engine.cell.trace import Trace
from engine.document.document import Document
from engine.errors import ENDED, PlainError, did_you_mean
from engine.recording.about import RecordingError
from engine.recording.recorded_run import RecordedRun, read_snapshot
from engine.settings.config import TrainingConfig
from engine.text.numbers import Style
from gui.appearance.chosen.motion import NONE
from gui.appearance.stored import Stored
from gui.appearance.style import style_sheet
from gui.appearance.theme import Appearance, print_theme
from gui.appearance.typeset import Typesetter
from gui.commands.views import VIEWS, found
from gui.document.cell_model import CellModel
from gui.document.highlight import Light
from gui.exchange.caption import Caption
from gui.jobs.background import Background, anything_to_come
from gui.network.following import numbers_of
from gui.playback.playback import Playback
from gui.playback.walk import Walk
from gui.runs.controller import TrainingController
from gui.runs.recordings import Recordings
from gui.views.base import Tools, View
from gui.views.live.live import LiveView
from gui.views.step.step import SlowStepView
from gui.widgets.layouts import in_column

OF_CELL = tuple(name for name, row in VIEWS.items() if row.workspace == "explore")
"""The views of a document; of a recorded run they show the network at a training step."""
OF_RUN = tuple(name for name, row in VIEWS.items() if row.workspace in ("train", "side-by-side"))
"""The views of a recorded run."""
PRINT = "print"
"""The theme of paper."""
_MARGIN = 12
"""Pixels at 1080 lines around everything."""
_PATIENCE_S = 120.0
_TURNS = 3
"""Turns of the event loop in which nothing more has come: what is laid out may have something laid out again."""


class StudioError(PlainError):
    """Something that was asked for cannot be shown; the message is one sentence."""


class LateError(PlainError):
    """A picture was not ready in time."""

    status = ENDED


@dataclass(frozen=True)
class Look:
    """How everything is drawn.

    size: of the picture, in pixels. scale: how many of them a pixel of the layout takes, so that a film of 720 lines
    shows the same as one of 1080. theme: one of the program's, or PRINT. numbers: whether vectors and matrices have
    theirs in them. hall: in the sizes of a presentation. captions: words below it.
    """

    size: tuple[int, int] = (1920, 1080)
    scale: float = 1.0
    theme: str = "light"
    digits: Style = Style.SHORT
    numbers: bool = True
    hall: bool = False
    captions: bool = False

    @property
    def room(self) -> tuple[int, int]:
        """The size in which everything is laid out, in pixels."""
        width, height = self.size
        return round(width / self.scale), round(height / self.scale)


class Studio:
    """Draws one view; a context manager, so that nothing of it is left."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self._folder = tempfile.TemporaryDirectory(prefix="lstm-visualizer-")
        stored = Stored(Path(self._folder.name) / "studio.ini")  # nothing that a user has chosen
        on_paper = look.theme == PRINT
        self.appearance = Appearance(stored, "light" if on_paper else look.theme)
        if on_paper or not look.numbers:
            self.appearance.lend(print_theme() if on_paper else self.appearance.theme, look.numbers)
        self.appearance.choose_digits(look.digits)
        self.appearance.motion.choose(NONE)  # nothing moves by a clock: a film says what each frame shows
        self.appearance.fit_screen(look.room[1])
        self.appearance.present(look.hall)
        self._parent = QObject()
        self._stored = stored
        self._background = Background("documents", self._parent)
        self.typesetter = Typesetter(None)
        self.playback = Playback(self._parent)
        self.tools: Tools | None = None
        self.run: RecordedRun | None = None
        """The recorded run that is shown; None for a document."""
        self.name = ""
        self.view: View | None = None
        self.caption: Caption | None = None
        self._layer = 0
        self._refused: list[str] = []
        self.stage = QWidget()
        """What is painted: the view, and below it the words."""
        palette = self.appearance.palette()
        palette.setColor(QPalette.ColorRole.Window, QColor(self.appearance.theme.panel))  # one card, without a ground
        self._palette_before = QApplication.palette()
        QApplication.setPalette(palette)  # plots have their ground from it

    def __enter__(self) -> Studio:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of everything."""
        if self.view is not None:
            self.view.end()
        self.stage.hide()
        self.stage.deleteLater()
        self._background.close()
        self._parent.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # a view's child process ends with it
        QApplication.setPalette(self._palette_before)
        self._folder.cleanup()

    # What is shown

    def show_document(self, document: Document, name: str) -> None:
        """Take a document as what is shown."""
        self.name = name
        self._make_tools(document)

    def show_run(self, run: RecordedRun, layer: int = 0) -> None:
        """Take a recorded run, and one of its layers (from 0) for the views of a cell. Raises StudioError."""
        snapshot = run.history.last_snapshot
        if snapshot is None:
            raise StudioError(f"{run.path.name} has no snapshot to show; let the run make some training steps first.")
        if not 0 <= layer < snapshot.layers:
            there = "one layer" if snapshot.layers == 1 else f"{snapshot.layers} layers"
            raise StudioError(f"--layer {layer + 1}: this network has {there}; choose a number from 1 on.")
        self.name, self._layer = run.path.stem, layer
        self.run = run = replace(run, written=False)  # as far as it is read now
        document, trace = numbers_of(snapshot, layer)
        tools = self._make_tools(document)
        assert tools.training is not None
        tools.training.show_recorded(run)
        tools.model.visit(document, self.name, trace)

    def _make_tools(self, document: Document) -> Tools:
        model = CellModel(document, self.name, self._background)
        model.setParent(self._parent)
        model.trace_changed.connect(self.playback.set_trace)
        controller = TrainingController(TrainingConfig(), self._parent)
        recordings = Recordings(controller, self._stored, never=True)
        recordings.travel.refused.connect(self._refused.append)
        light = Light(self._parent)
        shared = model, self.playback, light, self._background, self.typesetter, self.appearance
        self.tools = Tools(*shared, training=controller, stored=self._stored, recordings=recordings)
        return self.tools

    @property
    def views(self) -> tuple[str, ...]:
        """The views that what is shown has."""
        return OF_CELL if self.run is None else (*OF_RUN, *OF_CELL)

    def show(self, name: str) -> View:
        """Put a view on the stage. Raises StudioError for one that does not exist, or shows something else."""
        tools = self.tools
        assert tools is not None
        if name not in VIEWS:
            raise StudioError(f"--view {name}: there is no such view{did_you_mean(name, self.views)}")
        if name not in self.views:
            what = "a recorded run" if name in OF_RUN else "neither a document nor a recorded run"
            raise StudioError(f"--view {name} shows {what}; choose one of {', '.join(self.views)}.")
        view: View = found(VIEWS[name].place)(tools)
        self.view = view
        view.message.connect(self._refused.append)
        self.playback.by_legs = view.by_steps
        self.stage.setStyleSheet(style_sheet(self.appearance))
        self.caption = Caption(tools, view, name) if self.look.captions else None
        below = (self.caption,) if self.caption is not None else ()
        around = self.appearance.px(_MARGIN)
        in_column((view, 1), *below, inside=self.stage, margins=around, spacing=0)
        self.stage.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        self.stage.setFixedSize(QSize(*self.look.room))
        self.settle()
        self.stage.show()
        self.settle()
        view.refresh()
        for drawn in self.stage.findChildren(QGraphicsView):
            drawn.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)  # a background that is kept has another scale
        self.settle()
        return view

    @property
    def trace(self) -> Trace:
        """The numbers that are shown."""
        trace = self.tools.model.latest_trace if self.tools is not None else None
        if trace is None:
            raise StudioError("There is not enough memory for the numbers of this cell; choose smaller sizes.")
        return trace

    @property
    def walk(self) -> Walk:
        """What a film of the view walks along."""
        assert self.view is not None
        return self.view.walk

    def stand(self, operation: str | None, t: int | None) -> None:
        """Go to an operation, at a time step (from 1); without one, to the end of the time step.

        Without a time step: to the first for an operation, else to the one that the view tells most of, or the last.
        """
        view, walk = self.view, self.walk if isinstance(self.view, SlowStepView) else self.playback
        assert view is not None
        names = [each.name for each in self.trace.cell.operations]
        if operation is not None and operation not in names:
            raise StudioError(
                f"--operation {operation}: this cell has no such operation{did_you_mean(operation, names)}"
            )
        if t is not None and not 1 <= t <= walk.steps:
            raise StudioError(f"--t {t}: choose a time step from 1 to {walk.steps:,}.")
        beside = view.findChild(LiveView)
        told = beside.framed_t if beside is not None else None
        step = t - 1 if t is not None else walk.steps - 1 if told is None else told
        at = len(names) - 1 if operation is None else names.index(operation)
        walk.seek(walk.first(0 if t is None and operation is not None else step) + at)
        self.settle()

    def take_apart(self) -> None:
        """Have the view of slow motion show the training step after the moment that is looked at."""
        view = self.view
        if not isinstance(view, SlowStepView) or view.step is not None:
            return
        unread = view.training.named.unread(view.training.run.config)
        if unread:
            raise StudioError(f"{unread.partition(';')[0]}; open the recording in the window to agree to that.")
        view.begin()
        self.until(lambda: view.step is not None or bool(self._refused), "the training step")
        self.settle()
        if view.step is None:
            raise StudioError(self._refused[-1])

    def stand_at_step(self, step: int) -> None:
        """Look at the recorded moment nearest to a training step."""
        run, tools = self.run, self.tools
        if run is None or tools is None or tools.recordings is None:
            raise StudioError("--step names a training step of a recorded run; a document has none, so leave it out.")
        if not 0 <= step <= run.about.steps:
            raise StudioError(f"--step {step}: choose a training step from 0 to {run.about.steps:,}.")
        tools.recordings.travel.go_to(step)
        self.settle()
        moment = tools.training.run.history.looked_at if tools.training is not None else None
        if moment is not None:
            self.look_at(moment.step)

    def look_at(self, step: int) -> None:
        """Show the snapshot of a recorded moment in every view."""
        run, tools, view = self.run, self.tools, self.view
        assert run is not None
        assert tools is not None
        assert tools.training is not None
        snapshot = read_snapshot(run.path, step)
        tools.training.run.look_at(snapshot)
        if view is None or view.shows_cell:
            document, trace = numbers_of(snapshot, self._layer, tools.model.document)
            tools.model.visit(document, self.name, trace)
        if view is not None:
            view.refresh()

    def paint(self, image: QImage) -> QImage:
        """Paint everything as it is now into an image of the size of the picture; return the image."""
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
        image.setDevicePixelRatio(self.look.scale)
        image.fill(self.ground)
        self.stage.render(image, QPoint())
        return image

    @property
    def ground(self) -> QColor:
        """The colour behind everything."""
        return QColor(self.appearance.theme.panel)

    def settle(self) -> None:
        """Wait until everything is there that is computed or laid out meanwhile. Raises LateError, StudioError."""
        self.until(lambda: not anything_to_come(), "the picture")
        if self._refused and self.view is None:
            raise StudioError(self._refused[-1])

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Let the event loop go on until a condition has held for some turns."""
        deadline, turns = time.monotonic() + _PATIENCE_S, 0
        while turns < _TURNS:
            if time.monotonic() > deadline:
                raise LateError(f"Waited {_PATIENCE_S:.0f} s for {what}, in vain; close other programs and try again.")
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents, 20)
            turns = turns + 1 if condition() else 0


def moments_of(run: RecordedRun) -> tuple[int, ...]:
    """Return the steps of a run that a film of it can show. Raises RecordingError where there is none."""
    if not run.moments:
        raise RecordingError(f"{run.path.name} has no snapshot to show yet; let the run make some training steps.")
    return run.moments
