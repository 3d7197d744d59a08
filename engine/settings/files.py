"""The files named in a run's settings: data that it reads, and a user's own task that it runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from ..setting import OWN
from .config import TrainingConfig, settings


def files_of(config: TrainingConfig, idle: bool = False) -> Mapping[str, str]:
    """Return what a run of this config reads: by the setting that names it, a path, or the name of an own task.

    idle: with the files that it does not read, which another task would.
    """
    value_of = partial(getattr, config)
    found = {
        item.name: value_of(item.name)
        for item in settings()
        if item.kind in ("file", "table") and (idle or item.matters(value_of))
    }
    if config.task.startswith(OWN):
        found["task"] = config.task
    return {name: value for name, value in found.items() if value}


def without_idle_files(config: TrainingConfig) -> TrainingConfig:
    """Return the config without the names of files that it does not read, which another task would."""
    return _without(config, files_of(config, idle=True).keys() - files_of(config).keys())


def without_files(config: TrainingConfig, files: Collection[str]) -> TrainingConfig:
    """Return the config with what is shipped in place of each of these files, whether it reads them or not."""
    return _without(config, {name for name, file in files_of(config, idle=True).items() if file in files})


def _without(config: TrainingConfig, names: Collection[str]) -> TrainingConfig:
    defaults: dict[str, Any] = {item.name: item.default for item in settings() if item.name in names}
    return replace(config, **defaults)
