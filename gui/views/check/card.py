"""The card beside the diagram that checks a gradient: a weight nudged by ±ε, the slope of L, and backpropagation's."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QProgressBar, QWidget

from engine.cell.provenance import Place
from engine.document.document import Document, DocumentError
from engine.document.gradient_check import (
    EPSILONS,
    USUAL,
    CheckError,
    Matrix,
    WeightCheck,
    check_matrix,
    check_weight,
    digits_in_common,
    known_place,
    matrix_in_words,
)
from engine.document.loss import Loss, LossError
from engine.text import numbers
from gui.appearance.style import fit_text
from gui.commands.command import CommandError
from gui.jobs.background import Background
from gui.matrix.map import MatrixMap
from gui.views.base import Tools
from gui.views.hall import Hall
from gui.widgets.buttons import Button
from gui.widgets.labels import text_label
from gui.widgets.layouts import REST, in_column, in_row
from gui.widgets.spin_boxes import WholeBox

_ROWS = ("weight", "L(w + ε)", "L(w − ε)", "slope between", "backpropagation", "relative difference")
_TIPS = {
    "slope between": "(L(w + ε) − L(w − ε)) / 2ε",
    "backpropagation": "∂L/∂w, as the backward pass computes it (Ctrl+B)",
    "relative difference": "|slope − backpropagation| / the larger of both",
}
_EXPECTED = (LossError, DocumentError, MemoryError)
_WIDTH, _TOLD_MS = 356, 100

Wish = tuple[Document, Loss, str, Place, float]


class CheckCard(QWidget):
    """Shows the check of one weight, and on request that of a whole matrix."""

    closed = Signal()
    message = Signal(str)

    def __init__(self, tools: Tools, loss: Callable[[], Loss]) -> None:
        """loss: returns the loss that the backward pass begins with."""
        super().__init__()
        self._tools, self._loss = tools, loss
        self._apart = Background("documents", self)
        self._asked: Wish | None = None
        self.found: WeightCheck | None = None
        """What is shown; None while the first is being computed."""
        self.differences: Matrix | None = None
        """Of the whole matrix, once it was asked for."""
        self.weight = QComboBox()
        self.weight.setAccessibleName("weight matrix")
        self.row, self.column = WholeBox(1, 1, "Row of the weight"), WholeBox(1, 1, "Column of the weight")
        self.row.setAccessibleName("row of the weight")
        self.column.setAccessibleName("column of the weight")
        self.epsilon = QComboBox()
        self.epsilon.setAccessibleName("ε, how far the weight is nudged")
        self.epsilon.setToolTip("How far the weight is nudged up and down")
        for epsilon in EPSILONS:
            self.epsilon.addItem(f"ε = {numbers.in_full(epsilon)}", epsilon)
        self.epsilon.setCurrentIndex(EPSILONS.index(USUAL))
        self.close_button = Button("Close")
        self.whole = Button("Check the whole matrix")
        self.cancel = Button("Cancel")
        self.progress = QProgressBar(textVisible=False, minimum=0, maximum=1000)
        self.progress.setAccessibleName("how much of the matrix is checked")
        self._done = 0.0
        self._timer = QTimer(self, interval=_TOLD_MS)
        self._timer.timeout.connect(lambda: self.progress.setValue(round(1000 * self._done)))
        self.values = {words: text_label("", "strong") for words in _ROWS}
        self.says, self.of_matrix = text_label("", "", wrap=True), text_label("", "note", wrap=True)
        self.map = MatrixMap(tools.appearance, tools.typesetter, tools.background)
        self._hall = Hall(self)
        self._lay_out()
        self.weight.activated.connect(self._on_weight)
        self.epsilon.activated.connect(self._ask)
        self.row.valueChanged.connect(self._ask)
        self.column.valueChanged.connect(self._ask)
        self.close_button.clicked.connect(self.closed)
        self.whole.clicked.connect(self.check_whole)
        self.cancel.clicked.connect(self._break_off)
        self.map.clicked.connect(self._on_map)
        tools.model.document_changed.connect(self._on_document)
        tools.model.refreshed.connect(self._on_document)
        tools.appearance.changed.connect(self._on_appearance)
        self._show_going(False)

    def _lay_out(self) -> None:
        px = self._tools.appearance.px
        title = in_row(text_label("Check a gradient", "heading"), REST, self.close_button)
        place = in_row((self.weight, 1), self.row, self.column, spacing=px(4))
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(10))
        grid.setVerticalSpacing(px(2))
        for row, (words, value) in enumerate(self.values.items()):
            name = QLabel(words)
            name.setToolTip(_TIPS.get(words, ""))
            grid.addWidget(name, row, 0)
            grid.addWidget(value, row, 1)
        grid.setColumnStretch(1, 1)
        going = in_row((self.progress, 1), self.cancel, spacing=px(6))
        parts = title, place, self.epsilon, grid, self.says, self.whole, going, self.of_matrix, (self.map, 1), REST
        in_column(*parts, inside=self, margins=(px(14), px(10)), spacing=px(8))
        self.map.hide()
        self._on_appearance()

    def _on_appearance(self) -> None:
        self.setFixedWidth(self._tools.appearance.with_text(_WIDTH))
        if self.isVisible():
            fit_text(self, self._tools.appearance)
        self._hall.show(self.isVisible() and self._tools.appearance.presenting)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._on_appearance()

    # ---- what is checked

    def show_weight(self, name: str, row: int, column: int | None = None) -> None:
        """Check a weight by its name, row and column, from 1 on; raises CommandError where there is none."""
        document = self._tools.model.document
        try:
            place = known_place(document, name, row, column)
        except CheckError as error:
            raise CommandError(f"“check”: {error}") from error
        self.show_place(name, place)

    def show_place(self, name: str, place: Place) -> None:
        """Check a weight by its name and place, from 0 on."""
        document = self._tools.model.document
        self._offer(document, name)
        with QSignalBlocker(self.row), QSignalBlocker(self.column):
            self.row.setValue(place[0] + 1)
            self.column.setValue(place[-1] + 1 if len(place) == 2 else 1)
        self._ask()

    def refresh(self) -> None:
        """Check again: the numbers or the loss are others."""
        self._ask()

    def _offer(self, document: Document, name: str) -> None:
        """Offer the weights of a document, with one chosen."""
        names = list(document.weights)
        if [self.weight.itemText(i) for i in range(self.weight.count())] != names:
            self.weight.clear()
            self.weight.addItems(names)
        if name != self.weight.currentText():
            self._forget_matrix()
        self.weight.setCurrentIndex(names.index(name) if name in names else 0)
        shape = document.weights[self.weight.currentText()].shape
        with QSignalBlocker(self.row), QSignalBlocker(self.column):
            self.row.setMaximum(shape[0])
            self.column.setMaximum(shape[-1])
        self.column.setVisible(len(shape) == 2)

    def _wish(self) -> Wish:
        document, name = self._tools.model.document, self.weight.currentText()
        place = (self.row.value() - 1, self.column.value() - 1)[: document.weights[name].ndim]
        return document, self._loss(), name, place, float(self.epsilon.currentData())

    def _ask(self) -> None:
        if self.isHidden() or not self.weight.count():
            return
        wish = self._wish()
        if wish != self._asked:
            if self._asked is not None and (wish[:3], wish[4]) != (self._asked[:3], self._asked[4]):
                self._forget_matrix()
            self._asked = wish
            self._tools.background.run(
                lambda: check_weight(*wish), lambda found: self._take(wish, found), self._refuse, _EXPECTED, "check"
            )

    def _take(self, wish: Wish, found: WeightCheck) -> None:
        if wish is not self._asked:
            return
        self.found = found
        where = ",".join(str(axis + 1) for axis in found.place)
        self.values["weight"].setText(f"{found.name}[{where}] = {numbers.short(found.value)}")
        for words, value in (("L(w + ε)", found.above), ("L(w − ε)", found.below)):
            self.values[words].setText(_sixteen(value))
        self.values["slope between"].setText(_ten(found.slope))
        self.values["backpropagation"].setText(_ten(found.gradient))
        self.values["relative difference"].setText(numbers.written(found.difference))
        self.says.setText(found.sentence)
        self.setAccessibleDescription(found.sentence)

    def _refuse(self, error: Exception) -> None:
        self.says.setText(str(error) or "There is not enough memory for this; choose smaller sizes")

    # ---- a whole matrix

    def check_whole(self) -> None:
        """Check every entry of the chosen matrix, apart from what else is computed."""
        document, loss, name, _, epsilon = self._wish()
        self._forget_matrix()
        self._show_going(True)

        def work(dropped: Event) -> Matrix | None:
            def goes_on(done: float) -> bool:
                self._done = done  # read by the timer of the window's thread
                return not dropped.is_set()

            return check_matrix(document, loss, name, epsilon, goes_on)

        self._done = 0.0
        self._apart.run_apart(work, lambda found: self._take_matrix(name, found), self._fail, _EXPECTED)

    def _take_matrix(self, name: str, differences: Matrix | None) -> None:
        self._show_going(False)
        if differences is not None and name == self.weight.currentText():
            self.differences = differences
            self.of_matrix.setText(matrix_in_words(name, differences) + " The map: digits in common.")
            digits = digits_in_common(differences)
            self.map.show_matrix(digits if digits.ndim == 2 else digits[:, None], name=name)
            self.map.show()

    def _fail(self, error: Exception) -> None:
        self._show_going(False)
        self._refuse(error)

    def _break_off(self) -> None:
        self._apart.drop()
        self._show_going(False)

    def _forget_matrix(self) -> None:
        self._apart.drop()
        self._show_going(False)
        self.differences = None
        self.of_matrix.setText("")
        self.map.hide()

    def _show_going(self, going: bool) -> None:
        (self._timer.start if going else self._timer.stop)()
        self.whole.setVisible(not going)
        for part in (self.progress, self.cancel):
            part.setVisible(going)
        self.of_matrix.setVisible(not going)

    # ---- what happens

    def _on_weight(self) -> None:
        self.show_place(self.weight.currentText(), (self.row.value() - 1, self.column.value() - 1))

    def _on_map(self, row: int, column: int) -> None:
        place = (row, column)[: self._tools.model.document.weights[self.weight.currentText()].ndim]
        self.show_place(self.weight.currentText(), place)

    def _on_document(self, document: Document) -> None:
        if not self.isHidden():
            self._offer(document, self.weight.currentText())
            self._ask()


def _sixteen(value: float) -> str:
    """Return a loss with every digit that a double has: the two of a check differ in the last ones."""
    return _in_digits(value, 16)


def _ten(value: float) -> str:
    return _in_digits(value, 10)


def _in_digits(value: float, digits: int) -> str:
    mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
    if not -4 <= int(power) < 6:
        return f"{mantissa}·{numbers.power_of_ten(int(power))}".replace("-", numbers.MINUS)
    return f"{value:.{max(digits - 1 - int(power), 0)}f}".replace("-", numbers.MINUS)
