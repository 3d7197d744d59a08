"""Makes a film: shows what each frame shows, paints it and hands it to the encoder, one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PySide6.QtGui import QImage

from gui.exchange.films.encoder import KINDS, Encoder, FilmError, writing
from gui.exchange.films.schedule import Schedule, schedule_of
from gui.exchange.studio import Studio, StudioError, moments_of
from gui.runs.travel import FILM_S
from gui.views.step.step import SlowStepView

_SAMPLES = 12
"""Frames that are looked at for the colours of a GIF."""
_TELL_S = 0.1
_REST = 4.0
"""Beside a training, so many times as long as a frame has taken nothing is done after it."""
_LEAST_S, _MOST_S = 1.0, 3600.0


class Stopped(Exception):  # noqa: N818 (nothing is wrong: somebody has cancelled)
    """The film was cancelled; nothing of it is left."""


class Script(Protocol):
    """What a film shows: how long it is, and what is to be shown for one of its frames."""

    @property
    def lasts_s(self) -> float: ...

    def show(self, frame: int, rate: int) -> None: ...


@dataclass(frozen=True)
class Steering:
    """What whoever has a film made says meanwhile: whether to stop, and whether to leave the processor to others."""

    stopped: Callable[[], bool] = lambda: False
    slow: Callable[[], bool] = lambda: False


class WalkScript:
    """A view's walk from its start to its end."""

    def __init__(self, studio: Studio, schedule: Schedule) -> None:
        self._walk, self._schedule = studio.walk, schedule

    @property
    def lasts_s(self) -> float:
        return self._schedule.lasts_s

    def show(self, frame: int, rate: int) -> None:
        place = self._schedule.place_of(frame, rate)
        if (place.position, place.progress) != (self._walk.position, self._walk.progress):
            self._walk.show(place.position, place.progress)


class TrainingScript:
    """Every recorded moment of a run, each for an equal share of the time."""

    def __init__(self, studio: Studio, seconds: float) -> None:
        assert studio.run is not None
        self._studio, self._moments, self._seconds = studio, moments_of(studio.run), seconds
        self._shown: int | None = None

    @property
    def lasts_s(self) -> float:
        return self._seconds

    def show(self, frame: int, rate: int) -> None:
        frames = frames_of(self, rate)
        place = len(self._moments) - 1 if frame >= frames - 1 else frame * len(self._moments) // frames
        step = self._moments[place]
        if step != self._shown:
            self._shown = step
            self._studio.look_at(step)


def frames_of(script: Script, rate: int) -> int:
    """Return how many frames a film has."""
    return max(2, round(script.lasts_s * rate))


def script_of(studio: Studio, t: int | None, seconds: float | None) -> Script:
    """Return what a film of the view on the stage shows: the walk through a cell or a step, or a whole training.

    t: the time step (from 1) that is walked through alone. seconds: how long it lasts; None: as long as it takes.
    Raises StudioError, RecordingError.
    """
    if seconds is not None and not _LEAST_S <= seconds <= _MOST_S:
        raise StudioError(f"--seconds {seconds:g}: choose a length from {_LEAST_S:g} to {_MOST_S:,.0f} seconds.")
    view = studio.view
    assert view is not None
    if studio.run is not None and not isinstance(view, SlowStepView):
        if view.shows_cell:
            studio.stand(None, t)
        elif t is not None:
            raise StudioError(f"--t {t}: this view shows every time step; leave it out.")
        return TrainingScript(studio, FILM_S if seconds is None else seconds)
    studio.take_apart()
    walk = view.walk
    if t is not None and not 1 <= t <= walk.steps:
        raise StudioError(f"--t {t}: choose a time step from 1 to {walk.steps:,}.")
    return WalkScript(studio, schedule_of(walk.legs, walk.by_legs, None if t is None else t - 1, seconds))


def make_film(
    studio: Studio,
    script: Script,
    out: Path,
    rate: int,
    steering: Steering,
    told: Callable[[int, int], None] = lambda _frame, _frames: None,
    begun: Callable[[Path], object] = lambda _temporary: None,
) -> int:
    """Write a film and return how many frames it has; the kind is that of the suffix.

    told: is called now and then with how many frames are made, and of how many. begun: is called with the file that is
    written until the film is whole. Raises FilmError, and Stopped where it was cancelled: then there is no file.
    """
    kind, (width, height) = KINDS[out.suffix.casefold()], studio.look.size
    if kind.container == "mp4" and (width % 2 or height % 2):
        raise FilmError(f"--size {width}x{height}: an MP4 film has an even width and height; choose such a size.")
    frames = frames_of(script, rate)
    image = QImage(width, height, QImage.Format.Format_RGB32)
    with writing(out, kind, (width, height), rate, begun) as encoder:
        if encoder.wants_samples:
            encoder.learn_colours(_samples(studio, script, frames, rate, image, steering))
        _shoot(studio, script, encoder, frames, rate, image, steering, told)
    return frames


def _samples(
    studio: Studio, script: Script, frames: int, rate: int, image: QImage, steering: Steering
) -> Iterator[QImage]:
    for sample in range(_SAMPLES):
        if steering.stopped():
            raise Stopped
        script.show(sample * (frames - 1) // (_SAMPLES - 1), rate)
        yield studio.paint(image)


def _shoot(
    studio: Studio,
    script: Script,
    encoder: Encoder,
    frames: int,
    rate: int,
    image: QImage,
    steering: Steering,
    told: Callable[[int, int], None],
) -> None:
    told_at = 0.0
    for frame in range(frames):
        if steering.stopped():
            raise Stopped
        began = time.perf_counter()
        script.show(frame, rate)
        encoder.add(studio.paint(image))
        now = time.perf_counter()
        if now - told_at >= _TELL_S or frame == frames - 1:
            told_at = now
            told(frame + 1, frames)
        if steering.slow():
            time.sleep(_REST * (now - began))
