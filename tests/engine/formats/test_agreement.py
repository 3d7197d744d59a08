"""The table of the guide: networks of other programs give here the numbers that they give there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.formats.agreement import GUIDE, HEAD, cases
from tests.engine.formats.comparing import Case, number

_ENOUGH = 1e-6


def rows() -> dict[str, list[str]]:
    """The bounds in the guide, by the rest of their rows."""
    text = GUIDE.read_text("utf-8")
    assert HEAD in text
    table = text.partition(HEAD)[2].strip().partition("\n\n")[0].splitlines()
    parts = [line.strip("| ").split(" | ") for line in table]
    return {f"| {' | '.join(part[:-2])} |": part[-2:] for part in parts}


def test_the_guide_has_a_row_for_every_case() -> None:
    """Where one is missing: python -m tests.engine.formats.agreement prints the table."""
    assert list(rows()) == [case.key for case in cases()]


@pytest.mark.parametrize("case", [*cases()], ids=lambda case: case.key.strip("| ").replace(" | ", "-"))
def test_a_network_gives_the_numbers_of_its_own_program(case: Case, tmp_path: Path) -> None:
    single, double = case.compare(tmp_path)
    bounds = rows()[case.key]
    assert single <= number(bounds[0]) <= _ENOUGH
    assert (double is None) == (bounds[1] == "–")
    assert double is None or double <= number(bounds[1]) <= _ENOUGH
