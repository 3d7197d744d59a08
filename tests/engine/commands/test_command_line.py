"""A training as a command: read back, it is the same training."""

from __future__ import annotations

import shlex
import subprocess
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.commands.train.arguments import config_of_values, given_values
from engine.commands.train.command_line import command_line
from engine.setting import ConfigError, Setting
from engine.settings.config import TrainingConfig, check, settings
from main import command_parser

_TEXTS = {
    "goal": st.sampled_from(["", "loss below 0.01", "measure above 0.9 for 50 steps"]),
    "clamped": st.sampled_from(["", "f=1", "f=1 o=0"]),
    "frozen": st.sampled_from(["", "layer1.W_f layer1.b_f"]),
    "device": st.sampled_from(["auto", "cpu", "cuda:0"]),
}
_FILES = st.sampled_from(
    ["", "/data/my file.csv", '/a/it\'s "so".csv', "/$HOME/`x`;rm *.csv", "/-x\nnew line/\u00fc.txt"]
)
_ANY = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=12)


def values_of(setting: Setting) -> st.SearchStrategy[Any]:
    """Any value that a setting can have on its own."""
    if setting.kind == "int":
        return st.integers(int(setting.minimum or 0), int(setting.maximum or 0))
    if setting.kind == "float":
        return st.floats(setting.minimum, setting.maximum, allow_nan=False)
    if setting.kind == "choice":
        return st.sampled_from(list(setting.choices))
    return _FILES if setting.kind in ("file", "table") else _TEXTS.get(setting.name, _ANY)


def read_back(line: str) -> TrainingConfig:
    program, command, *arguments = shlex.split(line)
    assert (program, command) == ("lstm-visualizer", "train")
    return config_of_values(given_values(command_parser("train").parse_args(arguments)))


@given(st.fixed_dictionaries({}, optional={setting.name: values_of(setting) for setting in settings()}))
def test_read_back_it_is_the_same_config(values: dict[str, Any]) -> None:
    config = TrainingConfig(**values)
    try:
        check(config)
    except ConfigError:  # settings that do not go together: half of them still make a config
        config = TrainingConfig(**{name: value for name, value in values.items() if name in ("seed", "learning_rate")})
    assert read_back(command_line(config)) == config


def test_only_what_was_changed_is_written_and_the_task() -> None:
    assert command_line(TrainingConfig()) == "lstm-visualizer train --task adding"
    config = TrainingConfig(task="copying", cell_size=32, learning_rate=1e-6, forget_bias=-2.5, clamped="f=1 o=0")
    assert command_line(config) == (
        "lstm-visualizer train --task copying --cell-size 32 --forget-bias=-2.5 --clamped 'f=1 o=0' "
        "--learning-rate 1e-06"
    )


@pytest.mark.parametrize("name", ["/it's here/a b.csv", "/$(touch oops)/`id`.csv", "/two\nlines.csv", "/-flag.csv"])
def test_a_shell_hands_over_what_was_written(name: str) -> None:
    config = replace(TrainingConfig(task="series"), series_file=name)
    line = command_line(config).replace("lstm-visualizer train", "printf '%s\\0'", 1)
    said = subprocess.run(["/bin/sh", "-c", line], capture_output=True, check=True).stdout.decode()
    assert name in said.split("\0")
