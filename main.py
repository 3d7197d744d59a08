"""LSTM Visualizer: the window, or a command that needs none. Imports only what the arguments ask for."""

from __future__ import annotations

import argparse
import errno
import io
import os
import sys
from pathlib import Path
from typing import Any, TextIO

_NOT_PRINTED = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""Errors of what is printed: no room on its disk, or a terminal that is gone. Those of a file name it."""


class _Parser(argparse.ArgumentParser):
    def print_help(self, file: Any = None) -> None:
        """Print it; unlike argparse's own, this does not hide that it cannot be printed."""
        print(self.format_help(), end="", file=file)


def _arguments() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="lstm-visualizer",
        description="Walk through the LSTM cell number by number, and watch one being trained.",
        epilog="Commands: 'trace' prints every intermediate value of a document, 'tasks' lists what can be learnt, "
        "'experiment' repeats a published experiment, 'train' trains without a window, 'runs' lists the recorded "
        "runs, 'show' says what a recording holds, 'register' lets a double click open the program's files, 'demo' "
        "plays the main job and writes pictures of it. "
        "'main.py COMMAND --help' explains each.",
    )
    parser.add_argument("file", nargs="?", type=Path, help="a document (.lstmviz) or a recorded run (.lstmrec) to open")
    parser.add_argument("--no-record", action="store_true", help="record no run in this window")
    parser.add_argument("--theme", choices=("system", "light", "dark"), help="colours, for this start")
    return parser


def _trace_arguments() -> argparse.ArgumentParser:
    parser = _Parser(prog="lstm-visualizer trace", description="Print every intermediate of every time step, in order.")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("file", nargs="?", type=Path, help="a document (.lstmviz)")
    source.add_argument("--example", metavar="NAME", help="an example that comes with the program")
    source.add_argument("--cell", metavar="NAME", help="a cell with small seeded weights over three steps, such as gru")
    parser.add_argument("--backward", action="store_true", help="with every gradient of the sum of the last h")
    parser.add_argument("--json", action="store_true", help="JSON in full double precision instead of a table")
    return parser


def _tasks_arguments() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="lstm-visualizer tasks",
        description="List every task a network can be trained on, with the loss of its trivial answer at the defaults.",
    )
    parser.add_argument("--json", action="store_true", help="JSON in full double precision instead of a list")
    return parser


def _experiment_arguments() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="lstm-visualizer experiment",
        description="Repeat a published experiment over several seeds; print its figures beside the published ones.",
    )
    parser.add_argument(
        "name",
        metavar="NAME",
        help="adding, adding-500, adding-1000, multiplication, temporal-order, temporal-order-3, embedded-reber, "
        "continual-reber, copying or forget-bias",
    )
    parser.add_argument("--seeds", metavar="N", default="3", help="how many seeds, from 1 on (default: 3)")
    parser.add_argument("--json", action="store_true", help="JSON instead of a table")
    return parser


def _demo_arguments() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="lstm-visualizer demo",
        description="Open the window, play the worked example, train, write pictures, print what was seen.",
    )
    parser.add_argument("--out", type=Path, default=Path("build/demo"), help="folder for the pictures")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long to train")
    return parser


def _runs_arguments() -> argparse.ArgumentParser:
    parser = _Parser(prog="lstm-visualizer runs", description="List the recorded runs, newest first.")
    parser.add_argument("--json", action="store_true", help="JSON instead of a table")
    return parser


def _show_arguments() -> argparse.ArgumentParser:
    parser = _Parser(prog="lstm-visualizer show", description="Print what a recording holds, also while it is written.")
    parser.add_argument("file", type=Path, help="a recording (.lstmrec)")
    parser.add_argument("--json", action="store_true", help="JSON instead of a list")
    return parser


def _register_arguments() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="lstm-visualizer register",
        description="Tell the desktop that documents and recordings are this program's, so that a double click opens "
        "them. Linux alone so far.",
    )
    parser.add_argument("--remove", action="store_true", help="take that back")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run the program; return its exit status."""
    _find_streams()
    _find_parts()
    try:
        try:
            return _run(arguments)
        finally:
            sys.stdout.flush()
    except OSError as error:
        left = isinstance(error, BrokenPipeError)  # the reader, such as `head`, has seen enough
        if not left and (error.errno not in _NOT_PRINTED or error.filename is not None):
            raise
        for stream in (sys.stdout, sys.stderr):
            if not _is_written(stream):  # Python tries it once more at its end
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if left:
            return 0
        print(f"What is printed cannot be written ({error.strerror}); make room, or print elsewhere.", file=sys.stderr)
        return 1


def _find_streams() -> None:
    """Let there be streams to print to, which take every letter."""
    if os.name == "posix":
        while (number := os.open(os.devnull, os.O_RDWR)) <= 2:  # a file opened later would be taken for a closed stream
            os.set_inheritable(number, True)
        os.close(number)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # as in a window program on Windows
            nothing = os.open(os.devnull, os.O_WRONLY)
            setattr(sys, name, io.TextIOWrapper(io.FileIO(nothing, "w", closefd=False), encoding="utf-8"))
        elif isinstance(stream, io.TextIOWrapper):
            # σ and ∘ in a Windows console; a file name that is no text must not end a sentence about it.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _is_written(stream: TextIO) -> bool:
    """Return whether what was printed is out."""
    try:
        stream.flush()
    except OSError:
        return False
    return True


def _find_parts() -> None:
    """Let `engine` and `gui` be those that lie beside this file, whatever else has these names."""
    here = str(Path(__file__).resolve().parent)
    if sys.path[0] != here:
        sys.path.insert(0, here)


def _run(arguments: list[str] | None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["trace"]:
        options = _trace_arguments().parse_args(given[1:])
        from engine.commands.trace import trace

        return trace(options.file, options.example, options.cell, backward=options.backward, as_json=options.json)
    if given[:1] == ["tasks"]:
        options = _tasks_arguments().parse_args(given[1:])
        from engine.commands.tasks import tasks

        return tasks(as_json=options.json)
    if given[:1] == ["experiment"]:
        options = _experiment_arguments().parse_args(given[1:])
        from engine.commands.experiment import experiment

        return experiment(options.name, options.seeds, as_json=options.json)
    if given[:1] == ["train"]:
        from engine.commands.train.arguments import train_arguments
        from engine.commands.train.command import train

        return train(train_arguments().parse_args(given[1:]))
    if given[:1] == ["runs"]:
        options = _runs_arguments().parse_args(given[1:])
        from engine.commands.runs import runs

        return runs(as_json=options.json)
    if given[:1] == ["show"]:
        options = _show_arguments().parse_args(given[1:])
        from engine.commands.runs import show

        return show(options.file, as_json=options.json)
    if given[:1] == ["register"]:
        options = _register_arguments().parse_args(given[1:])
        from gui.document.file_types import register_command

        return register_command(remove=options.remove)
    if given[:1] == ["demo"]:
        options = _demo_arguments().parse_args(given[1:])
        from gui.startup.demo import run_demo

        return run_demo(options.out, options.seconds)
    options = _arguments().parse_args(given)
    from gui.training.torch_on_windows import load_torch_first

    load_torch_first()
    from gui.startup.application import run_window

    return run_window(options.file, options.theme, not options.no_record)


if __name__ == "__main__":
    sys.exit(main())
