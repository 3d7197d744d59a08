from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.settings.config import TrainingConfig, twin_of
from engine.tasks import create_task
from engine.training.learner import Learner
from engine.training.network import RecurrentNetwork
from engine.training.trainer import BUFFER_STEPS, Trainer

SMALL = TrainingConfig(sequence_length=6, batch_size=16, cell_size=8, clip_norm=0.0)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def run(config: TrainingConfig, steps: int) -> tuple[Trainer, np.ndarray]:
    trainer = Trainer(config)
    for _ in range(steps):
        trainer.step()
    return trainer, trainer.drain().values


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop", "sgd"])
def test_the_loss_falls(optimizer: str) -> None:
    rate = 0.2 if optimizer == "sgd" else 0.01
    _, rows = run(replace(SMALL, optimizer=optimizer, learning_rate=rate), 200)
    assert rows[-20:, 0].mean() < 0.6 * rows[:20, 0].mean()


def test_series_forecast_beats_the_trivial_answer() -> None:
    config = TrainingConfig(task="series", sequence_length=30, cell_size=8)
    trainer, rows = run(config, 150)
    assert rows[-20:, 0].mean() < trainer.task.trivial_loss
    snapshot = trainer.snapshot()
    assert snapshot.position[-1] == 2008
    assert snapshot.prediction.std() > 10  # in sunspots, not normalised


def test_the_same_config_gives_the_same_run() -> None:
    first, rows = run(SMALL, 70)  # beyond one block of drawn batches
    second, again = run(SMALL, 70)
    np.testing.assert_array_equal(rows, again)
    np.testing.assert_array_equal(first.snapshot().weights[0]["W_f"], second.snapshot().weights[0]["W_f"])
    _, other = run(replace(SMALL, seed=2), 70)
    assert not np.array_equal(rows, other)


def test_metrics_of_every_step_in_batches_of_any_size() -> None:
    _, expected = run(SMALL, BUFFER_STEPS + 30)
    assert expected.shape == (BUFFER_STEPS + 30, len(Trainer(SMALL).metric_names))
    trainer = Trainer(SMALL)
    parts = [trainer.drain().values]
    for step in range(BUFFER_STEPS + 30):
        trainer.step()
        if step % 37 == 0:
            parts.append(trainer.drain().values)
    parts.append(trainer.drain().values)
    np.testing.assert_array_equal(np.concatenate(parts), expected)
    assert trainer.drain().values.shape == (0, expected.shape[1])


