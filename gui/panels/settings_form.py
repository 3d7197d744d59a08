"""A form made from the training settings' own declaration: words, bounds, units, sentences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from engine.config import ConfigError, Setting, TrainingConfig, check, settings
from engine.tasks.series import Columns, columns_of
from engine.tasks.table import DataError
from gui.background import Background
from gui.panels.spin_boxes import RealBox, WholeBox

_SPIN_LIMIT = 2**31 - 1
_TYPING_MS = 300  # a pause this long means that the path is typed


class _FileField(QWidget):
    """A path to type or choose."""

    def __init__(self, caption: str) -> None:
        super().__init__()
        self.line = QLineEdit()
        self.line.setPlaceholderText("yearly sunspot numbers, shipped")
        choose = QPushButton("Choose…")
        choose.clicked.connect(lambda: self._choose(caption))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.line, 1)
        layout.addWidget(choose)

    def _choose(self, caption: str) -> None:
        dialog = QFileDialog(self, caption, self.line.text(), "Tables (*.csv *.tsv *.txt);;All files (*)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.line.setText)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


class _ColumnField(QComboBox):
    """The columns of numbers that the data file has; before it is read, only the one that is chosen."""

    def __init__(self) -> None:
        super().__init__()
        self._columns: Columns | None = None
        self.show_columns(None)

    def show_columns(self, columns: Columns | None) -> None:
        """List the columns of a file, None while they are not known; what is chosen stays chosen."""
        chosen = self.currentData() or ""
        self._columns = columns
        self.clear()
        self.addItem(f"Automatic ({columns.automatic})" if columns else "Automatic", "")
        for choice in columns.choices if columns else ():
            self.addItem(choice.words, choice.value)
        self.choose(chosen)

    def choose(self, column: str) -> None:
        """Choose a column, also one that this file has not: nothing that was chosen is lost."""
        value = self._columns.value(column) if self._columns else column
        if self.findData(value) < 0:
            self.addItem(self._words_for_absent(column), value)
        self.setCurrentIndex(self.findData(value))

    def _words_for_absent(self, column: str) -> str:
        if self._columns is None:
            return column
        return f"{column} ({'not in this file' if self._columns.index(column) is None else 'no numbers'})"


class _ColumnReader(QObject):
    """Reads which columns the data file has, in the background; only the file wanted last is heard of."""

    finished = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._background: Background | None = None
        self._wanted: str | None = None
        self.columns: Columns | None = None
        self.problem = ""

    def forget(self) -> None:
        """Hear of no file: another one is being typed."""
        self._wanted, self.columns, self.problem = None, None, ""

    def read(self, file: str) -> None:
        """Read a file unless that is under way; `finished` follows. Until then what is known of it holds."""
        if file == self._wanted and self._background is not None:
            return
        if file != self._wanted:
            self.forget()
        self._stop()
        self._wanted = file
        # A thread of its own for each: a network that does not answer must not hold up the next file.
        self._background = Background("columns")
        self._background.run(
            lambda: columns_of(file),
            lambda columns: self._finish(file, columns, ""),
            lambda error: self._finish(file, None, str(error)),
            DataError,
        )

    def close(self) -> None:
        """Hear of nothing any more, and wait for nothing."""
        self.forget()
        self._stop()

    def _stop(self) -> None:
        if self._background is not None:
            self._background.close(wait=False)
            self._background = None

    def _finish(self, file: str, columns: Columns | None, problem: str) -> None:
        if file == self._wanted:  # else it came too late
            self._stop()
            self.columns, self.problem = columns, problem
            self.finished.emit()


def number_box(setting: Setting) -> QSpinBox | QDoubleSpinBox:
    """Return a spin box within a setting's bounds."""
    low, high = setting.minimum or 0, setting.maximum or 0
    if setting.kind == "int":
        whole = WholeBox()
        whole.setRange(int(low), min(int(high), _SPIN_LIMIT))
        whole.setSpecialValueText(setting.zero)
        whole.setSuffix(f" {setting.unit}" if setting.unit else "")
        return whole
    box = RealBox()
    box.setDecimals(6)
    box.setRange(float(low), float(high))
    box.setSpecialValueText(setting.zero)
    box.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
    return box


def set_number(box: QSpinBox | QDoubleSpinBox, value: float) -> None:
    """Put a number in a spin box of either kind."""
    if isinstance(box, QSpinBox):
        box.setValue(int(value))
    else:
        box.setValue(value)


