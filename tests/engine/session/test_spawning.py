"""A user's script that starts children of ours without asking whether it is `__main__`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
HEAD = """
import os, sys
with open(os.environ["IMPORTS"], "a") as file:
    file.write(__name__ + "\\n")
"""
TRAINING = """
from engine.session.worker import TrainingWorker
from engine.settings.config import TrainingConfig

worker = TrainingWorker(TrainingConfig(sequence_length=5, batch_size=4, cell_size=4, device="cpu", steps=20))
worker.start()
state = "preparing"
while state in ("preparing", "running"):
    worker.request()
    worker.wait_for_mail(1.0)
    update = worker.take()
    state = str(update.state) if update is not None else state
print(state, update.step, update.error)
worker.stop()
worker.join()
"""
WINDOW = """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
import main

application = QApplication([])

def drive():
    from gui.window.main_window import MainWindow
    windows = [widget for widget in application.topLevelWidgets() if isinstance(widget, MainWindow)]
    if not windows:
        return
    (window,) = windows
    controller = window.training.controller
    if controller.run.state is None:
        window.training.train()
    elif controller.run.history.count >= 5:
        print(controller.run.last.place)
        timer.stop()
        window.close()

timer = QTimer()
timer.timeout.connect(drive)
timer.start(20)
sys.exit(main.main(["--no-record"]))
"""


def run_script(folder: Path, text: str, **environment: str) -> tuple[str, list[str]]:
    """Run a script; return what it printed, and the names under which it was imported."""
    script, imports = folder / "wrapper.py", folder / "imports"
    script.write_text(HEAD + text, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, str(script)],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "IMPORTS": str(imports),
            "PYTHONIOENCODING": "utf-8",
            **environment,
        },
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout, imports.read_text().split()


def test_a_script_without_a_guard_trains(tmp_path: Path) -> None:
    printed, imports = run_script(tmp_path, TRAINING)
    assert printed == "finished 20 \n"
    assert imports == ["__main__"]


def test_a_script_without_a_guard_has_one_window_which_trains(tmp_path: Path) -> None:
    pytest.importorskip("PySide6")
    printed, imports = run_script(tmp_path, WINDOW, QT_QPA_PLATFORM="offscreen", XDG_CONFIG_HOME=str(tmp_path))
    assert printed.startswith("child process, ")
    assert imports == ["__main__"]


def test_other_processes_of_the_script_are_started_as_always(tmp_path: Path) -> None:
    text = """
import multiprocessing
import engine.session.child

def work():
    print("worked", flush=True)

if __name__ == "__main__":
    process = multiprocessing.get_context("spawn").Process(target=work)
    process.start()
    process.join()
"""
    printed, imports = run_script(tmp_path, text)
    assert printed == "worked\n"
    assert imports == ["__main__", "__mp_main__"]
