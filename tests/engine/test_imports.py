import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = {"torch", "PySide6", "pyqtgraph", "gui"}

REST = """
import engine.cell.trace, engine.document.document_file, engine.commands.trace, engine.settings.config
import engine.session.worker
import engine.runs.history, engine.runs.snapshot
"""
TRACE = """
import contextlib, io, main
with contextlib.redirect_stdout(io.StringIO()) as printed:
    assert main.main(["trace", "--example", "worked-example", "--json"]) == 0
assert "91.0" in printed.getvalue()
"""
TASKS = """
import contextlib, io, main
with contextlib.redirect_stdout(io.StringIO()) as printed:
    assert main.main(["tasks"]) == 0
assert "copying" in printed.getvalue()
"""
TRAINER = "import engine.training.trainer, engine.training.network"


def loaded_after(code: str) -> set[str]:
    code += "\nimport json, sys\nprint(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode == 0, result.stderr
    return set(json.loads(result.stdout))


@pytest.mark.parametrize("code", [REST, TRACE, TASKS], ids=["engine at rest", "main.py trace", "main.py tasks"])
def test_what_rests_loads_neither_torch_nor_a_window(code: str) -> None:
    loaded = loaded_after(code)
    assert "numpy" in loaded
    assert not loaded & HEAVY


def test_training_loads_torch_and_no_window() -> None:
    assert loaded_after(TRAINER) & HEAVY == {"torch"}


def test_files_of_the_engine_import_each_other_relatively() -> None:
    """So that there is one engine, whether it is found as `engine` or as `lstm_visualizer.engine`."""
    wrong = []
    for path in sorted((ROOT / "engine").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [item.name for item in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            absolute = {name.partition(".")[0] for name in names} & {"engine", "lstm_visualizer"}
            wrong += [f"{path}:{node.lineno}"] if absolute else []
    assert wrong == []
