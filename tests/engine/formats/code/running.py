"""Runs exported scripts in a child, as a student would."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def run_together(scripts: dict[str, str], folder: Path) -> dict[str, str]:
    """What each script prints; all of them run in one child, for torch loads for a second."""
    for number, text in enumerate(scripts.values()):
        (folder / f"{number}.py").write_text(text, encoding="utf-8")
    runner = (
        "import runpy, sys, torch\n"
        "for number in range(int(sys.argv[1])):\n"
        "    torch.set_default_dtype(torch.float32); torch.set_grad_enabled(True)\n"
        "    runpy.run_path(f'{number}.py', run_name='__main__')\n"
        "    print('=====')\n"
    )
    (folder / "runner.py").write_text(runner)
    child = [sys.executable, "-W", "ignore", "runner.py", str(len(scripts))]
    done = subprocess.run(child, cwd=folder, capture_output=True, encoding="utf-8", env=None, check=False)
    assert done.returncode == 0, done.stderr
    return dict(zip(scripts, done.stdout.split("=====\n"), strict=False))