@pytest.mark.parametrize("clip", [0.0, 0.05])
def test_a_step_agrees_with_a_loop_written_by_hand(clip: float) -> None:
    config = replace(SMALL, clip_norm=clip, layers=2)
    trainer, rows = run(config, 30)
    task = create_task(config)
    network = RecurrentNetwork(config, task.input_size, task.output_size, task.every_step)
    optimizer = torch.optim.Adam(network.parameters(), lr=config.learning_rate)
    reference = Trainer(config)
    losses = []
    for _ in range(30):
        x, target = reference.batch()
        reference.done += 1
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(network(x), target)
        loss.backward()
        if clip:
            torch.nn.utils.clip_grad_norm_(network.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
    np.testing.assert_allclose(rows[:, 0], losses, rtol=2e-4)
    for ours, theirs in zip(trainer.network.parameters(), network.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("hidden", [0, 3])
def test_gradient_norms_are_those_of_the_gradients(hidden: int) -> None:
    config = replace(SMALL, layers=2, hidden_size=hidden)
    trainer, rows = run(config, 1)
    found = dict(zip(trainer.metric_names, rows[0], strict=True))
    gradients = {
        name: p.grad.numpy() for name, p in trainer.network.recurrent.kernel.named_parameters() if p.grad is not None
    }
    k = config.cell_size
    for layer in range(2):
        for place, gate in enumerate("ifCo"):
            part = slice(place * k, (place + 1) * k)
            W = np.hypot(
                np.linalg.norm(gradients[f"weight_ih_l{layer}"][part]),
                np.linalg.norm(gradients[f"weight_hh_l{layer}"][part]),
            )
            assert found[f"layer{layer + 1}.W_{gate}"] == pytest.approx(W, rel=1e-5)
            b = np.linalg.norm(gradients[f"bias_ih_l{layer}"][part])
            assert found[f"layer{layer + 1}.b_{gate}"] == pytest.approx(b, rel=1e-5)
        if hidden:
            norm = np.linalg.norm(gradients[f"weight_hr_l{layer}"])
            assert found[f"layer{layer + 1}.W_hr"] == pytest.approx(norm, rel=1e-5)
    total = torch.nn.utils.get_total_norm([p.grad for p in trainer.network.parameters() if p.grad is not None])
    assert found["grad_norm"] == pytest.approx(float(total), rel=1e-5)


def test_learning_rate_and_clipping_change_the_next_step() -> None:
    trainer = Trainer(replace(SMALL, optimizer="sgd", momentum=0.0))
    trainer.change_setting("learning_rate", 1e-6)
    before = trainer.snapshot().weights[0]["W_f"]
    trainer.step()
    np.testing.assert_allclose(before, trainer.snapshot().weights[0]["W_f"], rtol=0, atol=1.1e-6)
    trainer.change_setting("learning_rate", 1.0)
    trainer.change_setting("clip_norm", 1e-3)
    old = [p.detach().clone() for p in trainer.network.parameters()]
    trainer.step()
    moved = torch.cat([(p.detach() - q).flatten() for p, q in zip(trainer.network.parameters(), old, strict=True)])
    assert float(moved.norm()) == pytest.approx(1e-3, rel=0.01)


class EagerRecorder:
    """Records where there is no CUDA: what makes the recorded step makes it again, into the same tensors."""

    def __init__(self, error: str = "") -> None:
        self.recorded = 0
        self._error = error

    def warm(self, step: Callable[[], list[Tensor]]) -> list[Tensor]:
        return step()

    def record(self, step: Callable[[], list[Tensor]]) -> tuple[Callable[[], object], list[Tensor]]:
        if self._error:
            raise RuntimeError(self._error)
        self.recorded += 1
        row: list[Tensor] = []

        def replay() -> None:
            found = step()
            row[:] = row or [torch.empty_like(value) for value in found]
            for place, value in zip(row, found, strict=True):
                place.copy_(value)

        return replay, row


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop", "sgd"])
@pytest.mark.parametrize("cell", ["lstm", "peephole"])
def test_recorded_steps_are_the_plain_steps_whatever_changes(cell: str, optimizer: str) -> None:
    config = replace(SMALL, cell=cell, optimizer=optimizer)
    task, recorder = create_task(config), EagerRecorder()
    batches = Trainer(config, task)
    plain = Learner(config, task, torch.device("cpu"))
    recorded = Learner(config, task, torch.device("cpu"), recorder=recorder)
    changes = {
        15: {"learning_rate": 0.003},
        30: {"clip_norm": 0.05},
        45: {"clamped": "i=1", "frozen": "layer1.W_o"},
        60: {"clamped": "", "frozen": ""},
    }
    for batches.done in range(75):
        x, target = batches.batch()
        if batches.done in changes:
            config = replace(config, **changes[batches.done])
            for learner in (plain, recorded):
                learner.follow(config)
        if batches.done == 20:  # a step seen closely in between is a plain one
            rows = [learner.seen_step(x, target)[0] for learner in (plain, recorded)]
        else:
            rows = [learner.step(x, target) for learner in (plain, recorded)]
        assert all(torch.equal(one, other) for one, other in zip(*rows, strict=True))
    for name, array in plain.network.all_weights().items():
        np.testing.assert_array_equal(array, recorded.network.all_weights()[name])
    assert recorder.recorded == 1 + len(changes)
    assert recorded.plain_because == plain.plain_because == ""
    with pytest.raises(ValueError, match="was captured for"):
        recorded.step(x[:, :1], target[:1])


def test_steps_are_plain_where_none_can_be_recorded() -> None:
    task = create_task(SMALL)
    batches, plain = Trainer(SMALL, task), Learner(SMALL, task, torch.device("cpu"))
    error = "CUDA error: operation not permitted when stream is capturing\nand more"
    other = Learner(SMALL, task, torch.device("cpu"), recorder=EagerRecorder(error))
    for batches.done in range(20):
        x, target = batches.batch()
        assert torch.equal(plain.step(x, target)[0], other.step(x, target)[0])
    assert other.plain_because == f"no CUDA graph: CUDA could not capture a step ({error.splitlines()[0]})"


def test_a_step_on_one_example_is_none_of_those_that_were_recorded() -> None:
    config = replace(SMALL, twin="on")
    trainer, plain = Trainer(config), Trainer(config)
    trainer.learner, trainer.twin = (
        Learner(kind, trainer.task, torch.device("cpu"), recorder=EagerRecorder()) for kind in (config, twin_of(config))
    )
    for one in (trainer, plain):
        for _ in range(15):
            one.step()
        one.step_apart()
        one.step()
    np.testing.assert_array_equal(trainer.drain().values, plain.drain().values)


def test_steps_with_dropout_are_plain_and_say_so() -> None:
    config, recorder = replace(SMALL, dropout=0.2), EagerRecorder()
    task = create_task(config)
    learner, batches = Learner(config, task, torch.device("cpu"), recorder=recorder), Trainer(config, task)
    for _ in range(15):
        learner.step(*batches.batch())
    assert recorder.recorded == 0
    assert learner.plain_because == "no CUDA graph: dropout is drawn anew every step"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU of NVIDIA")
@pytest.mark.parametrize("optimizer", ["adam", "rmsprop", "sgd"])
@pytest.mark.parametrize("cell", ["lstm", "gru", "peephole"])
def test_steps_on_cuda_are_recorded_and_agree_with_the_cpu(cell: str, optimizer: str) -> None:
    found = {}
    for device in ("cpu", "cuda:0"):
        trainer = Trainer(replace(SMALL, cell=cell, optimizer=optimizer, device=device), dtype=torch.float64)
        for number in range(40):
            if number == 20:
                trainer.change_setting("learning_rate", 0.003)
                trainer.change_setting("clip_norm", 0.05)
            trainer.step()
        assert trainer.learner.plain_because == ""
        found[device] = trainer.drain().values
    np.testing.assert_allclose(found["cuda:0"], found["cpu"], rtol=1e-5)
