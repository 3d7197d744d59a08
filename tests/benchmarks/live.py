"""Training in front of the real window over the same trainer with nobody watching, in turns of a few seconds.

Both runs live at the same time, each in a worker of its own, and one of them is always paused: a shared machine
changes its speed from one minute to the next, and what is compared has to meet the same seconds. Both are recorded, as
a user's runs are, and past the seconds in which that costs the most; see `tests.benchmarks.recorded_steps`.
Run as `python -m tests.benchmarks.live process|thread SECONDS ROUNDS [VIEW …]` on a screen; prints one line of
JSON. With views of the training, each round has the next of them in front instead of the cell. "network" is the diagram
that lives: it follows the network in training, and plays through it.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, QTimer

from engine.recording.folder import FOLDER_VARIABLE
from engine.runs.messages import State, Update
from engine.runs.pace import FULL
from engine.session.recorder import RecordTo
from gui.appearance.stored import Stored
from gui.startup.application import Faults, make_application, make_window
from gui.startup.demo import until, wait
from gui.startup.frame_clock import FrameClock
from gui.window.main_window import MainWindow
from tests.benchmarks.training import CONFIG
from tests.benchmarks.turns import Turns, cpu_s, stolen, ticks

NETWORK = "network"
"""The diagram, with the network that learns in it."""
_SETTLE_S = 0.5
_BEGINNING_S = 10.0
_BEAT_MS = 16
"""Between two turns of the event loop in a view without an animation, if nothing holds it up."""


class _Watched:
    """The run in the window: every plot visible, the diagram playing through again and again."""

    def __init__(self, window: MainWindow, worker: str) -> None:
        self.window = window
        self.controller, self.playback = window.training.controller, window.playback
        self.controller.config = replace(CONFIG, worker=worker)
        self.controller.set_pace(FULL)
        self.clock = FrameClock(window.view, self.playback)
        self._beats: list[float] = []
        self._beat = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=_BEAT_MS)
        self._beat.timeout.connect(lambda: self._beats.append(time.perf_counter()))
        self.updates: list[tuple[float, int, float]] = []
        """When one came, its step, and the processor's time that the training had used."""
        self.snapshots: set[int] = set()
        self.moments: set[int] = set()
        """The steps of the network that were in the diagram."""
        self._plays = True
        self.controller.run.updated.connect(self._on_updated)
        window.following.changed.connect(self._on_following)
        self.controller.begin()
        until(lambda: self.controller.run.state is State.RUNNING and self.controller.run.history.count > 50, "training")
        self.pause()

    def _on_updated(self, update: Update) -> None:
        if update.state is State.RUNNING:
            worker = self.controller.worker
            used = cpu_s(worker) if worker is not None else math.nan
            self.updates.append((time.perf_counter(), update.step, used))
        if update.snapshot is not None:
            self.snapshots.add(update.snapshot.step)

    def _on_following(self) -> None:
        snapshot = self.window.following.snapshot
        if snapshot is not None:
            self.moments.add(snapshot.step)

    def pause(self) -> None:
        self.controller.train_or_pause()
        if self.playback.playing:
            self.playback.toggle()
        until(lambda: self.controller.run.state is State.PAUSED and not self.playback.moment.moving, "a pause")

    def run(self, seconds: float, view: str) -> dict[str, float | str]:
        self.window.stage.show_view("diagram" if view == NETWORK else view)
        self._plays = view in ("diagram", NETWORK)  # in the others nothing moves
        self._beat.start()
        following = self.window.following
        following.leave()
        if view == NETWORK:
            following.follow()
        self.moments.clear()
        self.controller.train_or_pause()
        self._play_for(_SETTLE_S)
        self.updates.clear()
        self.snapshots.clear()
        self.clock.clear()
        self._beats.clear()
        began, used, before = time.perf_counter(), time.process_time(), ticks()
        self._play_for(seconds)
        until(lambda: len(self.updates) > 1, "two answers")  # a host that was away holds both runs up
        took, used = time.perf_counter() - began, time.process_time() - used
        (first_at, first, cpu_first), (last_at, last, cpu_last) = self.updates[0], self.updates[-1]
        result: dict[str, float | str] = {
            "view": view,
            "steps_per_s": (last - first) / (last_at - first_at),
            "steps_per_cpu_s": (last - first) / (cpu_last - cpu_first),
            "refreshes_per_s": len(self.updates) / took,
            "snapshots_per_s": len(self.snapshots) / took,
            "networks_per_s": len(self.moments) / took,
            **self._frames(),
            # With the trainer in a thread this includes the training itself.
            "window_process_cpu": used / took,
            "stolen": stolen(before),
        }
        self.pause()
        return result

    def _frames(self) -> dict[str, float]:
        """Return how evenly the animation's frames came; where another view hides it, those that it could have had."""
        self._beat.stop()
        if not self.clock.intervals_ms:
            between = np.diff(self._beats) * 1000
            return {"frame_p50_ms": float(np.median(between)), "frame_p95_ms": float(np.percentile(between, 95))}
        return {
            "frame_p50_ms": self.clock.percentile(50),
            "frame_p95_ms": self.clock.percentile(95),
            "frames": len(self.clock.intervals_ms),
        }

    def _play_for(self, seconds: float) -> None:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            if self._plays and not self.playback.playing:
                self.playback.toggle()
            wait()


def measure(worker: str, seconds: float, rounds: int, views: Sequence[str] = ("diagram",)) -> dict[str, Any]:
    """Return the median ratio, every round, and what the window did meanwhile."""
    make_application([])
    Faults().install()
    with tempfile.TemporaryDirectory() as folder:
        os.environ[FOLDER_VARIABLE] = folder  # its runs are recorded, as a user's are, but not among the user's
        window = make_window(Stored(Path(folder) / "bench.ini"), "light")
        window.show()
        pulse = QTimer()
        pulse.start(20)
        until(lambda: window.model.trace is not None, "the trace")
        for view in views:  # made once, when first looked at; not in the time that is measured
            window.stage.show_view("diagram" if view == NETWORK else view)
        watched = _Watched(window, worker)
        unwatched = Turns(replace(CONFIG, worker=worker), RecordTo(Path(folder) / "unwatched.lstmrec"))
        unwatched.run(_BEGINNING_S)
        watched.run(_BEGINNING_S, views[0])
        turns = []
        for number in range(rounds):
            view = views[number % len(views)]
            if number % 2:
                live, bare = watched.run(seconds, view), unwatched.run(seconds)
            else:
                bare, live = unwatched.run(seconds), watched.run(seconds, view)
            of_bare = {"bare_steps_per_cpu_s": unwatched.per_cpu_s[-1], "bare_stolen": unwatched.stolen[-1]}
            turns.append({"bare_steps_per_s": bare, **of_bare, **live})
        window.close()
        until(lambda: not window.isVisible(), "the window to close")
        unwatched.end()
        window.training.controller.wait_closed(10)
    ratios = [float(turn["steps_per_s"]) / float(turn["bare_steps_per_s"]) for turn in turns]
    # The processor's time of a thread of the window is the window's, too.
    of_child = turns if worker == "process" else []
    of_cpu = [float(turn["steps_per_cpu_s"]) / float(turn["bare_steps_per_cpu_s"]) for turn in of_child]
    detail = {
        "worker": worker,
        "ratios": ratios,
        "ratio_per_cpu_second": statistics.median(of_cpu) if of_cpu else None,
        "ratios_per_cpu_second": of_cpu,
        "rounds": turns,
    }
    return {"value": statistics.median(ratios), "unit": "ratio", "detail": detail}


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), sys.argv[4:] or ["diagram"])))
