"""Starts LSTM Visualizer's window, or a command that needs none; imports only what the arguments ask for."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path

COMMANDS = {
    "trace": ("engine.commands.trace", "Print every value of a document or of a cell, step by step."),
    "tasks": ("engine.commands.tasks", "List the tasks that a network can learn."),
    "train": ("engine.commands.train.command", "Train a network without a window and record the run."),
    "runs": ("engine.commands.runs", "List the recorded runs, newest first."),
    "show": ("engine.commands.show", "Print what a recording contains, even while it is being written."),
    "convert": ("engine.commands.convert", "Turn networks, documents and recorded runs into each other."),
    "export": ("engine.commands.export", "Write the metrics of runs as CSV, or one run with its gates as .npz."),
    "experiment": ("engine.commands.experiment", "Repeat a published experiment over several seeds."),
    "render": ("gui.startup.render", "Write a picture or a film of a document or a recorded run."),
    "register": ("gui.document.file_types", "Let a double click open the program's files (Linux only)."),
    "lesson": ("gui.startup.lesson", "Open a lesson, or check the file of one."),
    "demo": ("gui.startup.demo", "Play the worked example, train a network and save pictures of both."),
}
"""Each command's module and sentence. The module offers `add_arguments(parser)`, and `run(options)`, which returns the
exit status or raises PlainError."""


def main(arguments: list[str] | None = None) -> int:
    """Run the program; return its exit status."""
    here = str(Path(__file__).resolve().parent)
    if sys.path[0] != here:  # `engine` and `gui` are those beside this file, whatever else has these names
        sys.path.insert(0, here)
    from engine.commands.printing import find_streams, status_of

    find_streams()
    return status_of(lambda: _run(sys.argv[1:] if arguments is None else arguments))


def command_parser(name: str) -> argparse.ArgumentParser:
    """Return the parser of a command; it sets `run`, the function that takes the options."""
    from engine.commands.printing import Parser

    path, sentence = COMMANDS[name]
    module = import_module(path)
    parser = Parser(prog=f"lstm-visualizer {name}", description=sentence)
    parser.set_defaults(run=module.run)
    module.add_arguments(parser)
    return parser


def window_parser() -> argparse.ArgumentParser:
    """Return the parser of the window; its help lists the commands."""
    from engine.commands.printing import Parser
    from engine.file_kinds import FORMATS
    from engine.text.listed import listed

    kinds = listed((f"{each.one} ({' '.join(each.suffixes)})" for each in FORMATS.values()), "or")
    commands = "\n".join(f"  {name:<12}{sentence}" for name, (_, sentence) in COMMANDS.items())
    parser = Parser(
        prog="lstm-visualizer",
        description="Walk through the LSTM cell number by number, and watch one being trained.",
        epilog=f"commands:\n{commands}\n\n"
        "'lstm-visualizer COMMAND --help' explains a command. ./trace opens a file that is named like one.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", nargs="?", type=Path, help=f"{kinds} to open, or a link, lstmviz:…")
    parser.add_argument("--no-record", action="store_true", help="do not record the runs of this window")
    parser.add_argument("--theme", choices=("system", "light", "dark", "projector"), help="colours of this window")
    parser.add_argument("--present", action="store_true", help="begin with the presentation, for a lecture hall")
    parser.add_argument("--version", action="store_true", help="print name and version")
    parser.usage = f"{parser.format_usage().removeprefix('usage: ')}       %(prog)s COMMAND ..."
    return parser


def _run(given: list[str]) -> int:
    if given and given[0] in COMMANDS:
        options = command_parser(given[0]).parse_args(given[1:])
        return int(options.run(options))
    parser = window_parser()
    options, rest = parser.parse_known_args(given)
    if options.version:
        from engine.shipped import NAME, version

        print(NAME, version())
        return 0
    _check_no_command(options.file)
    if rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    from gui.training.torch_on_windows import load_torch_first

    load_torch_first()
    from gui.startup.application import run_window

    return run_window(options.file, options.theme, not options.no_record, options.present)


def _check_no_command(file: Path | None) -> None:
    """Raise PlainError for a word that is no file, but nearly a command, or one that stands after an option."""
    from engine.errors import PlainError, nearest

    word = str(file)
    near = nearest(word, COMMANDS)
    if file is not None and near and word.isalpha() and not file.exists():
        raise PlainError(
            f"There is no file {word} here; did you mean the command {near}? A command comes first, before options."
        )


if __name__ == "__main__":
    sys.exit(main())
