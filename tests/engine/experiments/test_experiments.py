"""Experiments: a run of one, its report, the shipped ones and the command."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import main
from engine.commands.experiment import report
from engine.experiments.catalogue import EXPERIMENTS
from engine.experiments.comparison import Headline, headline, rows
from engine.experiments.criteria import class_errors
from engine.experiments.experiment import Arm
from engine.experiments.judges import Judge, LastSequencesJudge, Test, UnseenStringsJudge
from engine.experiments.report import members, summary_words, table
from engine.experiments.results import SeedResult, median_sequences, quartiles, solved_share
from engine.experiments.running import run_seed
from engine.settings.config import TrainingConfig, check
from engine.tasks import create_task
from engine.tasks.goal import Goal
from engine.training.memory import weight_count
from engine.training.network import RecurrentNetwork
from tests.engine.experiments.tiny_experiments import ORDER, TINY, easy_judge, impossible_judge, seed_result, tiny

ROOT = Path(__file__).parents[3]


def command(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main.main(["experiment", *arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


# A run


def test_success_after_counts_single_sequences() -> None:
    result = run_seed(TINY, easy_judge, 3, 2000)
    assert result.solved
    assert result.seed == 3
    assert result.sequences % 10 == 0
    assert 50 <= result.sequences <= 2000
    assert result.seconds > 0
    assert result.test.sequences == 64
    assert result.test.loss is not None


def test_the_same_seed_gives_the_same_result() -> None:
    first, again = (run_seed(TINY, easy_judge, 3, 2000) for _ in range(2))
    assert replace(first, seconds=0) == replace(again, seconds=0)
    assert run_seed(TINY, easy_judge, 4, 2000).test.loss != first.test.loss


def test_a_run_ends_at_its_bound() -> None:
    result = run_seed(TINY, impossible_judge, 1, 125)
    assert (result.solved, result.sequences) == (False, 120)  # a thirteenth batch would pass it
    assert result.test.wrong == 64


def test_a_diverged_run_ends_early_and_is_not_solved() -> None:
    wild = replace(TINY, optimizer="sgd", learning_rate=1000.0, clip_norm=0.0)
    result = run_seed(wild, easy_judge, 1, 50_000)
    assert not result.solved
    assert result.sequences < 50_000
    shown = members(tiny(), {"": [result]})
    json.dumps(shown, allow_nan=False)


def test_a_network_learns_order_by_the_rule_of_the_paper() -> None:
    judge_of = lambda config: LastSequencesJudge(config, class_errors, Goal(0.1, 0.3, last=200), 64)  # noqa: E731
    assert run_seed(ORDER, judge_of, 1, 20_000).solved


def test_a_network_answers_at_every_step() -> None:
    config = TrainingConfig(task="embedded-reber", sequence_length=30, cell_size=4, batch_size=10, device="cpu")
    result = run_seed(config, lambda c: UnseenStringsJudge(c, 20, every=50), 1, 100)
    assert (result.solved, result.sequences, result.test.sequences) == (False, 100, 20)


# The report


def test_an_unsolved_seed_is_later_than_every_solved_one() -> None:
    results = [seed_result(1, True, 30), seed_result(2, False, 10), seed_result(3, True, 50)]
    assert median_sequences(results) == 50
    assert solved_share(results) == pytest.approx(2 / 3)
    assert median_sequences(results[:2]) is None
    assert median_sequences([]) is None
    assert solved_share([]) is None
    assert summary_words(results) == "solved by 2 of 3; median 50 sequences"


def test_the_members_of_the_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(tiny(), [1, 2], as_json=True) == 0
    captured = capsys.readouterr()
    assert [line.split(":")[0] for line in captured.err.splitlines()] == ["seed 1 (1 of 2)", "seed 2 (2 of 2)"]
    found = json.loads(captured.out)
    assert list(found)[:6] == ["experiment", "criterion", "published", "seeds", "median_sequences", "solved_share"]
    assert (found["experiment"], found["criterion"]) == ("tiny", "error small")
    assert found["published"] == {"sequences": 5, "words": "5 sequences", "source": "a paper"}
    assert [list(seed)[:4] for seed in found["seeds"]] == [["seed", "solved", "sequences", "seconds"]] * 2
    assert [seed["seed"] for seed in found["seeds"]] == [1, 2]
    assert all(seed["solved"] is True and seed["test"]["sequences"] == 64 for seed in found["seeds"])
    assert found["median_sequences"] == np.mean([seed["sequences"] for seed in found["seeds"]])
    assert found["solved_share"] == 1.0
    assert found["interrupted"] is False


def test_several_settings_are_summed_up_each_for_itself() -> None:
    arms = [Arm("low", TINY), Arm("high", TINY)]
    results = {"low": [seed_result(1, False, 99)], "high": [seed_result(1, True, 30)]}
    found = members(tiny(arms=arms), results)
    assert found["settings"] == [
        {"setting": "low", "median_sequences": None, "solved_share": 0.0},
        {"setting": "high", "median_sequences": 30, "solved_share": 1.0},
    ]
    assert [seed["setting"] for seed in found["seeds"]] == ["low", "high"]
    assert found["solved_share"] == 0.5
    text = "\n".join(table(tiny(arms=arms), results))
    assert "low: k = 6" in text
    assert "> 99" in text
    assert "median none, since half of the seeds or more were not solved" in text


def test_the_table_is_readable(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(tiny(), [1], as_json=False) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Tiny"
    assert any(line.split()[:2] == ["published", "5"] for line in lines)
    assert any(line.split()[:2] == ["1", "yes"] for line in lines)
    assert lines[-1].strip() == "- It is tiny."
    for experiment in EXPERIMENTS.values():
        assert max(map(len, table(experiment, {}))) <= 120


def test_the_number_of_weights_is_the_networks() -> None:
    for config in (TINY, replace(TINY, hidden_size=3, layers=2), ORDER):
        task = create_task(config)
        network = RecurrentNetwork(config, task.input_size, task.output_size, task.every_step)
        learnt = sum(p.numel() for name, p in network.named_parameters() if "bias_hh" not in name)
        assert weight_count(config, task.input_size, task.output_size) == learnt


def test_quartiles_lie_between_neighbours_and_unsolved_seeds_lie_last() -> None:
    solved = [seed_result(seed, True, 10 * seed) for seed in (4, 1, 3, 2, 5)]
    assert quartiles(solved) == (20, 40)
    assert quartiles(solved[:2]) == (pytest.approx(17.5), pytest.approx(32.5))
    assert quartiles(solved[:1]) == (40, 40)
    unsolved = [seed_result(seed, False, 99) for seed in (6, 7)]
    assert quartiles(solved[:4] + unsolved) == (pytest.approx(22.5), None)
    assert quartiles(unsolved) is None
    assert quartiles([]) is None


def test_the_table_sets_the_published_figures_beside_ours() -> None:
    adding = EXPERIMENTS["adding"]
    results = [
        SeedResult(seed, True, after, 2.0, Test(wrong, 2560, 1e-4))
        for seed, (after, wrong) in enumerate([(12_000, 0), (13_000, 2), (11_000, 1)], 1)
    ]
    found = {row.label: (row.published, row.ours) for row in rows(adding, {"": results})}
    assert found["success after, sequences"] == ("74,000", ("12,000 (median of 3)",))
    assert found["quartiles"] == ("–", ("11,500 to 12,500",))
    assert found["solved"] == ("–", ("3 of 3 (100 %)",))
    assert found["wrong in a new test"] == ("1 of 2,560", ("0 to 2 of 2,560",))
    assert found["seconds per seed"] == ("–", ("2.0",))
    assert headline(adding, results) == Headline("12,000 sequences", "the paper: 74,000")
    assert headline(adding, []) == Headline("", "the paper: 74,000")
    unsolved = [replace(result, solved=False) for result in results]
    assert headline(adding, unsolved) == Headline("not solved", "the paper: 74,000")


def test_every_published_figure_stands_in_the_table() -> None:
    for experiment in EXPERIMENTS.values():
        published = " ".join(row.published for row in rows(experiment, {}))
        for name, figure in experiment.published.figures.items():
            words = {f"{figure:,.0f}", f"{100 * figure:.0f} %", f"{figure:.4f}"}
            in_words = experiment.published.words + experiment.criterion
            assert any(word in published or word in in_words for word in words) or f"{figure:g}" in in_words, name
    grammar = {row.label: row.published for row in rows(EXPERIMENTS["continual-reber"], {})}
    assert grammar["solved"] == "18 %; 62 % with a decaying learning rate"
    assert headline(EXPERIMENTS["continual-reber"], [seed_result(1, True, 9)]).ours == "1 of 1 solved"
    assert headline(EXPERIMENTS["copying"], []) == Headline("", "")


# The shipped experiments and the command


def test_the_list_of_experiments_loads_no_torch() -> None:
    code = (
        "import sys, main\n"
        "assert main.main(['experiment', 'nonsense']) == 2\n"
        "assert not {'torch', 'PySide6', 'gui'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)


def test_every_experiment_there_is() -> None:
    assert list(EXPERIMENTS) == [
        "adding", "temporal-order", "embedded-reber", "adding-500", "adding-1000", "multiplication",
        "temporal-order-3", "continual-reber", "copying", "forget-bias",
    ]  # fmt: skip
    for name, experiment in EXPERIMENTS.items():
        assert experiment.name == name
        assert experiment.published.source
        assert experiment.differences
        assert experiment.purpose
        for arm in experiment.arms:
            check(arm.config)
            assert experiment.bound >= arm.config.batch_size
            assert isinstance(experiment.judge_of(arm.config), Judge)
    help_text = main.command_parser("experiment").format_help()
    assert all(name in help_text for name in EXPERIMENTS)


def test_the_arms_of_the_forget_bias_differ_in_the_biases_alone() -> None:
    zero, one, chrono = (arm.config for arm in EXPERIMENTS["forget-bias"].arms)
    assert (zero.forget_bias, one.forget_bias, chrono.bias_initialisation) == (0.0, 1.0, "chrono")
    same = {"bias_initialisation": "chrono", "forget_bias": 3.0}
    assert replace(zero, **same) == replace(one, **same) == replace(chrono, **same)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nonsense"], "There is no experiment 'nonsense'; choose one of adding, temporal-order, "),
        (["adding", "--seeds", "0"], "--seeds 0: expected a whole number from 1 to 1,000"),
        (["adding", "--seeds", "1001"], "--seeds 1001: expected a whole number from 1 to 1,000"),
        (["adding", "--seeds", "99999999999999999999"], "--seeds 9999"),
        (["adding", "--seeds", "many"], "--seeds many: expected"),
        (["adding", "--seeds", "-1"], "--seeds -1: expected"),
        (["adding", "--seeds", "²"], "--seeds ²: expected"),
    ],
)
def test_bad_input_gets_status_2_and_one_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = command(capsys, *arguments)
    assert (status, out) == (2, "")
    assert err.startswith(sentence)
    assert err.count("\n") == 1


def test_a_published_experiment_from_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = command(capsys, "temporal-order", "--seeds", "1", "--json")
    assert status == 0
    found = json.loads(out)
    assert found["experiment"] == "temporal-order"
    assert found["published"]["sequences"] == 31_390
    assert found["seeds"][0]["solved"] is True
    assert found["seeds"][0]["sequences"] < 31_390 / 2
    assert err.count("\n") == 1


def _heed_ctrl_c() -> None:
    """Undo what a shell does to commands in its background: they and their children ignore Ctrl+C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(os.name == "nt", reason="a signal of POSIX")
def test_ctrl_c_ends_with_what_there_is() -> None:
    command = [sys.executable, "-W", "error", "main.py", "experiment", "temporal-order", "--seeds", "1000", "--json"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        cwd=ROOT,
        preexec_fn=_heed_ctrl_c,
    ) as process:
        try:
            assert process.stderr is not None
            assert process.stderr.readline().startswith("seed 1 (1 of 1000): solved after")
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    found = json.loads(out)
    assert process.returncode == 130
    assert found["interrupted"] is True
    assert 1 <= len(found["seeds"]) < 1000
    assert found["solved_share"] == 1.0
    assert "Traceback" not in err
