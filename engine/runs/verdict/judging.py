"""Judges a run: sees its metrics as they come, and says its verdict whenever somebody asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...settings.config import ConfigError, TrainingConfig, check_value, setting
from ..ending import changed
from .evidence import Evidence
from .findings import Outlook
from .rules import SETTINGS, proposed
from .words import reason_of, sentence_of

NOTHING = "Nothing to change"
"""What is said where there is nothing to try."""
UNKNOWN = "Nothing to propose"
"""What is said where nobody knows what to try."""
_UNKNOWN = (Outlook.DIVERGED, Outlook.FALLING, Outlook.NOT_FALLING)
_LONGEST = 1000
_SAID = "a verdict's state, sentence, reason and what to try were expected"


@dataclass(frozen=True)
class Try:
    """A value of a setting to try in the next run. sentence: what and why, with a colon between them."""

    setting: str
    value: int | float | str
    sentence: str

    @property
    def members(self) -> dict[str, Any]:
        """What JSON says of it."""
        return {"setting": self.setting, "value": self.value, "sentence": self.sentence}

    def in_use(self, config: TrainingConfig) -> TrainingConfig:
        """Return a config that has what is tried, so that it counts."""
        return changed(config, self.setting, self.value)

    @classmethod
    def of(cls, members: Mapping[str, Any] | None) -> Try | None:
        """Return what `members` was made of; None of a setting or a value that nobody tries.

        It may come from a file that somebody sends, or from another version of the program. Raises KeyError and
        TypeError for anything else.
        """
        if members is None:
            return None
        name, value, sentence = members["setting"], members["value"], members["sentence"]
        if name not in SETTINGS or not _is_text(sentence):
            return None
        declared = setting(name)
        try:
            check_value(declared, value)
            if declared.kind == "text" and declared.fits is not None:  # any text is fit by itself
                declared.fits(changed(TrainingConfig(), name, value))
        except ConfigError:
            return None
        return cls(name, value, sentence)


@dataclass(frozen=True)
class Verdict:
    """What is said of a run. sentence: one; reason: what was measured; to_try: None where nothing is to be changed."""

    outlook: Outlook
    sentence: str
    reason: str = ""
    to_try: Try | None = None

    @property
    def members(self) -> dict[str, Any]:
        """What JSON says of it."""
        return {
            "state": str(self.outlook),
            "sentence": self.sentence,
            "reason": self.reason,
            "try": self.to_try.members if self.to_try is not None else None,
        }

    @property
    def advice(self) -> str:
        """What to try, or that there is nothing, as a sentence without its full stop."""
        if self.to_try is not None:
            return self.to_try.sentence
        return UNKNOWN if self.outlook in _UNKNOWN else NOTHING

    @classmethod
    def of(cls, members: Mapping[str, Any] | None) -> Verdict | None:
        """Return what `members` was made of, None of None; raises ValueError for anything else."""
        if members is None:
            return None
        try:
            outlook, sentence, reason = Outlook(members["state"]), members["sentence"], members["reason"]
            to_try = Try.of(members["try"])
        except (TypeError, KeyError, ValueError) as error:
            raise ValueError(_SAID) from error
        if not (_is_text(sentence) and _is_text(reason)):
            raise ValueError(_SAID)
        return cls(outlook, sentence, reason, to_try)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST


class Judging(Evidence):
    """Sees the metrics of a run from its first step on; `verdict` costs the same however many there were."""

    def verdict(self, over: bool = False) -> Verdict:
        """Return the verdict now; over: whether no step comes by itself any more."""
        found = self.findings(over)
        rule = proposed(found)
        to_try = Try(*rule) if rule is not None else None
        return Verdict(found.outlook, sentence_of(found), reason_of(found), to_try)
