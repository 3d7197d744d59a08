"""The demo: plays the worked example, trains a network, writes pictures and prints what it measured."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from engine.errors import ENDED, PlainError, one_line
from engine.runs.history import History
from engine.runs.messages import State
from engine.runs.pace import FULL
from engine.text import numbers
from gui.appearance.stored import Stored
from gui.startup.application import Faults, make_application, make_window
from gui.startup.frame_clock import FrameClock
from gui.window.main_window import MainWindow

_PATIENCE_S = 60.0
_LOSSES = 20


class DemoError(PlainError):
    """Something that should have happened did not; the message is one sentence that says what."""

    status = ENDED


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `main.py demo` can be told."""
    parser.add_argument("--out", type=Path, default=Path("build/demo"), help="folder for the pictures")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long to train")


def run(options: argparse.Namespace) -> int:
    """Play the main job and print what was seen; return the exit status."""
    out: Path = options.out
    application = make_application([])
    Faults().install()
    with tempfile.TemporaryDirectory() as folder:
        settings = Stored(Path(folder) / "demo.ini")
        window = make_window(settings, "light", record=False)
        window.show()
        window.activateWindow()
        pulse = QTimer()  # something always happens: a deadline is met even if nothing else does
        pulse.start(50)
        try:
            try:
                out.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                sentence = f"{out} cannot be created ({error.strerror}); name another folder with --out."
                raise DemoError(sentence) from error
            _play(window, out)
            _train(window, out, options.seconds)
        finally:
            window.model.undo_stack.setClean()
            window.close()
            until(lambda: not window.isVisible(), "the window to close")
        application.processEvents()
    print(one_line(f"Pictures: {out}"))
    return 0


def until(condition: Callable[[], bool], what: str, patience_s: float = _PATIENCE_S) -> None:
    """Let the window live until a condition holds; raise DemoError if it takes too long."""
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline:
            raise DemoError(f"Waited {patience_s:.0f} s for {what}, in vain; close other programs and try again.")
        wait()


def wait() -> None:
    """Let the window live until something has happened, at the latest its own next timer."""
    QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


def _play(window: MainWindow, out: Path) -> None:
    playback = window.playback
    until(lambda: window.model.trace is not None, "the trace")
    _picture(window, out / "1-start.png")
    playback.set_speed(4.0)
    playback.toggle()
    until(lambda: playback.operation is not None and playback.operation.name == "z_i", "the input gate")
    _picture(window, out / "2-playing.png")
    until(lambda: not playback.playing and not playback.moment.moving, "the end of the worked example")
    _picture(window, out / "3-played.png")
    trace = window.model.trace
    assert trace is not None
    print(f"Worked example: {playback.last} operations played")
    for name in ("z_f", "f_t", "z_i", "C_t", "h_t"):
        rounds = trace.cell.operation(name).kind.rounds
        entries = " ".join(numbers.short(float(v), rounds) for v in np.asarray(trace.value(0, name)))
        print(f"  {name:4} {entries}")


def _train(window: MainWindow, out: Path, seconds: float) -> None:
    controller, playback = window.training.controller, window.playback
    controller.config = replace(controller.config, steps=100_000_000)  # ends by the clock
    controller.set_pace(FULL)
    playback.set_speed(1.0)
    clock = FrameClock(window.view, playback)
    controller.begin()
    until(lambda: controller.run.history.count >= _LOSSES, "the first training steps")
    history = controller.run.history
    first = _mean_loss(history, 1)  # a long run forgets the details of its beginning
    clock.clear()
    before, began = controller.run.history.count, time.monotonic()
    while time.monotonic() - began < seconds:
        if not playback.playing:
            playback.toggle()
        wait()
    took = time.monotonic() - began
    made = controller.run.history.count - before
    last = _mean_loss(history, history.count - _LOSSES + 1)
    place = controller.run.last.place if controller.run.last else ""
    _picture(window, out / "4-training.png")
    controller.stop()
    until(lambda: controller.run.state is State.STOPPED, "the training to stop")
    print(f"Training (adding problem): {made:,} steps in {took:.1f} s, {made / took:,.0f} steps/s, {place}")
    print(f"  loss: {first:.4f} at first, {last:.4f} at the end (means of {_LOSSES} steps)")
    print(
        f"  time between frames of the animation meanwhile: median {clock.percentile(50):.1f} ms, "
        f"95th percentile {clock.percentile(95):.1f} ms, {len(clock.intervals_ms)} frames"
    )


def _mean_loss(history: History, begin: int) -> float:
    """Return the mean loss of some steps, from one of them on."""
    _, losses = history.decimated(["loss"], begin, begin + _LOSSES - 1, _LOSSES)
    return float(losses.mean())


def _picture(window: MainWindow, path: Path) -> None:
    # Formulas are typeset in the background: one more turn of the loop for what has just arrived.
    until(window.typesetter.idle, "the formulas")
    if not window.grab().save(str(path)):
        raise DemoError(f"{path} could not be written; name another folder with --out.")
