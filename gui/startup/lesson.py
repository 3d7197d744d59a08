"""The command `main.py lesson`: opens a lesson in the window, or says what is wrong with its file."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from engine.errors import BAD_INPUT, one_line
from engine.lessons.reading import place_of, shipped_lessons
from gui.lessons.check import check_lesson

if TYPE_CHECKING:
    from gui.window.main_window import MainWindow  # a lesson is checked without a window


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `main.py lesson` can be told."""
    parser.add_argument("lesson", metavar="NAME|FILE", help=f"one of {', '.join(shipped_lessons())}, or a file (.md)")
    parser.add_argument("--check", action="store_true", help="open no window: print every mistake with its line")
    parser.add_argument("--present", action="store_true", help="begin presenting at once")
    parser.add_argument("--theme", choices=("system", "light", "dark", "projector"), help="colours of this window")
    parser.add_argument("--no-record", action="store_true", help="do not record the runs of this window")


def run(options: argparse.Namespace) -> int:
    """Check the lesson, or open the window with it; return the exit status.

    Raises LessonError where there is no such lesson.
    """
    path = place_of(options.lesson)
    lesson, mistakes = check_lesson(path)
    for mistake in mistakes:
        print(one_line(f"{path}:{mistake.line}: {mistake.sentence}"))
    if mistakes:
        return BAD_INPUT
    if options.check:
        count = len(lesson.stops)
        print(one_line(f"{path}: “{lesson.title}”, {count} {'stop' if count == 1 else 'stops'}, no mistakes"))
        return 0
    from gui.training.torch_on_windows import load_torch_first

    load_torch_first()
    from gui.startup.application import run_window

    def begin(window: MainWindow) -> None:
        window.lessons.open(str(path))

    return run_window(None, options.theme, not options.no_record, options.present, begin)
