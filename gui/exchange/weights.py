"""Gives weights away: those of the cell or the network that is shown, in the formats of other programs."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from engine.document.document import Document
from engine.errors import PlainError
from engine.file_kinds import network_formats
from engine.formats.bringing.telling import tell_written
from engine.formats.found import Found
from engine.formats.own import network_of
from engine.runs.snapshot import Snapshot
from engine.text.file_name import file_name
from gui.commands.registry import Registry
from gui.exchange.saving import SavedKind, choose_saved
from gui.exchange.shown import Shown
from gui.jobs.background import Background

_DIED = "The weights were not written: what writes them {words}."


class WeightsExport(QObject):
    """Writes the weights of what is shown in a child, because the writers of some formats load torch or onnx."""

    said = Signal(str)
    """A sentence for the status line."""
    refused = Signal(str)
    """A sentence that the user must see: nothing was written."""

    def __init__(self, window: QWidget, shown: Shown) -> None:
        super().__init__(window)
        self._window, self._shown = window, shown
        self._work = Background("documents", self)

    def register_commands(self, commands: Registry) -> None:
        """Say what the command does that gives weights away."""
        commands.register("export weights", self.export)

    def export(self) -> None:
        """Let the user choose a file for the weights of the cell, or the network, that is shown."""
        source, name = self._shown.now()
        written = [each for each in network_formats() if each.writes]
        kinds = [SavedKind(each.many[:1].upper() + each.many[1:], each.suffix) for each in written]
        title = "Save the weights of what is shown"
        choose_saved(self._window, title, file_name(name), kinds, lambda path, _kind: self.write(path, source))

    def write(self, path: Path, source: Document | Snapshot) -> None:
        """Write the weights of a document or of a moment of a run; the suffix says how."""

        def tell(notes: list[str]) -> None:
            self._work.drop()  # it has answered
            self.said.emit("; ".join([f"Saved {path.name}", *notes]))

        def refuse(error: Exception) -> None:
            self.refused.emit(str(error))

        def put(found: Found) -> None:
            self._work.run_in_child(tell_written, (path, found), tell, refuse, _DIED)

        self._work.run(partial(network_of, source), put, refuse, PlainError)
