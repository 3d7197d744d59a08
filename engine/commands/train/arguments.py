"""The arguments of `main.py train`: a flag for every declared setting, --set, and a TOML file."""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ...errors import did_you_mean
from ...formats.link import LinkedDocument, LinkError, is_link, read_link
from ...setting import bound_in_words
from ...settings.config import ConfigError, Setting, TrainingConfig, check, check_value, settings
from ...text.number_text import NumberTextError, parse_number, readings

Values = dict[str, Any]

_LONGEST_FILE = 1_000_000
"""Bytes of a file of settings."""


def flag_of(setting: Setting) -> str:
    """Return the flag of a setting, such as --learning-rate."""
    return f"--{setting.flag or setting.name.replace('_', '-')}"


def metavar_of(setting: Setting) -> str:
    """Return what --help writes for the value of a setting, such as N."""
    return {"int": "N", "float": "X", "choice": "NAME", "text": "TEXT", "file": "FILE", "table": "FILE"}[setting.kind]


def help_of(setting: Setting) -> str:
    """Return what --help says about a setting: what it does, its bounds and unit or its choices, and its default."""
    unit = f" {setting.unit}" if setting.unit else ""
    limits = ""
    if setting.minimum is not None and setting.maximum is not None:
        limits = f"{bound_in_words(setting.minimum)} to {bound_in_words(setting.maximum)}{unit}"
        limits += f", 0: {setting.zero}" if setting.zero else ""
    elif setting.choices:
        limits = f"{'one of' if setting.kind == 'choice' else 'such as'} {', '.join(filter(None, setting.choices))}"
    default = f"default: {setting.default}" if setting.default != "" else ""
    conditions = [("task", setting.tasks)] if setting.tasks else []
    if setting.only_when:
        conditions.append((setting.only_when[0], setting.only_when[1:]))
    where = "only with " + " and ".join(f"{name} = {' or '.join(values) or 'none'}" for name, values in conditions)
    facts = "; ".join(part for part in (limits, default, where if conditions else "") if part)
    text = f"{setting.sentence} ({facts})" if facts else setting.sentence
    return text.replace("%", "%%")


def given_values(options: argparse.Namespace) -> Values:
    """Return the settings that were given, by name, each checked on its own.

    Raises ConfigError, in one sentence, for a file that cannot be read and a value that cannot be used, or LinkError.
    """
    flags = {setting.name: getattr(options, setting.name) for setting in settings() if hasattr(options, setting.name)}
    values: Values = {}
    if hasattr(options, "config"):
        is_file = not is_link(str(options.config))
        values |= values_of_file(options.config) if is_file else _values_of_link(str(options.config))
    values |= _values_of_assignments(getattr(options, "assignments", ()))
    return values | {name: value_of_text(_declared(name, ""), text) for name, text in flags.items()}


def config_of_values(values: Mapping[str, Any]) -> TrainingConfig:
    """Return the settings, the others at their defaults; raises ConfigError where they do not go together."""
    config = TrainingConfig(**values)
    check(config)
    return config


def values_of_file(path: Path) -> Values:
    """Return the settings of a TOML file by name; raises ConfigError with the file's name."""
    try:
        if path.exists() and not path.is_file():
            raise OSError(0, "it is a folder or a device")  # which might never end
        with path.open("rb") as file:
            content = file.read(_LONGEST_FILE + 1)
        if len(content) > _LONGEST_FILE:
            raise ConfigError(f"{path.name} is larger than 1 MB; choose a TOML file with one setting per line.")
        found = tomllib.loads(content.decode().replace("\r\n", "\n"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}); choose a TOML file.") from error
    except RecursionError as error:
        raise ConfigError(
            f"{path.name} has brackets nested too deeply; write one setting per line, as name = value."
        ) from error
    except ValueError as error:  # no TOML, or no text
        raise ConfigError(
            f"{path.name} is not a TOML file ({error}); write one setting per line, as name = value."
        ) from error
    try:
        return {(setting := _declared(name, "")).name: _checked(setting, value) for name, value in found.items()}
    except ConfigError as error:
        raise ConfigError(f"{path.name}: {error}") from error


def _values_of_link(link: str) -> Values:
    """Return the settings that are not usual in a link; raises LinkError."""
    found = read_link(link)
    if isinstance(found, LinkedDocument):
        raise LinkError("This link holds a document, no settings; open it in the window.")
    values = {item.name: getattr(found.config, item.name) for item in settings()}
    return {item.name: values[item.name] for item in settings() if values[item.name] != item.default}


def _values_of_assignments(assignments: Iterable[str]) -> Values:
    values: Values = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals:
            raise ConfigError(f"--set {assignment}: KEY=VALUE was expected, such as --set cell_size=32.")
        setting = _declared(name.strip(), "--set ")
        values[setting.name] = value_of_text(setting, text.strip())
    return values


def value_of_text(setting: Setting, text: str) -> Any:
    """Return the value that a text means for a setting; raises ConfigError for one that cannot be used."""
    value: Any = text
    if setting.kind in ("int", "float") and readings(text) != (None, None):  # the check below refuses what is none
        try:
            value = parse_number(text)
        except NumberTextError as error:
            raise ConfigError(f"{setting.label} ({setting.name}): {error}.") from error
        if setting.kind == "int" and value == int(value):
            value = int(value)
    return _checked(setting, value)


def _checked(setting: Setting, value: Any) -> Any:
    check_value(setting, value)
    if setting.kind in ("file", "table") and value:
        return str(Path(value).absolute())  # a recording may be resumed in another folder
    return float(value) if setting.kind == "float" else value


def _declared(name: str, where: str) -> Setting:
    """Return the setting of a name, with - for _ as in a flag; raises ConfigError for an unknown one."""
    known = {setting.name: setting for setting in settings()}
    setting = known.get(name.replace("-", "_"))
    if setting is None:
        raise ConfigError(f"{where}{name[:60]}: there is no such setting{did_you_mean(name, known)}")
    return setting
