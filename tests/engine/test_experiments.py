import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

import main
from engine.config import TrainingConfig, check
from engine.experiment_command import report
from engine.experiments.catalogue import EXPERIMENTS
from engine.experiments.comparison import Headline, headline, rows
from engine.experiments.criteria import (
    Bounds,
    LastErrors,
    all_copied,
    class_errors,
    legal_above_illegal,
    mean_cross_entropy,
    mean_squared_error,
    value_errors,
    wrong,
)
from engine.experiments.experiment import Arm, Experiment, Published, weight_count
from engine.experiments.in_background import ExperimentRun, News, Stage
from engine.experiments.judges import (
    CopyingJudge,
    Judge,
    LastSequencesJudge,
    LongStreamsJudge,
    Test,
    UnseenStringsJudge,
)
from engine.experiments.report import members, summary_words, table
from engine.experiments.results import Job, SeedResult, median_sequences, quartiles, solved_share
from engine.experiments.running import run_seed
from engine.network import RecurrentNetwork
from engine.tasks import create_task
from tests.timing import assert_within, timed

ROOT = Path(__file__).parents[2]
TINY = TrainingConfig(sequence_length=4, cell_size=6, batch_size=10, learning_rate=0.03, device="cpu")
ORDER = TrainingConfig(task="temporal-order", sequence_length=8, cell_size=8, batch_size=10, device="cpu")


def easy_judge(config: TrainingConfig) -> Judge:
    return LastSequencesJudge(config, value_errors, Bounds(0.2, 0.5, last=50), 64, mean_squared_error)


def impossible_judge(config: TrainingConfig) -> Judge:
    return LastSequencesJudge(config, value_errors, Bounds(1e-9, 1e-9, last=50), 64)


def tiny(judge_of=easy_judge, bound: int = 2000, arms: Sequence[Arm] = (Arm("", TINY),)) -> Experiment:
    published = Published({"sequences": 5.0}, "5 sequences", "a paper")
    return Experiment("tiny", "Tiny", "error small", published, tuple(arms), judge_of, bound, ("It is tiny.",))


