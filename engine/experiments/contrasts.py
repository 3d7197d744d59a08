"""Runs that were trained before and ship with the program: what a setting does is seen at once, side by side.

`python -m engine.experiments.contrasts` trains them anew, with fixed seeds.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from ..shipped import SHIPPED

LARGEST_BYTES = 1_000_000
"""Of a recording that ships with the program."""
_COMMON = {"task": "adding", "batch_size": 32, "cell_size": 8, "seed": 1, "device": "cpu", "until": "steps"}


@dataclass(frozen=True)
class Contrast:
    """One recorded run.

    words: its entry in the menu, where & marks the letter to press. title: what it is called in a list. sentence: what
    is to be seen. settings: those that it was trained with.
    """

    name: str
    words: str
    title: str
    sentence: str
    settings: Mapping[str, object] = field(default_factory=dict)

    @property
    def line(self) -> str:
        """The command that shows it."""
        return f"contrast {self.name}"

    @property
    def path(self) -> Path:
        """Where its recording is."""
        return SHIPPED / "contrasts" / f"{self.name}.lstmrec"


def _rate(name: str, words: str, title: str, sentence: str, **settings: object) -> Contrast:
    return Contrast(name, words, title, sentence, {**_COMMON, "sequence_length": 12, "steps": 1000, **settings})


def _forget(name: str, words: str, title: str, sentence: str, bias: float) -> Contrast:
    own = {"sequence_length": 20, "cell_size": 7, "seed": 2, "steps": 750, "learning_rate": 0.01, "forget_bias": bias}
    return Contrast(name, words, title, sentence, {**_COMMON, **own})


CONTRASTS: Mapping[str, Contrast] = MappingProxyType(
    {
        contrast.name: contrast
        for contrast in (
            _rate(
                *("low", "Rate too &low", "Learning rate too low"),
                "With a rate of 10⁻⁵, a thousand steps change little: the loss is four times the trivial answer’s.",
                learning_rate=1e-5,
            ),
            _rate(
                *("right", "Rate &right", "Learning rate right"),
                "With a rate of 0.01, the same network solves the task after about 800 training steps.",
                learning_rate=0.01,
                until="solved",
                limit=1000,
            ),
            _rate(
                *("high", "Rate too &high", "Learning rate too high"),
                "With a rate of 1, each training step undoes the one before: the loss jumps about and stays high.",
                learning_rate=1.0,
            ),
            _forget(
                *("forget-0", "Forget bias &0", "Forget bias 0"),
                "The forget gates begin near 0.5: after 20 time steps a millionth of C is left: no learning yet.",
                0.0,
            ),
            _forget(
                *("forget-1", "Forget bias &1", "Forget bias 1"),
                "The forget gates begin near 0.73, and the same network learns. Other seeds differ.",
                1.0,
            ),
        )
    }
)
"""Every contrast by its name, those that belong together one after the other."""


def train_all() -> None:
    """Train every contrast anew. Raises ValueError for a recording that is too large to ship."""
    for contrast in CONTRASTS.values():
        contrast.path.parent.mkdir(exist_ok=True)
        contrast.path.unlink(missing_ok=True)
        settings = [f"--set={name}={value}" for name, value in contrast.settings.items()]
        program = [sys.executable, str(SHIPPED.parent / "main.py"), "train", "--record", str(contrast.path)]
        subprocess.run([*program, *settings], check=True)
        size = contrast.path.stat().st_size
        if size > LARGEST_BYTES:
            raise ValueError(f"{contrast.path.name} has {size:,} bytes, at most {LARGEST_BYTES:,} ship")


if __name__ == "__main__":
    train_all()
