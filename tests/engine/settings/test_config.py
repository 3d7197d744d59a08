import subprocess
import sys
from dataclasses import fields, replace
from typing import Any

import pytest

from engine.settings.config import ConfigError, TrainingConfig, check, settings
from engine.tasks import TASKS


def test_the_defaults_can_be_used() -> None:
    check(TrainingConfig())


def test_every_field_is_declared_once_with_words_and_bounds() -> None:
    declared = settings()
    assert [setting.name for setting in declared] == [entry.name for entry in fields(TrainingConfig)]
    for setting in declared:
        assert setting.label
        assert setting.sentence.endswith(".")
        assert setting.default == getattr(TrainingConfig(), setting.name)
        assert (setting.minimum is not None) == (setting.kind in ("int", "float"))
        assert all(setting.choices.values())
        if setting.kind == "choice":
            assert setting.default in setting.choices
    assert {setting.name for setting in declared if setting.live} == {
        "learning_rate",
        "clip_norm",
        "clamped",
        "frozen",
        "twin",
        "until",
        "limit",
    }


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("cell_size", 0, "from 1 to 1,024"),
        ("cell_size", 2.5, "a whole number"),
        ("cell_size", True, "a whole number"),
        ("learning_rate", float("nan"), "a number from 0.000001 to 1,000"),
        ("learning_rate", "fast", "a number"),
        ("optimizer", "adagrad", "one of adam, rmsprop, sgd"),
        ("task", 3, "a text"),
        ("device", "gpu", "cuda:0"),
        ("layers", 5, "from 1 to 4"),
        ("seed", -1, "from 0 to 2,147,483,647"),
        ("steps", 0, "from 1 to 100,000,000"),
        ("task", "chess", "one of adding, multiplication, temporal-order"),
        ("sine_noise", -0.1, "from 0 to 10"),
        ("outbreak_r0", 0.5, "from 0.6 to 20"),
        ("reported_share", 0.0, "from 0.01 to 1"),
        ("reported_share", 1.1, "from 0.01 to 1"),
        ("bias_initialisation", "zero", "one of given, chrono"),
    ],
)
def test_a_wrong_value_gets_one_sentence(name: str, value: Any, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check(replace(TrainingConfig(), **{name: value}))
    text = str(caught.value)
    assert f"({name})" in text
    assert expected in text
    assert text.endswith(".")
    assert "\n" not in text


def test_n_above_k_is_refused_with_the_reason_of_torch() -> None:
    with pytest.raises(ConfigError, match="proj_size must be smaller than its hidden_size"):
        check(TrainingConfig(cell_size=4, hidden_size=5))


@pytest.mark.parametrize(("task", "shortest"), [(task.name, task.shortest) for task in TASKS.values() if task.shortest])
def test_a_sequence_too_short_for_its_task_is_refused(task: str, shortest: int) -> None:
    check(TrainingConfig(task=task, sequence_length=shortest))
    with pytest.raises(ConfigError, match=rf"too short for the task .+; choose at least {shortest} time steps"):
        check(TrainingConfig(task=task, sequence_length=shortest - 1))


@pytest.mark.parametrize(("hidden", "n", "projected"), [(0, 8, False), (8, 8, False), (3, 3, True)])
def test_zero_hidden_size_means_k(hidden: int, n: int, projected: bool) -> None:
    config = TrainingConfig(cell_size=8, hidden_size=hidden)
    check(config)
    assert config.n == n
    assert config.projected is projected


def test_a_window_can_load_the_worker_without_torch() -> None:
    code = (
        "import sys, engine.settings.config, engine.session.worker, engine.tasks\n"
        "import engine.runs.history, engine.runs.snapshot\n"
        "assert not {'torch', 'PySide6', 'pyqtgraph'} & set(sys.modules), 'torch or Qt was imported'"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
