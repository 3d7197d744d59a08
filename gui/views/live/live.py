"""The view Live: the probe's input, every map of the network and its answer on one time axis, while it learns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from operator import is_
from typing import Any

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent

from engine.cell.cell import Cell
from engine.runs.snapshot import Snapshot, shown_values
from gui.appearance.text_size import TEXT
from gui.plots.gate_maps import maps_of
from gui.plots.numbers import Maps
from gui.views.base import Tools
from gui.views.live.arrangement import Arrangement
from gui.views.live.beginning import Beginning
from gui.views.live.beside import Beside, Words
from gui.views.live.choices import Choices
from gui.views.live.lanes.answer import Answers
from gui.views.live.lanes.picture import Framed, LivePicture
from gui.views.live.lanes.reading import Reading, reading_of
from gui.views.live.pictures import Pictures, cell_of
from gui.views.live.probe import ProbeExample
from gui.views.live.scales import CHOICES, OWN, Scaling
from gui.views.live.words import Moment, Teller
from gui.views.training_view import LabView
from gui.widgets.segments import Segments

_WORDS_MS = 200
"""Words whose numbers change more often cannot be read."""
_SCALE, _SPREAD = "live_scale", "live_spread"
_SOON = "The network is being prepared …"


class LiveView(LabView):
    """One layer, or the stack of them, over the probe sequence; a frame at the cursor, and its numbers in words."""

    moment_framed = Signal(int, int)
    """Layer and time step, both from 0, on which the frame stands."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        pages = Segments((("Maps", ""), ("Curves", "")), tools.appearance)
        self.choices = Choices(pages, tools.typesetter, tools.appearance)
        self.picture = LivePicture(tools.typesetter, tools.appearance)
        self.picture.setAccessibleName("Maps over time; the arrow keys go from unit to unit and through time")
        self.beside, self.words = Beside(tools), Words(tools.appearance)
        parts = (self.choices, self.picture, self.beside, self.words)
        self.arrangement = Arrangement(self, pages, *parts, tools.appearance)
        self.pictures = Pictures(self.picture, self.choices, tools.appearance, self)
        self.held = False
        """Whether the frame stays where it was clicked, and does not follow the mouse."""
        self._probe, self._beginning = ProbeExample(self.training, self), Beginning(self.training, self)
        self._read_from: tuple[object, ...] = ()
        self._touched = False
        self._words_due = False
        self.while_shown(_WORDS_MS, self._on_words_timer)
        self.setFocusProxy(self.picture)  # its keys work as soon as the view is in front
        self._restore()
        self._connect()

    def _restore(self) -> None:
        stored = self.tools.stored
        if stored is not None:
            states = stored.text(_SCALE, "the scale of C and h", OWN, CHOICES)
            spread = stored.flag(_SPREAD, "whether gates are spread", False)
            self.choices.show_scaling(Scaling(states, bool(spread)))
        self.choices.show_probe(self.training.probe)

    def _connect(self) -> None:
        self.choices.changed.connect(self._on_choice)
        self.choices.order_chosen.connect(self._on_order)
        self.choices.answer_chosen.connect(self._on_answer)
        self.choices.example_chosen.connect(lambda number: self.training.set_probe(example=number))
        self.training.probe_changed.connect(self._on_probe)
        self._probe.made.connect(self._on_example)
        self._beginning.made.connect(self._on_beginning)
        self.pictures.first_drawn.connect(self._on_first_drawn)
        self.picture.moved.connect(self._on_cursor)
        self.picture.clicked.connect(self._on_clicked)
        self.picture.turned.connect(self.choices.go_on)
        self.picture.resized.connect(self._on_resized)
        self.arrangement.page_chosen.connect(self.refresh)
        recordings = self.tools.recordings
        if recordings is not None:
            for curves in self.beside.curves:
                curves.details_wanted.connect(recordings.lend_details)
                recordings.details_lent.connect(curves.redraw)

    def end(self) -> None:
        self.pictures.close()
        self._beginning.close()

    # ---- what is shown

    def numbers_shown(self) -> Maps | None:
        snapshot = self.snapshot
        if snapshot is None:
            return None
        values = snapshot.gates[min(self.framed_layer, snapshot.layers - 1)]
        maps = {name: values[name] for name in shown_values(cell_of(snapshot))}
        return Maps(sum(map(np.size, maps.values())), lambda: maps)

    @property
    def snapshot(self) -> Snapshot | None:
        """The snapshot that is drawn."""
        return self.pictures.snapshot

    @property
    def reading(self) -> Reading | None:
        """What is read over the probe; None before anything of the task is known."""
        return self.picture.reading

    @property
    def cell(self) -> Cell:
        """The cell of the network that is drawn, or of the next run."""
        return cell_of(self.snapshot) if self.snapshot is not None else self.shown_config.made_cell

    @property
    def _layer_count(self) -> int:
        return self.snapshot.layers if self.snapshot is not None else self.shown_config.layers

    @property
    def framed_layer(self) -> int:
        """The layer on which the frame stands, from 0."""
        framed = self.pictures.framed_map
        return framed.layer if framed is not None else self.pictures.layers(self._layer_count)[0]

    @property
    def framed_t(self) -> int | None:
        """The time step, from 0, on which the frame stands; None before anything is read."""
        return min(self.picture.framed.t, self.reading.steps - 1) if self.reading is not None else None

    # ---- news

    def show_run(self) -> None:
        self._forget()
        self._touched = False
        if self.isVisible():
            self.refresh()

    def _forget(self) -> None:
        """Show no network."""
        self.pictures.clear()
        self.picture.answers = None
        self.picture.forget_ground()

    def show_news(self) -> None:
        for draw in self.news():
            draw()

    def news(self) -> Sequence[Callable[[], None]]:
        run = self.training.run
        curves = self.beside.news(run.history, run.facts, run.config.layers) if self.beside.isVisible() else ()
        return (self._show_network, *curves)

    def _show_network(self) -> None:
        run, before = self.training.run, self.snapshot
        snapshot = run.history.shown
        if snapshot is None:
            self._follow_settings()
            snapshot = self._beginning.snapshot if self._beginning.begins else None
        if snapshot is None or snapshot is before:
            return
        self.pictures.snapshot = snapshot
        self._read()
        self._show_answers()
        if before is None or _form(snapshot) != _form(before):
            self.pictures.forget_orders()
            self._offer()
            self._say()
        else:
            self.pictures.draw()
            self._words_due = True

    def refresh(self) -> None:
        self._follow_settings()
        self.arrangement.offer_captions()
        self.dress()
        self._offer()
        self._read()
        self.show_news()
        self._say()

    def _follow_settings(self) -> None:
        """Have the example of the run made, or of the next one before there is a run, and the network as it begins."""
        config = self.shown_config
        self._probe.ask(config)
        if not self._beginning.begins:
            self.picture.empty = self._probe.problem if self.snapshot is None else ""
            return
        if self._probe.example is not None:
            self._beginning.ask(config, self._probe.example)
        elif self._probe.problem:
            self._beginning.refuse(self._probe.problem)
        self.picture.empty = self._beginning.problem or (_SOON if self.training.active else "")

    def _read(self) -> None:
        """Find out what is read, where that has changed."""
        example, facts, snapshot = self._probe.example, self.training.run.facts, self.snapshot
        if snapshot is not None and snapshot is self._beginning.snapshot:
            example = self._beginning.example  # the settings may have another one by now
        x = snapshot.probe if snapshot is not None else example.x if example is not None else None
        if x is None:
            return
        before = self.picture.reading
        same = before is not None and (before.x is x or np.array_equal(before.x, x))
        if same and self._read_from and all(map(is_, self._read_from, (example, facts))):
            return
        self._read_from = example, facts
        self.picture.reading = reading_of(x, facts, example)
        self.choices.offer_answers(self.picture.reading.outputs)
        self.arrangement.offer_captions()
        if not same:
            self._touched = False
            self.pictures.forget_orders()
        self._show_answers()
        self.picture.forget_ground()
        if not self._touched:
            self._frame_something(self.picture.reading)
        if self.isVisible():
            self.pictures.arrange(maps_of(self.cell), self._layer_count)

    def _show_answers(self) -> None:
        reading, snapshot = self.picture.reading, self.snapshot
        if reading is None:
            return
        given = snapshot.answers if snapshot is not None and len(snapshot.answers) == reading.steps else None
        self.picture.answers = Answers(reading, given, self.picture.now, self.choices.shown_answer)

    def show_now(self, t: int | None) -> None:
        """Let a walk through time stand at a time step, from 0; what follows is to come. None: all is shown."""
        if t == self.picture.now:
            return
        self.picture.now = t
        if t is not None:
            self.picture.framed = replace(self.picture.framed, t=t)
        self._show_answers()
        self.picture.update()
        self._say()

    def _offer(self) -> None:
        """Offer the maps and layers of the cell that is shown."""
        cell = self.cell
        maps, names = maps_of(cell), shown_values(cell)
        self.picture.latex = {short: cell.operation(names[short]).latex.removesuffix("_t") for short in maps}
        states = "C and h" if cell.has_state else "h"
        self.choices.offer_maps(maps, self.picture.latex, any(spec.gate for spec in maps.values()), states)
        self.choices.offer_layers(self._layer_count)
        self.pictures.arrange(maps, self._layer_count)

    # ---- the cursor and its words

    def _frame_something(self, reading: Reading) -> None:
        """Frame the last marked step, or else the last of all, and there the unit that is open widest."""
        self.picture.framed = self.pictures.widest(self._told_t(reading))

    def _told_t(self, reading: Reading) -> int:
        """Return the time step, from 0, at which there is most to tell: where a walk stands, a mark, or the last."""
        marked = [t for t in reading.marked_steps if t < reading.steps]
        told = marked[-1] if marked else reading.steps - 1
        return told if self.picture.now is None else min(self.picture.now, reading.steps - 1)

    def _on_first_drawn(self) -> None:
        if self.picture.framed.map is None and self.reading is not None:
            self.picture.framed = self.pictures.widest(self.picture.framed.t)
            self._say()

    def _on_cursor(self, cursor: Framed) -> None:
        self._touched = True
        self._say()
        self.moment_framed.emit(self.framed_layer, cursor.t)

    def _on_clicked(self, cursor: Framed) -> None:
        """Hold the frame where it is, or let it go."""
        self.held = not self.held
        self.picture.follows_mouse = not self.held
        stays = f"The frame stays at t = {cursor.t + 1:,}; click again to let it follow the mouse"
        self.message.emit(stays if self.held else "The frame follows the mouse")
        self.moment_framed.emit(self.framed_layer, cursor.t)

    def _on_words_timer(self) -> None:
        if self.training.run.history.shown is None:
            self._follow_settings()
        if self._words_due:
            self._say()

    def _say(self) -> None:
        """Write what happens at the cursor."""
        self._words_due = False
        self.words.put(*self.sentences())

    def sentences(self) -> list[str]:
        """Return what happens at the cursor, as rich text: what came in; what the unit does; what is answered."""
        reading, snapshot, cursor = self.reading, self.snapshot, self.picture.framed
        if reading is None:
            return []
        appearance = self.tools.appearance
        teller = Teller(appearance.theme, appearance.digits)
        t = min(cursor.t, reading.steps - 1)
        said = [teller.title(reading, t)]
        if snapshot is not None and snapshot is self._beginning.snapshot:
            said.insert(0, teller.note(f"{self._beginning.words}."))
        if snapshot is None or len(snapshot.probe) != reading.steps:
            return said
        framed, layer = self.pictures.framed_map, min(self.framed_layer, snapshot.layers - 1)
        of, values = framed.spec.name if framed is not None else "h", snapshot.gates[layer]
        if of in values and cursor.unit < values[of].shape[1]:
            moment = Moment(cell_of(snapshot), layer, snapshot.layers, values, t, cursor.unit, of)
            said.append(teller.of_unit(moment))
        return [*said, teller.answer(Answers(reading, snapshot.answers, None, self.choices.shown_answer), t)]

    def _on_beginning(self) -> None:
        """The network as it begins is there, or it cannot be."""
        if not self.isVisible() or not self._beginning.begins:
            return
        if self._beginning.snapshot is None:
            self.picture.reading, self._read_from = None, ()
            self._forget()
        self.show_news()
        self._say()

    # ---- choices

    def _on_choice(self) -> None:
        stored, scaling = self.tools.stored, self.choices.scaling
        if stored is not None:
            stored.setValue(_SCALE, scaling.states)
            stored.setValue(_SPREAD, scaling.spread)
        self.refresh()

    def _on_order(self) -> None:
        self.pictures.forget_orders()
        self.pictures.arrange(maps_of(self.cell), self._layer_count)
        self._say()

    def _on_answer(self) -> None:
        self._show_answers()
        self.picture.forget_ground()
        self._say()

    def _on_probe(self, number: int | None) -> None:
        self.choices.show_probe(number)
        if self.isVisible():
            self._follow_settings()

    def _on_example(self) -> None:
        if self.isVisible():
            self._follow_settings()
            self._read()
            self._say()

    # ---- look

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.isVisible():
            self.dress()

    def _on_resized(self) -> None:
        if self.isVisible():
            self.pictures.arrange(maps_of(self.cell), self._layer_count)

    def wanted_look(self) -> tuple[Any, ...]:
        appearance = self.tools.appearance
        letters = appearance.text(TEXT)
        return appearance.theme, letters, appearance.presenting, self.arrangement.page, self.width() // 8, self.height()

    def put_on(self) -> None:
        self.arrangement.put_on()


def _form(snapshot: Snapshot) -> tuple[object, ...]:
    """Return what two snapshots have in common of which the maps have the same names, units and time steps."""
    return snapshot.cell, snapshot.layers, *(values.shape for values in snapshot.gates[0].values())
