"""Timers, animations and top-level widgets that a test leaves behind: it fails, and says where they come from."""

from __future__ import annotations

import gc
import sys
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
import shiboken6
from PySide6.QtCore import QAbstractAnimation, QCoreApplication, QEvent, QObject, QTimeLine, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from tests.gui.waiting import wait
from tests.left_behind import PATIENCE_S, Threads, fail_if_left
from tests.origins import Origin, in_words, makers, origin

FAILED = pytest.StashKey[bool]()
"""Whether a test has failed, for the fixtures that end after it."""

Clock = QTimer | QAbstractAnimation | QTimeLine


class _Start(NamedTuple):
    clock: weakref.ref[Clock]
    origin: Origin


class _Made(NamedTuple):
    """Where a widget was made, and in the making of which other objects."""

    widget: weakref.ref[QWidget]
    origin: Origin
    makers: tuple[weakref.ref[QObject], ...]


class _Shot(NamedTuple):
    """A call that comes after a time, if its receiver still lives; None where it has none."""

    due: float
    receiver: weakref.ref[QObject] | None
    origin: Origin


class QtThings:
    """What was begun and made since the test began. What hangs under anything older is not the test's own."""

    def __init__(self) -> None:
        self._clocks: dict[int, _Start] = {}
        self._shots: list[_Shot] = []
        self._made: dict[int, _Made] = {}
        # By their addresses: Python meets what Qt itself has made as another object each time.
        self._before: set[int] = set()

    def begin(self) -> None:
        """A test begins; what there is now was there before it."""
        self._clocks.clear()
        self._shots.clear()
        self._made.clear()
        known = [thing for thing in shiboken6.getAllValidWrappers() if isinstance(thing, QObject)]
        self._before = {_address(thing) for thing in (*known, *QApplication.topLevelWidgets())}

    def complaints(self) -> list[str]:
        return [*self._about_clocks(), *self._about_shots(), *self._about_widgets()]

    def _about_clocks(self) -> Iterator[str]:
        for start in list(self._clocks.values()):
            clock = start.clock()
            if clock is None or not shiboken6.isValid(clock) or not _runs(clock) or self.is_of_older(clock):
                continue
            kind = "a timer" if isinstance(clock, QTimer) else "an animation"
            yield f"test left {kind} behind: {_described(clock)}, started at {in_words(start.origin)}"

    def _about_shots(self) -> Iterator[str]:
        now = time.monotonic()
        for shot in self._shots:
            if shot.due <= now:
                continue
            if shot.receiver is not None:
                receiver = shot.receiver()
                if receiver is None or not shiboken6.isValid(receiver) or self.is_of_older(receiver):
                    continue
            yield f"test left a timer behind: a single shot, started at {in_words(shot.origin)}"

    def _about_widgets(self) -> Iterator[str]:
        for widget in QApplication.topLevelWidgets():
            made = self._making(widget)
            # A hidden menu or dialog of an older window is kept for its next use. Hidden widgets that Qt made itself
            # are helpers, such as that of a graphics scene. One that can be seen always counts as left.
            if self._is_old(widget) or (not widget.isVisible() and (made is None or self.is_of_older(widget))):
                continue
            where = f"made at {in_words(made.origin)}" if made is not None else "made by Qt itself"
            yield f"test left a top-level widget behind: {_described(widget)}, {where}"

    def is_of_older(self, thing: object) -> bool:
        """Whether it is, hangs under, or was made as a part of what was there before the test and goes on after it."""
        return isinstance(thing, QObject) and any(
            self._is_old(owner) or any(self._is_old(above) for maker in self._makers(owner) for above in _owners(maker))
            for owner in _owners(thing)
        )

    def _is_old(self, thing: QObject) -> bool:
        return _address(thing) in self._before and self._making(thing) is None

    def _making(self, thing: QObject) -> _Made | None:
        """Return what was noted of a widget; None of what Qt has made, if only where another one was before."""
        made = self._made.get(_address(thing))
        return made if made is not None and made.widget() is thing else None

    def _makers(self, thing: QObject) -> list[QObject]:
        made = self._making(thing)
        return [maker for held in made.makers if (maker := held()) is not None] if made is not None else []

    @contextmanager
    def recorded(self) -> Iterator[None]:
        """Take note of every start of a timer or an animation, and of every widget that Python makes."""
        with pytest.MonkeyPatch.context() as patch:
            for kind in (QTimer, QAbstractAnimation, QTimeLine):
                patch.setattr(kind, "start", self._noting_start(kind.start))
            patch.setattr(QTimer, "singleShot", staticmethod(self._noting_shot(QTimer.singleShot)))
            for made in _qts_own(QWidget):
                patch.setattr(made, "__init__", self._noting_make(made.__init__))
            yield

    def _noting_start(self, start: Any) -> Any:
        def noted_start(clock: Clock, *args: Any, **more: Any) -> None:
            self._clocks[id(clock)] = _Start(weakref.ref(clock), origin(sys._getframe(1)))
            start(clock, *args, **more)

        return noted_start

    def _noting_shot(self, shoot: Any) -> Any:
        def noted_shot(after_ms: int, *args: Any) -> None:
            owners = (*args, *(getattr(argument, "__self__", None) for argument in args))
            held = next((weakref.ref(owner) for owner in owners if isinstance(owner, QObject)), None)
            self._shots.append(_Shot(time.monotonic() + after_ms / 1000, held, origin(sys._getframe(1))))
            shoot(after_ms, *args)

        return noted_shot

    def _noting_make(self, make: Any) -> Any:
        def noted_make(widget: QWidget, *args: Any, **more: Any) -> None:
            make(widget, *args, **more)
            frame = sys._getframe(1)
            wholes = [maker for maker in makers(frame) if isinstance(maker, QObject) and maker is not widget]
            self._made[_address(widget)] = _Made(
                weakref.ref(widget), origin(frame), tuple(weakref.ref(whole) for whole in wholes)
            )

        return noted_make


