"""A training as the command that begins it: what is not at its default, quoted for a POSIX shell."""

from __future__ import annotations

import shlex

from ...setting import Setting
from ...settings.config import TrainingConfig, settings
from .arguments import flag_of

PROGRAM = "lstm-visualizer"


def command_line(config: TrainingConfig) -> str:
    """Return the command that trains as a config says: `lstm-visualizer train --task copying --cell-size 32`.

    Settings at their default are left out, but the task always stands there. Read back by the command's own parser it
    is the same config.
    """
    words = [PROGRAM, "train"]
    for setting in settings():
        value = getattr(config, setting.name)
        if value != setting.default or setting.name == "task":
            words += _option(setting, value)
    return shlex.join(words)


def _option(setting: Setting, value: object) -> list[str]:
    text = str(value)  # a float with all its digits
    # What begins with - would be taken for another option.
    return [f"{flag_of(setting)}={text}"] if text.startswith("-") or not text else [flag_of(setting), text]
