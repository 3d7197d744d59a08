"""Tasks of the user's own files, and what the picture of an example is made of."""

import json
import os
import threading
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import main
from engine.runs.metrics import goal_of
from engine.session.child import Child, Ending
from engine.settings.config import ConfigError, TrainingConfig, check
from engine.tables.answers import DataError
from engine.tasks import TASKS, create_task, own_code
from engine.tasks.example import example_of, typed_inputs
from engine.tasks.own import (
    EXAMPLE_FILE,
    own_choices,
    own_folder,
    own_tasks,
    put_example,
    tell_own_examples,
    tell_own_tasks,
)
from engine.training.trainer import Trainer

HEAD = "import numpy as np\nfrom engine.tasks.base import Task\n"
GOOD = (
    HEAD
    + """
class Echo(Task):
    input_size = 2
    output_size = 1
    every_step = True

    def examples(self, rng, count):
        x = rng.uniform(-1, 1, (self.config.sequence_length, count, 2)).astype(np.float32)
        return x, x[:, :, :1]
"""
)
SMALL = TrainingConfig(sequence_length=8, batch_size=4, cell_size=4)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LSTM_VISUALIZER_TASKS", str(tmp_path / "tasks"))
    (tmp_path / "tasks").mkdir()
    return tmp_path / "tasks"


