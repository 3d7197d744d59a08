"""What a person needs to know about one setting, and whether a value fits it. Nothing here needs torch."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from ..errors import PlainError

Kind = Literal["int", "float", "choice", "text", "file"]

OWN = "own:"
"""Begins a value of the setting `task` that means a file of the user's own; see `engine.tasks.own`."""

_DEVICE = re.compile(r"auto|cpu|mps|cuda:\d+")


class ConfigError(PlainError, ValueError):
    """A setting that cannot be used; its text is one sentence that says what to change."""


_LONGEST_SHOWN, _LONGEST_BITS = 60, 1000


@dataclass(frozen=True)
class Setting:
    """What a person needs to know about one setting.

    label: a few words, as they stand in a form. sentence: what it does, for a tooltip. unit: "" if it has
    none. minimum, maximum: inclusive bounds of a number, None for the other kinds. choices: the values of a
    choice (or the usual values of a text), choice_labels: the same in words. zero: what 0 means, where it is no
    amount. live: it may change while the run goes on. only_when: name of the setting that makes this one matter, and
    the values with which it does; None where it always does. flag: on the command line, where it is not the name.
    says: what it says of a data file, how it is read or which of its columns are meant; "" for another setting.
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
    only_when: tuple[str, ...] | None = None
    flag: str = ""
    says: Literal["", "reading", "columns"] = ""
    name: str = ""
    default: int | float | str = ""

    @property
    def words(self) -> dict[str, str]:
        """Each choice, in order, and what a person reads in its place; the choice itself where it has no label."""
        return dict(zip(self.choices, self.choice_labels or self.choices, strict=True))

    def matters(self, value_of: Callable[[str], object]) -> bool:
        """Say whether it matters with the others as they are; value_of: takes the name of a setting."""
        return self.only_when is None or value_of(self.only_when[0]) in self.only_when[1:]


def declared(default: int | float | str, label: str, sentence: str, kind: Kind, **rest: Any) -> Any:
    """Return a field of a dataclass that is a setting; the words and bounds are those of `Setting`."""
    return field(default=default, metadata={"setting": Setting(label, sentence, kind, **rest)})


def brief(value: object) -> str:
    """Return what was found as Python writes it, short enough for a sentence."""
    if isinstance(value, int) and value.bit_length() > _LONGEST_BITS:
        return "a number of hundreds of digits"
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


def _check_number(setting: Setting, value: object) -> None:
    low, high = setting.minimum, setting.maximum
    if low is None or high is None:
        raise TypeError(f"the setting {setting.name} is declared without bounds")
    whole = setting.kind == "int"
    wanted = f"{'a whole number' if whole else 'a number'} from {low:g} to {high:g}"
    right_type = isinstance(value, int) if whole else isinstance(value, (int, float))
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not right_type:
        raise ConfigError(f"{setting.label} ({setting.name}) is {brief(value)}; enter {wanted}.")
    if not low <= value <= high:  # so is NaN
        raise ConfigError(f"{setting.label} ({setting.name}) is {brief(value)}; choose {wanted}.")


def check_value(setting: Setting, value: object) -> None:
    """Check one value on its own.

    Raises ConfigError, in one sentence, for a wrong type, a value out of bounds or an unknown choice.
    """
    if setting.kind in ("int", "float"):
        _check_number(setting, value)
    elif not isinstance(value, str):
        raise ConfigError(f"{setting.label} ({setting.name}) is {brief(value)}; enter a text.")
    elif setting.name == "task" and value.startswith(OWN) and value != OWN:
        return  # whether there is such a file is found out when it is loaded
    elif setting.kind == "choice" and value not in setting.choices:
        known = ", ".join(filter(None, setting.choices))
        raise ConfigError(f"{setting.label} ({setting.name}) is {brief(value)}; choose one of {known}.")
    elif setting.name == "device" and not _DEVICE.fullmatch(value):
        raise ConfigError(
            f"{setting.label} ({setting.name}) is {brief(value)}; enter auto, cpu, mps, or cuda: and a number, as in "
            "cuda:0."
        )
