"""A copy of the program to which something was added, as somebody adds it: by files and by rows of other files."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


class Grown:
    """A copy of the program in a folder, to be changed and run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for room in ("engine", "gui"):
            shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "main.py", folder)
        (folder / "resources").symlink_to(ROOT / "resources")
        self.places = 0
        """How many files were added or changed."""

    def add(self, path: str, text: str) -> None:
        """Add a file."""
        (self.folder / path).write_text(text, encoding="utf-8")
        self.places += 1

    def insert(self, path: str, *rows: tuple[str, str]) -> None:
        """Put text before other text of a file, which stands there once."""
        file = self.folder / path
        source = file.read_text(encoding="utf-8")
        for before, text in rows:
            assert source.count(before) == 1, f"{before!r} stands {source.count(before)} times in {path}"
            source = source.replace(before, text + before)
        file.write_text(source, encoding="utf-8")
        self.places += 1

    def run(self, *arguments: str) -> str:
        """Run Python in the copy, without a screen, and return what it printed."""
        environment = {**os.environ, "PYTHONPATH": str(self.folder), "QT_QPA_PLATFORM": "offscreen"}
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout
