"""A run whose file another process holds locked for a while, and what must hold of it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace

from engine.runs.messages import State
from tests.engine.recording.real_runs import CONFIG, Run, assert_whole, undisturbed
from tests.engine.recordings import all_rows

SLOW = replace(CONFIG, sequence_length=60, batch_size=32, steps=10_000_000)
HOLD = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print(flush=True)
time.sleep(float(sys.argv[2]))
connection.execute("ROLLBACK")
"""


def locked(start: Callable[..., Run], hold_s: float) -> None:
    """Train while another process holds the file locked; check that steps are made meanwhile and none is lost."""
    run = start(SLOW)
    run.until(lambda update: update.step > 10 and len(all_rows(run.path)) > 0)
    command = [sys.executable, "-c", HOLD, str(run.path), str(hold_s)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        begin, recorded = time.monotonic(), len(all_rows(run.path))
        at_last = recorded
        while holder.poll() is None:
            at_last = run.until(lambda update: update.state is State.RUNNING).step
        assert time.monotonic() - begin > 0.9 * hold_s
    assert at_last > recorded
    run.until(lambda update: len(all_rows(run.path)) > at_last)
    run.worker.stop()
    stopped = run.state(State.STOPPED)
    assert run.worker.join(10)
    assert not [update.refusals for update in run.updates if update.refusals]
    assert assert_whole(run.path, undisturbed(SLOW, stopped.step)) == stopped.step
