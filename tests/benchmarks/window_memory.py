"""Whether the window's memory grows with a run: what it holds after 100,000 steps and after a million.

Run as `python -m tests.benchmarks.window_memory` on a screen; prints one line of JSON. The window follows a recording
that a process of its own writes through the real writer, as fast as it can: the metrics of some real steps again and
again, and a real snapshot now and then.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import psutil
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from engine.recording.parcel import Parcel
from engine.recording.writer import RecordingWriter
from engine.session.recorder import about_run
from gui.appearance.stored import Stored
from gui.startup.application import Faults, make_application, make_window
from tests.benchmarks.training import CONFIG

SHORT, LONG = 100_000, 1_000_000
_PARCEL, _REAL = 2000, 2000
_SETTLE_S = 3.0
_PATIENCE_S = 280.0


def write(path: Path) -> None:
    """Write SHORT steps, wait for a line on the standard input, and write on to LONG."""
    from engine.training.trainer import Trainer

    trainer = Trainer(replace(CONFIG, device="cpu"))
    for _ in range(_REAL):
        trainer.step()
    rows, snapshot = trainer.drain().values, trainer.snapshot(frozenset({"flow", "observed"}))
    about = about_run(trainer, "benchmark", 1, LONG, "long")
    writer = RecordingWriter(path, about, asdict(trainer.task.facts()))
    for goal in (SHORT, LONG):
        while writer.count < goal:
            taken = replace(snapshot, step=writer.count + _PARCEL)
            writer.write(Parcel(rows=[rows[:_PARCEL]], snapshots=[taken] if writer.count % 20_000 == 0 else []))
        print(writer.count, flush=True)
        sys.stdin.readline()
    writer.close({"state": "finished"})


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the window did not come so far")
        QApplication.processEvents()
        time.sleep(0.005)


def _held_mb() -> float:
    """Return the memory that is the process's own, in MB, when it has come to rest."""
    end = time.monotonic() + _SETTLE_S
    _until(lambda: time.monotonic() > end)
    gc.collect()
    return float(psutil.Process().memory_full_info().uss / 1e6)


def main() -> None:
    """Follow a run to SHORT and to LONG steps and print what the window held."""
    make_application([])
    Faults().install()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.lstmrec"
        command = [sys.executable, "-m", "tests.benchmarks.window_memory", "write", str(path)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdin is not None
            assert child.stdout is not None
            child.stdout.readline()
            window = make_window(Stored(Path(folder) / "b.ini"), "light", False)
            pulse = QTimer()
            pulse.start(20)
            window.show()
            run = window.training.controller.run
            window.files.open(path)
            _until(lambda: run.history.count >= SHORT)
            short = _held_mb()
            child.stdin.write("go on\n")
            child.stdin.flush()
            child.stdout.readline()
            _until(lambda: run.history.count >= LONG)
            long = _held_mb()
            child.stdin.write("end\n")
            child.stdin.flush()
        window.model.undo_stack.setClean()
        window.close()
    detail = {"mb_after": {str(SHORT): short, str(LONG): long}}
    print(json.dumps({"value": long - short, "unit": "MB", "detail": detail}))


if __name__ == "__main__":
    write(Path(sys.argv[2])) if sys.argv[1:2] == ["write"] else main()
