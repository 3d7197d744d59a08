"""Gives code away: a script or a notebook of what is shown, a script of the training, the training as a command."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from engine.errors import PlainError
from engine.runs.snapshot import Snapshot
from engine.settings.config import TrainingConfig
from engine.text.file_name import file_name
from engine.whole_file import whole_file
from gui.commands.registry import Registry
from gui.commands.views import found
from gui.exchange.saving import SavedKind, choose_saved
from gui.exchange.shown import Shown
from gui.jobs.background import Background
from gui.views.base import Tools

if TYPE_CHECKING:
    from engine.formats.code.model import Model

_SCRIPT = SavedKind("PyTorch script", ".py")
_WRITERS = {
    _SCRIPT: "torch_script:torch_script",
    SavedKind("NumPy script", ".py"): "numpy_script:numpy_script",
    SavedKind("Jupyter notebook", ".ipynb"): "notebook:notebook",
}
"""What writes each kind, as module:function of engine.formats.code; imported when it is asked for."""
_DIED = "The training was not written as a script: what made it {words}."


class CodeExport(QObject):
    """Writes the cell, the network or the training that is shown as code, in the background."""

    said = Signal(str)
    """A sentence for the status line."""
    refused = Signal(str)
    """A sentence that the user must see: nothing was written."""

    def __init__(self, window: QWidget, tools: Tools, shown: Shown) -> None:
        super().__init__(window)
        self._window, self._tools, self._shown = window, tools, shown
        self._child = Background("documents", self)

    def register_commands(self, commands: Registry) -> None:
        """Say what the commands do that give code away."""
        commands.register("export code", self.export_code)
        commands.register("export training", self.export_training)
        commands.register("copy command", self.copy_command)

    # ---- a cell or a network

    def export_code(self) -> None:
        """Let the user choose a file for the cell, or the network, that is shown."""
        make, name = self._source()
        kinds = tuple(_WRITERS)
        title = "Save code that rebuilds what is shown"
        choose_saved(self._window, title, file_name(name), kinds, lambda path, kind: self.write(path, kind, make))

    def _source(self) -> tuple[Callable[[], Model], str]:
        """Return what makes the model of what is shown, and its name: a network where one is shown, else the cell."""
        from engine.formats.code.model import of_document, of_snapshot

        source, name = self._shown.now()
        if isinstance(source, Snapshot):
            return partial(of_snapshot, source, name), name
        return partial(of_document, source, name or source.cell.title), name

    def write(self, path: Path, kind: SavedKind, make: Callable[[], Model]) -> None:
        """Write a model as a kind of code."""

        def work() -> None:
            _write_text(path, found(f"engine.formats.code.{_WRITERS[kind]}")(make()))

        words = "open it in Jupyter" if kind.suffix == ".ipynb" else f"run it with python {path.name}"
        self._tools.background.run(
            work,
            lambda _none: self.said.emit(f"Saved {path.name}; {words}"),
            lambda error: self.refused.emit(str(error)),
            PlainError,
        )

    # ---- a training

    @property
    def config(self) -> TrainingConfig:
        """The settings of the run that is shown, or of the next one if there is none."""
        training = self._tools.training
        assert training is not None
        return training.run.config if training.run.last is not None else training.config

    @property
    def _begins_with(self) -> str:
        training = self._tools.training
        start = None if training is None else training.run.start if training.run.last is not None else training.start
        return "" if start is None else start.name or "a cell"

    def export_training(self) -> None:
        """Let the user choose a file for a script that trains as the settings say."""
        name = file_name(f"train {self.config.task}")
        config, begins_with = self.config, self._begins_with
        choose_saved(
            self._window,
            "Save the training as a script",
            name,
            (_SCRIPT,),
            lambda path, _kind: self.write_training(path, config, begins_with),
        )

    def write_training(self, path: Path, config: TrainingConfig, begins_with: str = "") -> None:
        """Write a training as a script; a child makes it, for a task of one's own runs its owner's code."""

        from engine.formats.code.training_script import tell_training_script

        def put(text: str) -> None:
            self._tools.background.run(
                partial(_write_text, path, text),
                lambda _none: self.said.emit(f"Saved {path.name}; run it with python {path.name}"),
                lambda error: self.refused.emit(str(error)),
                PlainError,
            )

        self._child.run_in_child(
            tell_training_script, (config, begins_with), put, lambda error: self.refused.emit(str(error)), _DIED
        )

    def copy_command(self) -> None:
        """Copy the training as a command for a terminal."""
        from engine.commands.train.command_line import command_line

        QGuiApplication.clipboard().setText(command_line(self.config))
        self.said.emit("Copied the command that trains with these settings; paste it into a terminal")


def _write_text(path: Path, text: str) -> None:
    try:
        with whole_file(path) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise PlainError(f"{path.name} cannot be written ({error.strerror}); choose another place.") from error
