"""An experiment: its settings, the rule for when the task is solved, and the figures of the paper."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..settings.config import TrainingConfig
from .judges import Judge


@dataclass(frozen=True)
class Published:
    """What a source says: its figures by name, the same in words, and where they stand."""

    figures: Mapping[str, float]
    words: str
    source: str


@dataclass(frozen=True)
class Arm:
    """One setting of an experiment; its name tells it from the others, "" where it is the only one."""

    name: str
    config: TrainingConfig


@dataclass(frozen=True)
class Experiment:
    """A published experiment and the setting it is repeated with.

    criterion: when a seed counts as solved, in words; judge_of makes what applies it to one run. bound: a seed that
    is not solved after so many single sequences counts as not solved. differences: what differs between the
    published network and this one, a sentence each. purpose: what the network must do, in a plain sentence or two.
    """

    name: str
    title: str
    criterion: str
    published: Published
    arms: tuple[Arm, ...]
    judge_of: Callable[[TrainingConfig], Judge]
    bound: int
    differences: tuple[str, ...]
    purpose: str = ""

    def arm(self, name: str) -> Arm:
        """Return the setting of a name; raises KeyError for an unknown one."""
        for arm in self.arms:
            if arm.name == name:
                return arm
        raise KeyError(name)
