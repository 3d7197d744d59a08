"""Settings in words: what a run differs in from others."""

from collections.abc import Sequence
from functools import partial

from .config import TrainingConfig, settings
from .setting import Setting

_LABELS = {"learning_rate": "rate", "clip_norm": "clip at"}
_SYMBOLS = {"cell_size": "k", "hidden_size": "n", "sequence_length": "T", "batch_size": "B"}
_SHORT = {"sgd": "SGD", "peephole": "Peepholes", "coupled": "Coupled gates", "chrono": "chrono"}


def names_of(configs: Sequence[TrainingConfig]) -> tuple[str, ...]:
    """Return a short name of each configuration from what differs: "LSTM", "b_f = 1", "Adam, T = 50".

    Configurations that do not differ from another one get a number behind their name.
    """
    varied = [s for s in settings() if len({getattr(config, s.name) for config in configs}) > 1]
    names = [", ".join(_parts(config, varied)) or "as set" for config in configs]
    return tuple(
        name if names.count(name) == 1 else f"{name} ({names[: place + 1].count(name)})"
        for place, name in enumerate(names)
    )


def _parts(config: TrainingConfig, varied: Sequence[Setting]) -> list[str]:
    parts = []
    biases = [setting.name for setting in varied if setting.name in ("bias_initialisation", "forget_bias")]
    for setting in varied:
        matters = setting.matters(partial(getattr, config))
        if setting.name not in biases and setting.name not in ("steps", "worker") and matters:
            value = config.n if setting.name == "hidden_size" else getattr(config, setting.name)
            parts.append(_words(setting, value))
    if biases:
        parts.append("chrono" if config.bias_initialisation == "chrono" else f"b_f = {config.forget_bias:g}")
    return parts


def _words(setting: Setting, value: int | float | str) -> str:
    if setting.kind == "choice":
        return _SHORT.get(str(value), setting.words[str(value)])
    if isinstance(value, str):
        return f"{setting.label}: {value or 'none'}"
    if setting.name == "clip_norm" and value == 0:
        return "no clipping"
    shown = setting.zero if setting.zero and value == 0 else f"{value:g}"
    symbol = _SYMBOLS.get(setting.name)
    return f"{symbol} = {shown}" if symbol else f"{_LABELS.get(setting.name, setting.label)} {shown}"
