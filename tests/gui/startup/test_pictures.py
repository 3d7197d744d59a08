"""The pictures of README and guide: each is made by `make pictures`, from what the program really has."""

import re
from pathlib import Path

import pytest

import main
from gui.startup.pictures import GUIDE, MOVING, PICTURES, RUN, WINDOW, Shown

ROOT = Path(__file__).parents[3]
_SHOWN = re.compile(r"!\[[^\]]+\]\(([^)]+)\)")


def test_every_picture_that_a_page_shows_is_one_that_is_made() -> None:
    made = {(GUIDE / shown.name).resolve() for shown in PICTURES} | {(GUIDE / WINDOW).resolve()}
    seen = set()
    for page in (ROOT / "README.md", *GUIDE.glob("*.md")):
        for name in _SHOWN.findall(page.read_text(encoding="utf-8")):
            seen.add((page.parent / name).resolve())
    assert seen == made
    assert all(path.is_file() and path.stat().st_size < 600_000 for path in made)


@pytest.mark.parametrize("shown", [*PICTURES, *MOVING], ids=lambda shown: shown.name)
def test_the_command_knows_every_argument(shown: Shown) -> None:
    arguments = ["run.lstmrec" if word == RUN else word for word in shown.arguments]
    options = main.command_parser("render").parse_args([*arguments, "--out", shown.name])
    assert options.out == Path(shown.name)