class SettingsDialog(QDialog):
    """Every training setting; "Use" checks them together and says in a sentence what does not fit."""

    def __init__(
        self,
        config: TrainingConfig,
        devices: tuple[tuple[str, str], ...],
        use: Callable[[TrainingConfig], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Training settings")
        self._config = config
        self._use = use
        self._use_when_read = False
        self._refusal = ""
        self._readers: dict[str, Callable[[], Any]] = {}
        self._rows: dict[str, tuple[QWidget, Setting]] = {}
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(16)
        self._form.setVerticalSpacing(4)  # every row fits on a screen of 720
        self._devices: QComboBox | None = None
        self._file = _FileField("Choose the data")
        self._column = _ColumnField()
        self._columns = _ColumnReader()
        for setting in settings():
            self._add(setting, getattr(config, setting.name))
        self.show_devices(devices)
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.setTextFormat(Qt.TextFormat.PlainText)  # it names files, whatever they are called
        self.problem.setMinimumWidth(10)  # a long path must not widen the dialog
        self.problem.setObjectName("note")
        note = QLabel("A run that goes on keeps its settings; these hold from the next one on.")
        note.setObjectName("note")
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok
            | QDialogButtonBox.StandardButton.Cancel
            | QDialogButtonBox.StandardButton.RestoreDefaults
        )
        buttons.button(QDialogButtonBox.StandardButton.Ok).setText("Use")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        buttons.button(QDialogButtonBox.StandardButton.RestoreDefaults).clicked.connect(self._restore)
        self._inside = QWidget()
        self._inside.setLayout(self._form)
        self._scroll = QScrollArea()
        self._scroll.setWidget(self._inside)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._layout = QVBoxLayout(self)
        for widget in (self._scroll, note, self.problem, buttons):
            self._layout.addWidget(widget)
        self.ensurePolished()  # before that, sizes are those of other letters
        self.resize(560, 0)
        self._update_rows()
        for field, setting in self._rows.values():
            if isinstance(field, QComboBox) and setting.choices:
                field.currentIndexChanged.connect(self._update_rows)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self._read_columns)
        self._file.line.textChanged.connect(self._on_file_changed)
        self._column.activated.connect(lambda _index: self._refuse(""))
        self._columns.finished.connect(self._on_columns)
        self._read_columns()

    def values(self) -> TrainingConfig:
        """Return the settings as they stand in the form; they are not checked."""
        return replace(self._config, **{name: read() for name, read in self._readers.items()})

    def set_value(self, name: str, value: Any) -> None:
        """Put a value in a field."""
        field, _ = self._rows[name]
        if isinstance(field, (QSpinBox, QDoubleSpinBox)):
            set_number(field, value)
        elif isinstance(field, _ColumnField):
            field.choose(value)
        elif isinstance(field, QComboBox):
            field.setCurrentIndex(max(0, field.findData(value)))
        elif isinstance(field, _FileField):
            field.line.setText(value)
        elif isinstance(field, QLineEdit):
            field.setText(value)

    def show_devices(self, devices: tuple[tuple[str, str], ...]) -> None:
        """Name every device that was found."""
        if self._devices is None:
            return
        for identity, name in devices:
            at = self._devices.findData(identity)
            if at >= 0:
                self._devices.setItemText(at, name)
            else:
                self._devices.addItem(name, identity)

    def accept(self) -> None:
        config = self.values()
        try:
            check(config)
            if config.task == "series" and not self._is_series_usable(config):
                return
        except (ConfigError, DataError) as error:
            self._refuse(str(error))
            return
        self._use(config)
        super().accept()

    def done(self, result: int) -> None:
        self._use_when_read = False
        self._typing.stop()
        self._columns.close()
        super().done(result)

    def _is_series_usable(self, config: TrainingConfig) -> bool:
        """Say whether the data can be forecast; where they are still being read, `accept` follows when they are.

        Raises DataError for a column that the file has not.
        """
        if self._columns.columns is None:
            self._use_when_read = not self._columns.problem
            self._refuse("")
            self._read_columns()  # also again: the file may have been mended meanwhile
            return False
        self._columns.columns.check(config.series_column)
        return True

    def _add(self, setting: Setting, value: Any) -> None:
        field: QWidget
        if setting.kind in ("int", "float"):
            box = number_box(setting)
            self._readers[setting.name] = box.value
            field = box
        elif setting.choices:
            combo = QComboBox()
            for choice, words in zip(setting.choices, setting.choice_labels or setting.choices, strict=True):
                combo.addItem(words, choice)
            self._readers[setting.name] = combo.currentData
            field = combo
            if setting.name == "device":
                self._devices = combo
                if combo.findData(value) < 0:
                    combo.addItem(str(value), value)
        elif setting.kind == "file":
            self._readers[setting.name] = self._file.line.text
            field = self._file
        elif setting.name == "series_column":
            self._readers[setting.name] = self._column.currentData
            field = self._column
        else:
            line = QLineEdit()
            self._readers[setting.name] = line.text
            field = line
        if isinstance(field, QComboBox):  # a long name is cut off in the field rather than the field by the dialog
            field.setMinimumContentsLength(6)
            field.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        field.setToolTip(setting.sentence)
        label = QLabel(setting.label)
        label.setToolTip(setting.sentence)
        self._form.addRow(label, field)
        self._rows[setting.name] = (field, setting)
        self.set_value(setting.name, value)

    def _update_rows(self) -> None:
        """Show the rows that matter for the choices made."""
        for field, setting in self._rows.values():
            if setting.only_when is not None:
                name, value = setting.only_when
                self._form.setRowVisible(field, self._readers[name]() == value)
        self._update_problem()

    def _update_problem(self) -> None:
        """Say what stands against using the settings, if anything is known to."""
        series = self._readers["task"]() == "series"
        reading = "The data file is being read …" if self._use_when_read else ""
        sentence = (self._columns.problem if series else "") or self._refusal or reading
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))
        self._grow()

    def _grow(self) -> None:
        """Make room for every row, as far as the screen has it."""
        room = self.screen().availableGeometry().height() if self.screen() else 720
        width = self.width()
        layout = self._layout
        whole = layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else layout.sizeHint().height()
        needed = whole - self._scroll.sizeHint().height() + self._inside.sizeHint().height()
        self.resize(width, max(self.height(), min(int(room * 0.9), needed)))

    def _refuse(self, sentence: str) -> None:
        self._refusal = sentence
        self._update_problem()

    def _on_file_changed(self) -> None:
        self._use_when_read = False
        self._columns.forget()
        self._column.show_columns(None)
        self._refuse("")
        self._typing.start()

    def _read_columns(self) -> None:
        self._typing.stop()
        self._columns.read(self._file.line.text())

    def _on_columns(self) -> None:
        """Show what came of the data file; go on with "Use" if that has waited for it."""
        self._column.show_columns(self._columns.columns)
        use, self._use_when_read = self._use_when_read, False
        self._update_problem()
        if use:
            self.accept()

    def _restore(self) -> None:
        for name, (_, setting) in self._rows.items():
            self.set_value(name, setting.default)
