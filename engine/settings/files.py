"""The files that a run reads from the disk, or runs, because its settings name them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .config import TrainingConfig, settings
from .setting import OWN, Setting


def files_of(config: TrainingConfig) -> Mapping[str, str]:
    """Return what a run of this config reads: by the setting that names it, a path, or the name of an own task."""
    found = {
        item.name: getattr(config, item.name) for item in settings() if item.kind == "file" and _counts(item, config)
    }
    if config.task.startswith(OWN):
        found["task"] = config.task
    return {name: value for name, value in found.items() if value}


def without_idle_files(config: TrainingConfig) -> TrainingConfig:
    """Return the config without the names of files that it does not read, which another task would."""
    idle: dict[str, Any] = {
        item.name: item.default for item in settings() if item.kind == "file" and not _counts(item, config)
    }
    return replace(config, **idle)


def without_files(config: TrainingConfig) -> TrainingConfig:
    """Return the config with what is shipped in place of every file that it names."""
    named: dict[str, Any] = {
        item.name: item.default for item in settings() if item.kind == "file" or item.name == "task"
    }
    return replace(config, **named) if files_of(config) else config


def _counts(setting: Setting, config: TrainingConfig) -> bool:
    """Return whether a setting matters in a config."""
    return setting.only_when is None or getattr(config, setting.only_when[0]) == setting.only_when[1]
