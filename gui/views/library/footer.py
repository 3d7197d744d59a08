"""The line below the library: the space it takes, the limit, whether new runs are recorded, and the folder."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QLabel, QWidget

from engine.text.amounts import bytes_in_words
from gui.appearance.theme import Appearance
from gui.runs.recordings import LEAST_GB, MOST_GB, Recordings
from gui.widgets.buttons import Button, CheckBox
from gui.widgets.labels import NameLabel, called
from gui.widgets.layouts import in_row
from gui.widgets.spin_boxes import RealBox
from gui.widgets.themed.folders import from_home, show_folder


class LibraryFooter(QWidget):
    """One line below the runs."""

    message = Signal(str)

    def __init__(self, recordings: Recordings, appearance: Appearance) -> None:
        super().__init__()
        self._recordings = recordings
        self.taken = QLabel()
        self.limit = called("Room for recordings, in GB", RealBox())
        self.limit.setRange(LEAST_GB, MOST_GB)
        self.limit.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.limit.setToolTip("The most that all recordings may take; the oldest are deleted first, pinned ones never")
        self.on = CheckBox("Record new runs")
        self.on.setToolTip("Record the next run here; a run that has already started is not affected")
        self.folder = NameLabel("note", Qt.TextElideMode.ElideMiddle)
        self.show_folder = Button("Show folder")
        parts = self.taken, self.limit, QLabel("GB"), self.on, (self.folder, 1), self.show_folder
        in_row(*parts, inside=self, margins=0, spacing=appearance.px(10))
        self.limit.valueChanged.connect(self._on_limit)
        self.on.clicked.connect(self._on_on)
        recordings.on_changed.connect(self._on_recorded)
        recordings.folder_changed.connect(self._on_folder)
        self.show_folder.clicked.connect(lambda: self.message.emit(show_folder(self._folder)))
        self._on_folder()

    def show_room(self, count: int, nbytes: int) -> None:
        """Show how many runs there are, how many bytes they take, the limit, and whether new runs are recorded."""
        self.taken.setText(f"{count:,} run{'s' * (count != 1)}, {bytes_in_words(nbytes)} of at most")
        if not self.limit.hasFocus():
            with QSignalBlocker(self.limit):
                self.limit.setValue(self._recordings.limit_gb)
        self.on.setChecked(self._recordings.on)

    def _on_recorded(self) -> None:
        self.on.setChecked(self._recordings.on)

    def _on_limit(self, gigabytes: float) -> None:
        self._recordings.set_limit(gigabytes)
        self.message.emit(f"From the next run on, recordings take at most {gigabytes:g} GB; pinned ones are kept")

    def _on_on(self, on: bool) -> None:
        self._recordings.set_on(on)
        self.message.emit("The next run is recorded" if on else "The next run is not recorded")

    @property
    def _folder(self) -> Path:
        return self._recordings.library.folder

    def _on_folder(self) -> None:
        self.folder.show_name(str(from_home(self._folder)))
        self.show_folder.setToolTip(f"Open {self._folder} in the system's file manager")
