"""The settings of training, and its pace, that are remembered from one start to the next."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

from engine.runs.pace import WATCHED, Pace, PaceError, pace_of_text
from engine.setting import check_value
from engine.settings.config import ConfigError, TrainingConfig, check, settings
from gui.appearance.stored import Stored

USUAL = TrainingConfig(until="solved")
"""The settings of a window at first: whoever watches a run wants to see its end."""
_KEY = "training"
_WHAT = "the settings of training"
_PACE, _WHAT_PACE = "pace", "the pace of training"


def stored_config(stored: Stored) -> TrainingConfig:
    """Return the settings of the last time; those that no longer exist or fit are left at their default."""
    found = _members(stored)
    fitting: dict[str, Any] = {}
    for setting in settings():
        if setting.name not in found:
            continue
        try:
            check_value(setting, found[setting.name])
        except ConfigError:
            stored.leave_out(_KEY, _WHAT)
        else:
            fitting[setting.name] = found[setting.name]
    config = replace(USUAL, **fitting)
    try:
        check(config)
    except ConfigError:  # each fits, but not beside the others
        stored.leave_out(_KEY, _WHAT)
        return USUAL
    return config


def _members(stored: Stored) -> dict[str, Any]:
    try:
        found = json.loads(stored.text(_KEY, _WHAT, "{}"))
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        return found
    stored.leave_out(_KEY, _WHAT)
    return {}


def store_config(stored: Stored, config: TrainingConfig) -> None:
    """Remember settings for the next start."""
    stored.setValue(_KEY, json.dumps(asdict(config)))


def stored_pace(stored: Stored) -> Pace:
    """Return the pace that was chosen last; before anybody has chosen one, a pace that can be watched."""
    try:
        return pace_of_text(stored.text(_PACE, _WHAT_PACE, str(WATCHED)))
    except PaceError:
        stored.leave_out(_PACE, _WHAT_PACE)
        return WATCHED


def store_pace(stored: Stored, pace: Pace) -> None:
    """Remember the pace for the next start."""
    stored.setValue(_PACE, str(pace))
