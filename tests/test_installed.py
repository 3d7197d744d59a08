"""The program as it is installed: one package, in which nothing of a user's hides anything."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = "lstm_visualizer"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what a wheel holds."""
    folder = tmp_path_factory.mktemp("installed")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "wheel")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = (folder / "wheel").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


@pytest.fixture
def own_files(tmp_path: Path) -> Path:
    """A user's folder with files of the same names as parts of the program."""
    for name in ("engine", "gui", "main", "resources", "tests"):
        (tmp_path / f"{name}.py").write_text('raise SystemExit("this file is not the program\'s")\n', encoding="utf-8")
    return tmp_path


def run(installed: Path, folder: Path, *arguments: str) -> str:
    """Run Python in a user's folder, which comes first on its path, and return what it printed."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(installed)])}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_everything_lies_in_one_package(installed: Path) -> None:
    names = {item.name for item in installed.iterdir()}
    assert {name for name in names if not name.endswith(".dist-info")} == {PACKAGE}
    assert {item.name for item in (installed / PACKAGE).iterdir()} == {
        "__init__.py",
        "main.py",
        "engine",
        "gui",
        "resources",
    }


def test_every_file_of_a_checkout_is_in_it(installed: Path) -> None:
    for folder in ("engine", "gui", "resources"):
        there = {path.relative_to(ROOT) for path in (ROOT / folder).rglob("*") if path.is_file()}
        there = {path for path in there if "__pycache__" not in path.parts and "checkout" not in path.parts}
        assert there
        assert {path for path in there if not (installed / PACKAGE / path).is_file()} == set()


def test_a_users_own_files_hide_nothing_of_the_program(installed: Path, own_files: Path) -> None:
    printed = run(installed, own_files, "-m", f"{PACKAGE}.main", "trace", "--example", "worked-example", "--json")
    assert "91.0" in printed


def test_the_engine_is_imported_beside_a_users_own_files(installed: Path, own_files: Path) -> None:
    code = (
        f"from {PACKAGE}.engine.session import recorder\n"
        f"from {PACKAGE}.engine.document.examples import load_example\n"
        "import sys\n"
        "assert 'engine' not in sys.modules\n"
        "print(load_example('worked-example').m, recorder.__name__)\n"
    )
    script = own_files / "training.py"
    script.write_text(code, encoding="utf-8")
    assert run(installed, own_files, str(script)) == f"3 {PACKAGE}.engine.session.recorder\n"


TRAINING = f"""
from {PACKAGE}.engine.runs.messages import State
from {PACKAGE}.engine.session.worker import TrainingWorker
from {PACKAGE}.engine.settings.config import TrainingConfig

if __name__ == "__main__":
    worker = TrainingWorker(TrainingConfig(steps=3, sequence_length=4, batch_size=2, cell_size=2, device="cpu"))
    worker.start()
    state = State.PREPARING
    while state not in (State.FINISHED, State.FAILED):
        worker.request()
        if worker.wait_for_mail(0.1) and (update := worker.take()) is not None:
            state = update.state
    print(state, update.step, update.place, update.error)
    worker.close()
    worker.join(10)
"""


def test_a_run_trains_in_a_child_beside_a_users_own_files(installed: Path, own_files: Path) -> None:
    script = own_files / "training.py"
    script.write_text(TRAINING, encoding="utf-8")
    assert run(installed, own_files, str(script)).startswith("finished 3 child process")


def test_the_program_trains_beside_a_users_own_files(installed: Path, own_files: Path) -> None:
    train = ["train", "--task", "adding", "--steps", "3", "--no-record", "--json", "--device", "cpu"]
    assert '"state": "finished"' in run(installed, own_files, "-m", f"{PACKAGE}.main", *train)


WATCHING = f"""
import sys
import torch
from torch import nn
from {PACKAGE} import watch

torch.manual_seed(1)
lstm = nn.LSTM(2, 3)
with watch(lstm, torch.zeros(4, 2), "run.lstmrec", goal=2) as watcher:
    for _ in range(2):
        loss = (lstm(torch.ones(4, 2))[0] ** 2).sum()
        loss.backward()
        watcher.step(loss)
print(watcher.path.is_file(), sorted({{"engine", "gui", "PySide6", "main"}} & sys.modules.keys()))
"""


def test_a_loop_is_watched_beside_a_users_own_files_and_loads_no_window(installed: Path, own_files: Path) -> None:
    script = own_files / "training.py"
    script.write_text(WATCHING, encoding="utf-8")
    assert run(installed, own_files, str(script)) == "True []\n"
    checkout = ROOT / "resources" / "packaging" / "checkout"
    (own_files / "run.lstmrec").unlink()
    assert run(checkout, own_files, str(script)) == "True []\n"
