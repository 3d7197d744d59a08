"""Nothing is written twice: no long stretch of code stands in two places of the program."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
LONGEST = 10
"""So many lines in a row may be the same in two places."""
_IMPORT = re.compile(r"(from [\w.]+ )?import ")


def code_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield number and text of each line of code, without indentation, imports, comments and lone punctuation."""
    importing = False
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if importing or _IMPORT.match(line):
            importing = (importing or "(" in line) and ")" not in line
        elif not line.startswith("#") and re.search(r"\w", line):
            yield number, line


def repeated(files: dict[str, str]) -> list[str]:
    """Return where a stretch of more than LONGEST lines begins that has stood before, and where that was."""
    seen: dict[tuple[str, ...], tuple[str, int]] = {}
    found = []
    for name, text in files.items():
        lines = list(code_lines(text))
        for first in range(len(lines) - LONGEST):
            stretch = lines[first : first + LONGEST + 1]
            where, at = seen.setdefault(tuple(line for _, line in stretch), (name, first))
            if (where, at) != (name, first) and not (where == name and first - at <= LONGEST):
                found.append(f"{name}:{stretch[0][0]} is {where} again")
    return found


def test_no_long_stretch_of_code_stands_twice():
    paths = [ROOT / "main.py", *sorted((ROOT / "engine").rglob("*.py")), *sorted((ROOT / "gui").rglob("*.py"))]
    files = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in paths}
    assert len(files) > 100
    assert repeated(files) == []


def test_a_stretch_is_found_wherever_it_stands():
    lines = [f"total = total + {number}" for number in range(LONGEST + 1)]
    code = "\n".join(lines)
    apart = "\n\n    # another comment\n    ".join(lines)
    imports = "from one import (\n    first,\n    second,\n)\nimport two\n"
    assert repeated({"a.py": code, "b.py": imports + apart}) == ["b.py:6 is a.py again"]
    assert repeated({"a.py": code + "\nbetween = 1\n" + code}) == ["a.py:13 is a.py again"]
    assert repeated({"a.py": code, "b.py": "\n".join(lines[1:])}) == [], "ten lines may be the same"
    assert repeated({"a.py": imports * 9, "b.py": imports * 9}) == []
