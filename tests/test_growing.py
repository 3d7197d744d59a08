"""A setting and a task are added from outside, in one place and in two, and are then everywhere."""

import json
from pathlib import Path

from tests.grown import Grown

TRAIN = ("main.py", "train", "--steps", "2", "--device", "cpu", "--json")

FIELD = """\
    toy: float = declared(
        0.5,
        "Toy amount",
        "How much of the toy there is.",
        "float",
        minimum=0.0,
        maximum=1.0,
        section=Section.NETWORK,
        symbol="τ",
        live=True,
    )
"""

SETTING = """
from dataclasses import asdict, replace
from pathlib import Path

import sys

from PySide6.QtWidgets import QApplication, QLabel

from engine.commands.train.arguments import given_values
from engine.recording.expected import difference
from engine.recording.recording import Recording
from engine.settings.config import ConfigError, TrainingConfig, check, config_of, with_live
from engine.settings.words import change_in_words, names_of
from gui.appearance.stored import Stored
from gui.appearance.theme import Appearance
from gui.training.form.settings_form import SettingsForm
from gui.views.compare.rows import Rows
from main import command_parser

parser = command_parser("train")
assert "--toy X" in parser.format_help()
assert "How much of the toy there is. (0 to 1; default: 0.5)" in " ".join(parser.format_help().split())
Path("toy.toml").write_text("toy = 0.75")
for arguments, value in ((["--toy", "0.25"], 0.25), (["--set", "toy=0.3"], 0.3), (["--config", "toy.toml"], 0.75)):
    assert given_values(parser.parse_args(arguments)) == {"toy": value}
config = TrainingConfig(toy=0.25)
try:
    check(replace(config, toy=2.0))
except ConfigError as error:
    assert str(error) == "Toy amount (toy) is 2; choose a number from 0 to 1."
else:
    raise AssertionError("2 is out of bounds")
assert names_of((config, TrainingConfig())) == ("τ = 0.25", "τ = 0.5")
assert with_live(config, "toy", 1.0).toy == 1.0
assert change_in_words(config, with_live(config, "toy", 1.0)) == "toy amount 0.25 → 1"
assert config_of(asdict(config)) == config
assert not difference(config, TrainingConfig())  # it may change while a run goes on
with Recording(Path("toy.lstmrec")) as recording:
    assert recording.about().config.toy == 0.25

application = QApplication(sys.argv)
appearance = Appearance(Stored(Path("settings.ini")), "light")
used, changed = [], []
form = SettingsForm(config, used.append, lambda _config: True, appearance)
assert form.values() == config
form.live_changed.connect(lambda name, value: changed.append((name, value)))
form.set_value("toy", 0.125)
assert form.values().toy == 0.125
assert changed == [("toy", 0.125)]
assert "Toy amount ●" in [label.text() for label in form.findChildren(QLabel)]
rows = Rows(appearance)
rows.show_choices(config, [{}, {"toy": 0.75}])
assert [each.toy for each in rows.configs] == [0.25, 0.75]
"""

TASK = '''\
"""The latest value: what came last is the answer."""

from typing import Any

import numpy as np

from .base import TEST_STREAM, Examples, Float32, Reals, Task


class ToyTask(Task):
    """A value a step goes in; after the last the network answers with its sign."""

    name = "toy"
    title = "Sign of the last"
    about = "Values go in; after the last the network says its sign."
    uses = ("sine_noise",)
    shortest = 6
    input_size = 1
    output_size = 2
    output_names = ("minus", "plus")
    every_step = False
    loss_name = "mean squared error"
    measure_name = "mean squared error"
    trivial_loss = 0.25
    trivial_name = "always a half"
    prediction_kind = "scatter"
    position_name = "example"
    value_name = "sign"
    input_names = ("value",)
    criterion = "none"
    source = "nobody"

    def examples(self, rng: np.random.Generator, count: int) -> Examples:
        x = rng.normal(self.config.sine_noise, 1, (self.config.sequence_length, count, 1)).astype(np.float32)
        return x, np.eye(2, dtype=np.float32)[(x[-1, :, 0] > 0).astype(int)]

    def test_batch(self) -> tuple[Float32, Reals]:
        x, target = self.fixed_examples(TEST_STREAM, 8)
        return x, target[:, 0]

    def batch_loss_and_measure(self, output: Any, target: Any) -> tuple[Any, Any]:
        loss = (output - target).square().mean()
        return loss, loss.detach()
'''

CHOSEN = """
import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication, QLabel

from engine.settings.words import task_words
from engine.settings.config import ConfigError, TrainingConfig, check
from engine.tasks import create_task
from engine.tasks.example import example_of
from gui.appearance.stored import Stored
from gui.appearance.theme import Appearance
from gui.training.form.settings_form import SettingsForm
from gui.training.form.task_box import TaskBox

assert task_words("toy") == "Sign of the last"
example = example_of(create_task(TrainingConfig(task="toy")), 0)
assert example.words.about == "Values go in; after the last the network says its sign."
assert example.answer_names == ("minus", "plus")
try:
    check(TrainingConfig(task="toy", sequence_length=5))
except ConfigError as error:
    assert "too short for the task Sign of the last; choose at least 6" in str(error)
else:
    raise AssertionError("5 time steps are too few")

application = QApplication(sys.argv)
appearance = Appearance(Stored(Path("settings.ini")), "light")
box = TaskBox()
assert box.findText("Sign of the last") == box.findData("toy") >= 0
assert box.inputs_of(TrainingConfig(task="toy")) == "1"
form = SettingsForm(TrainingConfig(), print, lambda _config: True, appearance)
form.set_value("task", "toy")
assert form.values().task == "toy"
shown = {label.text() for label in form.findChildren(QLabel) if label.isVisibleTo(form)}
assert "Noise" in shown and "Counts file" not in shown
"""


def test_a_setting_is_added_in_one_place(tmp_path: Path) -> None:
    grown = Grown(tmp_path)
    grown.insert("engine/settings/config.py", ("    device: str = declared(\n", FIELD))
    assert grown.places == 1
    grown.run(
        *["main.py", "train", "--steps", "2", "--toy", "0.25", "--device", "cpu", "--record", "toy.lstmrec", "--json"]
    )
    grown.run("-c", SETTING)


def test_a_task_is_added_by_a_file_and_a_row(tmp_path: Path) -> None:
    grown = Grown(tmp_path)
    grown.add("engine/tasks/toy.py", TASK)
    grown.insert(
        "engine/tasks/__init__.py",
        ("\n__all__ = ", "from .toy import ToyTask\n"),
        ("    CharactersTask,\n)", "    ToyTask,\n"),
    )
    assert grown.places == 2
    listed = {task["name"]: task for task in json.loads(grown.run("main.py", "tasks", "--json"))}
    assert listed["toy"]["title"] == "Sign of the last"
    assert "toy" in grown.run("main.py", "train", "--help")
    last = grown.run(
        *["main.py", "train", "--task", "toy", "--steps", "2", "--device", "cpu", "--no-record", "--json"]
    ).splitlines()[-1]
    assert "error" not in json.loads(last)
    grown.run("-c", CHOSEN)
