"""A cell of m = n = k = 1024 in the real window: how long until it is there, a step of it, a frame of it.

Run as `python -m tests.benchmarks.large [ROUNDS]` on a screen; prints one line of JSON.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from engine.document.examples import EXAMPLES, load_example
from gui.appearance.stored import Stored
from gui.startup.application import Faults, make_application, make_window
from gui.startup.demo import until, wait
from gui.startup.frame_clock import FrameClock
from gui.window.main_window import MainWindow
from tests.benchmarks.turns import stolen, ticks

SIZE = 1024
_TICK_MS = 5


class _Absence:
    """How long the window's thread was away from its events: a timer that comes late says so."""

    def __init__(self) -> None:
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_tick)
        self._timer.start(_TICK_MS)
        self.clear()

    def clear(self) -> None:
        self._last = time.perf_counter()
        self.longest_ms = 0.0

    def _on_tick(self) -> None:
        now = time.perf_counter()
        self.longest_ms = max(self.longest_ms, (now - self._last) * 1000 - _TICK_MS)
        self._last = now


class _Opened:
    """The window with its clock: when a new trace has been painted."""

    def __init__(self, window: MainWindow) -> None:
        self.window, self.model = window, window.model
        self.absence = _Absence()
        self._waits = self._traced = False
        self.model.trace_changed.connect(self._on_trace)
        window.view.painted.connect(self._on_painted)

    def _on_trace(self) -> None:
        self._traced = self._waits and min(self.model.document.sizes.values()) == SIZE

    def _on_painted(self) -> None:
        if self._waits and self._traced:
            self._waits = False

    def until_painted(self, ask: Callable[[], object]) -> tuple[float, float]:
        """Return the seconds from asking to the first painted trace, and the longest absence meanwhile, in ms."""
        self._waits, self._traced = True, False
        wait()
        self.absence.clear()
        began = time.perf_counter()
        ask()
        while self._waits:
            QApplication.processEvents()
            if time.perf_counter() - began > 60:
                raise TimeoutError("the cell was not painted within 60 s")
            time.sleep(0.0002)  # an idle window sleeps, too
        return time.perf_counter() - began, self.absence.longest_ms

    def settled(self) -> None:
        """Wait until everything there is to compute is computed and painted."""
        until(lambda: not self.model.waiting and self.model.trace is not None, "the trace")
        until(self.window.typesetter.idle, "the formulas")
        maps = self.window.weights.maps
        until(lambda: maps is None or maps.isHidden() or not maps.matrix.preparing, "the map")
        for _ in range(20):
            wait()


def _open(opened: _Opened) -> dict[str, float]:
    """Begin with the worked example; type m and k; then ask for a new cell of these sizes."""
    window, model = opened.window, opened.model
    first = next(iter(EXAMPLES))
    model.replace(load_example(first), EXAMPLES[first])
    opened.settled()
    before = ticks()
    window.sizes.boxes["m"].setValue(SIZE)
    opened.settled()
    typed_s, typed_ms = opened.until_painted(lambda: window.sizes.boxes["k"].setValue(SIZE))
    opened.settled()
    model.undo_stack.setClean()
    new_s, new_ms = opened.until_painted(window.actions_by_name["new"].trigger)
    opened.settled()
    return {
        "typed_s": typed_s,
        "typed_away_ms": typed_ms,
        "new_s": new_s,
        "new_away_ms": new_ms,
        "stolen": stolen(before),
    }


def _steps(window: MainWindow) -> list[float]:
    """Return the milliseconds from asking for each operation of a step to everything being painted."""
    painted: list[bool] = []
    window.view.painted.connect(lambda: painted.append(True))
    took = []
    window.playback.restart()
    for position in range(1, window.playback.last + 1):
        for _ in range(3):
            wait()
        painted.clear()
        began = time.perf_counter()
        window.playback.seek(position)
        while not painted:
            QApplication.processEvents()  # paints all that has changed
        took.append((time.perf_counter() - began) * 1000)
    return took


def _frames(window: MainWindow) -> dict[str, float]:
    """Play one step through at speed 1. What a frame computes is counted, too: no other program adds to that."""
    clock, playback = FrameClock(window.view, window.playback), window.playback
    counted: list[float] = []
    window.view.painted.connect(lambda: counted.append(time.thread_time() * 1000))
    playback.restart()
    playback.set_speed(1.0)
    wait()
    before = ticks()
    counted.clear()
    playback.toggle()
    until(lambda: not playback.playing and not playback.moment.moving, "the end of the step")
    return {
        "frame_p50_ms": clock.percentile(50),
        "frame_p95_ms": clock.percentile(95),
        "frame_p99_ms": clock.percentile(99),
        "frames": len(clock.intervals_ms),
        "computed_p95_ms": float(np.percentile(np.diff(counted), 95)),
        "stolen": stolen(before),
    }


def measure(rounds: int) -> dict[str, dict[str, Any]]:
    """Return the three figures, each with its rounds."""
    make_application([])
    Faults().install()
    with tempfile.TemporaryDirectory() as folder:
        window = make_window(Stored(Path(folder) / "bench.ini"), "light", False)
        window.show()
        opened = _Opened(window)
        opened.settled()
        openings = [_open(opened) for _ in range(rounds)]
        before = ticks()
        steps = [_steps(window) for _ in range(rounds)]
        taken = stolen(before)
        plays = [_frames(window) for _ in range(rounds)]
        window.model.replace(load_example(next(iter(EXAMPLES))), "the worked example")
        opened.settled()
        small = _frames(window)
        peak = psutil.Process().memory_info().rss
        window.model.undo_stack.setClean()
        window.close()
        until(lambda: not window.isVisible(), "the window to close")
    of_operation = [statistics.median(times) for times in zip(*steps, strict=True)]
    slowest = max(statistics.median([turn[way] for turn in openings]) for way in ("typed_s", "new_s"))
    frame = statistics.median(turn["frame_p95_ms"] for turn in plays)
    return {
        f"cell_{SIZE}_open_s": {
            "value": slowest,
            "unit": "s",
            "detail": {"rounds": openings, "resident_bytes": peak},
        },
        f"cell_{SIZE}_step_ms": {
            "value": max(of_operation),
            "unit": "ms",
            "detail": {"operations": of_operation, "stolen": taken},
        },
        f"cell_{SIZE}_frame_p95_ms": {"value": frame, "unit": "ms", "detail": {"rounds": plays, "of_size_3": small}},
    }


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 3)))
