"""Settings in words: how a run differs from others, and what a change of a setting is called."""

from collections.abc import Sequence
from functools import partial

from ..cell.cells import CELLS
from ..setting import ELSEWHERE, OWN, Setting
from ..tasks.elsewhere import TITLE
from ..text.numbers import in_full
from .config import TrainingConfig, setting, settings


def names_of(configs: Sequence[TrainingConfig]) -> tuple[str, ...]:
    """Return a short name of each configuration from what differs: "LSTM", "b_f = 1", "Adam, T = 50".

    Configurations that do not differ from another one get a number behind their name.
    """
    varied = [
        item for item in settings() if not item.circumstance and len({getattr(c, item.name) for c in configs}) > 1
    ]
    names = [", ".join(_parts(config, varied)) or "as set" for config in configs]
    return tuple(
        name if names.count(name) == 1 else f"{name} ({names[: place + 1].count(name)})"
        for place, name in enumerate(names)
    )


def _parts(config: TrainingConfig, varied: Sequence[Setting]) -> list[str]:
    """Return what is said of a config; a choice without words is said by the setting that matters with it."""
    said = [
        item
        for item in settings()
        if item.matters(partial(getattr, config))
        and (item in varied or (item.only_when and _is_silent(config, setting(item.only_when[0]), varied)))
    ]
    return [words for item in said if (words := in_short(config, item))]


def _is_silent(config: TrainingConfig, item: Setting, varied: Sequence[Setting]) -> bool:
    return item in varied and not in_short(config, item)


def in_short(config: TrainingConfig, item: Setting) -> str:
    """Return a setting of a config in a few words: "GRU", "k = 64", "rate 0.01", "no clipping"."""
    value = config.n if item.name == "hidden_size" else getattr(config, item.name)
    shown = in_full(value) if item.kind in ("int", "float") else str(value)
    if shown in item.shorts:
        return item.shorts[shown]
    name = item.short or item.label_inside
    if item.kind == "choice":
        return item.choices.get(shown, shown)
    if item.kind not in ("int", "float"):
        return f"{name}: {item.choices.get(shown, shown) or 'none'}"
    shown = item.zero if item.zero and not value else shown
    return f"{item.symbol} = {shown}" if item.symbol else f"{name} {shown}"


def change_in_words(before: TrainingConfig, after: TrainingConfig) -> str:
    """Return a change of a setting in words: "learning rate 0.01 → 0.5", "clamped: f=1"; "" where none changed."""
    for item in settings():
        old, new = getattr(before, item.name), getattr(after, item.name)
        if old != new:
            name = item.told or item.label_inside
            if item.kind == "choice" and str(new) in item.shorts:
                return item.shorts[str(new)]
            if isinstance(new, str):
                return f"{name}: {new or 'nothing'}"
            return f"{name} {in_full(old)} → {in_full(new)}"
    return ""


def task_words(task: str) -> str:
    """Return a value of the setting `task` in words; a user's own by its file's name."""
    return TITLE if task == ELSEWHERE else setting("task").choices.get(task, task.removeprefix(OWN))


def title_of(config: TrainingConfig, task: str = "") -> str:
    """Return what a network is called: "Adding problem, LSTM 16". task: the title of a task that is not shipped."""
    title = task or task_words(config.task)
    return f"{title}, {CELLS[config.cell](False, 'x,h', None).title} {config.cell_size}"


def departures(config: TrainingConfig) -> list[str]:
    """Return what differs from the usual settings and matters, a line each: "Optimizer: SGD (usually Adam)".

    Neither the task, nor how long a run goes on and where.
    """
    items = [item for item in settings() if item.name != "task" and not item.circumstance]
    return [
        f"{item.label}: {_value_words(item, value)} (usually {_value_words(item, item.default)})"
        for item in items
        if (value := getattr(config, item.name)) != item.default and item.matters(partial(getattr, config))
    ]


def _value_words(item: Setting, value: object) -> str:
    if item.kind in ("int", "float") and isinstance(value, int | float):
        return item.zero if item.zero and not value else in_full(value)
    shown = item.choices.get(str(value), str(value).removeprefix(OWN))
    return " ".join(shown.split()) or item.zero or "none"
