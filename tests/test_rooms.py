"""A stranger finds their way: no file is long, and no folder is full."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MOST_LINES, MOST_FILES = 400, 15
COLLECTIONS = {"engine/tasks"}
"""Folders of many files of one kind: one more is one more of that kind."""


@pytest.mark.parametrize("room", ["engine", "gui"])
def test_no_file_is_long_and_no_folder_full(room: str) -> None:
    files = sorted((ROOT / room).rglob("*.py"))
    assert len(files) > 50
    long = {path.name: lines for path in files if (lines := len(path.read_text("utf-8").splitlines())) > MOST_LINES}
    assert not long
    folders = {path.parent for path in files}
    held = {folder.relative_to(ROOT).as_posix(): len([*folder.glob("*.py")]) - 1 for folder in folders}
    assert not {folder: count for folder, count in held.items() if count > MOST_FILES and folder not in COLLECTIONS}
