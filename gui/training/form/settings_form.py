"""The form of all training settings, made from their declaration; it stands in the panel of the training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QLineEdit, QSizePolicy, QWidget

from engine.errors import PlainError
from engine.machine import available_bytes
from engine.setting import Section
from engine.settings.config import Setting, TrainingConfig, check, settings
from engine.tasks.data_reading import TABLE_TASKS
from engine.training.memory import refuse_what_never_fits
from gui.appearance.theme import Appearance
from gui.training.file_field import FileField
from gui.training.form.form_data import ON_PAGE, FormData
from gui.training.form.task_box import TaskBox
from gui.training.form.task_picture import TaskPicture
from gui.training.reading.words import in_window
from gui.training.stored_config import USUAL
from gui.widgets.buttons import Button, Presses, tool_button
from gui.widgets.labels import text_label
from gui.widgets.layouts import in_column
from gui.widgets.setting_boxes import SettingField, fill_choices, put_value, setting_field, value_in

_TYPING_MS = 300  # a pause this long means that the path is typed
_LONG_MS = 500  # reading that takes longer is spoken of
_LINE_OF_WORDS = 210
"""Pixels at 1080 lines; with a label beside it more than the panel has."""
_READING = "The data file is being read …"


class _DeviceBox(QComboBox):
    """Tells when it is opened: devices are looked for then."""

    opened = Signal()

    def showPopup(self) -> None:
        self.opened.emit()
        super().showPopup()


class SettingsForm(QWidget):
    """Every training setting; what is chosen is used at once, as soon as all of it fits together and with the data.

    use: called with each config that can be trained. Until one can, `problem` says in a sentence why not. may_read:
    whether the files that a config names may be read yet.
    """

    said = Signal(str)
    """A sentence for the status line."""
    live_changed = Signal(str, object)
    """A setting that may change while a run goes on, by its name, and its new value."""
    problem_changed = Signal()
    wanted = Signal(object)
    """A row that is to be seen."""
    devices_wanted = Signal()
    """Every device of this machine is to be named."""
    data_read = Signal()
    """A data file was read, or could not be, and what stands in the form is used, or `problem` says why not."""

    def __init__(
        self,
        config: TrainingConfig,
        use: Callable[[TrainingConfig], None],
        may_read: Callable[[TrainingConfig], bool],
        appearance: Appearance,
    ) -> None:
        super().__init__()
        self._config = config
        self._use = use
        self._appearance = appearance
        self._refusal = ""
        self.task = TaskBox()
        self.picture = TaskPicture(appearance)
        self._fields: dict[str, SettingField] = {"task": self.task}
        self._rows: dict[str, tuple[QWidget, Setting, QFormLayout]] = {}
        self._data = FormData(config, self.values, may_read, appearance, self)
        self._make_rows()
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(self._read_data)
        self._long = QTimer(self, singleShot=True, interval=_LONG_MS)
        self._long.timeout.connect(self.problem_changed)
        self._update_rows()
        self._connect()
        self._read_data()

    # ---- what stands in it

    def values(self) -> TrainingConfig:
        """Return the settings as they stand in the form; they are not checked."""
        values: dict[str, Any] = {name: value_in(field) for name, field in self._fields.items()}
        return replace(self._config, **self._data.answers, **values)

    def field(self, name: str) -> SettingField:
        """Return the field of a setting."""
        return self._fields[name]

    def go_to(self, name: str) -> None:
        """Put the keyboard into the field of a setting, unfolded where it is folded away."""
        row, declared, form = self._rows[name]
        if declared.more:
            self.more.setChecked(True)
        form.setRowVisible(row, True)
        self.wanted.emit(row)
        self._fields[name].setFocus()

    def set_value(self, name: str, value: Any) -> None:
        """Put a value in a field, as if it had been chosen there."""
        put_value(self._fields[name], value)
        if name == "task":
            self._on_task(value)
        elif isinstance(self._fields[name], QLineEdit):
            self._on_choice()

    @property
    def problem(self) -> str:
        """Why what stands in the form cannot be trained, in a sentence; "" where it can."""
        return self._data.problem or self._refusal

    @property
    def news(self) -> str:
        """What is to be read below the form: the problem, or that something takes long."""
        return self.problem or (_READING if self._data.busy and not self._long.isActive() else "")

    def check(self) -> str:
        """Return why what stands in the form cannot be trained, "" where it can; reads a file that failed again."""
        if self.problem or self.reading:
            self._try()
        return self.problem

    @property
    def reading(self) -> bool:
        """Whether a data file is being read, on which it depends what can be trained; `data_read` follows."""
        return self._data.busy

    def show_config(self, config: TrainingConfig) -> None:
        """Show settings that were chosen elsewhere."""
        before, self._config = self._config, config
        changed = [name for name in vars(config) if getattr(config, name) != getattr(before, name)]
        for name in changed:  # what is being chosen here, and does not fit yet, stays
            if name in self._fields:
                with QSignalBlocker(self._fields[name]):
                    _put(self._fields[name], getattr(config, name))
        if changed:
            self._refusal = ""
            self._data.show(config)
            self._update_rows()
            self._read_data()

    def show_devices(self, devices: tuple[tuple[str, str], ...]) -> None:
        """Name every device that was found."""
        combo = self._fields["device"]
        if not isinstance(combo, QComboBox):
            raise TypeError("devices are chosen from a list")
        with QSignalBlocker(combo):
            for identity, name in devices:
                at = combo.findData(identity)
                if at >= 0:
                    combo.setItemText(at, name)
                else:
                    combo.addItem(name, identity)

    def close_data(self) -> None:
        """Hear of no file any more: the window closes."""
        self._typing.stop()
        self._data.close()

    # ---- making it

    def _make_rows(self) -> None:
        """Make a group of rows for each section, and one that is folded away at first."""
        px = self._appearance.px
        self.more = tool_button("more", "More settings")
        self.more.setCheckable(True)
        self.more.setArrowType(Qt.ArrowType.RightArrow)
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        Presses(self.more, self.more.click)
        self.more.toggled.connect(self._on_more)
        self._folded = QWidget()
        self._folded.hide()
        self.usual = Button("Usual settings")
        self.usual.setToolTip("Give every setting but the task its usual value")
        column = in_column(inside=self, margins=(0, 0, px(8), 0), spacing=px(6))
        for section in Section:
            self._add_group(column.addLayout, section, section, [one for one in _shown(section) if not one.more])
        column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._folded)
        column.addStretch(1)
        inside = in_column(inside=self._folded, margins=0, spacing=px(6))
        self._add_group(inside.addLayout, None, "", [one for section in Section for one in _shown(section) if one.more])
        inside.addWidget(self.usual, 0, Qt.AlignmentFlag.AlignLeft)

    def _add_group(
        self, place: Callable[[QFormLayout], object], section: Section | None, title: str, rows: list[Setting]
    ) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(self._appearance.px(8))
        form.setVerticalSpacing(self._appearance.px(4))
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        if title:
            label = text_label(title, "heading")
            label.setIndent(0)  # as far left as the rows
            form.addRow(label)
        for declared in rows:
            self._add(form, declared)
        place(form)

    def _add(self, form: QFormLayout, setting: Setting) -> None:
        row: QWidget
        if setting.kind in ("file", "table"):
            row = FileField(setting)
            field: SettingField = row.line
        elif setting.name == "task":
            row = field = self.task
        elif setting.name == "device":
            row = field = fill_choices(_DeviceBox(), setting)
        else:
            row = field = setting_field(setting)
        if isinstance(field, QComboBox):
            # A long name is cut off in the field rather than the field by the panel.
            field.setMinimumContentsLength(6)
            field.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        elif isinstance(field, QLineEdit):
            field.setPlaceholderText(setting.expected or field.placeholderText())
            if setting.expected:  # a line of words: it gets the whole width, below its label
                field.setMinimumWidth(self._appearance.px(_LINE_OF_WORDS))
        else:
            field.setSuffix("")  # the tool tip says what it counts; a panel has room for the number
            field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row.setToolTip(setting.sentence)
        field.setAccessibleName(setting.label)
        label = text_label(f"{setting.brief} ●" if setting.live else setting.brief, "")
        label.setToolTip(setting.sentence)
        if setting.name == "task":  # the heading names it
            form.addRow(row)
            form.addRow(self.picture)
        else:
            form.addRow(label, row)
        self._fields[setting.name] = field
        self._rows[setting.name] = (row, setting, form)
        _put(field, getattr(self._config, setting.name))

    def _connect(self) -> None:
        for name, (row, declared, _) in self._rows.items():
            field = self._fields[name]
            if isinstance(field, _DeviceBox):
                field.opened.connect(self.devices_wanted)
            if isinstance(field, TaskBox):
                field.chosen.connect(self._on_task)
                field.said.connect(self.said)
            elif isinstance(field, QComboBox):
                field.currentIndexChanged.connect(self._on_choice)
            elif isinstance(row, FileField):
                row.line.textChanged.connect(self._on_file_changed)
                row.page.clicked.connect(self._data.show_page)
            elif isinstance(field, QLineEdit):
                field.editingFinished.connect(self._on_choice)
            elif declared.live:
                field.valueChanged.connect(partial(self._on_live, name))
            else:
                field.valueChanged.connect(lambda _value: self._try())
        self.usual.clicked.connect(self._restore)
        self._data.finished.connect(self._on_data)
        self._data.answered.connect(self._on_answered)

    def _on_more(self, shown: bool) -> None:
        self.more.setArrowType(Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow)
        self._folded.setVisible(shown)

    # ---- which rows matter, and what is used

    def _update_rows(self) -> None:
        """Show the rows that matter for the choices made."""
        for name, (field, declared, form) in self._rows.items():
            visible = not declared.by_view or getattr(self._config, name) != declared.default
            visible = visible and declared.matters(lambda other: value_in(self._fields[other]))
            form.setRowVisible(field, visible)
        self.picture.show_config(self.values())

    def _on_choice(self) -> None:
        self._update_rows()
        self._try()

    def _on_live(self, name: str, value: float) -> None:
        """Tell of a setting that acts at once, whatever else does not fit yet."""
        changes: dict[str, Any] = {name: value}
        self._config = replace(self._config, **changes)
        self.live_changed.emit(name, value)

    def _try(self) -> None:
        """Use what stands in the form, if it can be trained; say why not where it cannot."""
        config, refusal = self.values(), ""
        try:
            check(config)
            refuse_what_never_fits(config, available_bytes())
            if not self._data.require(config):
                self._wait()  # it is used when the file has been read
                return
        except PlainError as error:
            refusal = in_window(str(error))
        self._refusal = refusal
        if not refusal and config != self._config:
            self._config = config
            self._use(config)
        self.picture.show_config(config)
        self.problem_changed.emit()

    def _wait(self) -> None:
        self._refusal = ""
        if not self._long.isActive():
            self._long.start()
        self.problem_changed.emit()

    # ---- the data

    def _on_task(self, task: str) -> None:
        self.task.choose(task)
        self._data.take_file(other_file=False)
        self._update_rows()
        self._read_data()
        self._try()

    def _on_file_changed(self) -> None:
        self._refusal = ""
        self._data.take_file(other_file=True)
        self._update_rows()
        self._show_summary()
        self._typing.start()

    def _read_data(self) -> None:
        """Read the file of the task chosen, unless what it holds is known."""
        self._typing.stop()
        was_busy = self._data.busy
        self._data.read()
        if self._data.busy and not was_busy:
            self._long.start()
        elif not self._data.busy and self.values() != self._config:
            self._try()
        self._show_summary()
        self.problem_changed.emit()

    def _on_data(self) -> None:
        """Show what came of the data file, and use it."""
        self._show_summary()
        if self._data.problem:
            self.problem_changed.emit()
        else:
            self._try()
        self.data_read.emit()

    def _on_answered(self, config: TrainingConfig) -> None:
        """Take over what the page answered."""
        for name in ("task", *(task.data_file for task in TABLE_TASKS.values())):
            with QSignalBlocker(self._fields[name]):
                _put(self._fields[name], getattr(config, name))
        self._data.answers.update({name: getattr(config, name) for name in ON_PAGE})
        self._update_rows()
        self._read_data()
        self._try()

    def _show_summary(self) -> None:
        """Say beside the file what is learnt of it."""
        config, words = self.values(), self._data.summary()
        for name, task in TABLE_TASKS.items():
            field = self._rows[task.data_file][0]
            if isinstance(field, FileField):
                field.summary.show_name(words if name == config.task else "")
                field.page.setEnabled(task.reads_shipped or bool(field.line.text()))

    def _restore(self) -> None:
        """Give every setting its usual value, except the task."""
        for name, field in self._fields.items():
            if name != "task":
                with QSignalBlocker(field):
                    put_value(field, getattr(USUAL, name))
        self._data.restore()
        self._update_rows()
        self._read_data()
        self._try()


def _shown(section: Section) -> list[Setting]:
    """Return the settings of a section that have a row; those of a file's reading stand on its page."""
    return [declared for declared in settings() if declared.section is section and not declared.says]


def _put(field: SettingField, value: Any) -> None:
    """Put a value in a field; the list of tasks keeps it, also when it is listed anew."""
    if isinstance(field, TaskBox):
        field.choose(str(value))
    else:
        put_value(field, value)
