"""Painting must not drop references to None: below Python 3.12 that ends the program after some seconds."""

from __future__ import annotations

import gc
import sys

from pytestqt.qtbot import QtBot

from gui.playback.walk import Moment
from gui.window.main_window import MainWindow

FRAMES = 200


def test_two_hundred_frames_leave_the_references_to_none(window: MainWindow, qtbot: QtBot):
    trace = window.model.trace
    assert trace is not None
    qtbot.waitUntil(window.typesetter.idle)
    operations = len(trace.cell.operations)
    painted: list[int] = [0]

    def count() -> None:
        painted[0] += 1

    window.view.painted.connect(count)

    def frame(number: int) -> None:
        """One frame of an animation that comes past every operation."""
        done, share = 1 + number * operations // FRAMES, number % 10 / 10
        window.scene.show_moment(trace, Moment(0, done, share))
        window.view.viewport().repaint()

    for number in range(0, FRAMES, 5):  # caches are filled
        frame(number)
    painted[0] = 0
    gc.collect()
    before = sys.getrefcount(None)
    for number in range(FRAMES):
        frame(number)
    gc.collect()
    drift = sys.getrefcount(None) - before
    assert painted[0] >= FRAMES
    if sys.version_info >= (3, 12):
        assert drift == 0, f"{drift / FRAMES:+.2f} a frame, though None is immortal here"
    else:
        assert abs(drift) / FRAMES < 0.5, f"{drift / FRAMES:+.2f} references to None a frame"
