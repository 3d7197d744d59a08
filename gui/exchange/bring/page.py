"""The page on a network from elsewhere: its layers, how they were read, the sequence, and what to do with it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtWidgets import QBoxLayout, QFrame, QProgressBar, QStackedWidget, QWidget

from engine.cell.cells import ORDERS
from engine.document.document import DocumentError
from engine.errors import PlainError
from engine.file_kinds import network_formats
from engine.formats.bringing.playing import AsCell, as_cell, sequence_width, start_of_stack
from engine.formats.bringing.telling import Walked, tell_network, tell_recording
from engine.formats.found import Found, FoundLayer, NetworkFileError, Told
from gui.document.files import choose_file
from gui.exchange.bring.feeding import FeedBox
from gui.exchange.bring.places import Places
from gui.exchange.bring.words import (
    LAYER_COLUMNS,
    LAYER_RIGHT,
    MAPPED_COLUMNS,
    above_words,
    layer_rows,
    mapped_rows,
    stack_name,
)
from gui.exchange.bring.words_table import WordsTable
from gui.jobs.background import Background
from gui.views.page import Desk, Page
from gui.widgets.buttons import Button, CheckBox
from gui.widgets.empty_place import EmptyPlace, Offer
from gui.widgets.labels import NameLabel, called, text_label
from gui.widgets.layouts import REST, in_column, in_row, scrolled
from gui.widgets.segments import Segments
from gui.widgets.spin_boxes import WholeBox

_LONG_MS = 1000
"""Reading that takes longer is spoken of, and can be stopped."""
_DIED = "The process that reads {name} {{words}}; save the recurrent layers alone."
_ENDED = "The process that computes this network {words}; choose fewer layers or a shorter sequence."
_NOTHING = "See every number of a network that you trained elsewhere."
_KINDS = "PyTorch (.pt, .pth), safetensors, NumPy (.npz), ONNX and Keras (.keras, .h5)"
_HAS_ORDER = ".npz"


class ImportPage(Page):
    """Shows a file's recurrent layers; a layer, or a stack of them, is walked through, watched or trained further."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._appearance = desk.tools.appearance
        self._reading, self._working = Background("documents-network", self), Background("documents-layers", self)
        assert desk.tools.recordings is not None
        self._places = Places(desk.tools.recordings, self)
        self.path: Path | None = None
        """The file that is on the page, or being read."""
        self.found: Found | None = None
        """What the file holds; None before one was read."""
        self._shown_path: Path | None = None
        self._told = Told()
        """What somebody has said of how it is to be read."""
        self._refusal = ""
        """Why there is nothing on the page."""
        self._make()
        self._long = QTimer(self, singleShot=True, interval=_LONG_MS)
        self._long.timeout.connect(self._update)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._update()

    # What stands on it

    def _make(self) -> None:
        px = self._appearance.px
        self.title = text_label("Bring a network", "title")
        self.file = NameLabel("muted")
        self.other, self.done = Button("Open another…"), Button("Done  Esc")
        self.other.clicked.connect(self.choose)
        self.done.setToolTip("Return to where you were; the network stays on this page")
        self.done.clicked.connect(self.left)
        self.empty = EmptyPlace(self._appearance)
        self.layers = WordsTable("Recurrent layers", LAYER_COLUMNS, LAYER_RIGHT, self._appearance, chooses=True)
        self.layers.chosen.connect(lambda _row: self._on_layer())
        self.with_above = CheckBox("")
        self.with_above.setChecked(True)
        self.with_above.toggled.connect(lambda _on: self._on_layer())
        self.mapped = WordsTable("How its weights are read", MAPPED_COLUMNS, (), self._appearance, chooses=False)
        self.order = Segments([(f"[{order.replace(',', ', ')}]", "") for order in ORDERS], self._appearance)
        self.order.chosen.connect(self._on_order)
        self._order_words = text_label("Columns of its matrices")
        words = "Which of the file's examples x and the first states are taken from, counted from 0"
        self.example = called("Example of the file", WholeBox(0, 0, words))
        self.example.valueChanged.connect(self._on_example)
        self._example_words = text_label("Example")
        self.feed = FeedBox(self._appearance)
        self.feed.changed.connect(self._update)
        self.notes = text_label("", "note", wrap=True, cut=True)
        self.notes.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.problem = text_label("", "strong", wrap=True, cut=True)
        self.progress = QProgressBar(textVisible=False, minimum=0, maximum=0)
        self.progress.setFixedWidth(px(160))
        self.stop = Button("Stop")
        self.stop.clicked.connect(self.stop_work)
        self.as_cell = Button("Open this layer as a cell")
        self.as_cell.setToolTip("Walk through it number by number, as a document of your own")
        self.as_cell.clicked.connect(self.open_as_cell)
        self.train = Button("Train it further…")
        self.train.setToolTip("Begin a run with these weights and a new readout, on a task with as many inputs")
        self.train.clicked.connect(self.train_further)
        self.open = Button("Open the network")
        self.open.setObjectName("main")
        self.open.setToolTip("Watch its gates over the whole sequence in Live; it is recorded, so Compare has it too")
        self.open.clicked.connect(self.open_network)
        head = in_row(self.title, (self.file, 1), self.other, self.done, spacing=px(12))
        self._body = QStackedWidget()
        self._body.addWidget(self.empty)
        self._body.addWidget(self._content())
        foot = in_row((self.problem, 1), self.progress, self.stop, self.train, self.as_cell, self.open, spacing=px(10))
        in_column(head, (self._body, 1), foot, inside=self, margins=(px(4), px(8), px(4), px(4)), spacing=px(10))

    def _content(self) -> QWidget:
        px = self._appearance.px
        content = QWidget()
        of_example = (self._example_words, self.example)
        of_order = in_row(self._order_words, self.order, *of_example, REST, margins=0, spacing=px(8))
        left = in_column(
            (self._card("Recurrent layers", self.layers, self.with_above), 4),
            (self._card("How its weights are read", of_order, self.mapped), 5),
            spacing=px(12),
        )
        right = in_column(
            (self._card("The sequence that it reads", self.feed), 5),
            (self._card("Worth knowing", scrolled(self.notes, focus=False)), 2),
            spacing=px(12),
        )
        in_row((left, 3), (right, 2), inside=content, margins=0, spacing=px(12))
        return content

    def _card(self, title: str, *parts: QWidget | QBoxLayout) -> QFrame:
        px = self._appearance.px
        frame = QFrame()
        frame.setObjectName("card")
        heading = text_label(title, "heading")
        heading.setIndent(0)
        layout = in_column(heading, inside=frame, margins=(px(12), px(4), px(12), px(10)), spacing=px(6))
        for part in parts:
            if isinstance(part, QBoxLayout):
                layout.addLayout(part)
            else:
                layout.addWidget(part, int(not isinstance(part, CheckBox)))
        return frame

    # Files

    @property
    def busy(self) -> bool:
        """Whether a file is being read, or something is computed."""
        return self._reading.busy or self._working.busy

    def begin(self) -> None:
        training = self.desk.tools.training
        shown = training.run.history.shown if training is not None else None
        self.feed.offer_of_run(shown.probe if shown is not None else None)
        self.setFocus()
        self._update()

    def end(self) -> None:
        self._reading.close()
        self._working.close()
        self._places.close()
        self.feed.close_reading()

    def choose(self) -> None:
        """Let the user choose a file."""
        folder = str(self._shown_path.parent) if self._shown_path is not None else ""
        choose_file(self, "Open a network trained elsewhere", folder, network_formats(), self.open_file)

    def open_file(self, path: Path) -> None:
        """Read a file; what is on the page stays until its layers are known."""
        self._told = Told()
        self._read(path)

    def _read(self, path: Path) -> None:
        self.path = path
        self.problem.setText("")
        self._long.start()
        died = _DIED.format(name=path.name)
        self._reading.run_in_child(tell_network, (path, self._told), self._take, self._refuse, died)
        self._update()

    def _on_order(self, number: int) -> None:
        self._read_again(replace(self._told, order=tuple(ORDERS)[number]))

    def _on_example(self, column: int) -> None:
        self._read_again(replace(self._told, column=column))

    def _read_again(self, told: Told) -> None:
        self._told = told
        if self._shown_path is not None:
            self._read(self._shown_path)

    def _take(self, found: Found) -> None:
        self._long.stop()
        self._reading.drop()  # it has answered
        self.problem.setText("")
        chosen = self.layers.currentIndex().row() if self._shown_path == self.path else 0
        self.found, self._shown_path = found, self.path
        assert self.path is not None
        self.desk.files.remember(self.path)
        self.file.show_name(f"{self.path.name}: {found.kind}")
        self.feed.offer_given(found.x)
        with QSignalBlocker(self.example):
            self.example.setMaximum(found.examples - 1)
            self.example.setValue(self._told.column)
        self.notes.setText("\n".join(found.notes) or "Every weight was taken as it is.")
        self.layers.show_rows(layer_rows(found))
        self.layers.choose(max(0, chosen))
        self.layers.setFocus()
        self._update()

    def _refuse(self, error: Exception) -> None:
        self._long.stop()
        self._reading.drop()
        if not isinstance(error, PlainError):
            raise error
        self.path = self._shown_path
        self._say(str(error))

    def stop_work(self) -> None:
        """Read, or compute, no further; what is on the page stays."""
        self._long.stop()
        self._reading.drop()
        self._working.drop()
        self._places.forget()
        self.path = self._shown_path
        self._say("Stopped; nothing was changed")

    # What is chosen

    @property
    def layer(self) -> FoundLayer | None:
        """The chosen layer."""
        row = self.layers.currentIndex().row()
        return self.found.layers[row] if self.found is not None and 0 <= row < len(self.found.layers) else None

    @property
    def stack(self) -> tuple[FoundLayer, ...]:
        """The chosen layer, and those above it where these are taken as well."""
        layer = self.layer
        if layer is None or self.found is None:
            return ()
        return self.found.stack(layer) if self.with_above.isChecked() else (layer,)

    def _on_layer(self) -> None:
        layer = self.layer
        if layer is None or self.found is None:
            return
        self.order.choose(tuple(ORDERS).index(layer.order))
        self.mapped.show_rows(mapped_rows(layer))
        self.feed.show_inputs(sequence_width(self.found, layer))
        above = self.found.stack(layer)
        self.with_above.setVisible(len(above) > 1)
        self.with_above.setText(above_words(above))
        stack = self.stack
        self.layers.words.mark(
            frozenset(row for row, each in enumerate(self.found.layers) if any(each is one for one in stack))
        )
        self.problem.setText("")
        self._update()

    def _update(self) -> None:
        """Show what can be done now."""
        reading, working = self._reading.busy, self._working.busy
        long = (reading or working) and not self._long.isActive()
        self.progress.setVisible(long)
        self.stop.setVisible(long)
        if long and reading and self.path is not None and self.found is not None:
            self.problem.setText(f"{self.path.name} is being read …")
        self._body.setCurrentIndex(int(self.found is not None))
        for button in (self.train, self.as_cell, self.open, self.other):
            button.setVisible(self.found is not None)
        rests = self.found is not None and not working and not reading
        self.train.setEnabled(rests)
        for button in (self.as_cell, self.open):
            button.setEnabled(rests and self.feed.fed is not None)
        for part in (self.order, self._order_words):
            part.setVisible(self._shown_path is not None and self._shown_path.suffix.casefold() == _HAS_ORDER)
        several = self.found is not None and self.found.examples > 1
        self.example.setVisible(several)
        self._example_words.setVisible(several)
        if self.found is None:
            words = f"{self.path.name} is being read …" if reading and self.path is not None else _NOTHING
            self.empty.show_offers(
                self._refusal or words, Offer("Open a file…", self.choose), note=f"{_KINDS}; or drop a file here"
            )

    def _say(self, sentence: str) -> None:
        """Say what went wrong, where nothing else stands, or below what is on the page."""
        self._refusal = sentence if self.found is None else ""
        self.problem.setText("" if self.found is None else sentence)
        self._update()

    # What is done with it

    @property
    def _name(self) -> str:
        return self._shown_path.stem if self._shown_path is not None else "network"

    def open_as_cell(self) -> None:
        """Make the chosen layer the user's document, over the first time steps of the sequence."""
        found, layer, fed = self.found, self.layer, self.feed.fed
        if found is None or layer is None or fed is None:
            return
        name = stack_name(self._name, [layer])

        def show(made: AsCell) -> None:
            self._update()
            self.desk.files.when_safe(partial(self._show_cell, made, name, bool(layer.layer)))

        self._begin_work()
        self._working.run_apart(
            lambda _dropped: as_cell(found, layer, fed.x), show, self._miss, (NetworkFileError, DocumentError)
        )
        self._update()

    def _show_cell(self, made: AsCell, name: str, is_above: bool) -> None:
        self.desk.tools.model.replace(made.document, name)
        more = [made.words, "x is the h of the layer below" if is_above else ""]
        self.message.emit("; ".join(filter(None, [f"Opened {name}", *more])))

    def train_further(self) -> None:
        """Begin a run with the weights of what is chosen."""
        if stack := self.stack:
            self.desk.this_cell.train_from(partial(start_of_stack, stack_name(self._name, stack), stack))

    def open_network(self) -> None:
        """Record what is chosen over the whole sequence, and show the recording."""
        found, stack, fed = self.found, self.stack, self.feed.fed
        if found is None or not stack or fed is None:
            return
        name = stack_name(self._name, stack)
        path = self._places.place(stack[0].k)
        note = f"{found.kind} ({self._shown_path.name if self._shown_path else ''}); it reads {fed.words}."
        own = replace(found, layers=tuple(each for each in found.layers if each.name == stack[0].name))
        arguments = (path, name, own, stack, fed.x.astype(np.float32), note)
        self._begin_work()
        self._working.run_in_child(tell_recording, arguments, self._hear, self._miss, _ENDED)
        self._update()

    def _hear(self, said: Walked | Path) -> None:
        if isinstance(said, Walked):
            self._working.tell(said)  # heard: if the process dies now, that is to be heard, too
            self.progress.setRange(0, said.of)
            self.progress.setValue(said.steps)
            self._update()
            return
        self._working.drop()
        self._places.keep()
        self._update()
        recordings = self.desk.tools.recordings
        assert recordings is not None
        recordings.open(said)

    def _begin_work(self) -> None:
        self.problem.setText("")
        self.progress.setRange(0, 0)
        self._long.start()

    def _miss(self, error: Exception) -> None:
        if not isinstance(error, PlainError):
            raise error
        self._working.drop()
        self._places.forget()
        self._say(str(error))
