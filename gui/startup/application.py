"""Opens the window, and shows faults of the program."""

from __future__ import annotations

import gc
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QMessageBox

from engine.document.examples import EXAMPLES, load_example
from gui.appearance.icons import icon
from gui.appearance.stored import Stored
from gui.appearance.text_size import TEXT
from gui.appearance.theme import Appearance, font, load_fonts
from gui.safety.safety import Safety
from gui.safety.session import may_hold_something, sessions_folder
from gui.startup.collector import Collector
from gui.training.torch_on_windows import APPLICATION, ORGANISATION
from gui.widgets.message_box import put_sign
from gui.widgets.themed.focus_ring import FocusRing
from gui.widgets.themed.rescaling import Rescaling
from gui.window.main_window import MainWindow
from gui.window.margin_notes import show_first_notes


class Faults(QObject):
    """Shows an exception that nobody expected, once a kind, and lets the window go on."""

    _raised = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._shown: set[str] = set()
        self.report: Callable[[str], object] = lambda text: None
        """Takes the text of each exception, in any thread."""
        self._raised.connect(self._show)

    def install(self) -> None:
        """Take exceptions from slots and from threads."""
        sys.excepthook = self._on_exception
        threading.excepthook = lambda args: self._on_exception(
            args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback
        )

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.__excepthook__(kind, error, trace)
        if issubclass(kind, Exception):
            text = "".join(traceback.format_exception(kind, error, trace))
            self.report(text)
            self._raised.emit(text)

    def _show(self, text: str) -> None:
        if text in self._shown:
            return
        self._shown.add(text)
        last = text.strip().splitlines()[-1]
        window = QApplication.activeWindow()
        box = QMessageBox(QMessageBox.Icon.Critical, "A fault in the program", last, parent=window)
        put_sign(box)
        box.setTextFormat(Qt.TextFormat.PlainText)  # there may be no window whose style sheet says so
        box.setInformativeText("Your document is unchanged; save it. The details help to correct the program.")
        box.setDetailedText(text)
        box.setModal(False)  # a lecture goes on
        box.finished.connect(box.deleteLater)
        box.show()


_CLOSE_S = 4.0
"""How long the program stays after its window, for recordings to be closed."""


def make_application(arguments: list[str] | None = None) -> QApplication:
    """Return the Qt application with the program's name, letters and style."""
    application = QApplication.instance() or QApplication(arguments or [APPLICATION])
    assert isinstance(application, QApplication)
    QCoreApplication.setOrganizationName(ORGANISATION)
    QCoreApplication.setApplicationName(APPLICATION)
    if application.findChild(Collector) is not None:
        return application  # it is set up already
    Collector(application)
    application.setStyle("Fusion")
    load_fonts()
    # Formulas are typeset in a thread of Python code. With Python's own 5 ms the window would wait that long
    # for each of the several times a frame that it takes the interpreter back (34 ms a step; so, 4 ms).
    sys.setswitchinterval(0.0005)
    application.setFont(font(TEXT))
    return application


def make_window(stored: Stored, theme: str | None = None, record: bool = True) -> MainWindow:
    """Return the window with the example that opens first; record: whether it may record runs."""
    appearance = Appearance(stored, theme)

    def apply_palette() -> None:
        if not appearance.lent:
            QApplication.setPalette(appearance.palette())

    apply_palette()
    appearance.changed.connect(apply_palette)
    first = next(iter(EXAMPLES))
    window = MainWindow(load_example(first), EXAMPLES[first], stored, appearance, record)
    FocusRing(window, appearance)
    Rescaling(window, appearance)
    return window


def _begin_without_file(window: MainWindow, safety: Safety, stored: Stored) -> None:
    """Show Welcome, unless something was left behind: that is offered first. Notes come with the cell itself."""
    welcome, stage = window.welcome, window.stage

    def note() -> None:
        if stage.workspace == "explore" and not welcome.shown:
            show_first_notes(window, stage.cell.tools.appearance, stored)

    def note_soon() -> None:
        # In a turn of its own: what led away from Welcome is done by then, and the window is shown.
        QTimer.singleShot(0, window, note)

    def begin(is_offered: bool) -> None:
        if not is_offered and _is_at_rest(window):
            welcome.show_first()
        note_soon()

    welcome.changed.connect(lambda _shown: note_soon())
    if may_hold_something(sessions_folder()):
        safety.looked.connect(begin)
    else:
        begin(is_offered=False)


def _is_at_rest(window: MainWindow) -> bool:
    """Whether nobody has done anything in the window yet."""
    began = window.playback.position or window.presenting.on or window.training.controller.active
    return window.stage.front == "diagram" and window.model.untouched and not began


def run_window(
    file: Path | None,
    theme: str | None,
    record: bool = True,
    present: bool = False,
    begin: Callable[[MainWindow], None] | None = None,
) -> int:
    """Open the window, with a file if one is given; return the exit status.

    present: begin with the presentation, so that the hall never sees the window of the desk, nor a question.
    begin: what is done as soon as the window is shown, in place of what is offered otherwise.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl+C in the terminal ends it; the child sees the pipe close
    application = make_application(sys.argv[:1])
    faults = Faults()
    faults.install()
    stored = Stored()
    window = make_window(stored, theme, record)
    appearance = window.stage.cell.tools.appearance
    safety = Safety(window, window.model, window.files, appearance, window.copies.path, [sessions_folder()])
    safety.follow(window.copies)
    safety.said.connect(window.say)
    faults.report = safety.session.report
    window.setWindowIcon(icon("icon", "", 64))
    at_rest = file is None and begin is None and not present
    if present:
        window.presenting.begin()
    elif at_rest:
        _begin_without_file(window, safety, stored)
    window.show()
    window.activateWindow()  # keys go to it even where no window manager says so
    gc.freeze()  # what is there now stays; looking through it again and again would stop the animation
    safety.begin(ask=at_rest)
    if file is not None:
        window.files.open(file)
    if begin is not None:
        begin(window)
    elif at_rest:
        window.training.recordings.look_for_broken_off()
    status = application.exec()
    safety.session.end()
    window.training.controller.wait_closed(_CLOSE_S)  # a child that is cut off leaves a recording to be mended
    return status
