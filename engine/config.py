"""The settings of a training run: each declared once, with its bounds, its unit and a sentence.

The form in the window, the command line and a saved run all read this declaration, so that a setting
has the same name, the same limits and the same explanation wherever it is met. Nothing here needs torch.
"""

import math
import re
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

Kind = Literal["int", "float", "choice", "text", "file"]

SHORTEST = {"temporal-order-3": 5, "embedded-reber": 8}
"""The sequence length that a task needs at least, where the least of the setting is not enough."""

_DEVICE = re.compile(r"auto|cpu|mps|cuda:\d+")


class ConfigError(ValueError):
    """A setting that cannot be used; its text is one sentence that says what to change."""


@dataclass(frozen=True)
class Setting:
    """What a person needs to know about one setting.

    label: a few words, as they stand in a form. sentence: what it does, for a tooltip. unit: "" if it has
    none. minimum, maximum: inclusive bounds of a number, None for the other kinds. choices: the values of a
    choice (or the usual values of a text), choice_labels: the same in words. zero: what 0 means, where it is no
    amount. live: it may change while the
    run goes on. only_when: (name, value) of the setting that makes this one matter, None where it always
    does.
    """

    label: str
    sentence: str
    kind: Kind
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    choice_labels: tuple[str, ...] = ()
    zero: str = ""
    live: bool = False
    only_when: tuple[str, str] | None = None
    name: str = ""
    default: int | float | str = ""


def _setting(default: int | float | str, label: str, sentence: str, kind: Kind, **rest: Any) -> Any:
    return field(default=default, metadata={"setting": Setting(label, sentence, kind, **rest)})


@dataclass(frozen=True)
class TrainingConfig:
    """All that decides a training run: the same config gives the same weights and the same data.

    Symbols: k cell size, n hidden size, T sequence length, B batch size. `check` says whether it can be used.
    """

    task: str = _setting(
        "adding",
        "Task",
        "What the network learns.",
        "choice",
        choices=(
            "adding",
            "multiplication",
            "temporal-order",
            "temporal-order-3",
            "embedded-reber",
            "continual-reber",
            "copying",
            "anbn",
            "anbncn",
            "parity",
            "sine",
            "outbreak",
            "series",
        ),
        choice_labels=(
            "Adding problem",
            "Multiplication problem",
            "Temporal order, 2 symbols",
            "Temporal order, 3 symbols",
            "Embedded Reber grammar",
            "Continual Reber grammar",
            "Copying memory",
            "aⁿbⁿ",
            "aⁿbⁿcⁿ",
            "Parity",
            "Noisy sine",
            "Outbreak counts",
            "Series forecast",
        ),
    )
    series_file: str = _setting(
        "",
        "Data file",
        "A CSV file with one row per moment; empty means the yearly sunspot numbers that are shipped.",
        "file",
        only_when=("task", "series"),
    )
    series_column: str = _setting(
        "",
        "Column",
        "The column to forecast, by its name or its number from 1; automatic is the first column of numbers, "
        "leaving out a first one that only counts up, such as a year.",
        "text",
        only_when=("task", "series"),
    )
    sine_noise: float = _setting(
        0.1,
        "Noise",
        "The standard deviation of the noise on each value of a sine between -1 and 1.",
        "float",
        minimum=0.0,
        maximum=10.0,
        only_when=("task", "sine"),
    )
    outbreak_r0: float = _setting(
        3.0,
        "Largest R0",
        "Each area's R0, how many people one infects at first, lies between 0.5 and this; below 1 a disease dies out.",
        "float",
        minimum=0.6,
        maximum=20.0,
        only_when=("task", "outbreak"),
    )
    reported_share: float = _setting(
        0.3,
        "Reported share",
        "The chance that an infectious person is counted on a day.",
        "float",
        minimum=0.01,
        maximum=1.0,
        only_when=("task", "outbreak"),
    )
    cell_size: int = _setting(
        16,
        "Cell size k",
        "How many cell states each layer has.",
        "int",
        unit="units",
        minimum=1,
        maximum=1024,
    )
    hidden_size: int = _setting(
        0,
        "Hidden size n",
        "How many values a layer hands on; 0 means the same as k, fewer than k adds the projection W_hr.",
        "int",
        unit="units",
        minimum=0,
        zero="same as k",
        maximum=1024,
    )
    layers: int = _setting(1, "Layers", "How many LSTM layers stand on top of each other.", "int", minimum=1, maximum=3)
    sequence_length: int = _setting(
        50,
        "Sequence length T",
        "How many time steps one training sequence has; a string may be shorter, copying memory adds 20.",
        "int",
        unit="time steps",
        minimum=4,
        maximum=5000,
    )
    batch_size: int = _setting(
        32,
        "Batch size B",
        "How many sequences one training step learns from.",
        "int",
        unit="sequences",
        minimum=1,
        maximum=4096,
    )
    optimizer: str = _setting(
        "adam",
        "Optimizer",
        "How a gradient becomes a change of the weights.",
        "choice",
        choices=("adam", "rmsprop", "sgd"),
        choice_labels=("Adam", "RMSprop", "SGD with momentum"),
    )
    momentum: float = _setting(
        0.9,
        "Momentum",
        "The share of the last change that SGD carries on; 0 is plain gradient descent.",
        "float",
        minimum=0.0,
        maximum=0.999,
        only_when=("optimizer", "sgd"),
    )
    # 0.01 with a forget bias of 3 learns the adding problem at T = 50 within 400 to 1,100 steps (3 of 3 seeds).
    learning_rate: float = _setting(
        0.01,
        "Learning rate",
        "How far one step goes; it may be changed while the run goes on.",
        "float",
        minimum=1e-6,
        maximum=1000.0,  # absurd on purpose: seeing a run diverge is part of the lesson
        live=True,
    )
    clip_norm: float = _setting(
        1.0,
        "Clip gradient norm",
        "A longer gradient is shortened to this norm; 0 switches clipping off.",
        "float",
        minimum=0.0,
        maximum=1e6,
        zero="off",
        live=True,
    )
    bias_initialisation: str = _setting(
        "given",
        "Bias initialisation",
        "Which b_f and b_i a new cell starts with; chrono spreads its memories over 1 to T time steps: "
        "b_f = ln U(1, T − 1), b_i = −b_f.",
        "choice",
        choices=("given", "chrono"),
        choice_labels=("Forget bias as given", "Chrono (Tallec and Ollivier 2018)"),
    )
    # 3: a new cell keeps 95 % of its state a step, so that gradients reach back over the default 50 steps.
    # With 1 (73 % a step) the adding problem was not learnt within 3,000 steps in 3 of 3 runs.
    forget_bias: float = _setting(
        3.0,
        "Forget-gate bias",
        "The value b_f starts with; larger means that a new cell forgets less.",
        "float",
        minimum=-10.0,
        maximum=10.0,
        only_when=("bias_initialisation", "given"),
    )
    seed: int = _setting(
        1,
        "Seed",
        "Decides the first weights and the data; the same seed gives the same run.",
        "int",
        minimum=0,
        maximum=2**31 - 1,
    )
    device: str = _setting(
        "auto",
        "Device",
        "Where the network is computed; automatic takes a GPU if there is one.",
        "text",
        choices=("auto", "cpu"),
        choice_labels=("Automatic", "CPU"),
    )
    steps: int = _setting(
        3000,
        "Steps",
        "How many training steps the run makes.",
        "int",
        unit="steps",
        minimum=1,
        maximum=100_000_000,
    )
    worker: str = _setting(
        "process",
        "Run in",
        "A process of its own keeps its speed while the window paints; a thread shares the window's Python.",
        "choice",
        choices=("process", "thread"),
        choice_labels=("Child process", "Thread of the window"),
    )

    @property
    def n(self) -> int:
        """The hidden size n, with 0 resolved to k."""
        return self.hidden_size or self.cell_size

    @property
    def projected(self) -> bool:
        """Whether the cell has the projection W_hr (n < k)."""
        return self.n != self.cell_size


