"""The settings of training that are remembered from one start to the next."""

from __future__ import annotations

import json

from PySide6.QtCore import QSettings

from engine.settings.config import ConfigError, TrainingConfig, check, settings


def stored_config(stored: QSettings) -> TrainingConfig:
    """Return the settings of the last time; those that no longer exist or fit are left at their default."""
    try:
        found = json.loads(str(stored.value("training", "{}")))
        known = {setting.name for setting in settings()}
        config = TrainingConfig(**{name: value for name, value in found.items() if name in known})
        check(config)
    except (json.JSONDecodeError, AttributeError, ConfigError):
        return TrainingConfig()
    return config
