"""A comparison of two to four configurations on the same batches, and the messages about its progress.

A batch depends on the task, T, B, the seed and its number alone, so configurations that share these see the
same batches, whatever else differs between them. Nothing here needs torch.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Self

import numpy as np

from ..runs.messages import Pause, Resume, Said, Stop
from ..runs.metrics import Float32
from ..runs.snapshot import Snapshot
from ..runs.verdict.judging import Verdict
from ..settings.config import ConfigError, TrainingConfig, data_of
from ..settings.words import names_of
from ..tasks.base import TaskFacts

FEWEST, MOST = 2, 4
"""How many configurations can be compared."""
MOST_SEEDS = 10
EXAMPLES = 8
"""Examples of the task, 0 … 7, of which the last heatmaps of a run are kept."""
METRICS = ("loss", "measure")
"""The columns that travel of every step of every run."""
_LARGEST_SEED = 2**31


class Run(NamedTuple):
    """One run of a comparison: the places of its configuration and of its seed, both from 0."""

    config: int
    seed: int


class Look(NamedTuple):
    """What the heatmaps of a configuration show: its place, and the number of the task's example."""

    config: int
    example: int


@dataclass(frozen=True)
class Comparison:
    """What is compared: each configuration is trained with each of `seeds` seeds, for `steps` steps.

    Seed number s of a configuration is its own seed + s. Raises ConfigError for too few or too many.
    """

    configs: tuple[TrainingConfig, ...]
    seeds: int = 1
    steps: int = 1000

    def __post_init__(self) -> None:
        if not FEWEST <= len(self.configs) <= MOST:
            raise ConfigError(f"The comparison has {len(self.configs)} configurations; choose {FEWEST} to {MOST}.")
        if not 1 <= self.seeds <= MOST_SEEDS:
            raise ConfigError(f"The comparison has {self.seeds} seeds; choose 1 to {MOST_SEEDS}.")
        if self.steps < 1:
            raise ConfigError(f"The comparison has {self.steps} steps; choose at least 1.")

    @property
    def names(self) -> tuple[str, ...]:
        """A short name of each configuration, made from what differs."""
        return names_of(self.configs)

    @property
    def runs(self) -> tuple[Run, ...]:
        """Every run in the order of training: the first seed of all configurations, then the next seed."""
        return tuple(Run(config, seed) for seed in range(self.seeds) for config in range(len(self.configs)))

    @property
    def same_batches(self) -> bool:
        """Whether all configurations see the same batches: they share task, T, B and seed."""
        return len({(data_of(c), c.batch_size, c.seed) for c in self.configs}) == 1

    def config_of(self, run: Run) -> TrainingConfig:
        """Return all that decides one run."""
        config = self.configs[run.config]
        seed = (config.seed + run.seed) % _LARGEST_SEED
        return replace(config, seed=seed, steps=self.steps, twin="off")


@dataclass(frozen=True)
class Ask:
    """Asks for one update with everything since the last answer.

    example: the number of the task's example of which heatmaps are looked at; None: of none.
    """

    example: int | None = None


ComparisonCommand = Ask | Pause | Resume | Stop


@dataclass(frozen=True, eq=False)
class ComparisonUpdate(Said):
    """What a comparison has to say: unasked a change of state, in answer everything since the last answer.

    rows: (steps, 2) float32 of runs, the columns METRICS. diverged: the step at which the loss of a run was no
    longer finite, after which it makes no more. verdicts: what is to be said of runs by now. snapshots: of the first
    seed, by configuration and example. seconds: what training took since the last answer, by configuration. weights:
    their number, by configuration. problems: one sentence for a configuration that cannot be trained. error: about
    the whole.
    """

    rows: Mapping[Run, Float32] = field(default_factory=dict)
    diverged: Mapping[Run, int] = field(default_factory=dict)
    verdicts: Mapping[Run, Verdict] = field(default_factory=dict)
    snapshots: Mapping[Look, Snapshot] = field(default_factory=dict)
    seconds: Mapping[int, float] = field(default_factory=dict)
    weights: Mapping[int, int] = field(default_factory=dict)
    problems: Mapping[int, str] = field(default_factory=dict)
    facts: TaskFacts | None = None

    def _kept_of(self, older: Self) -> dict[str, Any]:
        """Rows are joined, seconds added up; of the rest, what is newest."""
        rows = {
            run: [part[run] for part in (older.rows, self.rows) if run in part] for run in (*older.rows, *self.rows)
        }
        seconds = {
            config: older.seconds.get(config, 0.0) + self.seconds.get(config, 0.0)
            for config in (*older.seconds, *self.seconds)
        }
        return super()._kept_of(older) | {
            "rows": {run: np.concatenate(parts) for run, parts in rows.items()},
            "seconds": seconds,
            "diverged": {**older.diverged, **self.diverged},
            "verdicts": {**older.verdicts, **self.verdicts},
            "snapshots": {**older.snapshots, **self.snapshots},
            "weights": {**older.weights, **self.weights},
            "problems": {**older.problems, **self.problems},
            "facts": self.facts or older.facts,
        }
