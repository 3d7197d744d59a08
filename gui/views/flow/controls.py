"""The controls above the gradient flow: layer, sequence, state, plain RNN and, in a small window, the page."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui.appearance.theme import Appearance
from gui.widgets.buttons import CheckBox
from gui.widgets.choices import LayerBox
from gui.widgets.layouts import in_column
from gui.widgets.segments import Segments
from gui.widgets.spin_boxes import WholeBox

NOW, TRAINING, PATHS = range(3)
_PAGES = (
    ("Now", "Gradient norms at each time step, at the newest training step"),
    ("Training", "Gradient norms over all training steps"),
    ("Paths", "How much gradient arrives along the cell line and through each gate"),
)
_STATES = (("C", "cell", "cell state C_t"), ("h", "hidden", "hidden state h_t"))


class FlowControls(QWidget):
    """Layer, sequence of the batch, state, the plain RNN as a baseline, and the page."""

    changed = Signal()
    """Another layer, state or page is to be shown."""
    sequence_chosen = Signal(int)
    """The sequence of each batch that is to be followed, counted from 1; 0 for all."""
    twin_wanted = Signal(bool)

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.layer = LayerBox("The layer whose gradients are shown")
        self.sequence = WholeBox()
        self.sequence.setSpecialValueText("all sequences")
        self.sequence.setPrefix("sequence ")
        self.sequence.setAccessibleName("sequence of the batch")
        self.sequence.setToolTip(
            "Show all sequences of each training batch, or only the one with this number;\n"
            "L is the mean over the whole batch either way, as in training"
        )
        self.state = Segments([(letter, role) for letter, role, _ in _STATES], appearance)
        for segment, (_, _, what) in zip(self.state.segments, _STATES, strict=True):
            segment.setToolTip(f"Show the gradient of the {what} in the sentence and over training")
            segment.setAccessibleName(what)
        self.state.choose(0)
        self.twin = CheckBox("")
        self.twin.setToolTip(
            "Train a plain RNN of the same size on the same batches; the network itself then trains more slowly"
        )
        self.pages = Segments([(words, "") for words, _ in _PAGES], appearance)
        for segment, (_, tip) in zip(self.pages.segments, _PAGES, strict=True):
            segment.setToolTip(tip)
        self.pages.choose(NOW)
        self._row, self._below = QHBoxLayout(), QHBoxLayout()
        for widget in (self.layer, self.sequence, self.state):
            self._row.addWidget(widget)
        rows = in_column(inside=self, margins=0, spacing=appearance.px(4))
        for row in (self._row, self._below):
            row.addStretch(1)
            rows.addLayout(row)
        self._last = self._row
        """The row in which the plain RNN and the pages stand."""
        self._fill(self._row)
        self.layer.currentIndexChanged.connect(lambda _index: self.changed.emit())
        self.sequence.valueChanged.connect(self.sequence_chosen)
        self.state.chosen.connect(lambda _number: self.changed.emit())
        self.pages.chosen.connect(lambda _number: self.changed.emit())
        self.twin.clicked.connect(self.twin_wanted)

    def show_sequence(self, number: int, batch_size: int) -> None:
        """Show which sequence of batches of so many is followed, 0 for all. Says nothing."""
        with QSignalBlocker(self.sequence):
            self.sequence.setRange(0, batch_size)
            self.sequence.setValue(number)
        self.sequence.setVisible(batch_size > 1)

    def fit(self, text: int, one_page: bool) -> None:
        """Stand apart as text of a size does; with room for one page only, offer the pages and use fewer words."""
        self.pages.setVisible(one_page)
        self.twin.setText("Plain RNN" if one_page else "Plain RNN as a baseline")
        self._row.setSpacing(text // 2 if one_page else text)

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self._wrap()
        return super().event(event)

    def _wrap(self) -> None:
        """Take a second row where one has no room for all."""
        widgets = self.layer, self.sequence, self.state, self.twin, self.pages
        widths = [widget.sizeHint().width() for widget in widgets if not widget.isHidden()]
        needed = sum(widths) + self._row.spacing() * len(widths)
        wanted = self._row if needed <= self.width() else self._below
        if wanted is not self._last:
            for widget in (self.twin, self.pages):
                self._last.removeWidget(widget)
            self._last = wanted
            self._fill(wanted)

    def _fill(self, row: QHBoxLayout) -> None:
        """Put the plain RNN before a row's empty space and the pages behind it."""
        row.insertWidget(row.count() - 1, self.twin)
        row.addWidget(self.pages)


def only_one(sequence: int, batch_size: int) -> str:
    """Return what is shown of batches of so many where one sequence is followed."""
    return f"Only sequence {sequence} is shown; L stays the mean over all {batch_size} of the batch, as in training"
