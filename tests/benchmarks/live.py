"""The real window, every plot visible, the diagram playing, a run in training: throughput and frame times.

Run as `python -m tests.benchmarks.live process|thread SECONDS` on a screen; prints one line of JSON.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSettings, QTimer

from engine.config import TrainingConfig
from engine.messages import State
from gui.application import Faults, make_application, make_window
from gui.demo import until, wait
from gui.frame_clock import FrameClock
from tests.benchmarks.training import CONFIG


def measure(worker: str, seconds: float) -> dict[str, float]:
    """Train for so many seconds in front of the window; return steps/s, refreshes/s and frame times."""
    make_application([])
    Faults().install()
    config: TrainingConfig = replace(CONFIG, worker=worker)
    with tempfile.TemporaryDirectory() as folder:
        window = make_window(QSettings(str(Path(folder) / "bench.ini"), QSettings.Format.IniFormat), "light")
        window.show()
        pulse = QTimer()
        pulse.start(20)
        controller, playback = window.training.controller, window.playback
        controller.config = config
        until(lambda: playback.trace is not None, "the trace")
        controller.begin()
        until(lambda: controller.state is State.RUNNING and controller.history.count > 50, "training")
        clock = FrameClock(window.view, playback)
        refreshes = [0]
        controller.updated.connect(lambda _update: refreshes.__setitem__(0, refreshes[0] + 1))
        snapshots = set()
        controller.updated.connect(lambda u: u.snapshot is not None and snapshots.add(u.snapshot.step))
        before, began = controller.history.count, time.perf_counter()
        while time.perf_counter() - began < seconds:
            if not playback.playing:
                playback.toggle()
            wait()
        took = time.perf_counter() - began
        result = {
            "steps_per_s": (controller.history.count - before) / took,
            "refreshes_per_s": refreshes[0] / took,
            "snapshots_per_s": len(snapshots) / took,
            "frame_p50_ms": clock.percentile(50),
            "frame_p95_ms": clock.percentile(95),
            "frames": len(clock.intervals_ms),
        }
        window.close()
        until(lambda: not window.isVisible(), "the window to close")
    return result


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], float(sys.argv[2]))))
