"""What the library takes, what it may take, whether it grows, and where it lies."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from engine.text.amounts import bytes_in_words
from gui.appearance.theme import Appearance
from gui.runs.recordings import LEAST_GB, MOST_GB, Recordings
from gui.widgets.buttons import Button, CheckBox
from gui.widgets.labels import text_label
from gui.widgets.layouts import in_row
from gui.widgets.spin_boxes import RealBox


class LibraryFooter(QWidget):
    """One line below the runs."""

    message = Signal(str)

    def __init__(self, recordings: Recordings, appearance: Appearance) -> None:
        super().__init__()
        self._recordings = recordings
        self._folder = recordings.library.folder
        self.taken = QLabel()
        self.limit = RealBox()
        self.limit.setRange(LEAST_GB, MOST_GB)
        self.limit.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.limit.setToolTip("What all recordings may take; the oldest go first, pinned ones stay")
        self.on = CheckBox("Record new runs")
        self.on.setToolTip("Whether the next run becomes a file here; a run that goes on stays as it began")
        self.folder = text_label("", "note", cut=True)
        self.folder.setToolTip(str(self._folder))
        self.show_folder = Button("Show folder")
        self.show_folder.setToolTip(f"Open {self._folder} in the system's file manager")
        in_row(
            self.taken,
            self.limit,
            QLabel("GB"),
            self.on,
            (self.folder, 1),
            self.show_folder,
            inside=self,
            margins=0,
            spacing=appearance.px(10),
        )
        self.limit.valueChanged.connect(self._on_limit)
        self.on.clicked.connect(self._on_on)
        self.show_folder.clicked.connect(self._on_show_folder)

    def show_room(self, count: int, nbytes: int) -> None:
        """Say how many runs there are and what they take; the rest as it is now."""
        words = f"{count:,} run{'s' * (count != 1)}, {bytes_in_words(nbytes)} of at most"
        if self.taken.text() != words:
            self.taken.setText(words)
        if not self.limit.hasFocus():
            with QSignalBlocker(self.limit):
                self.limit.setValue(self._recordings.limit_gb)
        self.on.setChecked(self._recordings.on)
        self._elide()

    def _on_limit(self, gigabytes: float) -> None:
        self._recordings.set_limit(gigabytes)
        self.message.emit(f"From the next run on, recordings take at most {gigabytes:g} GB; pinned ones stay")

    def _on_on(self, on: bool) -> None:
        self._recordings.set_on(on)
        self.message.emit("Runs are recorded, from the next one on" if on else "The next run is not recorded")

    def _on_show_folder(self) -> None:
        if not self._folder.exists():
            self.message.emit(f"{self._folder} does not exist yet: the first run that is recorded makes it")
        elif not QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder))):
            self.message.emit(f"No file manager opens here; the recordings lie in {self._folder}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        words = self.folder.fontMetrics().elidedText(
            str(_from_home(self._folder)), Qt.TextElideMode.ElideMiddle, max(0, self.folder.width())
        )
        if self.folder.text() != words:
            self.folder.setText(words)


def _from_home(folder: Path) -> Path:
    """Return a folder as people write it: with ~ for their own."""
    try:
        return Path("~") / folder.relative_to(Path.home())
    except (ValueError, RuntimeError):
        return folder
