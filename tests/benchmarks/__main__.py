"""Everything that is measured, in one run: a table, and build/bench.json.

Run by `make bench`, on a virtual screen. Shares of one thing over another are measured in turn, round by
round, and the median is given: a shared machine is not equally fast at all times.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.training import bare_over_plain

NETWORK = "network"
"""The diagram that follows the network in training; see `tests.benchmarks.live`."""

LIVE = "live"
"""The view of every map over time, which a training begins with."""
ROUNDS = 3
TURNS = 8
SECONDS = 3.0
OUT = Path("build/bench.json")
_WATCHING = ("flow", "health", "text", "task")
"""Views of the training that are drawn while it goes on, each over all the panels with their plots."""
_BARS = {
    "live_over_bare": ">= 0.95",
    "live_over_bare_network": ">= 0.95",
    "live_over_bare_live": ">= 0.95",
    "live_over_bare_thread": "stated",
    "live_over_bare_training_views": ">= 0.95",
    "bare_over_plain": ">= 1.0",
    "recorded_over_unrecorded": ">= 0.98",
    "recorded_over_unrecorded_in_turns": "stated",
    "watched_over_unwatched": ">= 0.95",
    "recording_million_mb": "<= 200",
    "recording_open_s": "<= 1",
    "recording_visit_ms": "<= 100",
    "window_memory_growth_mb": "<= 20",
    "frame_p95_ms": "<= 20",
    "frame_p95_ms_network": "<= 20",
    "frame_p95_ms_live": "<= 20",
    "window_over_torch_import": "<= 1.0",
    "film_frames_per_s": ">= 20",
    "film_last_over_first": "<= 1.1",
    "training_beside_film": ">= 0.9",
    "cell_1024_open_s": "<= 1",
    "cell_1024_step_ms": "<= 50",
    "cell_1024_frame_p95_ms": "<= 20",
}


def _json_of(*command: str) -> dict[str, Any]:
    run = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=True, timeout=600)
    result: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return result


def frame_p95(turns: list[dict[str, Any]]) -> dict[str, Any]:
    """Time between two frames of the animation while training runs in the child process."""
    values = [turn["frame_p95_ms"] for turn in turns]
    detail = {
        "rounds": values,
        "median_ms": [turn["frame_p50_ms"] for turn in turns],
        "empty_loop_p95_ms": empty_loop_p95_ms(),
    }
    return {"value": statistics.median(values), "unit": "ms", "detail": detail}


def empty_loop_p95_ms(seconds: float = 4.0) -> float:
    """Return what a loop that wakes every 16 ms and does nothing sees: no animation can be more even than that."""
    intervals = []
    began = last = due = time.perf_counter()
    while last - began < seconds:
        due += 0.016
        time.sleep(max(0.0, due - time.perf_counter()))
        now = time.perf_counter()
        intervals.append((now - last) * 1000)
        last = now
    return statistics.quantiles(intervals, n=20)[-1]


def window_over_torch_import() -> dict[str, Any]:
    """Process start to first painted window, over `python -c "import torch"`.

    Both as on every start but the first: the byte code of all modules is there, as pip leaves it for torch.
    """
    window, torch_import = [], []
    with tempfile.TemporaryDirectory() as folder:
        usual = {**os.environ, "PYTHONPYCACHEPREFIX": folder}
        usual.pop("PYTHONDONTWRITEBYTECODE", None)

        def seconds(*arguments: str) -> float:
            began = time.perf_counter()
            subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, env=usual)
            return time.perf_counter() - began

        for _ in range(ROUNDS + 1):
            window.append(seconds("-m", "tests.benchmarks.first_paint"))
            torch_import.append(seconds("-c", "import torch"))
    # The first round fills the file cache, and writes the byte code.
    ratios = [a / b for a, b in zip(window[1:], torch_import[1:], strict=True)]
    detail = {"ratios": ratios, "window_s": window[1:], "torch_import_s": torch_import[1:]}
    return {"value": statistics.median(ratios), "unit": "ratio", "detail": detail}


def main() -> None:
    """Measure everything, print the table, write the file."""
    results: dict[str, dict[str, Any]] = {}
    results["window_over_torch_import"] = window_over_torch_import()
    results.update(_json_of("-m", "tests.benchmarks.large", str(ROUNDS)))
    results["bare_over_plain"] = bare_over_plain()
    results["recorded_over_unrecorded"] = _json_of("-m", "tests.benchmarks.recorded_steps", "10", "5")
    results["watched_over_unwatched"] = _json_of("-m", "tests.benchmarks.watched", "10", "5")
    results.update(_json_of("-m", "tests.benchmarks.recording", str(SECONDS), str(TURNS)))
    results["window_memory_growth_mb"] = _json_of("-m", "tests.benchmarks.window_memory")
    results.update(_json_of("-m", "tests.benchmarks.films", str(ROUNDS)))
    live = ("-m", "tests.benchmarks.live")
    results["live_over_bare"] = _json_of(*live, "process", str(SECONDS), str(TURNS))
    results["frame_p95_ms"] = frame_p95(results["live_over_bare"]["detail"]["rounds"])
    results["live_over_bare_network"] = _json_of(*live, "process", str(SECONDS), str(TURNS), NETWORK)
    results["frame_p95_ms_network"] = frame_p95(results["live_over_bare_network"]["detail"]["rounds"])
    results["live_over_bare_live"] = _json_of(*live, "process", str(SECONDS), str(TURNS), LIVE)
    results["frame_p95_ms_live"] = frame_p95(results["live_over_bare_live"]["detail"]["rounds"])
    turns = str(6 * len(_WATCHING))
    results["live_over_bare_training_views"] = _json_of(*live, "process", str(SECONDS), turns, *_WATCHING)
    results["live_over_bare_thread"] = _json_of(*live, "thread", str(SECONDS), str(TURNS))
    print(f"{'name':28}{'value':>10}  {'unit':8}{'to reach':>10}")
    for name, result in results.items():
        print(f"{name:28}{result['value']:10.3f}  {result['unit']:8}{_BARS[name]:>10}")
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(results, indent=2), encoding="utf-8")
    print(f"Details: {OUT}")


if __name__ == "__main__":
    main()
