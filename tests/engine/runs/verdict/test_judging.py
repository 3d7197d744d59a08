"""The verdict on a run, of metrics made up and of networks that were really trained."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import numpy as np
import pytest

from engine.experiments.criteria import LastErrors, value_errors
from engine.runs.metrics import BEFORE_LAYERS, Metrics
from engine.runs.observation import FLOW
from engine.runs.verdict.evidence import PATIENCE
from engine.runs.verdict.findings import Outlook
from engine.runs.verdict.judging import Judging, Verdict
from engine.settings.config import TrainingConfig
from engine.tasks import TASKS, create_task
from engine.tasks.adding import AddingTask
from engine.tasks.held_out import HeldOut
from engine.training.trainer import Trainer
from tests.engine.runs.verdict.made import ADDING, FACTS, judging, metrics, trained, tried

SOLVED = {"measure": 1.0, "mean_error": 0.0065, "largest_error": 0.031}
TRIVIAL = FACTS.trivial_loss
BATCHES = 63  # of 32, for the last 2,000 sequences


def after(*parts: Metrics, config: TrainingConfig = ADDING, over: bool = False) -> Verdict:
    found = judging(config)
    for part in parts:
        found.see(part)
    return found.verdict(over)


# Solved


def test_solved_as_soon_as_the_last_2000_sequences_keep_to_the_goal_and_not_before() -> None:
    found = judging()
    found.see(metrics(np.full(500, 0.01)))
    found.see(metrics(np.full(BATCHES - 1, 1e-4), **SOLVED))
    assert found.verdict().outlook is Outlook.LEARNING
    found.see(metrics(1e-4, **SOLVED))
    assert (found.solved, found.solved_at) == (True, 563)
    assert found.verdict().sentence == "Solved at step 563: the last 2,000 sequences within 0.031, 0.0065 on average"
    assert found.verdict().reason.startswith(
        "Asked are errors below 0.04 and below 0.01 on average. The loss is 10⁻⁴, the trivial "
    )
    found.see(metrics(np.full(BATCHES, 1e-4), 1.0, 0.009961, 0.03962))
    assert found.verdict().sentence.endswith("within 0.0396, 0.00996 on average")  # below the bounds, and so it reads
    found.see(metrics(np.full(BATCHES, 1e-10), 1.0, 4.3e-5, 2e-4))
    assert found.verdict().sentence.endswith("within 0.0002, 4.3·10⁻⁵ on average")


@pytest.mark.parametrize("worse", [{"measure": 31 / 32}, {"mean_error": 0.7}, {"mean_error": np.nan, "loss": 0.5}])
def test_one_batch_that_is_not_right_is_enough_until_it_is_2000_sequences_ago(worse: dict[str, float]) -> None:
    found = judging()
    found.see(metrics(np.full(200, 1e-4), **SOLVED))
    assert found.solved
    found.see(metrics(**{"loss": 1e-4, **SOLVED, **worse}))
    assert not found.solved
    found.see(metrics(np.full(BATCHES - 1, 1e-4), **SOLVED))
    assert not found.solved
    found.see(metrics(1e-4, **SOLVED))
    assert found.solved
    assert found.solved_at == BATCHES


def test_solved_once_says_when_and_until_when() -> None:
    verdict = after(metrics(np.full(100, 1e-4), **SOLVED), metrics(np.full(50, 2e-4), 0.99, 0.02, 0.06), over=True)
    assert verdict.outlook is Outlook.SOLVED_ONCE
    assert verdict.sentence == "Solved at step 63; at step 150 no longer"
    assert "are within 0.04, all must be; the mean error is" in verdict.reason


def test_it_is_the_rule_of_the_experiments_whatever_the_pieces() -> None:
    """The judge of the published experiments looks at each sequence; here only a batch's mean and largest error are."""
    rng = np.random.default_rng(3)
    B, steps = 40, 700  # 2,000 sequences are 50 whole batches
    config = replace(ADDING, batch_size=B)
    scale = np.repeat([0.02, 0.008, 0.004, 0.012, 0.003, 0.02, 0.003], 100)
    errors = np.abs(rng.normal(0, 1, (steps, B))).clip(max=4) * scale[:, None]
    last, expected = LastErrors(AddingTask.goal), []
    for row in errors.astype(np.float32):
        last.add(value_errors(row[:, None], np.zeros((B, 1), dtype=np.float32)))
        expected.append(last.solved())
    assert 0 < sum(expected) < steps
    measure = (errors.astype(np.float32) < 0.04).mean(axis=1)
    rows = metrics(np.square(errors).mean(axis=1), measure, errors.mean(axis=1), errors.max(axis=1))
    one, found = judging(config), []
    for at in range(steps):
        one.see(Metrics(rows.names, rows.values[at : at + 1]))
        found.append(one.solved)
    assert found == expected
    assert one.solved_at == expected.index(True) + 1
    for size in (7, 64, 700):
        other = judging(config)
        for at in range(0, steps, size):
            other.see(Metrics(rows.names, rows.values[at : at + size]))
        assert (other.solved_at, other.solved) == (one.solved_at, one.solved)
        assert other.verdict() == one.verdict()


@pytest.mark.soak
def test_seed_1_of_the_adding_problem_is_solved_at_step_1138_and_at_3000_no_longer() -> None:
    found = trained(3000)
    assert found.solved_at == 1138
    verdict = found.verdict(over=True)
    assert (verdict.outlook, verdict.sentence) == (
        Outlook.SOLVED_ONCE,
        "Solved at step 1,138; at step 3,000 no longer",
    )


def test_a_recording_without_errors_is_judged_by_what_its_loss_allows() -> None:
    names = ("loss", "measure", "grad_norm")
    good = after(metrics(np.full(100, 0.008**2), 1.0, names=names))
    assert good.sentence == "Solved at step 63: the last 2,000 sequences within 0.04, at most 0.008 on average"
    bad = after(metrics(np.full(100, 0.012**2), 1.0, names=names))  # nobody knows whether the mean is below 0.01
    assert bad.outlook is Outlook.LEARNING
    order = TrainingConfig(task="temporal-order")
    assert after(metrics(np.full(100, 0.19), 1.0, names=names), config=order).outlook is Outlook.SOLVED
    assert after(metrics(np.full(100, 0.21), 1.0, names=names), config=order).outlook is Outlook.LEARNING


@pytest.mark.parametrize("task", [name for name, task in TASKS.items() if task.goal and not task.goal.bounds_errors])
def test_tasks_that_only_count_what_is_right(task: str) -> None:
    goal = TASKS[task].goal
    assert goal is not None
    config = TrainingConfig(task=task, batch_size=8)
    loss = create_task(config).trivial_loss / 3
    steps = -(-goal.last // 8)
    verdict = after(metrics(np.full(steps, loss), 1.0), config=config)
    assert verdict.sentence == f"Solved at step {steps:,}: the last {goal.last:,} {goal.sequences} are all right"
    part = 1 - 1 / (8 * goal.parts)  # one of a batch
    verdict = after(metrics(np.full(steps, loss), np.r_[np.ones(steps - 1), part]), config=config)
    assert verdict.outlook is Outlook.LEARNING
    assert " % are right; all must be." in verdict.reason
    assert "100 %" not in verdict.reason


def test_the_multiplication_problem_allows_140_wrong_ones() -> None:
    config = TrainingConfig(task="multiplication", batch_size=20)
    wrong = np.ones(100)
    wrong[:70] = 0.9  # two of 20
    good = {"mean_error": 0.005, "largest_error": 0.1}
    verdict = after(metrics(np.full(100, 1e-4), wrong, **good), config=config)
    assert verdict.sentence == (
        "Solved at step 100: of the last 2,000 sequences only 140 are off by 0.04 or more, 0.005 on average"
    )
    wrong[70] = 0.95
    verdict = after(metrics(np.full(100, 1e-4), wrong, **good), config=config)
    assert verdict.outlook is Outlook.LEARNING
    assert "93 % must be" in verdict.reason


# Learning or not


def test_too_early_says_how_many_steps_a_judgement_needs() -> None:
    assert after(metrics(np.full(40, 0.03))).sentence == ("Too early to say: 40 of the 63 steps that a judgement needs")
    assert tried(after(metrics(np.full(40, 0.03)))) is None
    waiting = after(metrics(np.full(300, 1.01 * TRIVIAL)))
    assert waiting.outlook is Outlook.TOO_EARLY
    assert waiting.sentence == "Too early to say: not yet better than always predicting the mean, after 300 steps"


def test_not_learning_after_some_patience_or_when_the_run_is_over() -> None:
    assert after(metrics(np.full(PATIENCE - 1, TRIVIAL))).outlook is Outlook.TOO_EARLY
    verdict = after(metrics(np.full(3000, TRIVIAL)))
    assert verdict.sentence == "Not learning: no better than always predicting the mean, after 3,000 steps"
    assert after(metrics(np.full(300, TRIVIAL)), over=True).outlook is Outlook.NOT_LEARNING


def test_a_loss_below_the_trivial_answer_by_chance_is_no_learning() -> None:
    rng = np.random.default_rng(1)
    found = [after(metrics(TRIVIAL * rng.normal(1, 0.2, 2500).clip(0))).outlook for _ in range(200)]
    assert found.count(Outlook.NOT_LEARNING) >= 198
    better = [after(metrics(TRIVIAL * rng.normal(0.85, 0.2, 2500).clip(0))).outlook for _ in range(50)]
    assert better.count(Outlook.LEARNING) >= 45


# Diverged


def test_a_rate_of_1000_diverges_at_its_second_step_though_every_number_is_finite() -> None:
    verdict = trained(8, learning_rate=1000.0, clip_norm=0.0).verdict()
    assert verdict.outlook is Outlook.DIVERGED
    assert verdict.sentence.startswith("Diverged at step 2: the loss is ")
    assert verdict.reason == "The rate is 1,000: one step moves every weight about that far."
    assert tried(verdict) == ("learning_rate", 0.01)


def test_a_loss_that_is_no_number_is_told_with_the_last_gradient_before_it() -> None:
    parts = metrics([0.3, 0.2, np.inf, np.nan])
    parts["grad_norm"][:] = [2.0, 1.2e8, np.inf, np.nan]
    verdict = after(parts)
    assert verdict.sentence == "Diverged at step 3: the loss is no longer a finite number"
    assert verdict.reason == "The last finite gradient norm was 1.2·10⁸, at step 2."


def test_an_outlier_and_a_bad_beginning_are_no_divergence() -> None:
    losses = np.full(1500, 0.02)
    losses[700] = 1e6
    found = judging()
    for at in range(1500):
        found.see(metrics(losses[at]))
        assert found.verdict().outlook is not Outlook.DIVERGED
    smooth = replace(FACTS, trivial_loss=1e-6)  # a smooth series: the untrained network is a million times worse
    other = judging(facts=smooth)
    other.see(metrics(np.geomspace(1.2, 0.5, 200)))
    assert other.verdict().outlook is Outlook.TOO_EARLY


@pytest.mark.parametrize("size", [1, 5, 5000])
def test_the_step_at_which_a_run_diverged_is_the_same_in_any_pieces(size: int) -> None:
    losses = np.full(5000, 0.02)
    losses[3000:] = 100.0
    losses[2000] = 100.0  # which it got over
    found = judging()
    for at in range(0, 5000, size):
        found.see(metrics(losses[at : at + size]))
    assert found.verdict().sentence.startswith("Diverged at step 3,001: the loss is 100, ")
    found.see(metrics(np.full(20, 0.02)))
    assert found.verdict().outlook is not Outlook.DIVERGED


# Held-out data, and tasks without a criterion

SERIES = TrainingConfig(task="series", sequence_length=20)


def on_held_out(measure: float, trivial: float, loss: float, steps: int = 2000, **more: int) -> Verdict:
    found = judging(SERIES)
    found.see(metrics(np.full(steps, loss)))
    found.held_out = HeldOut(
        41, "root mean squared error of x", measure, "predicting the present value again", trivial, **more
    )
    return found.verdict(over=True)


def test_not_better_on_held_out_data() -> None:
    verdict = on_held_out(1383, 101, 1e-5, beyond=41)
    assert verdict.outlook is Outlook.OVERFITTING
    assert verdict.sentence == "Not better on held-out data: error 1,383, the trivial answer 101"
    assert verdict.reason.startswith("The training loss is 10⁻⁵, the trivial answer’s ")
    assert verdict.reason.endswith("Of 41 held-out rows 41 are beyond the values that were trained on.")
    assert verdict.to_try is None
    assert verdict.advice == "Nothing to change"
    assert on_held_out(1383, 101, 1e3).outlook is Outlook.NOT_LEARNING
    text = HeldOut(800, "bits per character", 4.9, "predicting each character by its frequency", 4.6)
    found = judging(SERIES)
    found.see(metrics(np.full(2000, 1e-5)))
    found.held_out = text
    assert found.verdict().sentence == "Not better on held-out data: 4.9 bits per character, the trivial answer 4.6"


def test_better_by_how_much_where_there_is_no_criterion() -> None:
    verdict = on_held_out(62, 100, 1e-3)
    assert (verdict.outlook, verdict.sentence) == (
        Outlook.NO_CRITERION,
        "Better than the trivial answer by 38 % on held-out data",
    )
    sine = TrainingConfig(task="sine")
    loss = create_task(sine).trivial_loss
    assert after(metrics(np.full(200, loss / 4)), config=sine).sentence == "Better than the trivial answer by 75 %"
    own = after(metrics(np.full(1000, 1.0)), config=replace(sine, task="sine"), over=True)
    assert own.outlook is Outlook.NOT_LEARNING


# A goal that somebody has declared


def test_a_declared_goal_holds_for_so_many_steps_in_a_row() -> None:
    sine = TrainingConfig(task="sine", goal="measure below 0.2 for 50 steps")
    loss = create_task(sine).trivial_loss / 4
    found = judging(sine)
    found.see(metrics(np.full(60, loss), 0.3))
    found.see(metrics(np.full(49, loss), 0.1))
    assert found.verdict().outlook is Outlook.LEARNING
    assert (
        found.verdict().reason
        == "Root mean squared error below 0.2 at 49 of the last 50 steps; it has to be at all of them."
    )
    found.see(metrics(loss, 0.1))
    assert (found.solved, found.solved_at) == (True, 110)
    assert (
        found.verdict().sentence == "Solved at step 110: root mean squared error below 0.2 at each of the last 50 steps"
    )
    assert found.verdict().reason.startswith("That was declared to be its goal. The loss is ")
    found.see(metrics(loss, 0.2))
    assert found.verdict().sentence == "Solved at step 110; at step 111 no longer"


def test_a_declared_goal_takes_the_place_of_the_tasks_own() -> None:
    found = judging(replace(ADDING, goal="loss below 0.01 for 5 steps"))
    found.see(metrics(np.full(5, 0.005)))
    assert found.verdict().sentence == "Solved at step 5: loss below 0.01 at each of the last 5 steps"


def test_what_meets_its_goal_on_rows_that_it_learnt_by_heart_is_not_solved() -> None:
    found = judging(replace(SERIES, goal="loss below 0.01 for 5 steps"))
    found.see(metrics(np.full(50, 1e-5)))
    assert found.verdict().outlook is Outlook.SOLVED
    found.held_out = HeldOut(41, "root mean squared error of x", 1383.0, "the present value again", 101.0)
    assert found.verdict().outlook is Outlook.OVERFITTING
    assert found.verdict().reason.endswith("On the rows that were trained on, the goal was met at step 5.")
    found.held_out = HeldOut(41, "root mean squared error of x", 50.0, "the present value again", 101.0)
    assert found.verdict().outlook is Outlook.SOLVED


def test_without_a_goal_it_is_said_how_to_declare_one() -> None:
    sine = TrainingConfig(task="sine")
    trivial = create_task(sine).trivial_loss
    verdict = after(metrics(np.full(200, 0.8 * trivial)), config=sine)
    assert verdict.outlook is Outlook.NO_CRITERION
    assert verdict.to_try is not None
    assert verdict.to_try.setting == "goal"
    assert verdict.to_try.value == "loss below 0.06 for 100 steps"  # of 0.0549, and the trivial answer's 0.0686
    assert verdict.advice.startswith("Declare what counts as solved: such as loss below ")
    further = after(metrics(np.full(200, 1.7e-6)), config=sine)
    assert tried(further) == ("goal", "loss below 2·10⁻⁶ for 100 steps")
    assert further.to_try is not None
    declared = further.to_try.in_use(sine)
    assert declared.goal == "loss below 2·10⁻⁶ for 100 steps"
    assert tried(after(metrics(np.full(200, 1.7e-6)), config=declared)) is None
    nearly = after(metrics(np.full(200, 0.97 * trivial)), config=sine)  # rounded to one digit it would be no better
    assert tried(nearly) == ("goal", "loss below 0.067 for 100 steps")


def test_a_file_proposes_no_goal_that_nobody_could_declare() -> None:
    proposal = {"setting": "goal", "value": "import os", "sentence": "Declare: this"}
    verdict = Verdict.of({"state": "no criterion", "sentence": "a", "reason": "", "try": proposal})
    assert verdict is not None
    assert verdict.to_try is None


# What is cheap, and what is written


def test_a_million_steps_cost_a_refresh_what_a_hundred_cost() -> None:
    rng = np.random.default_rng(1)
    names = (*BEFORE_LAYERS, "mean_error", "largest_error")
    many = Metrics(names, rng.random((1_000_000, len(names)), dtype=np.float32))
    found = judging()
    found.see(many)
    few = Metrics(names, many.values[:30])
    started = time.process_time()
    for _ in range(50):
        found.see(few)
        found.verdict()
    assert (time.process_time() - started) / 50 < 0.004
    kept = sum(array.nbytes for array in (found._last, found._far, found._blocks._means, found._blocks._open))
    assert kept < 600_000


def test_a_verdict_is_written_and_read() -> None:
    for verdict in (
        after(metrics(np.full(3000, TRIVIAL)), config=replace(ADDING, cell="rnn")),
        on_held_out(3, 2, 1e-5),
    ):
        assert Verdict.of(json.loads(json.dumps(verdict.members))) == verdict
    assert Verdict.of(None) is None


@pytest.mark.parametrize(
    "change",
    [{"state": "splendid"}, {"sentence": 3}, {"reason": "x" * 2000}, {"try": 3}, {"try": {"setting": "cell"}}],
)
def test_what_is_no_verdict_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="a verdict's state"):
        Verdict.of({"state": "solved", "sentence": "a", "reason": "", "try": None} | change)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("series_file", "/etc/passwd"), ("task", "own:evil"), ("learning_rate", 1e9), ("cell", "none"), ("steps", True)],
)
def test_a_file_cannot_propose_what_no_rule_would(setting: str, value: object) -> None:
    proposal = {"setting": setting, "value": value, "sentence": "Try this: it is good"}
    verdict = Verdict.of({"state": "solved", "sentence": "a", "reason": "", "try": proposal})
    assert verdict is not None
    assert verdict.to_try is None


