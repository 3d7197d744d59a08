"""Give a reader many damaged inputs: python -m tests.fuzz READER COUNT [SEED]; without a reader, each for its share of
ten minutes at most, as many at once as there are cores.

An input either can be read or is refused in one sentence, in a second of this process's own time and within 512 MB.
What fails is written to build/fuzz, with its number, and ends the run with status 1.
"""

from __future__ import annotations

import math
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from engine.errors import PlainError
from tests.fuzz.readers import READERS, Reader

MOST_BYTES = 512 * 2**20
MOST_SECONDS = 1.0
HANGS_AFTER = 20
LONGEST_SENTENCE = 1000
_SHOWN_FAILURES = 5
_MOST_S = 540
"""All readers together, on all cores."""


class _HangError(BaseException):
    """Nothing that a reader catches."""


def fuzz(reader: Reader, count: int, seed: int, seconds: float = math.inf) -> tuple[int, list[tuple[bytes, str]]]:
    """Return how many inputs there was time for, and those that a reader failed on, each with what was wrong."""
    failures: list[tuple[bytes, str]] = []
    tried, ends = 0, time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"fuzzed{reader.suffix}"
        for data in chain(reader.failed(), reader.damage(reader.seeds(), count, seed)):
            if time.monotonic() > ends:
                break
            tried += 1
            for left in Path(folder).iterdir():
                left.unlink()
            path.write_bytes(data)
            wrong = _wrong(reader, path)
            if wrong:
                failures.append((data, wrong))
                if len(failures) == _SHOWN_FAILURES:
                    break
    return tried, failures


class _Look:
    """Looks at what a reader ends with; a context manager, so that nothing that it raises is left out."""

    def __init__(self) -> None:
        self.wrong = ""
        self._begun = time.process_time()

    def __enter__(self) -> Self:
        signal.setitimer(signal.ITIMER_REAL, HANGS_AFTER)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        signal.setitimer(signal.ITIMER_REAL, 0)
        taken = time.process_time() - self._begun
        if isinstance(error, _HangError):
            self.wrong = f"no answer within {HANGS_AFTER} s"
        elif isinstance(error, PlainError):
            sentence = str(error)
            if "\n" in sentence or not 10 < len(sentence) < LONGEST_SENTENCE:
                self.wrong = f"no sentence: {sentence[:200]!r}"
        elif error is not None:
            self.wrong = "".join(traceback.format_exception(error, limit=-6))
        if not self.wrong and taken > MOST_SECONDS:
            self.wrong = f"took {taken:.1f} s"
        return True


def _wrong(reader: Reader, path: Path) -> str:
    """Return what is wrong with how a reader takes a file, "" if nothing is."""
    with _Look() as look:
        reader.read(path)
    return look.wrong


def _on_alarm(_number: int, _frame: FrameType | None) -> None:
    raise _HangError


def main(arguments: list[str]) -> int:
    """Fuzz the reader that is named, or each; return the exit status."""
    numbers = [int(word) for word in arguments if word.isdecimal()]
    count, seed, seconds = (*numbers, *(2000, 0, 0)[len(numbers) :])[:3]
    if arguments and arguments[0] in READERS:
        return _fuzz_one(arguments[0], count, seed, seconds or math.inf)
    workers = os.cpu_count() or 1
    share = str(max(1, _MOST_S * workers // len(READERS)))

    def fuzz_apart(name: str) -> int:
        command = [sys.executable, "-m", "tests.fuzz", name, str(count), str(seed), share]
        return subprocess.run(command, check=False).returncode

    with ThreadPoolExecutor(workers) as pool:
        return max(map(abs, pool.map(fuzz_apart, READERS)))


def _fuzz_one(name: str, count: int, seed: int, seconds: float) -> int:
    """Fuzz a reader within limits of memory and time, and print how it went; return the exit status."""
    reader = READERS[name]
    warnings.simplefilter("error")
    signal.signal(signal.SIGALRM, _on_alarm)
    reader.seeds()  # what makes them is loaded before memory is limited
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MOST_BYTES, used + MOST_BYTES))
    begun = time.monotonic()
    tried, failures = fuzz(reader, count, seed, seconds)
    taken = time.monotonic() - begun
    print(f"{name}: {tried:,} damaged inputs in {taken:.1f} s, {len(failures)} failures", flush=True)
    for place, (data, wrong) in enumerate(failures):
        kept = Path("build/fuzz") / f"{name}-{seed}-{place}{reader.suffix}"
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(data)
        print(f"--- {kept}: {wrong}", flush=True)
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
