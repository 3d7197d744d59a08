"""The training script is run, and its losses are those of the trainer, bit for bit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.errors import PlainError
from engine.formats.code.training_script import training_script
from engine.settings.config import TrainingConfig
from engine.tasks import TASKS
from engine.tasks.own import FOLDER_VARIABLE
from engine.training.trainer import Trainer
from tests.engine.formats.code.running import run_together

SMALL = TrainingConfig(device="cpu", steps=20, sequence_length=12, batch_size=8, cell_size=5)


def config_of(**changes: Any) -> TrainingConfig:
    return TrainingConfig(**{**vars(SMALL), **changes})


EXACT = {
    **{task: config_of(task=task) for task in TASKS},
    "gru": config_of(cell="gru", layers=2, clip_norm=0.01),
    "rnn": config_of(cell="rnn", layers=3, clip_norm=0.01),
    "clipped": config_of(layers=2, clip_norm=0.01),
    "projected": config_of(hidden_size=3, layers=2, clip_norm=0.02),
    "sgd": config_of(optimizer="sgd", task="parity"),
    "plain sgd": config_of(optimizer="sgd", momentum=0.0, clip_norm=0.0),
    "rmsprop": config_of(optimizer="rmsprop", cell="gru"),
    "dropout at the last step": config_of(dropout=0.5),
    "dropout at every step": config_of(dropout=0.3, task="copying"),
    "chrono": config_of(bias_initialisation="chrono"),
    "frozen": config_of(frozen="layer1.W_f layer1.b_o layer2.W_i", layers=2),
    "frozen gru": config_of(cell="gru", layers=2, optimizer="sgd", frozen="layer2.W_n layer1.b_r layer1.b_x"),
    "with a baseline": config_of(twin="on"),
    "largest seed": config_of(seed=2**31 - 1),
    "several blocks": config_of(batch_size=512, sequence_length=200, steps=4, cell_size=2),
}
ROUNDED = {
    "peephole": config_of(cell="peephole", layers=2),
    "coupled": config_of(cell="coupled", clip_norm=0.01, frozen="layer1.W_C"),
    "lstm-1997": config_of(cell="lstm-1997", dropout=0.2, task="sine"),
    "chrono peepholes": config_of(cell="peephole", hidden_size=3, bias_initialisation="chrono"),
}


@pytest.fixture(scope="module")
def losses(tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    scripts = {name: training_script(config) for name, config in {**EXACT, **ROUNDED}.items()}
    said = run_together(scripts, tmp_path_factory.mktemp("training"))
    return {name: np.array(re.findall(r"loss (\S+) ", text), dtype=np.float32) for name, text in said.items()}


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def trained(config: TrainingConfig) -> np.ndarray:
    trainer = Trainer(config)
    for _ in range(config.steps):
        trainer.step()
    return trainer.drain()["loss"]


@pytest.mark.parametrize("name", EXACT)
def test_losses_are_the_same_bit_for_bit(name: str, losses: dict[str, np.ndarray]) -> None:
    assert np.array_equal(losses[name], trained(EXACT[name]))
    assert "bit for bit on the CPU" in training_script(EXACT[name])


@pytest.mark.parametrize("name", ROUNDED)
def test_a_cell_without_a_kernel_has_the_same_losses_but_for_rounding(name: str, losses: dict[str, np.ndarray]) -> None:
    expected = trained(ROUNDED[name])
    assert losses[name].shape == expected.shape
    assert np.allclose(losses[name], expected, rtol=1e-5)
    assert "not bit for bit" in training_script(ROUNDED[name])


def test_every_shipped_task_stands_in_the_script_itself() -> None:
    for task in TASKS:
        assert "lstm_visualizer" not in training_script(config_of(task=task)), task


def test_a_task_of_ones_own_is_imported_and_the_header_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(Path(__file__).parents[4] / "resources" / "tasks"))
    config = config_of(task="own:first_value", steps=5)
    text = training_script(config)
    assert "because it is your own" in text
    out = run_together({"own": text}, tmp_path)["own"]
    assert np.array_equal(np.array(re.findall(r"loss (\S+) ", out), dtype=np.float32), trained(config))


def test_what_a_script_cannot_do_is_said() -> None:
    with pytest.raises(PlainError, match=r"clamps gates \(f=1\).*copy the training as a command"):
        training_script(config_of(clamped="f=1"))
    assert "begins with the weights of my cell" in training_script(SMALL, "my cell").replace("\n", " ")
    assert "changes no loss; it is left out" in training_script(config_of(twin="on")).replace("\n", " ")
    assert "whether the task is solved before or not" in training_script(config_of(until="solved")).replace("\n", " ")


def test_long_runs_print_a_hundred_lines() -> None:
    assert "every = max(1, STEPS // 100)" in training_script(config_of(steps=10_000))
