"""What holds for every task of the registry."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.settings.config import TrainingConfig, check, settings
from engine.tasks import TASKS, Task, create_task
from engine.training.trainer import Trainer

NAMES = list(TASKS)
SMALL = TrainingConfig(sequence_length=12, batch_size=8, cell_size=6)


def small(name: str) -> Task:
    return create_task(replace(SMALL, task=name))


def test_the_settings_offer_every_task_by_its_title() -> None:
    declared = next(setting for setting in settings() if setting.name == "task")
    assert list(declared.choices.items()) == [(name, TASKS[name].title) for name in NAMES]


@pytest.mark.parametrize("name", NAMES)
def test_examples_have_the_shapes_that_the_network_is_made_for(name: str) -> None:
    task = small(name)
    x, target = task.examples(np.random.default_rng(0), 5)
    assert x.dtype == target.dtype == np.float32
    assert x.shape[1:] == (5, task.input_size)
    assert target.shape[: target.ndim - 1] == (x.shape[:2] if task.every_step else (5,))
    assert len(task.input_names) == task.input_size
    probe, _ = task.probe()
    assert probe.dtype == np.float32
    assert probe.shape[1:] == (1, task.input_size)


@pytest.mark.parametrize("name", NAMES)
def test_the_seed_alone_decides_what_is_drawn(name: str) -> None:
    first, again = small(name), small(name)
    for method in (lambda task: task.examples(np.random.default_rng(3), 4), Task.probe, lambda task: task.test_batch()):
        for left, right in zip(method(first), method(again), strict=True):
            np.testing.assert_array_equal(left, right)
    ours, theirs = (first.examples(np.random.default_rng(seed), 20) for seed in (3, 4))
    assert any(not np.array_equal(left, right) for left, right in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_the_plot_gets_as_many_predictions_as_targets(name: str) -> None:
    trainer = Trainer(replace(SMALL, task=name))
    trainer.step()
    snapshot = trainer.snapshot()
    count = snapshot.target.size
    assert 10 <= count <= 2000
    assert snapshot.target.shape == snapshot.prediction.shape == snapshot.position.shape == (count,)
    assert snapshot.prediction.dtype in (np.float32, np.float64)  # the latter where the user's numbers may be large
    assert np.all(np.isfinite(snapshot.prediction))
    assert np.ptp(snapshot.target) > 0  # the plot is scaled by them
    assert np.all(np.diff(snapshot.position) > 0)


@pytest.mark.parametrize("name", NAMES)
def test_loss_and_measure_are_single_numbers_and_only_the_loss_has_a_gradient(name: str) -> None:
    task = small(name)
    x, target = (torch.from_numpy(array) for array in task.examples(np.random.default_rng(0), 5))
    shape = (*x.shape[:2], task.output_size) if task.every_step else (5, task.output_size)
    output = torch.zeros(shape, requires_grad=True)
    loss, measure = task.batch_loss_and_measure(output, target)
    assert loss.shape == measure.shape == ()
    assert loss.requires_grad
    assert not measure.requires_grad
    assert not task.measure_is_share or 0 <= float(measure) <= 1


@pytest.mark.parametrize("name", NAMES)
def test_what_is_said_about_a_task(name: str) -> None:
    task = small(name)
    facts = task.facts()
    assert 0 < facts.trivial_loss < 10
    for words in (facts.title, facts.loss_name, facts.measure_name, facts.trivial_name, task.criterion, task.source):
        assert words
        assert "\n" not in words


@pytest.mark.parametrize("name", NAMES)
def test_the_defaults_and_the_shortest_sequences_can_be_used(name: str) -> None:
    check(TrainingConfig(task=name))
    T = next(T for T in range(4, 60) if usable(name, T))
    for steps in (T, T + 1):
        task = create_task(replace(SMALL, task=name, sequence_length=steps))
        x, _ = task.examples(np.random.default_rng(1), 30)
        assert np.all(np.isfinite(x))
        task.test_batch()


def usable(name: str, T: int) -> bool:
    try:
        check(replace(SMALL, task=name, sequence_length=T))
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("name", NAMES)
def test_loss_and_measure_wait_for_no_number(name: str) -> None:
    task = small(name)
    x, target = (torch.from_numpy(array).to("meta") for array in task.examples(np.random.default_rng(0), 5))
    shape = (*x.shape[:2], task.output_size) if task.every_step else (5, task.output_size)
    # A meta tensor has no numbers: whoever asks for one, as .item() and `if` do, gets an error.
    loss, measure = task.batch_loss_and_measure(torch.zeros(shape, device="meta", requires_grad=True), target)
    assert loss.is_meta
    assert measure.is_meta


LEARNT = {
    # The loss that is reached, as a share of the trivial answer's; settings that get there in a few seconds.
    "adding": (0.2, 300, {"sequence_length": 8}),
    "multiplication": (0.2, 400, {"sequence_length": 10}),
    "temporal-order": (0.1, 300, {"sequence_length": 15}),
    "temporal-order-3": (0.1, 400, {"sequence_length": 15}),
    "embedded-reber": (0.35, 250, {"sequence_length": 30}),
    "continual-reber": (0.35, 250, {"sequence_length": 30}),
    "copying": (0.85, 800, {"sequence_length": 4, "cell_size": 32}),
    "anbn": (0.35, 250, {"sequence_length": 21}),
    "anbncn": (0.35, 250, {"sequence_length": 22}),
    "parity": (0.1, 400, {"sequence_length": 8}),
    "sine": (0.6, 200, {"sequence_length": 20}),
    "outbreak": (0.85, 400, {"sequence_length": 30}),
    "series": (0.8, 200, {"sequence_length": 30}),
    "characters": (0.85, 250, {"sequence_length": 20}),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_small_network_gets_well_below_the_trivial_answer(name: str) -> None:
    torch.set_num_threads(1)
    share, steps, more = LEARNT[name]
    trainer = Trainer(replace(TrainingConfig(task=name), **more))
    for _ in range(steps):
        trainer.step()
    assert trainer.drain()["loss"][-20:].mean() < share * trainer.task.trivial_loss


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [float("nan"), 3e38])
def test_the_plot_of_a_diverged_network_warns_of_nothing(name: str, value: float) -> None:
    trainer = Trainer(replace(SMALL, task=name))
    with torch.no_grad():
        for parameter in trainer.network.parameters():
            parameter.fill_(value)
    prediction = trainer.snapshot().prediction
    assert np.isnan(value) <= np.all(np.isnan(prediction))  # NaN says nothing