@pytest.mark.parametrize("goal", ["", "loss below 0.1 for 2 steps", "measure above 3 for 20 steps"])
@pytest.mark.parametrize("trivial", [0.0, -1.0, 1e308, np.nan, np.inf])
def test_whatever_numbers_a_file_holds_there_is_a_verdict_and_no_warning(goal: str, trivial: float) -> None:
    rng = np.random.default_rng(5)
    facts = replace(FACTS, trivial_loss=float(trivial))
    for round_ in range(30):
        found = judging(replace(ADDING, goal=goal), facts)
        for _ in range(3):
            bits = rng.integers(0, 1 << 32, (40, len(BEFORE_LAYERS)), dtype=np.uint32)
            values = bits.view(np.float32)
            if round_ % 2:
                values[:, 0] = np.where(np.isfinite(values[:, 0]), values[:, 0], 1.0)
            found.see(Metrics(BEFORE_LAYERS, values))
        for over in (False, True):
            assert found.verdict(over).sentence


def test_a_gradient_that_explodes_on_its_way_back_is_no_warning() -> None:
    config = replace(ADDING, cell_size=3, batch_size=2, sequence_length=6)
    trainer = Trainer(config)
    trainer.step()
    snapshot = trainer.snapshot(frozenset({FLOW}))
    assert snapshot.extras.flow is not None
    (layer,) = snapshot.extras.flow.layers
    norms = np.array([1e30] * 5 + [1e-30], dtype=np.float32)
    flow = replace(snapshot.extras.flow, layers=(replace(layer, states={**layer.states, "h_t": norms}),))
    found = judging(config)
    found.see_snapshot(replace(snapshot, extras=replace(snapshot.extras, flow=flow)))
    found.see(metrics(np.full(10, 1.0)))
    assert found.verdict().sentence


def test_every_task_has_a_verdict_from_its_first_steps_on() -> None:
    for task in TASKS:
        config = TrainingConfig(task=task, sequence_length=20)
        found = Judging(config, create_task(config).facts())
        for over in (False, True):
            found.see(metrics([1.0, 0.5]))
            verdict = found.verdict(over)
            assert verdict.outlook is Outlook.TOO_EARLY
            assert verdict.sentence
