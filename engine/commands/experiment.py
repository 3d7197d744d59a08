"""The command `main.py experiment`: repeats a published experiment over seeds and prints the results."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator

from ..errors import INTERRUPTED
from ..experiments.catalogue import EXPERIMENTS
from ..experiments.experiment import Experiment
from ..experiments.report import members, seed_line, table
from ..experiments.results import Job, SeedResult
from ..settings.config import ConfigError
from .printing import print_json

MOST_SEEDS = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `main.py experiment` can be told."""
    parser.add_argument("name", metavar="NAME", help=f"one of {', '.join(EXPERIMENTS)}")
    parser.add_argument("--seeds", metavar="N", default="3", help="number of seeds, counted from 1 (default: 3)")
    parser.add_argument("--json", action="store_true", help="JSON instead of a table")


def run(options: argparse.Namespace) -> int:
    """Run an experiment with the seeds 1, 2, …; return the exit status.

    Progress goes to stderr, a line a seed, the report to stdout.
    """
    chosen, count = find(options.name), seed_count(options.seeds)
    return report(chosen, range(1, count + 1), as_json=options.json)


def find(name: str) -> Experiment:
    """Return an experiment by its name; raises ConfigError with the names there are."""
    if name not in EXPERIMENTS:
        raise ConfigError(f"There is no experiment {name!r}; choose one of {', '.join(EXPERIMENTS)}")
    return EXPERIMENTS[name]


def seed_count(text: str) -> int:
    """Return how many seeds a text asks for; raises ConfigError where it is no number from 1 to 1,000."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= MOST_SEEDS:
        raise ConfigError(f"--seeds {text}: expected a whole number from 1 to {MOST_SEEDS:,}; choose one, such as 3")
    return int(text)


def report(chosen: Experiment, seeds: Iterable[int], *, as_json: bool) -> int:
    """Run every seed and print the report; Ctrl+C ends the running, and the report has what there is."""
    results: dict[str, list[SeedResult]] = {}
    interrupted = False
    try:
        for arm, result, line in _results(chosen, list(seeds)):
            results.setdefault(arm, []).append(result)
            print(line, file=sys.stderr, flush=True)  # once it counts: Ctrl+C may come as soon as it is read
    except KeyboardInterrupt:
        interrupted = True
        print("Interrupted before the last seed", file=sys.stderr)
    if as_json:
        print_json(members(chosen, results, interrupted))
    else:
        for line in table(chosen, results):
            print(line)
    return INTERRUPTED if interrupted else 0


def _results(chosen: Experiment, seeds: list[int]) -> Iterator[tuple[str, SeedResult, str]]:
    """Yield the name of the setting, the result of one run after another, and a line about it.

    Every setting has its turn with a seed before the next seed, so that an early end leaves them side by side.
    """
    from ..experiments.running import run_jobs

    jobs = [Job(arm.name, seed) for seed in seeds for arm in chosen.arms]
    for job, result in run_jobs(chosen, jobs):
        of = f"{job.arm}, " if job.arm else ""
        place = f"{seeds.index(job.seed) + 1} of {len(seeds)}"
        yield job.arm, result, f"{of}seed {job.seed} ({place}): {seed_line(result)}"
