"""What may change while a run goes on: clamps, freezing, the plain RNN beside it; and what can be seen of a step."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.cell.cells import CELLS
from engine.runs.observation import FLOW, OBSERVED
from engine.settings.config import ConfigError, TrainingConfig
from engine.training.learner import Learner
from engine.training.trainer import Trainer

SMALL = TrainingConfig(sequence_length=6, batch_size=8, cell_size=4, learning_rate=0.05)
ALL = frozenset({FLOW, OBSERVED})


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def steps(trainer: Trainer, count: int) -> None:
    for _ in range(count):
        trainer.step()


@pytest.mark.parametrize("name", CELLS)
def test_every_cell_learns(name: str) -> None:
    trainer = Trainer(replace(SMALL, cell=name, layers=2, cell_size=8))
    steps(trainer, 60)
    rows = trainer.drain().values
    assert rows.shape == (60, len(trainer.metric_names))
    assert rows[-10:, 0].mean() < 0.7 * rows[:5, 0].mean()
    found = dict(zip(trainer.metric_names, rows[-1], strict=True))
    for item in trainer.config.made_cell.parameters:
        assert found[f"layer2.{item.name}"] > 0


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop", "sgd"])
@pytest.mark.parametrize("name", ["lstm", "peephole", "gru"])
def test_frozen_weights_rest_and_the_others_move(optimizer: str, name: str) -> None:
    trainer = Trainer(replace(SMALL, cell=name, optimizer=optimizer, layers=2))
    steps(trainer, 5)  # optimizers have a momentum by now
    still = trainer.config.made_cell.parameters[0].name
    trainer.change_setting("frozen", f"layer2.{still}")
    before = trainer.learner.network.all_weights()
    steps(trainer, 5)
    after = trainer.learner.network.all_weights()
    for weight, array in before.items():
        assert np.array_equal(array, after[weight]) is (weight == f"layer2.{still}"), weight
    trainer.change_setting("frozen", "")
    steps(trainer, 1)
    assert not np.array_equal(after[f"layer2.{still}"], trainer.learner.network.all_weights()[f"layer2.{still}"])


@pytest.mark.parametrize("name", ["lstm", "coupled"])
def test_a_gate_clamped_in_mid_training_stays_clamped(name: str) -> None:
    trainer = Trainer(replace(SMALL, cell=name))
    steps(trainer, 5)
    learnt = trainer.learner.network.weights(0)
    trainer.change_setting("clamped", "f=1")
    for _ in range(3):
        steps(trainer, 4)
        np.testing.assert_array_equal(trainer.snapshot().gates[0]["f"], 1)
    trainer.change_setting("clamped", "")
    again = trainer.learner.network.weights(0)
    np.testing.assert_array_equal(again["W_f"], learnt["W_f"])  # it goes on from where it was
    np.testing.assert_array_equal(again["b_f"], learnt["b_f"])
    assert not np.array_equal(again["W_o"], learnt["W_o"])


def test_what_cannot_be_clamped_or_frozen_changes_nothing() -> None:
    trainer = Trainer(SMALL)
    with pytest.raises(ConfigError, match="expected each of f, i, o at most once"):
        trainer.change_setting("clamped", "r=1")
    with pytest.raises(ConfigError, match="layers 1 to 1"):
        trainer.change_setting("frozen", "layer2.W_f")
    with pytest.raises(ConfigError, match=r"a number from 0\.000001 to 1,000"):
        trainer.change_setting("learning_rate", 0.0)
    with pytest.raises(ConfigError, match="seed cannot be changed during a run"):
        trainer.change_setting("seed", 2)
    assert trainer.config == SMALL
    assert not trainer.learner.network.restricted


def test_the_plain_rnn_beside_it_sees_the_same_batches_and_disturbs_nothing() -> None:
    alone, beside = Trainer(SMALL), Trainer(replace(SMALL, twin="on"))
    rnn = Trainer(replace(SMALL, cell="rnn"))
    for trainer in (alone, beside, rnn):
        steps(trainer, 20)
    names = list(alone.metric_names)
    mine, with_twin, of_rnn = alone.drain().values, beside.drain().values, rnn.drain().values
    twin = names.index("twin_loss")
    assert np.isnan(mine[:, twin]).all()
    np.testing.assert_array_equal(np.delete(mine, twin, 1), np.delete(with_twin, twin, 1))
    np.testing.assert_array_equal(with_twin[:, twin], of_rnn[:, 0])
    beside.change_setting("twin", "off")
    steps(beside, 1)
    assert np.isnan(beside.drain()["twin_loss"][0])


def test_looking_disturbs_nothing() -> None:
    looked_at, alone = Trainer(replace(SMALL, layers=2, twin="on")), Trainer(replace(SMALL, layers=2, twin="on"))
    for number in range(12):
        steps(looked_at, 3)
        steps(alone, 3)
        looked_at.set_probe(number % 3, None)
        looked_at.snapshot(ALL)
    np.testing.assert_array_equal(looked_at.drain().values, alone.drain().values)


def test_following_one_sequence_disturbs_nothing() -> None:
    config = replace(SMALL, layers=2, twin="on")
    followed, alone = Trainer(config), Trainer(config)
    for number in (None, 1, SMALL.batch_size, 3, None):
        followed.follow_sequence(number)
        steps(followed, 3)
        steps(alone, 3)
        followed.snapshot(ALL)
    np.testing.assert_array_equal(followed.drain().values, alone.drain().values)
    for name, W in alone.learner.network.all_weights().items():
        np.testing.assert_array_equal(followed.learner.network.all_weights()[name], W)


@pytest.mark.parametrize("name", CELLS)
def test_flow_is_that_of_autograd(name: str) -> None:
    trainer = Trainer(replace(SMALL, cell=name, layers=2), dtype=torch.float64)
    steps(trainer, 3)
    flow = trainer.snapshot(frozenset({FLOW})).extras.flow
    assert flow is not None
    assert flow.step == 4
    x, target = trainer.batch()
    states = autograd_states(trainer, x, target)
    for layer, found in zip(flow.layers, states, strict=True):
        for value, norms in found.items():
            np.testing.assert_allclose(layer.states[value], norms, rtol=1e-10, atol=1e-300, err_msg=value)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("name", CELLS)
def test_flow_of_one_sequence_is_that_of_autograd_on_the_whole_batch(name: str, layers: int) -> None:
    trainer = Trainer(replace(SMALL, cell=name, layers=layers, twin="on"), dtype=torch.float64)
    steps(trainer, 3)
    x, target = trainer.batch()
    of_all = trainer.snapshot(frozenset({FLOW})).extras.flow
    for number in (1, 5, SMALL.batch_size):
        trainer.follow_sequence(number)
        extras = trainer.snapshot(frozenset({FLOW})).extras
        for flow, learner in ((extras.flow, trainer.learner), (extras.twin_flow, trainer.twin)):
            assert (flow.step, flow.sequence) == (4, number)
            states = autograd_states(trainer, x, target, learner, number)
            for layer, found in zip(flow.layers, states, strict=True):
                for value, norms in found.items():
                    np.testing.assert_allclose(layer.states[value], norms, rtol=1e-10, atol=1e-300, err_msg=value)
        # The health of a network reads saturation here; it is no matter of one sequence.
        assert [layer.saturation for layer in extras.flow.layers] == [layer.saturation for layer in of_all.layers]
    trainer.follow_sequence(None)
    again = trainer.snapshot(frozenset({FLOW})).extras.flow
    assert (again.sequence, again.sequences) == (0, SMALL.batch_size)
    np.testing.assert_array_equal(again.layers[0].states["h_t"], of_all.layers[0].states["h_t"])


def test_the_only_sequence_of_a_batch_is_all_of_it() -> None:
    trainer = Trainer(replace(SMALL, batch_size=1))
    of_all = trainer.snapshot(frozenset({FLOW})).extras.flow
    trainer.follow_sequence(1)
    alone = trainer.snapshot(frozenset({FLOW})).extras.flow
    for name, norms in of_all.layers[0].parts.items():
        np.testing.assert_array_equal(alone.layers[0].parts[name], norms)


@pytest.mark.parametrize("number", [-1, 0, SMALL.batch_size + 1])
def test_a_sequence_that_is_not_in_the_batch_is_refused(number: int) -> None:
    trainer = Trainer(SMALL)
    trainer.follow_sequence(2)
    with pytest.raises(ConfigError, match=f"Sequence {number} is not in the batch, expected 1 … 8; choose"):
        trainer.follow_sequence(number)
    assert trainer.followed == 2


def autograd_states(
    trainer: Trainer, x: torch.Tensor, target: torch.Tensor, learner: Learner | None = None, sequence: int = 0
) -> list[dict[str, list[float]]]:
    """Return the norms of the gradients that autograd retains at every state, layer by layer.

    sequence: the one, counted from 1, whose part of each gradient is measured; 0 for all.
    """
    from engine.cell.trace import evaluate

    network = (learner or trainer.learner).network
    cell, kept = network.cell, []
    for layer in range(network.layer_count):
        weights = {name: torch.from_numpy(array) for name, array in network.weights(layer).items()}
        k = trainer.config.cell_size
        state = {name: torch.zeros(x.shape[1], k, dtype=torch.float64) for name in cell.carried}
        steps_of = []
        for x_t in x:
            if not steps_of:
                x_t = x_t.requires_grad_(True) if layer == 0 else x_t
            values = evaluate(cell, weights, {"x_t": x_t, **state})
            state = {name: values[source] for name, source in cell.carried.items()}
            for value in set(cell.carried.values()):
                if not values[value].requires_grad:
                    values[value].requires_grad_(True)
                values[value].retain_grad()
            steps_of.append(values)
        x = torch.stack([values["h_t"] for values in steps_of])
        kept.append(steps_of)
    loss, _ = trainer.task.batch_loss_and_measure(network.answers(x), target)
    loss.backward()
    of_sequence = slice(sequence - 1, sequence) if sequence else slice(None)
    return [
        {
            value: [
                0.0 if values[value].grad is None else float(values[value].grad[of_sequence].norm())
                for values in steps_of
            ]
            for value in cell.carried.values()
        }
        for steps_of in kept
    ]


def test_a_step_seen_closely_is_the_step_that_was_made() -> None:
    trainer, alone = Trainer(SMALL), Trainer(SMALL)
    for one in (trainer, alone):
        steps(one, 4)
    assert trainer.snapshot(ALL).extras.observed is None  # from now on it looks
    before = alone.learner.network.all_weights()
    steps(trainer, 1)
    steps(alone, 1)
    after = alone.learner.network.all_weights()
    observed = trainer.snapshot(ALL).extras.observed
    assert observed is not None
    assert observed.step == 5
    assert set(observed.weights) == set(before)
    for name, facts in observed.weights.items():
        assert facts.norm == pytest.approx(np.linalg.norm(before[name]), rel=1e-6)
        assert facts.update_norm == pytest.approx(np.linalg.norm(after[name] - before[name]), rel=1e-6)
        assert facts.values.counts.sum() == before[name].size
    row = dict(zip(trainer.metric_names, trainer.drain().values[-1], strict=True))
    assert observed.weights["layer1.W_f"].gradient_norm == pytest.approx(row["layer1.W_f"], rel=1e-5)


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop", "sgd"])
@pytest.mark.parametrize("name", ["lstm", "peephole"])
def test_a_step_taken_apart_is_the_optimizers_real_update_bit_for_bit(name: str, optimizer: str) -> None:
    config = replace(SMALL, cell=name, optimizer=optimizer, layers=2, clip_norm=0.05)
    trainer = Trainer(config, dtype=torch.float64)
    steps(trainer, 3)
    plain = Trainer(config, dtype=torch.float64)
    steps(plain, 3)
    trainer.set_probe(2, None)
    apart = trainer.step_apart()
    assert apart.step == trainer.done == 4
    assert trainer.drain()["loss"][-1] == np.float32(apart.loss)
    # The same step by a plain trainer, on the same example as its batch.
    x, target = (torch.tensor(array, dtype=torch.float64) for array in plain.task.example(2))
    before = plain.learner.network.all_weights()
    plain.learner.step(x, target)
    after = plain.learner.network.all_weights()
    for weight, array in before.items():
        np.testing.assert_array_equal(apart.before[weight], array)
        np.testing.assert_array_equal(apart.after[weight], after[weight])
        np.testing.assert_array_equal(apart.change(weight), after[weight] - array)
    assert apart.applied_norm <= 0.05 + 1e-12
    assert apart.clip_factor == pytest.approx(apart.applied_norm / apart.grad_norm)


@pytest.mark.parametrize("name", CELLS)
def test_the_way_back_of_a_step_taken_apart_gives_its_gradients(name: str) -> None:
    from engine.cell.trace import backpropagate
    from engine.document.tracing import trace_document

    trainer = Trainer(replace(SMALL, cell=name, layers=3), dtype=torch.float64)
    steps(trainer, 2)
    apart = trainer.step_apart()
    assert apart.layers == 3
    for layer in range(3):
        trace = trace_document(apart.document(layer))
        gradients = backpropagate(trace, [{"h_t": arriving} for arriving in apart.arriving[layer]])
        for weight, gradient in gradients.parameters.items():
            np.testing.assert_allclose(gradient, apart.gradients[f"layer{layer + 1}.{weight}"], rtol=0, atol=1e-12)


def test_a_probe_that_does_not_fit_gets_a_sentence_and_changes_nothing() -> None:
    trainer = Trainer(SMALL)
    with pytest.raises(ConfigError, match="expected time steps × 2 finite numbers"):
        trainer.set_probe(None, np.zeros((5, 3), dtype=np.float32))
    with pytest.raises(ConfigError, match="expected time steps × 2 finite numbers"):
        trainer.set_probe(None, np.full((5, 2), np.nan, dtype=np.float32))
    assert trainer.snapshot().probe.shape == (6, 2)
    trainer.set_probe(None, np.ones((9, 2), dtype=np.float32))
    snapshot = trainer.snapshot()
    np.testing.assert_array_equal(snapshot.probe, 1)
    assert snapshot.gates[0]["f"].shape == (9, 4)
    trainer.set_probe(3, None)
    np.testing.assert_array_equal(trainer.snapshot().probe, trainer.task.example(3)[0][:, 0])


def test_a_plain_rnn_without_memory_is_given_up_and_the_step_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer, alone = Trainer(replace(SMALL, twin="on")), Trainer(SMALL)
    steps(trainer, 2)
    assert trainer.twin is not None

    def without_memory(x: torch.Tensor, target: torch.Tensor) -> list[torch.Tensor]:
        raise MemoryError

    monkeypatch.setattr(trainer.twin, "step", without_memory)
    steps(trainer, 2)
    assert trainer.done == 4
    assert trainer.twin is None
    assert trainer.twin_given_up
    steps(alone, 4)
    names = list(trainer.metric_names)
    rows = trainer.drain().values
    np.testing.assert_array_equal(np.isnan(rows[:, names.index("twin_loss")]), [False, False, True, True])
    np.testing.assert_array_equal(rows[:, 0], alone.drain()["loss"])


def test_of_a_large_network_the_first_sequences_are_followed_back() -> None:
    large = Trainer(replace(SMALL, sequence_length=500, cell_size=64, batch_size=32))
    flow = large.snapshot(frozenset({FLOW})).extras.flow
    assert flow is not None
    assert 1 <= flow.sequences < 32
    large.follow_sequence(32)
    last = large.snapshot(frozenset({FLOW})).extras.flow
    assert (last.sequences, last.sequence) == (flow.sequences, 32)
    assert np.isfinite(last.layers[0].states["h_t"]).all()
    small = Trainer(SMALL).snapshot(frozenset({FLOW})).extras.flow
    assert small is not None
    assert small.sequences == SMALL.batch_size
