"""The report of an experiment, as JSON and as a table for people."""

import math
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from ..settings.config import TrainingConfig, setting
from ..settings.words import in_short
from ..tasks import create_task
from ..text.numbers import brief, in_full
from ..training.memory import weight_count
from .comparison import Results
from .experiment import Arm, Experiment
from .results import SeedResult, median_sequences, quartiles, solved_share

_WIDTH = 100


def members(experiment: Experiment, results: Results, interrupted: bool = False) -> dict[str, Any]:
    """Return what the JSON of `main.py experiment` says.

    median_sequences and solved_share are over all seeds; where an experiment has several settings, "settings" has
    them for each, and every seed says which setting it is of.
    """
    several = len(experiment.arms) > 1
    everything = [result for arm in experiment.arms for result in results.get(arm.name, ())]
    more: dict[str, Any] = {}
    if several:
        more["settings"] = [{"setting": arm.name, **_summary(results.get(arm.name, ()))} for arm in experiment.arms]
    return {
        "experiment": experiment.name,
        "criterion": experiment.criterion,
        "published": {
            **experiment.published.figures,
            "words": experiment.published.words,
            "source": experiment.published.source,
        },
        "seeds": [
            {**_seed_members(result), **({"setting": arm.name} if several else {})}
            for arm in experiment.arms
            for result in results.get(arm.name, ())
        ],
        **_summary(everything),
        **more,
        "quartiles": quartiles(everything),
        "bound": experiment.bound,
        "differences": list(experiment.differences),
        "interrupted": interrupted,
    }


def _seed_members(result: SeedResult) -> dict[str, Any]:
    test: dict[str, Any] = {"wrong": result.test.wrong, "sequences": result.test.sequences}
    if result.test.loss is not None:
        test["loss"] = result.test.loss if math.isfinite(result.test.loss) else None
    return {
        "seed": result.seed,
        "solved": result.solved,
        "sequences": result.sequences,
        "seconds": round(result.seconds, 3),
        "test": test,
    }


def _summary(results: Sequence[SeedResult]) -> dict[str, Any]:
    return {"median_sequences": median_sequences(results), "solved_share": solved_share(results)}


def seed_line(result: SeedResult) -> str:
    """Say in a line what became of one seed."""
    outcome = "solved after" if result.solved else "not solved within"
    return f"{outcome} {result.sequences:,} sequences, {result.seconds:.1f} s; {_tested(result)}"


def _tested(result: SeedResult) -> str:
    loss = "" if result.test.loss is None else f", loss {brief(result.test.loss)}"
    return f"{result.test.wrong:,} wrong of {result.test.sequences:,}{loss}"


def table(experiment: Experiment, results: Results) -> Iterator[str]:
    """Yield the lines of the report that a person reads."""
    yield experiment.title
    yield from _wrapped("  solved when  ", experiment.criterion)
    yield from _wrapped("  published    ", experiment.published.words)
    yield from _wrapped("  source       ", experiment.published.source)
    yield f"  bound        a seed that is not solved after {experiment.bound:,} sequences counts as not solved"
    for arm in experiment.arms:
        yield ""
        yield from _arm_lines(arm, results.get(arm.name, ()))
    yield ""
    yield "  what differs"
    for difference in experiment.differences:
        yield from _wrapped("    - ", difference)


def _wrapped(head: str, text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=head, subsequent_indent=" " * len(head))


def _arm_lines(arm: Arm, results: Sequence[SeedResult]) -> Iterator[str]:
    yield f"  {arm.name or 'setting'}: {setting_words(arm.config)}"
    rows = [("seed", "solved", "success after", "seconds", "test afterwards")]
    for result in results:
        after = f"{result.sequences:,}" if result.solved else f"> {result.sequences:,}"
        solved = "yes" if result.solved else "no"
        rows.append((str(result.seed), solved, after, f"{result.seconds:.1f}", _tested(result)))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        yield "    " + "  ".join([*(cell.rjust(width) for cell, width in zip(row, widths, strict=False)), row[4]])
    yield f"    {summary_words(results)}"


def summary_words(results: Sequence[SeedResult]) -> str:
    """Say which share was solved and after how many sequences, as in "solved by 9 of 10 seeds; …"."""
    if not results:
        return "no seed has finished"
    solved = sum(result.solved for result in results)
    middle = median_sequences(results)
    median = "none, since half of the seeds or more were not solved" if middle is None else f"{middle:,.0f} sequences"
    return f"solved by {solved} of {len(results)}; median {median}"


def setting_words(config: TrainingConfig) -> str:
    """Say what matters of a setting, as in "k = 16 (1,233 weights), T = 100, B = 8, Adam 0.01, …"."""
    task = create_task(config)
    weights = weight_count(config, task.input_size, task.output_size)
    layers = "" if config.layers == 1 else f"{config.layers} layers of "
    chrono = config.bias_initialisation == "chrono"
    biases = "chrono initialisation" if chrono else f"forget bias {in_full(config.forget_bias)}"
    optimizer = in_short(config, setting("optimizer"))
    clipping = f"gradient norm up to {in_full(config.clip_norm)}" if config.clip_norm else "no clipping"
    return (
        f"{layers}k = {config.cell_size} ({weights:,} weights), T = {config.sequence_length}, "
        f"B = {config.batch_size}, {optimizer} {in_full(config.learning_rate)}, {biases}, {clipping}"
    )
