"""The command `main.py export`: writes the numbers of recorded runs as CSV or .npz."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..errors import PlainError, one_line
from ..file_kinds import RECORDING
from ..recording.folder import runs_folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `main.py export` can be told."""
    parser.add_argument(
        "runs",
        nargs="+",
        type=Path,
        metavar="RUN",
        help=f"a recording ({RECORDING.suffix}), or the name of one in the library",
    )
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument("--csv", type=Path, metavar="FILE", help="metrics of every step of one or several runs")
    target.add_argument(
        "--npz", type=Path, metavar="FILE", help="of one run: metrics of every step, gates of every snapshot"
    )


def run(options: argparse.Namespace) -> int:
    """Write what was asked for and say how much it is; return the exit status."""
    from ..formats.run_numbers import write_metrics, write_run

    runs = [found_run(path) for path in options.runs]
    if options.csv is not None:
        path = _checked(options.csv, ".csv")
        rows = write_metrics(path, runs)
        print(one_line(f"{path}: {rows:,} steps of {len(runs):,} run{'s' * (len(runs) != 1)}"))
        return 0
    if len(runs) > 1:
        raise PlainError("--npz holds one run; name one, or write the metrics of several with --csv.")
    path = _checked(options.npz, ".npz")
    steps, snapshots = write_run(path, runs[0])
    print(one_line(f"{path}: {steps:,} steps, {snapshots:,} snapshot{'s' * (snapshots != 1)}"))
    return 0


def found_run(path: Path) -> Path:
    """Return the recording that is meant: a file, or the name of one in the library, with or without its suffix."""
    if path.exists() or len(path.parts) > 1:
        return path
    there = runs_folder() / (path.name if path.suffix == RECORDING.suffix else f"{path.name}{RECORDING.suffix}")
    return there if there.exists() else path


def _checked(path: Path, suffix: str) -> Path:
    if path.suffix.casefold() != suffix:
        raise PlainError(f"{path}: the name of such a file ends in {suffix}; choose such a name.")
    return path