def written(folder: Path, text: str, name: str = "mine") -> TrainingConfig:
    (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return replace(SMALL, task=f"own:{name}")


def sentence(config: TrainingConfig) -> str:
    with pytest.raises(DataError) as caught:
        create_task(config)
    text = str(caught.value)
    assert "\n" not in text
    assert text.endswith(".")
    return text


def test_the_least_that_a_file_has_to_say(folder: Path) -> None:
    config = written(folder, GOOD)
    check(config)
    task = create_task(config)
    assert (task.name, task.title, task.input_names) == ("own:mine", "mine", ("input 1", "input 2"))
    assert task.trivial_loss == pytest.approx(1 / 3, rel=0.1)
    trainer = Trainer(config)
    for _ in range(3):
        trainer.step()
    snapshot = trainer.snapshot()
    assert snapshot.target.shape == snapshot.prediction.shape == (64,)
    assert np.isfinite(trainer.drain()["loss"]).all()
    facts = task.facts()
    assert all(getattr(facts, name) not in (None, "") for name in ("title", "loss_name", "trivial_name", "value_name"))


def test_symbols_are_learnt_by_cross_entropy(folder: Path) -> None:
    text = GOOD.replace("output_size = 1", 'output_size = 2\n    answers = "symbols"').replace(
        "x[:, :, :1]", "np.eye(2, dtype=np.float32)[(x[:, :, 0] > 0).astype(int)]"
    )
    config = written(folder, text)
    task = create_task(config)
    assert task.measure_is_share
    assert task.trivial_loss == pytest.approx(np.log(2), rel=0.02)
    trainer = Trainer(config)
    trainer.step()
    assert set(trainer.snapshot().prediction) <= {1.0, 2.0}


def test_examples_may_need_what_init_sets(folder: Path) -> None:
    text = GOOD.replace(
        "    def examples",
        "    def __init__(self, config):\n        super().__init__(config)\n        self.scale = 3\n\n    def examples",
    ).replace("x[:, :, :1]", "self.scale * x[:, :, :1]")
    assert create_task(written(folder, text)).trivial_loss == pytest.approx(3, rel=0.1)


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("class Echo(Task):", "class Echo(Task:", ("mine.py, line", "not Python")),
        ("import numpy as np", "import numpy as np\n1 / 0", ("mine.py, line 2", "ZeroDivisionError")),
        ("import numpy as np", "import sys\nsys.exit(3)", ("mine.py, line 2", "SystemExit")),
        ("Echo(Task)", "Echo", ("no subclass of Task",)),
        ("class Echo", "class Other(Task):\n    pass\n\n\nclass Echo", ("2 tasks (Other, Echo)",)),
        ("    input_size = 2\n", "", ("mine.py, line 4", "does not define input_size")),
        ("input_size = 2", "input_size = 0", ("input_size is 0",)),
        ("def examples", "def drawn", ("has no method examples",)),
        ("input_size = 2", "input_size = 3", ("(T, 2, 3)", "(8, 2, 2)")),
        ("x[:, :, :1]", "x[0]", ("(8, 2, 1)", "(2, 2)")),
        (".astype(np.float32)", "", ("x as a float32 array", "float64")),
        ("x[:, :, :1]", "x[:, :, :1] * np.float32(np.nan)", ("target with NaN",)),
        ("return x, x[:, :, :1]", "return x", ("pair of arrays",)),
        ("rng.uniform", "rng.uniforms", ("mine.py, line 10", "AttributeError")),
        ("every_step = True", 'every_step = True\n    input_names = ("a",)', ("1 names for 2 inputs",)),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(folder: Path, old: str, new: str, wanted: tuple[str, ...]) -> None:
    assert old in GOOD
    said = sentence(written(folder, GOOD.replace(old, new, 1)))
    for words in wanted:
        assert words in said
    assert "mine.py" in said


@pytest.mark.parametrize("task", ["own:absent", "own:../mine", "own:a/b"])
def test_no_such_file(folder: Path, task: str) -> None:
    assert "there is no such file" in sentence(replace(SMALL, task=task))


def test_a_setting_that_names_no_file_is_refused() -> None:
    with pytest.raises(ConfigError):
        check(replace(SMALL, task="own:"))
    with pytest.raises(ConfigError):
        check(replace(SMALL, task="owner"))


def test_another_number_of_time_steps_is_refused_at_once(folder: Path) -> None:
    said = sentence(written(folder, GOOD.replace("self.config.sequence_length", "6 + count")))
    assert "mine.py" in said
    assert "9 time steps, earlier with 8" in said


def test_another_number_of_time_steps_is_refused_later(folder: Path) -> None:
    text = GOOD.replace("self.config.sequence_length", "8 if count in (1, 2, 3, 64, 500) else 9")
    config = written(folder, text)
    create_task(config)
    with pytest.raises(DataError, match=r"mine\.py: .* 9 time steps, earlier with 8"):
        Trainer(config).step()


def test_a_batch_of_another_size_is_drawn_too(folder: Path) -> None:
    assert "for count = 3" in sentence(written(folder, GOOD.replace("length, count, 2)", "length, 2, 2)")))


def test_a_home_folder_that_is_not_there_gets_its_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LSTM_VISUALIZER_TASKS", "~nobody-of-this-name/tasks")
    for ask in (own_folder, partial(own_tasks, TrainingConfig()), put_example):
        with pytest.raises(DataError, match=r"no such home folder; name another folder .* LSTM_VISUALIZER_TASKS"):
            ask()
    assert "no such home folder" in sentence(replace(SMALL, task="own:mine"))


def heard_from(work: Any, *arguments: Any, commands: tuple[object, ...] = ()) -> list[Any]:
    """What a child process says that does this work."""
    heard: list[Any] = []
    endings: list[Ending] = []
    child = Child("training-tasks", work, arguments, heard.append, endings.append)
    for command in commands:
        child.tell(command)
    child.start()
    assert child.join(30)
    assert endings
    return heard


def test_a_child_tells_the_tasks_and_their_examples(
    real_children: None, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Words of a class of the file's, which nobody could read who has not run it.
    text = GOOD.replace("class Echo", "class Words(str):\n    pass\n\n\nclass Echo").replace(
        "every_step = True", 'every_step = True\n    title = Words("Mine")\n    input_names = (Words("a"), Words("b"))'
    )
    config = written(folder, text)
    written(folder, "x = (", "broken")
    assert heard_from(tell_own_tasks, TrainingConfig()) == [own_tasks(TrainingConfig())]
    first, second, failed = heard_from(tell_own_examples, config, 0, commands=(2, -1, "enough"))
    assert (first.number, first.words.title, first.input_names) == (0, "Mine", ("a", "b"))
    np.testing.assert_array_equal(second.x, example_of(create_task(config), 2).x)
    assert isinstance(failed, DataError)
    (failed,) = heard_from(tell_own_examples, replace(config, task="own:broken"), 0)
    assert "broken.py, line 1" in str(failed)
    monkeypatch.setenv("LSTM_VISUALIZER_TASKS", "~nobody-of-this-name/tasks")
    (failed,) = heard_from(tell_own_tasks, TrainingConfig())
    assert "no such home folder" in str(failed)


def test_an_error_while_training_names_its_line(folder: Path) -> None:
    text = GOOD.replace(
        "        x = rng", '        if count > 200:\n            raise KeyError("late")\n        x = rng'
    )
    text = text.replace("every_step = True", "every_step = True\n    trivial_loss = 1.0")
    task = create_task(written(folder, text))
    with pytest.raises(DataError, match=r"mine\.py, line 12: KeyError"):
        task.examples(np.random.default_rng(0), 256)


def test_a_loss_has_to_be_one_number(folder: Path) -> None:
    text = GOOD.replace("every_step = True", "every_step = True\n    trivial_loss = 1.0")
    text += (
        "\n    def batch_loss_and_measure(self, output, target):\n        return (output - target)[0], output.mean()\n"
    )
    config = written(folder, text)
    with pytest.raises(DataError, match="loss of batch_loss_and_measure has to be a 0-d tensor"):
        Trainer(config).step()


def test_a_changed_file_is_read_anew(folder: Path) -> None:
    config = written(folder, GOOD)
    assert create_task(config).input_size == 2
    written(folder, GOOD.replace("input_size = 2", "input_size = 1").replace("count, 2)", "count, 1)"))
    assert create_task(config).input_size == 1


def test_the_shipped_example_is_put_into_an_empty_folder_and_learns(folder: Path) -> None:
    assert put_example() == folder
    (found,) = own_tasks(TrainingConfig())
    assert (found.path.name, found.error, found.title) == (EXAMPLE_FILE, "", "Remember the first value")
    (folder / EXAMPLE_FILE).write_text("x =", encoding="utf-8")
    put_example()
    assert own_tasks(TrainingConfig())[0].error, "what the user wrote was written over"


def test_choices_name_own_tasks(folder: Path) -> None:
    written(folder, GOOD)
    written(folder, "x = (", "broken")
    own_tasks(TrainingConfig())
    assert [value for value, _ in own_choices()] == ["own:broken", "own:mine"]
    assert "⚠" in dict(own_choices())["own:broken"]


def test_the_command_lists_them(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(folder, GOOD)
    written(folder, "x = (", "broken")
    assert main.main(["tasks"]) == 0
    out = capsys.readouterr().out
    assert str(folder) in out
    assert "broken.py, line 1" in out
    assert main.main(["tasks", "--json"]) == 0
    members = {task["name"]: task for task in json.loads(capsys.readouterr().out)}
    assert members["own:mine"]["file"] == str(folder / "mine.py")
    assert members["own:mine"]["trivial_loss"] > 0
    assert "line 1" in members["own:broken"]["error"]
    assert members["adding"]["file"] == members["adding"]["error"] == ""


def test_nothing_is_loaded_before_it_is_asked_for(folder: Path) -> None:
    written(folder, f"open({str(folder / 'seen')!r}, 'w').close()")
    create_task(SMALL)
    own_choices()
    assert not os.path.exists(folder / "seen")


# Examples


@pytest.mark.parametrize("name", list(TASKS))
def test_the_first_example_is_the_probe_and_each_is_always_the_same(name: str) -> None:
    task = create_task(replace(SMALL, task=name, sequence_length=12))
    probe = example_of(task, 0)
    np.testing.assert_array_equal(probe.x, task.probe()[0][:, 0])
    again, other = example_of(task, 3), example_of(task, 4)
    np.testing.assert_array_equal(again.x, example_of(task, 3).x)
    assert again.x.shape != other.x.shape or not np.array_equal(again.x, other.x) or name in ("anbn", "anbncn")
    assert probe.x.shape == (probe.steps, task.input_size)
    assert probe.words.about
    assert len(probe.answer_names) == task.output_size
    if probe.symbols is not None:
        np.testing.assert_array_equal(probe.x.argmax(axis=1), probe.symbols)
        typed = (
            "".join(probe.letters[s] for s in probe.symbols)
            if probe.letters
            else " ".join(probe.input_names[s] for s in probe.symbols)
        )
        np.testing.assert_array_equal(typed_inputs(probe, typed), probe.x)
    else:
        typed = ";".join(" ".join(map(str, row)) for row in probe.x.T.tolist())
        np.testing.assert_array_equal(typed_inputs(probe, typed), probe.x)


@pytest.mark.parametrize("typed", ["0.5 -1 0.25", "0,5 -1 0,25", "0.5, -1, 0.25", "0,5\t−1\t0,25", "5·10⁻¹ -1 0.25"])
def test_numbers_are_typed_by_the_one_rule_for_signs(typed: str) -> None:
    example = example_of(create_task(replace(SMALL, task="sine")), 0)
    assert typed_inputs(example, typed).tolist() == [[0.5], [-1], [0.25]]


def test_the_answer_of_temporal_order_is_told_in_its_words() -> None:
    example = example_of(create_task(replace(SMALL, task="temporal-order", sequence_length=20)), 0)
    assert example.symbols is not None
    assert example.answers is not None
    marks = "".join(example.input_names[s] for s in example.symbols if example.input_names[s] in "XY")
    assert example.answer_names[example.answers[0]] == marks


@pytest.mark.parametrize(
    ("task", "text", "wanted"),
    [
        ("adding", "1 2 3", "1 rows were typed for 2 inputs"),
        ("adding", "1 2 3; 0 1", "marker has 2 numbers"),
        ("sine", "1 two", "number 2"),
        ("sine", "  ", "Nothing was typed"),
        ("embedded-reber", "BTQ", "Symbol 3"),
        ("copying", "1 2 nine", "Symbol 3"),
        ("characters", "héllo", "Symbol 2"),
    ],
)
def test_what_does_not_fit_gets_a_sentence(task: str, text: str, wanted: str) -> None:
    example = example_of(create_task(replace(SMALL, task=task)), 0)
    with pytest.raises(DataError, match=wanted):
        typed_inputs(example, text)


# Code that raises what no error is, or does not end

ENDLESS = {
    "a loop": "while True:\n            pass",
    "a loop that ends for nothing": "while True:\n            try:\n                pass\n            "
    "except BaseException:\n                pass",
    "a pause": "__import__('time').sleep(3)",
}


@pytest.mark.parametrize("way", ENDLESS)
def test_examples_that_are_never_drawn_end_in_a_sentence_with_their_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(own_code, "TIME_LIMIT_S", 0.3)
    config = written(folder, GOOD.replace("        x = rng", f"        {ENDLESS[way]}\n        x = rng"))
    found = sentence(config)
    line = GOOD[: GOOD.index("        x = rng")].count("\n") + 1
    lines = range(line, line + ENDLESS[way].count("\n") + 1)
    assert any(found.startswith(f"mine.py, line {number}: this has taken longer than 0.3 seconds") for number in lines)


def test_a_file_that_never_ends_when_it_is_read_ends_in_a_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_code, "TIME_LIMIT_S", 0.3)
    assert sentence(written(folder, "while True:\n    pass\n")).startswith("mine.py, line ")
    (listed,) = own_tasks(TrainingConfig())
    assert "longer than 0.3 seconds" in listed.error


def test_a_later_drawing_is_limited_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = "if count == 7:\n            while True:\n                pass"
    task = create_task(written(folder, GOOD.replace("        x = rng", f"        {slow}\n        x = rng")))
    monkeypatch.setattr(own_code, "TIME_LIMIT_S", 0.3)
    with pytest.raises(DataError, match=r"mine\.py, line \d+: this has taken longer than"):
        task.fixed_examples(0, 7)
    assert task.fixed_examples(0, 3)[0].shape == (8, 3, 2)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("raise SystemExit", "SystemExit"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise GeneratorExit('no')", "GeneratorExit: no"),
        ("raise type('Odd', (BaseException,), {})('a\\nb')", "Odd: a"),
        ("raise type('Mute', (BaseException,), {'__str__': lambda self: 1 / 0})", "Mute"),
        ("exit()", "SystemExit: None"),
        ("__import__('asyncio').run(__import__('asyncio').sleep(1, loop=1))", "TypeError"),
    ],
)
@pytest.mark.parametrize("where", ["examples", "the file"])
def test_whatever_is_raised_is_said_with_its_line(folder: Path, statement: str, words: str, where: str) -> None:
    if where == "examples":
        text = GOOD.replace("        x = rng", f"        {statement}\n        x = rng")
        line = GOOD[: GOOD.index("        x = rng")].count("\n") + 1
    else:
        text, line = f"{statement}\n{GOOD}", 1
    assert sentence(written(folder, text)).startswith(f"mine.py, line {line}: {words}")


def test_the_time_of_what_ends_is_given_back(folder: Path) -> None:
    before = {thread.name for thread in threading.enumerate()}
    trainer = Trainer(written(folder, GOOD))
    for _ in range(3):
        trainer.step()
    assert {thread.name for thread in threading.enumerate()} <= before


def test_a_way_of_drawing_that_does_not_exist_is_refused(folder: Path) -> None:
    assert "prediction_kind is 'curves'" in sentence(
        written(folder, GOOD.replace("    input_size = 2", "    prediction_kind = 'curves'\n    input_size = 2"))
    )


def test_every_number_that_is_answered_is_set_against_its_target(folder: Path):
    text = GOOD.replace("output_size = 1", 'output_size = 3\n    output_names = ("first", "second", "both")')
    text = text.replace("return x, x[:, :, :1]", "return x, np.concatenate([x, x[:, :, :1] * x[:, :, 1:]], axis=2)")
    task = create_task(written(folder, text))
    assert task.facts().shown_names == ("first", "second", "both")
    x, target = task.test_batch()
    shown = target.reshape(-1, 3)
    np.testing.assert_array_equal(shown[:, :2], x[-1])
    np.testing.assert_array_equal(shown[:, 2], x[-1, :, 0] * x[-1, :, 1])
    output = np.random.default_rng(0).normal(size=(8, len(shown), 3)).astype(np.float32)
    np.testing.assert_array_equal(task.shown(output).reshape(-1, 3), output[-1])
    np.testing.assert_array_equal(task.positions().reshape(-1, 3)[:, 1], np.arange(1, len(shown) + 1))


def test_a_plot_of_the_users_own_is_left_alone(folder: Path):
    text = GOOD.replace("output_size = 1", "output_size = 2").replace("x[:, :, :1]", "x")
    text += "\n    def shown(self, output):\n        return output[-1, :, 0]\n"
    assert create_task(written(folder, text)).facts().shown_names == ()


def test_a_file_declares_its_goal_in_words(folder: Path) -> None:
    config = written(
        folder, GOOD.replace("every_step = True", 'every_step = True\n    goal = "loss below 0.1 for 20 steps"')
    )
    task = create_task(config)
    assert task.goal is not None
    assert task.goal.bound is not None
    assert (task.goal.bound.value, task.goal.bound.steps) == (0.1, 20)
    assert goal_of(config) is None  # nobody runs a file to know it
    assert goal_of(config, task.facts()) == task.goal
    assert goal_of(replace(config, goal="measure above 1 for 3 steps"), task.facts()) != task.goal


@pytest.mark.parametrize(
    ("goal", "words"), [("3", "goal is 3; write it as a text"), ('"soon"', "as in measure below 20")]
)
def test_a_goal_that_is_none_gets_its_sentence_with_the_line(folder: Path, goal: str, words: str) -> None:
    text = sentence(written(folder, GOOD.replace("every_step = True", f"every_step = True\n    goal = {goal}")))
    assert text.startswith("mine.py, line 4: ")
    assert words in text
