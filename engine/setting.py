"""One setting: what a person needs to know about it, and whether a value fits. Nothing here needs torch."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from .errors import PlainError
from .text.numbers import in_full

Kind = Literal["int", "float", "choice", "text", "file", "table"]

OWN = "own:"
"""Begins a value of the setting `task` that means a file of the user's own; see `engine.tasks.own`."""
ELSEWHERE = "elsewhere"
"""The value of `task` in a recording of a network that was not trained here; see `engine.tasks.elsewhere`."""
_NOTHING = "(?!)"


class Section(StrEnum):
    """Where a setting stands in the form."""

    LEARNT = "Task and data"
    NETWORK = "Network"
    TRAINING = "Training"
    WHERE = "Device"


class ConfigError(PlainError, ValueError):
    """A setting that cannot be used; its text is one sentence that says what to change."""


_LONGEST_SHOWN, _LONGEST_BITS = 60, 1000


@dataclass(frozen=True)
class Setting:
    """What a person needs to know about one setting.

    label: a few words, as they stand in a form. sentence: what it does, for a tooltip. unit: "" if it has none.
    minimum, maximum: inclusive bounds of a number, None for the other kinds. choices: the values of a choice (or the
    usual values of a text), in order, each with what a person reads in its place. zero: what 0 means, where it is no
    amount, or what an empty path means. live: it may change while the run goes on. tasks: those that use it; none where
    all do. only_when: the name of another setting, and its values with which this one matters; None where no other one
    decides that. counts: decides the same from the values of all settings, where no single one can. flag: on
    the command line, where it is not the name. says: what it says of a data file, how it is read or which of its
    columns are meant; "" for another setting.

    section: where it stands in the form. more: it is folded away there at first. by_view: a view sets it; the form
    shows it only where it is not at its default. symbol: "k", where it has one. short: what stands before its value in
    a list of differences, where it has no symbol and that is not the label. shorts: the values, as texts, that have
    other words in such a list. told: how a change of it is told, where not by its label.

    data: it decides what the sequences of a run are like. compared: the configurations of a comparison may differ in
    it. circumstance: it says how far and where a run goes, and nothing of what it is.

    elsewhere: it is known of a network that was not trained here, too.

    accepts: a regular expression of texts that are fit besides the choices; expected: these in words. fits: raises
    ConfigError where the value does not go together with the others of a whole config.
    """

    label: str
    sentence: str
    kind: Kind
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    zero: str = ""
    live: bool = False
    tasks: tuple[str, ...] = ()
    only_when: tuple[str, ...] | None = None
    counts: Callable[[Callable[[str], object]], bool] | None = field(default=None, repr=False)
    flag: str = ""
    says: Literal["", "reading", "columns"] = ""
    section: Section = Section.TRAINING
    more: bool = False
    by_view: bool = False
    symbol: str = ""
    short: str = ""
    shorts: Mapping[str, str] = field(default_factory=dict)
    told: str = ""
    data: bool = False
    compared: bool = True
    circumstance: bool = False
    elsewhere: bool = False
    accepts: str = _NOTHING
    expected: str = ""
    fits: Callable[[Any], object] | None = field(default=None, repr=False)
    name: str = ""
    default: int | float | str = ""

    @property
    def brief(self) -> str:
        """The shortest words for it in a form: "Rate", "Cell size k"."""
        words = self.label if self.symbol else self.short or self.label
        return words[:1].upper() + words[1:]

    @property
    def label_inside(self) -> str:
        """The label as it stands within a sentence: "batch size B"."""
        return self.label[:1].lower() + self.label[1:]

    def matters(self, value_of: Callable[[str], object]) -> bool:
        """Say whether it matters with the others as they are; value_of: takes the name of a setting."""
        task = value_of("task")
        is_used = (not self.tasks or task in self.tasks) and (self.elsewhere or task != ELSEWHERE)
        if not is_used or (self.only_when is not None and value_of(self.only_when[0]) not in self.only_when[1:]):
            return False
        return self.counts is None or self.counts(value_of)


def declared(default: int | float | str, label: str, sentence: str, kind: Kind, **rest: Any) -> Any:
    """Return a field of a dataclass that is a setting; the words and bounds are those of `Setting`."""
    return field(default=default, metadata={"setting": Setting(label, sentence, kind, **rest)})


def brief(value: object) -> str:
    """Return what was found as Python writes it, short enough for a sentence."""
    if isinstance(value, int) and value.bit_length() > _LONGEST_BITS:
        return "a number of hundreds of digits"
    text = in_full(value) if isinstance(value, float) else repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


def bound_in_words(bound: float) -> str:
    """Return a bound of a setting with all its digits, as a person types it: "0.000001", "100,000,000"."""
    return f"{bound:.15f}".rstrip("0") if 0 < abs(bound) < 1e-4 else in_full(bound)


def _check_number(setting: Setting, value: object) -> None:
    low, high = setting.minimum, setting.maximum
    if low is None or high is None:
        raise TypeError(f"the setting {setting.name} is declared without bounds")
    whole = setting.kind == "int"
    wanted = f"{'a whole number' if whole else 'a number'} from {bound_in_words(low)} to {bound_in_words(high)}"
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
    elif setting.choices and value not in setting.choices and not re.fullmatch(setting.accepts, value, re.DOTALL):
        known = setting.expected or f"one of {', '.join(filter(None, setting.choices))}"
        raise ConfigError(f"{setting.label} ({setting.name}) is {brief(value)}; choose {known}.")
