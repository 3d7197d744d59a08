"""Films: frames a second at 1080 lines, whether a frame takes longer the later it comes, and what a training loses.

Run as `python -m tests.benchmarks.films ROUNDS`, without a screen; prints one line of JSON. A film of the pass has
1,800 frames. Beside a training, in turns of a few seconds: the same run with a film that is told to be slow, and
without.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.training import CONFIG
from tests.benchmarks.turns import Turns

_FRAMES, _ENDS = 1800, 100
_SECONDS = 4.0
_SETTLE_S = 2.0
_FILM = ("main.py", "render", "--example", "four-steps", "--size", "1920x1080", "--fps", "30", "--json")
_ROOT = Path(__file__).parents[2]


def film(out: Path) -> dict[str, float]:
    """Make a film of 1,800 frames; return its frames a second, and the time of its last frames over its first."""
    command = [sys.executable, *_FILM, "--seconds", str(_FRAMES / 30), "--out", str(out)]
    told: list[tuple[int, float]] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=_ROOT) as process:
        assert process.stdout is not None
        for line in process.stdout:
            said = json.loads(line)
            if "frame" in said:
                told.append((said["frame"], time.perf_counter()))
    (first, begun), (last, ended) = told[0], told[-1]
    return {"frames_per_s": (last - first) / (ended - begun), "last_over_first": _late(told) / _early(told)}


def _early(told: list[tuple[int, float]]) -> float:
    """Return the seconds of a frame among the first."""
    (first, begun), (last, ended) = told[0], next(each for each in told if each[0] >= _ENDS)
    return (ended - begun) / (last - first)


def _late(told: list[tuple[int, float]]) -> float:
    """Return the seconds of a frame among the last."""
    (first, begun), (last, ended) = next(each for each in told if each[0] >= _FRAMES - _ENDS), told[-1]
    return (ended - begun) / (last - first)


def beside_training(rounds: int, folder: Path) -> tuple[list[float], list[float]]:
    """Return the speed of a training beside a slow film over that without one, of each round.

    The second list has the same for each second of the processor: what others take of the machine is not in it.
    """
    turns, ratios, of_cpu = Turns(CONFIG, None), list[float](), list[float]()
    turns.run(_SETTLE_S)
    for number in range(rounds):
        if number % 2:
            alone, beside = turns.run(_SECONDS), _with_film(turns, folder)
            of_cpu.append(turns.per_cpu_s[-1] / turns.per_cpu_s[-2])
        else:
            beside, alone = _with_film(turns, folder), turns.run(_SECONDS)
            of_cpu.append(turns.per_cpu_s[-2] / turns.per_cpu_s[-1])
        ratios.append(beside / alone)
    turns.end()
    return ratios, of_cpu


def _with_film(turns: Turns, folder: Path) -> float:
    command = [sys.executable, *_FILM, "--steered", "--seconds", "3000", "--out", str(folder / "long.mp4")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=_ROOT
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("slow\n")
        process.stdin.flush()
        process.stdout.readline()  # its first frames are made
        speed = turns.run(_SECONDS)
        process.stdin.close()
        process.stdout.read()
    return speed


def measure(rounds: int) -> dict[str, Any]:
    """Return the medians, and every round."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        films = [film(folder / "film.mp4") for _ in range(rounds)]
        ratios, of_cpu = beside_training(2 * rounds, folder)
    found: dict[str, Any] = {}
    for key, of, unit in (
        ("film_frames_per_s", "frames_per_s", "1/s"),
        ("film_last_over_first", "last_over_first", "ratio"),
    ):
        values = [each[of] for each in films]
        found[key] = {"value": statistics.median(values), "unit": unit, "detail": {"rounds": values}}
    found["training_beside_film"] = {
        "value": statistics.median(ratios),
        "unit": "ratio",
        "detail": {"rounds": ratios, "of_cpu": of_cpu},
    }
    return found


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
