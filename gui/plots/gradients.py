"""Gradient norms over training, gate by gate: W full, b paler, one layer at a time."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.history import History
from gui.math_widgets import MathLabel
from gui.plots.curves import CurvesPlot, CurveStyle
from gui.theme import Appearance
from gui.typeset import Typesetter

_GATES = {"f": "forget", "i": "input", "C": "candidate", "o": "output"}


class GradientsPlot(QWidget):
    """‖∂L/∂W‖ and ‖∂L/∂b‖ of each gate, and of all weights together."""

    def __init__(self, typesetter: Typesetter, appearance: Appearance) -> None:
        super().__init__()
        self._history: History | None = None
        styles = {"all": CurveStyle("x")}
        styles |= {f"b_{gate}": CurveStyle(role, alpha=130) for gate, role in _GATES.items()}
        styles |= {f"W_{gate}": CurveStyle(role) for gate, role in _GATES.items()}
        styles["W_hr"] = CurveStyle("hidden")
        self.curves = CurvesPlot(appearance, styles)
        self.layer = QComboBox()
        self.layer.setToolTip("The layer whose gradients are shown")
        self.layer.currentIndexChanged.connect(self._on_layer)
        self.layer.hide()
        legend = QHBoxLayout()
        legend.setSpacing(appearance.px(10))
        for gate, role in _GATES.items():
            legend.addWidget(MathLabel(f"W_{gate}", role, 15, typesetter, appearance))
        dashed = QLabel("b paler · all weights in ink")
        dashed.setObjectName("note")
        legend.addWidget(dashed)
        legend.addStretch(1)
        legend.addWidget(self.layer)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(legend)
        layout.addWidget(self.curves, 1)

    def show_run(self, history: History, layers: int) -> None:
        """Begin with a run that has no steps yet."""
        self._history = history
        self.layer.blockSignals(True)  # the run decides; no curve is to be drawn for each entry
        self.layer.clear()
        self.layer.addItems([f"layer {number}" for number in range(1, layers + 1)])
        self.layer.blockSignals(False)
        self.layer.setVisible(layers > 1)
        self._on_layer()

    def refresh(self) -> None:
        """Draw what is new, if it can be seen."""
        self.curves.refresh()

    def _on_layer(self) -> None:
        if self._history is None:
            return
        number = max(0, self.layer.currentIndex()) + 1
        names = {"all": "grad_norm"}
        for letter in "Wb":
            names |= {f"{letter}_{gate}": f"layer{number}.{letter}_{gate}" for gate in _GATES}
        projection = f"layer{number}.W_hr"
        if projection in self._history.metric_names:
            names["W_hr"] = projection
        self.curves.show_history(self._history, names)