def command(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main.main(["experiment", *arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


# The criteria


def test_errors_of_values_and_of_classes() -> None:
    np.testing.assert_allclose(value_errors(np.array([[0.5, 1.0]]), np.array([[0.2, 1.1]])), [[0.2, 0.3]])
    rows = class_errors(np.log(np.float32([[0.75, 0.25], [0.5, 0.5]])), np.float32([[1, 0], [0, 1]]))
    np.testing.assert_allclose(rows, [[0.25, 0.25], [0.5, 0.5]], rtol=1e-6)


def test_losses() -> None:
    assert mean_squared_error(np.float32([[1], [3]]), np.float32([[0], [1]])) == 2.5
    uniform = np.full((4, 2, 8), 500.0, dtype=np.float32)
    assert mean_cross_entropy(uniform, np.eye(8, dtype=np.float32)[np.zeros((4, 2), int)]) == pytest.approx(math.log(8))


def rows_of(values: Sequence[float]) -> np.ndarray:
    return np.stack([values, values], axis=1)


def test_solved_at_the_very_bounds_of_the_adding_problem() -> None:
    bounds = Bounds(mean=0.01, each=0.04)

    def solved(values: list[float]) -> bool:
        last = LastErrors(bounds)
        last.add(rows_of(values))
        return last.solved()

    assert bounds.last == 2000
    assert solved([0.0099] * 2000)
    assert not solved([0.0099] * 1999)  # too few to say
    assert not solved([0.015625] * 2000)
    exact = LastErrors(Bounds(mean=0.25, each=0.5, last=4))
    exact.add(rows_of([0.25] * 4))
    assert not exact.solved()  # below, not at
    exact.add(rows_of([0.25 - 2**-40]))
    assert exact.solved()
    assert solved([0.0] * 1999 + [np.nextafter(0.04, 0)])
    assert not solved([0.0] * 1999 + [0.04])
    assert not solved([0.0] * 1999 + [math.nan])


def test_so_many_may_be_wrong_and_not_one_more() -> None:
    for count, expected in ((140, True), (141, False)):
        last = LastErrors(Bounds(mean=0.01, each=0.04, wrong_at_most=140))
        last.add(rows_of([0.05] * count + [0.0] * (2000 - count)))
        assert last.solved() is expected
    assert wrong(np.array([0.039, 0.04, 0.05, math.nan]), 0.04) == 3


def test_only_the_last_sequences_count() -> None:
    last = LastErrors(Bounds(mean=0.1, each=0.3, last=5))
    for value in (9.0, 9.0, 9.0):
        last.add(rows_of([value] * 3))
    for step in range(5):
        assert not last.solved()
        last.add(rows_of([0.01]))
        assert last.solved() is (step == 4)
    last.add(rows_of([9.0] + [0.0] * 5))  # more than are looked at: the first of them is already gone
    assert last.solved()


def test_every_legal_symbol_above_every_illegal_one() -> None:
    legal = np.zeros((2, 4, 3))
    legal[0, :, :2] = 1
    legal[1, :3, 2] = 1  # the fourth string ends after the first step
    output = np.zeros((2, 4, 3))
    output[0] = [1.0, 2.0, 0.9]
    output[1, :, 2] = 1.0
    output[1, 3] = [5.0, 5.0, -5.0]
    output[0, 1, 2] = 1.0  # as active as the less active legal one
    output[1, 2, 2] = math.nan
    assert legal_above_illegal(output, legal).tolist() == [True, False, False, True]


def test_copied_means_every_one_of_the_last_symbols() -> None:
    target = np.eye(3)[np.array([[0, 0, 0], [1, 1, 1], [2, 2, 2]])]  # (3 steps, 3 sequences, 3)
    output = target.copy()
    output[0, 0] = [0, 9, 0]  # before the last two
    output[2, 1] = [0, 9, 1]
    output[1, 2] = math.nan
    assert all_copied(output, target, 2).tolist() == [True, False, False]


# The judges


def right_answers(judge: Judge, size: int):
    """Return an answer that knows the target: it draws what the judge draws, and looks it up by x."""

    def answer(x: np.ndarray) -> np.ndarray:
        return np.concatenate([answer_of(x[:, column]) for column in range(x.shape[1])], axis=1)

    known: dict[bytes, np.ndarray] = {}
    task = judge.task
    drawn = task.examples

    def remember(rng: np.random.Generator, count: int):
        x, target = drawn(rng, count)
        for column in range(count):
            known[x[:, column].tobytes()] = target[:, column, -size:]
        return x, target

    task.examples = remember  # type: ignore[method-assign]

    def answer_of(sequence: np.ndarray) -> np.ndarray:
        return known[sequence.tobytes()][:, np.newaxis]

    return answer


def test_strings_that_were_trained_on_are_not_tested() -> None:
    judge = UnseenStringsJudge(TrainingConfig(task="embedded-reber", sequence_length=30), 40, every=100)
    before, _ = judge.unseen(7)
    judge.on_drawn(before[:, :20])
    after, legal = judge.unseen(7)
    strings = {after[:, column].tobytes() for column in range(40)}
    assert len(strings) == 40
    assert not strings & {before[:, column].tobytes() for column in range(20)}
    assert strings >= {before[:, column].tobytes() for column in range(20, 40)}
    assert legal.shape == (30, 40, 7)


def test_one_wrong_string_is_one_too_many() -> None:
    judge = UnseenStringsJudge(TrainingConfig(task="embedded-reber", sequence_length=30), 40, every=100)
    answer = right_answers(judge, 7)
    assert judge.solved(answer, 100)
    assert judge.test(answer) == Test(0, 40)

    def one_wrong(x: np.ndarray) -> np.ndarray:
        output = answer(x)
        output[0, 3] = -output[0, 3]
        return output

    assert not judge.solved(one_wrong, 100)
    assert judge.test(one_wrong) == Test(1, 40)


def test_long_streams_are_asked_for_only_after_short_ones() -> None:
    judge = LongStreamsJudge(TrainingConfig(task="continual-reber", sequence_length=20), streams=3, steps=60, every=10)
    lengths: list[int] = []

    def zeros(x: np.ndarray) -> np.ndarray:
        lengths.append(len(x))
        return np.zeros((len(x), 3, 7), dtype=np.float32)

    assert not judge.solved(zeros, 10)
    assert lengths == [20]
    assert judge.test(zeros) == Test(3, 3)
    assert lengths == [20, 60]


def test_copying_is_solved_below_a_share_of_the_baseline() -> None:
    judge = CopyingJudge(TrainingConfig(task="copying", sequence_length=10), 0.1, 12, every=10)
    answer = right_answers(judge, 9)
    assert judge.solved(lambda x: 50 * answer(x), 10)
    assert judge.test(lambda x: 50 * answer(x)).loss == pytest.approx(0, abs=1e-9)
    baseline = 10 * math.log(8) / 30

    def costing(loss: float):
        return lambda x: math.log(8 / (math.exp(loss) - 1)) * answer(x)  # -ln p = ln(1 + 8 e^-a)

    assert judge.solved(costing(0.0999 * baseline), 10)
    assert not judge.solved(costing(0.1001 * baseline), 10)
    assert not judge.solved(lambda x: np.full((30, 12, 9), math.nan, dtype=np.float32), 10)
    zeros = judge.test(lambda x: np.zeros((30, 12, 9), dtype=np.float32))
    assert zeros.wrong == 12
    assert zeros.loss == pytest.approx(math.log(9))


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
    judge_of = lambda config: LastSequencesJudge(config, class_errors, Bounds(0.1, 0.3, last=200), 64)  # noqa: E731
    assert run_seed(ORDER, judge_of, 1, 20_000).solved


def test_a_network_answers_at_every_step() -> None:
    config = TrainingConfig(task="embedded-reber", sequence_length=30, cell_size=4, batch_size=10, device="cpu")
    result = run_seed(config, lambda c: UnseenStringsJudge(c, 20, every=50), 1, 100)
    assert (result.solved, result.sequences, result.test.sequences) == (False, 100, 20)


# The report


def seed_result(seed: int, solved: bool, sequences: int) -> SeedResult:
    return SeedResult(seed, solved, sequences, 1.5, Test(0 if solved else 9, 10, 0.25))


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
    assert "median none, for half the seeds or more were not solved" in text


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
    assert found["wrong in a fresh test"] == ("1 of 2,560", ("0 to 2 of 2,560",))
    assert found["seconds a seed"] == ("–", ("2.0",))
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


# In the background

PATIENCE_S = 90.0


class InBackground:
    """Runs in the background, and all the news there is of them."""

    def __init__(self, experiment: Experiment, jobs: Sequence[Job]) -> None:
        self.run = ExperimentRun(experiment, jobs)
        self.news: list[News] = []
        self.run.start()

    def until(self, condition: Callable[[News], bool]) -> News:
        """Take news until some fulfil the condition, and return those."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            news = self.run.take() if self.run.wait_for_mail(0.05) else None
            if news is not None:
                self.news.append(news)
                if condition(news):
                    return news
        raise AssertionError(f"nothing came within {PATIENCE_S} s; the last was {self.news[-1:]}")

    def results(self) -> list[tuple[Job, SeedResult]]:
        return [result for news in self.news for result in news.results]


@pytest.fixture
def in_background() -> Iterator[Callable[..., InBackground]]:
    begun: list[InBackground] = []

    def begin(experiment: Experiment, jobs: Sequence[Job]) -> InBackground:
        begun.append(InBackground(experiment, jobs))
        return begun[-1]

    yield begin
    for one in begun:
        one.run.cancel()
        assert one.run.join(10)
        assert one.run.child_pid not in {child.pid for child in psutil.Process().children()}
    for thread in threading.enumerate():  # those who end the runs outlive them by a moment
        if thread.name == "training-closer":
            thread.join(5)


def test_in_the_background_the_results_are_those_of_the_foreground(in_background) -> None:
    arms = [Arm("low", TINY), Arm("high", replace(TINY, learning_rate=0.05))]
    experiment = tiny(arms=arms)
    jobs = [Job("low", 3), Job("high", 3), Job("low", 4)]
    begun = in_background(experiment, jobs)
    last = begun.until(lambda news: news.over)
    assert last.stage is Stage.FINISHED
    assert begun.news[0].stage in (Stage.PREPARING, Stage.FINISHED)
    assert [job for job, _ in begun.results()] == jobs
    for job, result in begun.results():
        here = run_seed(experiment.arm(job.arm).config, easy_judge, job.seed, experiment.bound)
        assert replace(result, seconds=0) == replace(here, seconds=0)
    assert begun.run.join(10)


def test_progress_tells_which_seed_and_how_far(in_background) -> None:
    begun = in_background(tiny(impossible_judge, bound=10_000_000), [Job("", 7)])
    first = begun.until(lambda news: news.progress is not None).progress
    later = begun.until(lambda news: news.progress is not None and news.progress.loss is not None).progress
    assert first.job == later.job == Job("", 7)
    assert first.sequences < later.sequences
    assert 0 < later.loss < 10


@timed
def test_cancel_ends_the_run_within_two_seconds_and_keeps_what_there_is(in_background) -> None:
    arms = [Arm("quick", TINY), Arm("long", replace(TINY, learning_rate=1e-6))]
    experiment = replace(tiny(arms=arms), bound=50_000_000)
    begun = in_background(experiment, [Job("quick", 1), Job("long", 1)])
    begun.until(lambda news: news.progress is not None and news.progress.job.arm == "long")
    child = psutil.Process(begun.run.child_pid)
    asked = time.monotonic()
    begun.run.cancel()
    assert_within(time.monotonic() - asked, 0.1)  # it does not wait
    last = begun.until(lambda news: news.over)
    assert_within(time.monotonic() - asked, 2.0)
    assert last.stage is Stage.CANCELLED
    assert not last.error
    assert [job for job, _ in begun.results()] == [Job("quick", 1)]
    assert begun.run.join(2)
    assert not child.is_running()


def test_cancel_while_the_child_is_being_started(in_background) -> None:
    begun = in_background(tiny(impossible_judge, bound=10_000_000), [Job("", 1)])
    begun.run.cancel()
    assert begun.until(lambda news: news.over).stage is Stage.CANCELLED


@pytest.mark.skipif(os.name == "nt", reason="a signal of POSIX")
def test_a_killed_child_is_one_sentence(in_background) -> None:
    begun = in_background(tiny(impossible_judge, bound=10_000_000), [Job("", 1)])
    begun.until(lambda news: news.progress is not None)
    os.kill(begun.run.child_pid, signal.SIGKILL)
    last = begun.until(lambda news: news.over)
    assert last.stage is Stage.FAILED
    assert "was killed (SIGKILL, exit code -9)" in last.error
    assert "\n" not in last.error


def broken_judge(config: TrainingConfig) -> Judge:
    raise ValueError("no judge today")


def test_an_error_in_the_child_is_one_sentence_with_its_traceback(in_background) -> None:
    last = in_background(tiny(broken_judge), [Job("", 1)]).until(lambda news: news.over)
    assert last.stage is Stage.FAILED
    assert last.error == "The experiment ended with an error, ValueError: no judge today; results so far stay."
    assert "broken_judge" in last.trace


def test_a_setting_that_cannot_be_trained_is_named(in_background) -> None:
    experiment = tiny(arms=[Arm("", replace(TINY, cell_size=0))])
    last = in_background(experiment, [Job("", 1)]).until(lambda news: news.over)
    assert last.stage is Stage.FAILED
    assert "cell" in last.error.casefold()
    assert not last.trace


def test_news_that_nobody_took_keep_their_results() -> None:
    one, two = ((Job("", seed), seed_result(seed, True, 30)) for seed in (1, 2))
    joined = News(Stage.FINISHED).after(News(Stage.RUNNING, results=(two,)).after(News(Stage.RUNNING, results=(one,))))
    assert joined == News(Stage.FINISHED, results=(one, two))


@pytest.mark.skipif(os.name == "nt", reason="a signal of POSIX")
def test_the_child_ends_when_its_window_is_killed() -> None:
    """A process that starts an experiment is killed, so that nobody can tell the child to end."""
    code = (
        "from tests.engine.test_experiments import *\n"
        "if __name__ == '__main__':\n"
        "    begun = InBackground(tiny(impossible_judge, bound=10_000_000), [Job('', 1)])\n"
        "    begun.until(lambda news: news.progress is not None)\n"
        "    print(begun.run.child_pid, flush=True)\n"
        "    begun.until(lambda news: False)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8") as process:
        try:
            assert process.stdout is not None
            child = psutil.Process(int(process.stdout.readline()))
        finally:
            process.kill()
    child.wait(5)


def test_the_background_loads_no_torch() -> None:
    code = (
        "import sys, engine.experiments.in_background, engine.experiments.comparison, engine.experiments.catalogue\n"
        "assert not {'torch', 'PySide6', 'gui'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)


# The shipped experiments and the command


def test_the_list_of_experiments_loads_no_torch() -> None:
    code = (
        "import sys, engine.experiment_command, engine.experiments.report\n"
        "assert engine.experiment_command.experiment('nonsense', '3') == 2\n"
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
    help_text = main._experiment_arguments().format_help()
    assert all(name in help_text for name in EXPERIMENTS)


def test_the_arms_of_the_forget_bias_differ_in_the_biases_alone() -> None:
    zero, one, chrono = (arm.config for arm in EXPERIMENTS["forget-bias"].arms)
    assert (zero.forget_bias, one.forget_bias, chrono.bias_initialisation) == (0.0, 1.0, "chrono")
    same = {"bias_initialisation": "chrono", "forget_bias": 3.0}
    assert replace(zero, **same) == replace(one, **same) == replace(chrono, **same)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nonsense"], "experiment 'nonsense': expected one of adding, temporal-order, "),
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
