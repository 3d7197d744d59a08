"""The line over the views of the cell while a network is in them: which one, of which step, newest or held."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QTimer
from PySide6.QtWidgets import QWidget

from gui.appearance.style import fit_text
from gui.appearance.theme import Appearance
from gui.network.following import Following
from gui.widgets.buttons import Button
from gui.widgets.choices import LayerBox
from gui.widgets.labels import text_label
from gui.widgets.layouts import in_row
from gui.widgets.segments import Segments

_WORDS_MS = 150
"""Between two titles: a number that changes faster cannot be read."""
_NEWEST, _HELD = 0, 1


class NetworkBar(QWidget):
    """Names the network, and lets it be followed, held, copied and left; it is there while one is shown."""

    def __init__(self, following: Following, appearance: Appearance) -> None:
        super().__init__()
        self._following, self._appearance = following, appearance
        self._beside_step = False
        px = appearance.px
        self.title = text_label(look="strong", cut=True)
        self.layer = LayerBox("The layer of the network that the diagram shows")
        self.layer.currentIndexChanged.connect(lambda: following.choose_layer(self.layer.layer))
        self._weights = text_label("weights")
        self.switch = Segments((("newest", ""), ("held", "")), appearance)
        newest, held = self.switch.segments
        newest.setToolTip("Follow the network while it learns: every number changes with it")
        held.setToolTip("Stay at this training step while training goes on (Ctrl+H)")
        self.switch.chosen.connect(lambda number: following.hold(number == _HELD))
        self.buttons = {"copy network": Button("Copy to edit"), "own cell": Button("Own cell")}
        """What does the same as a command, by its id."""
        switch, buttons = (self.layer, self._weights, self.switch), self.buttons.values()
        in_row((self.title, 1), *switch, *buttons, inside=self, margins=(px(12), px(2)), spacing=px(8))
        self._written = QElapsedTimer()
        self._due = QTimer(self, singleShot=True)
        self._due.timeout.connect(self._write)
        following.changed.connect(self._update)
        appearance.changed.connect(self._on_appearance)
        self._on_appearance()

    def stand_beside_step(self, beside: bool) -> None:
        """Leave the step of a run that goes on to the run's timeline, or name it."""
        if beside is not self._beside_step:
            self._beside_step = beside
            self._write()

    def _on_appearance(self) -> None:
        fit_text(self, self._appearance)
        self._update()

    def _update(self) -> None:
        following = self._following
        self.setVisible(following.shown)
        if not following.shown:
            return
        self.layer.offer(following.layers, following.layer)
        self.switch.choose(_HELD if following.held else _NEWEST)
        for widget in (self._weights, self.switch, *self.buttons.values()):
            widget.setVisible(not self._appearance.presenting)  # the diagram's numbers need the room; keys do the same
        since = self._written.elapsed() if self._written.isValid() else _WORDS_MS
        if since >= _WORDS_MS:
            self._write()
        elif not self._due.isActive():
            self._due.start(_WORDS_MS - since)

    def _write(self) -> None:
        self._written.start()
        title = self._following.title_beside_step if self._beside_step else self._following.title
        if title != self.title.text():
            self.title.setText(title)
            self.title.setToolTip(title)
