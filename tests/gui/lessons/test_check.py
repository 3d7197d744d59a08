"""`lesson FILE --check` says every mistake with its line, and lets nothing through that a lesson may not do."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from engine.lessons.lesson import Words
from engine.lessons.reading import TOUR, place_of, shipped_lessons
from gui.commands.table import commands
from gui.lessons.allowed import allowed_commands
from gui.lessons.check import check_lesson
from main import main

_LINK = re.compile(r"\[((?:\[[^\[\]]*\]|[^\[\]])*)\]\(point[^)]*\)")
_NUMBERS = re.compile(r"[−-]?\d+\.\d+|\[[−\d., -]+\]|(?<== )[−-]?\d\d+")
"""A number with decimals, a vector, or what stands after =."""


@pytest.mark.parametrize("name", [*shipped_lessons(), TOUR])
def test_a_shipped_lesson_has_no_mistakes(name: str) -> None:
    lesson, mistakes = check_lesson(place_of(name))
    assert mistakes == []
    assert lesson.about
    assert 1 <= lesson.minutes <= 15


@pytest.mark.parametrize("name", [*shipped_lessons(), TOUR])
def test_every_number_of_a_shipped_lesson_is_computed_anew(name: str) -> None:
    lesson, _mistakes = check_lesson(place_of(name))
    loose = [
        f"{name}.md:{beat.line}: {found}"
        for stop in lesson.stops
        for beat in stop.beats
        if isinstance(beat, Words)
        for found in _NUMBERS.findall(_LINK.sub("", beat.markdown))
    ]
    assert loose == []


@pytest.mark.parametrize(
    ("directive", "words"),
    [
        ("shw sum", "did you mean “show sum”"),
        ("show summ", "did you mean “sum”"),
        ("example forgt-gate", "did you mean “forget-gate”"),
        ("operation f_q", "did you mean “f_t”"),
        ("operation f_t t=3", "from 1 to 1"),
        ("set C_0 = 1 0", "expected 3 numbers"),
        ("set W_q = 1", "did you mean"),
        ("set m=4000", "sizes up to 512"),
        ("train addng steps=400", "did you mean “adding”"),
        ("train adding pace=fast", "pace"),
        ("train adding steps=-1", "steps"),
        ("train adding stepz=1", "did you mean “steps”"),
        ("train adding text_file=/etc/passwd", "may not set text_file"),
        ("train own:/tmp/task.py", "no task"),
        ("task own:/tmp/task.py", "no task"),
        ("at stp 300", "needs a training step"),
        ("at step 0", "needs a training step"),
        ("open ../secret.lstmviz", "in its own folder"),
        ("ask What? | = C_q", "did you mean “C_t”"),
        ("quit", "may not use “quit”"),
        ("save as", "may not use “save as”"),
        ("theme dark", "may not use “theme dark”"),
        ("fill matrix", "matrix"),
        ("weights 9", "from 1 to 4"),
        ("experiment addng", "no experiment"),
    ],
)
def test_a_mistake_is_named(directive: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "l.md"
    path.write_text(f"# T\n\nText.\n\n{{{directive}}}\n", "utf-8")
    (mistake,) = check_lesson(path)[1]
    assert mistake.line == 5
    assert words in mistake.sentence


def test_names_are_those_of_the_cell_that_the_lesson_has_made(tmp_path: Path) -> None:
    path = tmp_path / "l.md"
    path.write_text(
        "# T\n\n{cell gru}\n\nText with a [gate](point:u_t).\n\n{operation u_t}\n{add step}\n{operation u_t t=2}\n"
        "{show network}\n{operation anything}\n{own cell}\n{operation f_t}\n",
        "utf-8",
    )
    assert [mistake.line for mistake in check_lesson(path)[1]] == [13]


def test_what_writes_asks_or_ends_is_not_allowed() -> None:
    refused = commands().keys() - allowed_commands().keys()
    for name in (
        "save",
        "open",
        "quit",
        "undo",
        "welcome",
        "keep",
        "record",
        "preferences",
        "export code",
        "copy link",
    ):
        assert name in refused
    for name in ("show sum", "operation", "example counter", "pace 50/s", "weights 2", "train", "fill zeros"):
        assert name in allowed_commands()
    assert "fill matrix" in refused


def test_the_command_prints_a_line_for_each_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "l.md"
    path.write_text("Text.\n\n{shw sum}\n", "utf-8")
    assert main(["lesson", str(path), "--check"]) == 2
    lines = capsys.readouterr().out.splitlines()
    assert [line.removeprefix(f"{path}:").split(":")[0] for line in lines] == ["1", "3"]
    assert main(["lesson", "forget-gate", "--check"]) == 0
    assert "no mistakes" in capsys.readouterr().out


def test_a_lesson_is_checked_without_a_window() -> None:
    code = "import sys; from main import main; main(['lesson', 'forget-gate', '--check']); "
    code += "sys.exit(any(name.split('.')[0] in ('PySide6', 'torch') for name in sys.modules))"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3], timeout=60)


def test_a_number_that_is_not_the_programs_is_told(tmp_path: Path) -> None:
    path = tmp_path / "l.md"
    path.write_text("# T\n\nIt is [92](value:z_f[1]).\n\n{set b_f = 3 2 3}\n\nNow [93](value:z_f[1]).\n", "utf-8")
    (mistake,) = check_lesson(path)[1]
    assert (mistake.line, mistake.sentence) == (7, "The text says “93”, but z_f[1] is 94; correct one of them")
