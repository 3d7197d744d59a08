"""Opens and saves documents, and asks before unsaved changes would be lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QInputDialog, QLineEdit, QMessageBox, QWidget

from engine.document.document import Document, DocumentError
from engine.document.examples import EXAMPLES, load_example
from engine.file_kinds import DOCUMENT, FORMATS, Format, document_module, format_of
from engine.formats.link import LinkedDocument, LinkedSettings, LinkError, is_link, link_of_document, read_link
from gui.appearance.stored import Stored
from gui.commands.registry import Registry
from gui.document.cell_model import CellModel
from gui.jobs.background import Background
from gui.widgets.message_box import Buttons, message_box
from gui.widgets.themed.file_dialog import use_own_icons

_RECENT = 8

Result = TypeVar("Result")


def choose_file(
    within: QWidget,
    title: str,
    where: str,
    formats: Iterable[Format],
    chosen: Callable[[Path], object],
    save_as: str = "",
) -> None:
    """Let the user choose a file of some formats, or any other; save_as: the name offered for one to be written."""
    known = tuple(formats)
    dialog = QFileDialog(within, title, where)
    dialog.setOption(QFileDialog.Option.HideNameFilterDetails)  # all suffixes together are wider than a screen
    kinds = [(each.many[:1].upper() + each.many[1:], each.suffixes) for each in known]
    if len(known) > 1:
        suffixes = tuple(dict.fromkeys(suffix for each in known for suffix in each.suffixes))
        kinds.insert(0, ("Whatever can be opened here", suffixes))
    filters = [f"{words} ({' '.join(f'*{suffix}' for suffix in suffixes)})" for words, suffixes in kinds]
    dialog.setNameFilters([*filters, "All files (*)"])
    if save_as:
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(known[0].suffix[1:])
        dialog.selectFile(save_as)
    else:
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.fileSelected.connect(lambda path: chosen(Path(path)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    use_own_icons(dialog)


class Files(QObject):
    """Opens and saves the model's document. Reading and writing happen in the background."""

    message = Signal(str)
    """A sentence for the status line."""
    refused = Signal(str)
    """A sentence that the user must see: the file could not be read or written."""
    recent_changed = Signal()
    settings_found = Signal(object)
    """A link with the settings of a run was opened: `LinkedSettings`."""

    def __init__(self, model: CellModel, background: Background, stored: Stored, window: QWidget) -> None:
        super().__init__(window)
        self._model = model
        self._background = background
        self._stored = stored
        self.recent = stored.lines("recent", "the files opened last", _RECENT)
        """Paths of the files used last, newest first."""
        self._window = window
        self.openers: dict[str, Callable[[Path], None]] = {}
        """What opens a file that is no document, by the opener of its format."""
        self.before_leaving: Callable[[], object] = lambda: None
        """Called before another document takes the place of the user's: a lesson gives that back."""

    def register_commands(self, commands: Registry) -> None:
        """Say what the commands do that read or write files, or take changes back."""
        model, undo = self._model, self._model.undo_stack
        commands.register("open", self.open_dialog)
        commands.register("open link", self.open_link_dialog)
        commands.register("copy link", self.copy_link)
        commands.register("example", self.open_example)
        commands.register("save", self.save)
        commands.register("save as", self.save_dialog)
        commands.register("register", self.register)
        commands.register("undo", undo.undo, possible=lambda: undo.canUndo() or model.waiting or model.visiting)
        commands.register("redo", lambda: undo.redo(), possible=lambda: undo.canRedo() and not model.visiting)

    def open_dialog(self) -> None:
        """Let the user choose a document."""
        title = "Open a document, a recorded run or data"
        choose_file(self._window, title, self._folder(), FORMATS.values(), self.open)

    def open(self, path: Path) -> None:
        """Open a document, after asking for what is not saved, a recorded run, data to be learnt, or a link.

        If it cannot be read, nothing changes.
        """
        if is_link(str(path)):  # from the command line
            self.open_link(str(path))
            return
        opener = format_of(path).opener
        if opener:
            self.openers[opener](path)
            return

        def show(result: tuple[Document, list[str]]) -> None:
            document, warnings = result
            self._model.replace(document, path.stem, path)
            self.remember(path)
            self.message.emit("; ".join(warnings) or f"Opened {path.name}")

        self._load(lambda: document_module(path).read_document(path), show)

    def open_link_dialog(self) -> None:
        """Let the user paste a link; one in the clipboard stands there already."""
        dialog, copied = QInputDialog(self._window), QGuiApplication.clipboard().text()
        dialog.setWindowTitle("Open a link")
        dialog.setLabelText("Paste a link to a document or to the settings of a run; it begins with lstmviz:")
        dialog.setTextValue(copied if is_link(copied) else "")
        dialog.setOkButtonText("Open")
        dialog.textValueSelected.connect(self.open_link)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        for line in dialog.findChildren(QLineEdit):
            line.setSelection(len(line.text()), -len(line.text()))  # from its end, so that its beginning is seen

    def open_link(self, text: str) -> None:
        """Open what a link holds: a document, after asking for what is not saved, or the settings of a run."""

        def show(found: LinkedDocument) -> None:
            self._model.replace(found.document, found.name)
            self.message.emit("; ".join(found.warnings) or f"Opened “{found.name}” from a link")

        def use(found: LinkedDocument | LinkedSettings) -> None:
            if isinstance(found, LinkedSettings):
                self.settings_found.emit(found)
            else:
                self.when_safe(lambda: show(found))

        self._background.run(partial(read_link, text), use, self._refuse, LinkError)

    def copy_link(self) -> None:
        """Copy a link to the document that is shown; one that is too large for that can be saved as a file."""
        name = self._model.shown.name

        def copy(link: str) -> None:
            QGuiApplication.clipboard().setText(link)
            self.message.emit(f"Copied a link to “{name}”: paste it into a mail, or into this window elsewhere")

        self._background.run(partial(link_of_document, self._model.document, name), copy, self._offer_file, LinkError)

    def open_example(self, name: str) -> None:
        """Open one of the program's examples."""
        self._load(lambda: load_example(name), lambda document: self._model.replace(document, EXAMPLES[name]))

    def save(self, then: Callable[[], None] | None = None) -> None:
        """Write the document to its file; ask for a name if it has none. `then` follows success alone."""
        path = self._model.shown.path
        if path is None:
            self.save_dialog(then)
        else:
            self._write(path, then)

    def save_dialog(self, then: Callable[[], None] | None = None) -> None:
        """Let the user choose where to save."""
        formats = (each for each in FORMATS.values() if each.module and not each.network)
        name = f"{self._model.shown.name.split(':')[0]}{DOCUMENT.suffix}"
        choose_file(
            self._window, "Save the document", self._folder(), formats, lambda path: self._write(path, then), name
        )

    def register(self) -> None:
        """Have documents and recordings opened by a double click in the system's file manager."""
        from gui.document.file_types import FileTypesError, register

        def told(paths: list[Path]) -> None:
            self.message.emit(f"A double click now opens documents and recordings ({paths[-1]})")

        self._background.run(register, told, self._refuse, FileTypesError)

    def when_safe(self, then: Callable[[], None]) -> None:
        """Do something that would lose the document: at once if it is saved, else as the user decides."""
        self.before_leaving()
        self._model.end_visit()
        if not self._model.unsaved:
            then()
            return
        sentence = f"“{self._model.shown.name}” has unsaved changes."
        buttons = {Buttons.Save: "", Buttons.Discard: "", Buttons.Cancel: ""}

        def decided(button: int) -> None:
            if button == Buttons.Save:
                self.save(then)
            elif button == Buttons.Discard:
                then()

        icon = QMessageBox.Icon.NoIcon
        box = message_box(self._window, icon, "Unsaved changes", sentence, buttons=buttons, default=Buttons.Save)
        box.finished.connect(decided)

    def _load(self, read: Callable[[], Result], show: Callable[[Result], None]) -> None:
        """Read in the background, then show; asks for unsaved changes before, and for those made meanwhile."""

        def begin() -> None:
            before = self._model.document

            def loaded(result: Result) -> None:
                if self._model.document is before:
                    show(result)
                else:
                    self.when_safe(lambda: show(result))

            self._background.run(read, loaded, self._refuse, DocumentError)

        self.when_safe(begin)

    def _write(self, path: Path, then: Callable[[], None] | None) -> None:
        document = self._model.document

        def written(_nothing: None) -> None:
            self._model.saved(document, path)
            self.remember(path)
            self.message.emit(f"Saved {path.name}")
            if then is not None:
                self.when_safe(then)  # something may have been edited while the file was written

        write = partial(document_module(path).write_document, path, document)
        self._background.run(write, written, self._refuse, DocumentError)

    def _offer_file(self, error: Exception) -> None:
        icon, buttons = QMessageBox.Icon.Information, {Buttons.Save: "Save as a file…", Buttons.Cancel: ""}
        box = message_box(self._window, icon, "No link", str(error), buttons=buttons, default=Buttons.Save)
        box.finished.connect(lambda button: self.save_dialog() if button == Buttons.Save else None)

    def _refuse(self, error: Exception) -> None:
        self.refused.emit(str(error))

    def remember(self, path: Path) -> None:
        """List a file among those used last."""
        text = str(path.absolute())
        self.recent = [text, *(entry for entry in self.recent if entry != text)][:_RECENT]
        self._stored.setValue("recent", self.recent)
        self.recent_changed.emit()

    def _folder(self) -> str:
        path = self._model.shown.path
        return str(path.parent if path else Path(self.recent[0]).parent if self.recent else Path.home())
