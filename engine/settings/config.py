"""The settings of a training run: each declared once, with its bounds, its unit and a sentence.

The form in the window, the command line and a saved run all read this declaration, so that a setting
has the same name, the same limits and the same explanation wherever it is met. Nothing here needs torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache, partial
from typing import Any

from ..cell.cell import Cell
from ..cell.cells import CELLS
from ..setting import ELSEWHERE, OWN, ConfigError, Section, Setting, check_value, declared
from ..tasks import TASKS
from ..tasks.goal import EXAMPLE, goal_of_words
from ..tasks.task_settings import AS_BEFORE, TaskSettings
from .ablation import clamped_gates, frozen_weights
from .counting import may_be_solved, needs_a_goal, steps_count

__all__ = ["ConfigError", "Setting", "TrainingConfig", "check", "check_value", "setting", "settings"]


def _check_length(config: TrainingConfig) -> None:
    task = TASKS.get(config.task)
    if task is None:  # a user's own, or none
        return
    if config.sequence_length < task.shortest:
        raise ConfigError(
            f"Sequence length T (sequence_length) is {config.sequence_length}, too short for the task "
            f"{task.title}; choose at least {task.shortest} time steps."
        )


def _check_hidden_size(config: TrainingConfig) -> None:
    if config.n > config.cell_size:
        raise ConfigError(
            f"Hidden size n = {config.n} is larger than cell size k = {config.cell_size}, which torch cannot "
            f"train (its proj_size must be smaller than its hidden_size); choose n ≤ {config.cell_size}, or look at "
            "such a cell without training it."
        )
    if config.projected and not CELLS[config.cell](False, "x,h", None).has_state:
        title = CELLS[config.cell](False, "x,h", None).title
        raise ConfigError(
            f"Hidden size n = {config.n} differs from cell size k = {config.cell_size}, but a {title} has no cell "
            "state from which h could be projected; set Hidden size n (hidden_size) to 0."
        )


_of_network = partial(declared, section=Section.NETWORK)


@dataclass(frozen=True)
class TrainingConfig(TaskSettings):
    """All that decides a training run: the same config gives the same weights and the same data.

    Symbols: k cell size, n hidden size, T sequence length, B batch size. `check` says whether it can be used.
    """

    task: str = declared(
        "adding",
        "Task",
        "What the network learns.",
        "choice",
        choices={task.name: task.title for task in TASKS.values()},
        section=Section.LEARNT,
        data=True,
        compared=False,
        accepts=f"{OWN}.+|{ELSEWHERE}",  # whether a user's file is there is found out when it is loaded
        elsewhere=True,
        fits=_check_length,
    )
    goal: str = declared(
        "",
        "Goal",
        "What counts as solved, if the task does not say it or you want something else: loss or measure, below or "
        f"above, a number, and for how many training steps in a row, as in {EXAMPLE}.",
        "text",
        section=Section.LEARNT,
        expected="such as loss below 0.01",
        counts=needs_a_goal,
        circumstance=True,
        fits=lambda config: goal_of_words(config.goal),
    )
    cell: str = _of_network(
        "lstm",
        "Cell",
        "Which recurrent cell is trained; peepholes, coupled gates and the cell of 1997 are slower, since torch has "
        "no fused kernel for them.",
        "choice",
        choices={name: make(False, "x,h", None).title for name, make in CELLS.items()},
        shorts={"peephole": "Peepholes", "coupled": "Coupled gates"},
        elsewhere=True,
    )
    cell_size: int = _of_network(
        16,
        "Cell size k",
        "How many cell states each layer has.",
        "int",
        unit="units",
        minimum=1,
        maximum=1024,
        symbol="k",
        elsewhere=True,
    )
    hidden_size: int = _of_network(
        0,
        "Hidden size n",
        "How many hidden states each layer has; 0 means as many as k, fewer than k adds the projection W_hr.",
        "int",
        unit="units",
        minimum=0,
        zero="same as k",
        maximum=1024,
        symbol="n",
        fits=_check_hidden_size,
        elsewhere=True,
        more=True,
    )
    layers: int = _of_network(
        1,
        "Layers",
        "How many layers of cells are stacked.",
        "int",
        minimum=1,
        maximum=4,
        elsewhere=True,
    )
    bias_initialisation: str = _of_network(
        "given",
        "Bias initialisation",
        "Which b_f and b_i a new cell starts with; chrono spreads its memory spans over 1 to T time steps: "
        "b_f = ln U(1, T − 1), b_i = −b_f.",
        "choice",
        choices={"given": "Forget bias as given", "chrono": "Chrono (Tallec and Ollivier 2018)"},
        shorts={"given": "", "chrono": "chrono"},  # what is given is said by the next
        more=True,
    )
    # 3: a new cell keeps 95 % of its state a step, so that gradients reach back over the default 50 steps.
    # With 1 (73 % a step) the adding problem was not learnt within 3,000 steps in 3 of 3 runs.
    forget_bias: float = _of_network(
        3.0,
        "Forget-gate bias",
        "The initial value of b_f; with a larger one, a new cell forgets less.",
        "float",
        minimum=-10.0,
        maximum=10.0,
        only_when=("bias_initialisation", "given"),
        symbol="b_f",
    )
    clamped: str = _of_network(
        "",
        "Clamped gates",
        "Gates that are fixed at 0 or 1 in every layer, such as f=1 o=1; leave empty for none.",
        "text",
        live=True,
        by_view=True,
        told="clamped",
        fits=lambda config: clamped_gates(config.made_cell, config.clamped),
    )
    frozen: str = _of_network(
        "",
        "Frozen weights",
        "Weights that training does not change, such as layer1.W_f layer1.b_f; leave empty for none.",
        "text",
        live=True,
        by_view=True,
        told="frozen",
        fits=lambda config: frozen_weights(config.made_cell, config.layers, config.frozen),
    )
    twin: str = _of_network(
        "off",
        "Plain RNN as a baseline",
        "Also train a plain RNN of the same size on the same batches, to compare the gradients; this is slower.",
        "choice",
        choices={"off": "Off", "on": "On"},
        live=True,
        compared=False,
        more=True,
    )
    optimizer: str = declared(
        "adam",
        "Optimizer",
        "How a gradient becomes a change of the weights.",
        "choice",
        choices={"adam": "Adam", "rmsprop": "RMSprop", "sgd": "SGD with momentum"},
        shorts={"sgd": "SGD"},
    )
    momentum: float = declared(
        0.9,
        "Momentum",
        "The fraction of the previous change that SGD adds to each new one; 0 is plain gradient descent.",
        "float",
        minimum=0.0,
        maximum=0.999,
        only_when=("optimizer", "sgd"),
    )
    # 0.01 with a forget bias of 3 learns the adding problem at T = 50 within 400 to 1,100 steps (3 of 3 seeds).
    learning_rate: float = declared(
        0.01,
        "Learning rate",
        "How far each training step goes; you can change it during the run.",
        "float",
        minimum=1e-6,
        maximum=1000.0,  # absurd on purpose: seeing a run diverge is part of the lesson
        live=True,
        short="rate",
    )
    clip_norm: float = declared(
        1.0,
        "Clip gradient norm",
        "A gradient with a larger norm is shortened to this norm; 0 switches clipping off.",
        "float",
        minimum=0.0,
        maximum=1e6,
        zero="off",
        live=True,
        short="clip at",
        shorts={"0": "no clipping"},
        told="clipping at",
    )
    dropout: float = declared(
        0.0,
        "Dropout",
        "The probability that a value of the last layer's h is set to 0 before the readout in a training step; "
        "predictions and heatmaps use all values.",
        "float",
        minimum=0.0,
        maximum=0.95,
        zero="off",
        more=True,
    )
    device: str = declared(
        "auto",
        "Device",
        "The device that trains the network; automatic measures and chooses the fastest.",
        "text",
        choices={"auto": "Automatic", "cpu": "CPU"},
        accepts=r"mps|cuda:\d+",
        expected="auto, cpu, mps, or cuda: and a number, as in cuda:0",
        section=Section.WHERE,
        circumstance=True,
    )
    steps: int = declared(
        3000,
        "Training steps",
        "How many training steps the run makes.",
        "int",
        unit="steps",
        minimum=1,
        maximum=100_000_000,
        counts=steps_count,
        circumstance=True,
    )
    until: str = declared(
        "steps",
        "Goes on until",
        "When a run ends: after its training steps, or when its task is solved; where nothing says what counts as "
        "solved, its training steps count.",
        "choice",
        choices={"steps": "its last step", "solved": "it is solved"},
        shorts={"steps": "does not stop when solved", "solved": "stops when solved"},
        live=True,
        counts=may_be_solved,
        circumstance=True,
    )
    limit: int = declared(
        100_000,
        "At most",
        "How many training steps a run makes at most that goes on until its task is solved.",
        "int",
        unit="steps",
        minimum=1,
        maximum=100_000_000,
        live=True,
        told="limit",
        only_when=("until", "solved"),
        counts=may_be_solved,
        circumstance=True,
    )
    worker: str = declared(
        "process",
        "Run in",
        "A child process trains at full speed while the window draws; a thread shares Python with the window.",
        "choice",
        choices={"process": "Child process", "thread": "Thread of the window"},
        section=Section.WHERE,
        circumstance=True,
        more=True,
    )

    @property
    def n(self) -> int:
        """The hidden size n, with 0 resolved to k."""
        return self.hidden_size or self.cell_size

    @property
    def made_cell(self) -> Cell:
        """The declared cell of each layer, with columns in the order [x, h]; raises ValueError where it cannot be."""
        return CELLS[self.cell](self.projected, "x,h", None)

    @property
    def projected(self) -> bool:
        """Whether the cell has the projection W_hr (n < k)."""
        return self.n != self.cell_size


@cache
def settings() -> tuple[Setting, ...]:
    """Every setting of `TrainingConfig`, with its name, its default and the tasks that use it filled in."""
    return tuple(
        replace(entry.metadata["setting"], name=entry.name, default=entry.default, tasks=_users_of(entry.name))
        for entry in fields(TrainingConfig)
    )


def _users_of(name: str) -> tuple[str, ...]:
    return tuple(task.name for task in TASKS.values() if name in (*task.uses, task.data_file))


@cache
def setting(name: str) -> Setting:
    """Return the declaration of one setting; raises KeyError where there is none of this name."""
    return {item.name: item for item in settings()}[name]


def check(config: TrainingConfig) -> None:
    """Check every setting, and those that depend on each other.

    Raises ConfigError with one sentence for the first that cannot be used.
    """
    for item in settings():
        check_value(item, getattr(config, item.name))
    for item in settings():
        if item.fits is not None:
            item.fits(config)


def with_live(config: TrainingConfig, name: str, value: float | str) -> TrainingConfig:
    """Return a config with another value of a setting that may change while the run goes on.

    Raises ConfigError, in one sentence, for another setting, and for a value that this one cannot have.
    """
    live = {item.name: item for item in settings() if item.live}
    if name not in live:
        raise ConfigError(f"{name} cannot be changed during a run; change one of {', '.join(live)}.")
    check_value(live[name], value)
    changes: dict[str, Any] = {name: value}
    changed = replace(config, **changes)
    if (fits := live[name].fits) is not None:
        fits(changed)
    return changed


def live_as(config: TrainingConfig, other: TrainingConfig) -> TrainingConfig:
    """Return a config with everything that may change while a run goes on as another config has it."""
    return replace(config, **{item.name: getattr(other, item.name) for item in settings() if item.live})


def as_learnt(config: TrainingConfig, told: TaskSettings) -> TrainingConfig:
    """Return a config with what a task, made for it, says about how its data were read."""
    return replace(config, **{entry.name: getattr(told, entry.name) for entry in fields(TaskSettings)})


def twin_of(config: TrainingConfig) -> TrainingConfig:
    """Return the config of the plain RNN of size k that is trained beside a network."""
    return replace(config, cell="rnn", hidden_size=0, clamped="", frozen="", twin="off")


def config_of(values: Mapping[str, Any]) -> TrainingConfig:
    """Return the settings of a run; one that no longer exists is left out, a new one has its default.

    A run that was made before it could be chosen how its data are read keeps the reading that it had.

    Raises ValueError for values that cannot be settings.
    """
    known = {item.name for item in settings()}
    if "data_decimal" not in values and (values.get("series_file") or values.get("counts_file")):
        values = {**values, **AS_BEFORE}
    config = TrainingConfig(**{name: value for name, value in values.items() if name in known})
    try:
        check(config)
    except ConfigError as error:
        raise ValueError(str(error)) from error
    return config


def data_of(config: TrainingConfig) -> tuple[object, ...]:
    """Return the settings that decide what the sequences of a run are like."""
    return tuple(getattr(config, item.name) for item in settings() if item.data)
