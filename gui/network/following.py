"""Shows the network of the run in place of the user's cell, and follows it while it learns.

Each refresh is a document and its trace, computed in the background from the newest snapshot. The next is asked for
when the last is drawn, and after a rest that grows with what that took: nothing queues, and a large network, or a long
sequence, comes as seldom as it must.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from engine.cell.trace import Trace
from engine.document.document import Document, DocumentError
from engine.document.memory import check_free, trace_bytes
from engine.document.tracing import trace_document
from engine.runs.messages import State
from engine.runs.snapshot import Snapshot
from engine.settings.words import title_of
from gui.commands.registry import Registry
from gui.document.cell_model import CellModel
from gui.playback.playback import Playback
from gui.runs.shown_run import ShownRun
from gui.runs.travel import RunTravel

_LEAST_MS = 40
"""Between two refreshes: twenty-five a second are more than an eye can read."""
_REST = 3.0
"""How many times as long as a refresh took nothing is computed."""
_LATEST_MS = 40
"""How long a refresh waits for a frame of the animation, so that it is drawn between two of them."""
_NO_MEMORY_MS = 10_000
_NOTHING_YET = "There is no network yet; train one first (Ctrl+T)"
_SOON = "The network is being prepared; the diagram shows it as soon as it is there"
_NO_MEMORY = "There is not enough memory to show this network in the diagram"
_STANDING = {
    State.PREPARING: "begins",
    State.RUNNING: "live",
    State.PAUSED: "paused",
    State.FINISHED: "finished",
    State.STOPPED: "ended",
    State.FAILED: "failed",
}

Numbers = tuple[Document, Trace]


class Following(QObject):
    """The network in the diagram: which run, layer and training step it is of, and whether it goes on with the run."""

    changed = Signal()
    """What is shown, its title, or whether it is followed or held."""
    said = Signal(str)
    """A sentence for the status line."""

    def __init__(
        self,
        run: ShownRun,
        travel: RunTravel,
        model: CellModel,
        playback: Playback,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._run, self._travel, self._model, self._playback = run, travel, model, playback
        self.watched: Callable[[], bool] = lambda: True
        """Returns whether anything is on the screen that shows the numbers of the cell."""
        self.on = False
        """Whether the run's network is shown in place of the user's cell."""
        self.layer = 0
        self.snapshot: Snapshot | None = None
        """The moment that is shown; None before the first of a run."""
        self._held = False
        self._shown_layer = 0
        self._wanted_t: int | None = None
        self._last_t: int | None = None
        self._own_position = 0
        self._computing = False
        self._arrived: Callable[[], None] | None = None
        self._told = ""
        self._took = QElapsedTimer()
        self._rest, self._late = QTimer(self, singleShot=True), QTimer(self, singleShot=True)
        self._rest.timeout.connect(self.look)
        self._late.timeout.connect(self._show_arrived)
        run.changed.connect(self._on_another_run)
        run.updated.connect(self._on_updated)
        run.moment_changed.connect(self._on_moment)
        model.visit_changed.connect(self._on_visit)
        playback.moved.connect(self._on_moved)

    def register_commands(self, commands: Registry) -> None:
        """Say what the commands do that concern the network in the diagram."""
        commands.register("hold", lambda: self.hold(not self.held), on=lambda: self.held, possible=lambda: self.on)
        commands.register("own cell", self.leave, possible=lambda: self.on)
        commands.register("copy network", self.copy, possible=lambda: self.on)

    @property
    def shown(self) -> bool:
        """Whether a network is in the diagram; one that is being prepared comes later."""
        return self.on and self._model.visiting

    @property
    def held(self) -> bool:
        """Whether one training step is looked at, whatever the run does."""
        return self.on and (self._held or self._run.history.looked_at is not None)

    @property
    def layers(self) -> int:
        """How many layers the network has."""
        return self._run.config.layers

    @property
    def name(self) -> str:
        """The network in words: "Adding problem, LSTM 16"; with its layer where there are several."""
        return f"{self.network_name}, layer {self.layer + 1}" if self.layers > 1 else self.network_name

    @property
    def network_name(self) -> str:
        """The whole network in words, without its layer."""
        facts = self._run.facts
        return title_of(self._run.config, facts.title if facts is not None else "")

    @property
    def standing(self) -> str:
        """Which step is shown, in words: "step 812, live" or "held at step 800"."""
        if self.snapshot is None:
            return _STANDING[State.PREPARING]
        step = f"step {self.snapshot.step:,}"
        if self.held:
            return f"held at {step}"
        recorded = self._run.recorded
        if recorded is not None:
            return f"{step}, {'live' if recorded.written else 'recorded'}"
        return f"{step}, {_STANDING[self._run.state or State.STOPPED]}"

    @property
    def title(self) -> str:
        """The network, and which step of it is shown: "Adding problem, LSTM 16, step 812, live"."""
        return f"{self.name}, {self.standing}"

    @property
    def title_beside_step(self) -> str:
        """As `title`, where the run's newest step stands on the same screen: two that differ would puzzle."""
        live = _STANDING[State.RUNNING]
        return f"{self.name}, {live}" if self.standing.endswith(live) else self.title

    def follow(self, layer: int | None = None, t: int | None = None) -> bool:
        """Show the network as it is now, and go on with it. layer, t: from 0; where it stands if None.

        One that is being prepared is shown as soon as it is there. Returns whether there is one; says so where not.
        """
        if self._run.history.shown is None:
            coming = self._run.state in (State.PREPARING, State.RUNNING, State.PAUSED)
            self.said.emit(_SOON if coming else _NOTHING_YET)
            if not coming:
                return False
        if not self.on:
            self._own_position = self._playback.position
        self.on, self._held, self._told = True, False, ""
        self.layer = min(self.layer if layer is None else layer, self.layers - 1)
        self._wanted_t = t
        if self._is_shown and t is not None:
            self._stand()
        self._rest.stop()
        self.look()
        self.changed.emit()
        return True

    def hold(self, held: bool) -> None:
        """Stay at the step that is shown, or go on with the run."""
        if not self.on or held == self.held:
            return
        self._held = held
        if not held:
            self._travel.go_live()
            self.look()
        self.changed.emit()

    def choose_layer(self, layer: int) -> None:
        """Show another layer, from 0, of the same step."""
        self.layer = layer
        self._rest.stop()
        self.look()
        self.changed.emit()

    def leave(self) -> None:
        """Return to the user's own cell."""
        self._model.end_visit()
        self._on_visit()

    def copy(self) -> None:
        """Make the shown network the user's own document, to edit it; undo brings back the one before."""
        self._own_position = self._playback.position
        self._model.copy_visited("copy the network")

    def look(self) -> None:
        """Show the newest step, unless it is shown or the last came a moment ago; call it as anything changes."""
        snapshot = self._wanted
        if not self.on or snapshot is None or self._is_shown:
            return
        if self._computing or self._rest.isActive() or not self.watched():
            return
        self._computing = True
        self._took.start()
        moment = self._run.history, snapshot, self.layer
        self._model.background.run(
            partial(numbers_of, snapshot, self.layer, self._model.document if self._model.visiting else None),
            lambda numbers: self._take(*moment, numbers),
            lambda error: self._miss(*moment, error),
            (DocumentError, MemoryError),
            "network",
        )

    def after_frame(self) -> None:
        """Show what has come now: the animation has just painted a frame, and the next one is far."""
        if self._arrived is not None:
            self._late.start(0)

    @property
    def _wanted(self) -> Snapshot | None:
        """The moment that is to be shown."""
        history = self._run.history
        frozen = self._held and history.looked_at is None and self.snapshot is not None
        return self.snapshot if frozen else history.shown

    @property
    def _is_shown(self) -> bool:
        return self.snapshot is not None and (self._wanted, self.layer) == (self.snapshot, self._shown_layer)

    # What has come

    def _take(self, history: object, snapshot: Snapshot, layer: int, numbers: Numbers) -> None:
        self._arrived = partial(self._show, history, snapshot, layer, numbers)
        if self._playback.moving and self._model.visiting:
            self._late.start(_LATEST_MS)
        else:
            self._show_arrived()

    def _show_arrived(self) -> None:
        show, self._arrived = self._arrived, None
        if show is not None:
            self._computing = False
            show()

    def _show(self, history: object, snapshot: Snapshot, layer: int, numbers: Numbers) -> None:
        if not self.on or history is not self._run.history:
            self.look()
            return
        document, trace = numbers
        before = self._model.document.cell if self._model.visiting else None
        if self._wanted_t is None:
            if before is None:
                self._wanted_t = self._last_t
            elif before is not document.cell and self._playback.position:
                self._wanted_t = self._playback.t
        self.snapshot, self._shown_layer = snapshot, layer
        self._model.visit(document, self.name, trace)
        self._stand()
        self._rest.start(max(_LEAST_MS, round(_REST * self._took.elapsed())))
        self.changed.emit()

    def _stand(self) -> None:
        """Go to the time step that is wanted, if one is."""
        if self._wanted_t is not None:
            self._playback.seek_step(self._wanted_t)
            self._wanted_t = None

    def _miss(self, history: object, snapshot: Snapshot, layer: int, error: Exception) -> None:
        self._computing = False
        if not self.on or history is not self._run.history:
            self.look()
            return
        # One sentence a run: a network that has diverged stays so.
        sentence = f"The diagram cannot show this network: {error}" if isinstance(error, DocumentError) else _NO_MEMORY
        if sentence != self._told:
            self._told = sentence
            self.said.emit(sentence)
        if self._model.visiting:
            self._rest.start(_NO_MEMORY_MS)
        else:
            self.on = False
            self.changed.emit()

    # What changes

    def _on_another_run(self) -> None:
        self._held, self.snapshot, self._told = False, None, ""
        self.layer = min(self.layer, self.layers - 1)
        if self.on:
            self.changed.emit()

    def _on_updated(self, _update: object) -> None:
        if self.on:
            self.look()
            self.changed.emit()

    def _on_moment(self) -> None:
        """Another moment is looked at: it is shown at once, and with the newest again nothing is held."""
        if self._run.history.looked_at is None:
            self._held = False
        self._rest.stop()
        if self.on:
            self.look()
            self.changed.emit()

    def _on_moved(self) -> None:
        """Remember where in the network's sequence one was."""
        if self._model.visiting:
            self._last_t = self._playback.t if self._playback.position else None

    def _on_visit(self) -> None:
        """Leave where the visit has ended, whoever ended it; the user's cell stands where it stood."""
        if not self.on or self._model.visiting:
            return
        self.on, self._held, self.snapshot, self._arrived = False, False, None, None
        self._computing = False
        self._playback.seek(self._own_position)
        self.changed.emit()


def numbers_of(snapshot: Snapshot, layer: int, like: Document | None = None) -> Numbers:
    """Return a layer of a network as a document, and its trace over what the layer received.

    like: the document shown before; where x is the same, it is shared, so that nothing need be drawn again for it.
    Raises DocumentError where the network has diverged, or where there is no memory for the trace.
    """
    document = snapshot.document(layer)
    needed = trace_bytes(document.cell, document.sizes, len(document.x))
    check_free(f"A trace of {len(document.x):,} time steps", needed, "a shorter sequence")
    if like is not None and np.array_equal(like.x, document.x):
        document = replace(document, x=like.x)
    return document, trace_document(document)