def settings() -> tuple[Setting, ...]:
    """Every setting of `TrainingConfig`, in the order of a form, with its name and default filled in."""
    return tuple(
        replace(entry.metadata["setting"], name=entry.name, default=entry.default) for entry in fields(TrainingConfig)
    )


_TASK = next(setting for setting in settings() if setting.name == "task")


def _check_number(setting: Setting, value: object) -> None:
    low, high = setting.minimum, setting.maximum
    if low is None or high is None:
        raise TypeError(f"the setting {setting.name} is declared without bounds")
    whole = setting.kind == "int"
    wanted = f"{'a whole number' if whole else 'a number'} from {low:g} to {high:g}"
    right_type = isinstance(value, int) if whole else isinstance(value, (int, float))
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not right_type:
        raise ConfigError(f"{setting.label} ({setting.name}) is {value!r}; enter {wanted}.")
    if not math.isfinite(value) or not low <= value <= high:
        raise ConfigError(f"{setting.label} ({setting.name}) is {value}; choose {wanted}.")


def check_value(setting: Setting, value: object) -> None:
    """Check one value on its own.

    Raises ConfigError, in one sentence, for a wrong type, a value out of bounds or an unknown choice.
    """
    if setting.kind in ("int", "float"):
        _check_number(setting, value)
    elif not isinstance(value, str):
        raise ConfigError(f"{setting.label} ({setting.name}) is {value!r}; enter a text.")
    elif setting.kind == "choice" and value not in setting.choices:
        known = ", ".join(setting.choices)
        raise ConfigError(f"{setting.label} ({setting.name}) is {value!r}; choose one of {known}.")
    elif setting.name == "device" and not _DEVICE.fullmatch(value):
        raise ConfigError(
            f"{setting.label} ({setting.name}) is {value!r}; enter auto, cpu, mps, or cuda: and a number, as in cuda:0."
        )


def check(config: TrainingConfig) -> None:
    """Check every setting, and those that depend on each other.

    Raises ConfigError with one sentence for the first that cannot be used.
    """
    for setting in settings():
        check_value(setting, getattr(config, setting.name))
    shortest = SHORTEST.get(config.task, 0)
    if config.sequence_length < shortest:
        title = dict(zip(_TASK.choices, _TASK.choice_labels, strict=True))[config.task]
        raise ConfigError(
            f"Sequence length T (sequence_length) is {config.sequence_length}, too short for the task {title}; "
            f"choose at least {shortest} time steps."
        )
    if config.n > config.cell_size:
        raise ConfigError(
            f"Hidden size n = {config.n} is larger than cell size k = {config.cell_size}, which torch cannot "
            f"train (proj_size must be smaller than hidden_size); choose n ≤ {config.cell_size}, or walk "
            "through such a cell without training."
        )