def _owners(thing: QObject) -> Iterator[QObject]:
    """Yield an object, then what it hangs under."""
    owner: QObject | None = thing
    while owner is not None and shiboken6.isValid(owner):
        yield owner
        owner = QObject.parent(owner)


def _address(thing: QObject) -> int:
    address: int = shiboken6.getCppPointer(thing)[0]
    return address


def _qts_own(kind: type[QWidget]) -> set[type[QWidget]]:
    """Return a class of Qt and those that Qt derives from it; a class of ours calls one of them."""
    found = {kind}
    for derived in kind.__subclasses__():
        if derived.__module__.startswith("PySide6."):
            found |= _qts_own(derived)
    return found


def _runs(clock: Clock) -> bool:
    if isinstance(clock, QTimer):
        return clock.isActive()
    return clock.state() in (QAbstractAnimation.State.Running, QTimeLine.State.Running)


def _described(thing: QObject) -> str:
    """`QMessageBox 'The file is not there.'`: what helps to recognise it."""
    title = thing.windowTitle() if isinstance(thing, QWidget) else ""
    named = title or thing.objectName()
    owner = QObject.parent(thing)
    words = f"{type(thing).__name__} '{named}'" if named else type(thing).__name__
    return f"{words} of a {type(owner).__name__}" if owner is not None else words


@pytest.fixture(scope="package")
def qt_things() -> Iterator[QtThings]:
    things = QtThings()
    with things.recorded():
        yield things


@pytest.fixture
def nothing_left_behind(
    request: pytest.FixtureRequest, qapp: QApplication, threads: Threads, qt_things: QtThings
) -> Iterator[None]:
    """Fail a test that leaves a thread, a timer, an animation or a top-level widget.

    It takes the place of the fixture for all tests, which comes before any other of a test's own and so ends last.
    """

    def complaints() -> list[str]:
        return [*threads.complaints(), *qt_things.complaints()]

    threads.begin(qt_things.is_of_older)
    qt_things.begin()
    yield
    if request.node.stash.get(FAILED, False):
        return  # its traceback holds all that it had
    if complaints():
        request.node.funcargs.clear()  # what fixtures gave to the test, and it has no use for any more
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()
    if qt_things.complaints():
        gc.collect()  # of Qt's objects in a cycle; the program collects twice a second
    fail_if_left(complaints, lambda: wait(5), PATIENCE_S)
