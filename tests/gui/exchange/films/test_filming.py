"""Films, decoded again: how many frames, how long, that they move, what the last shows; and what cancelling leaves."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import psutil
import pytest

from engine.document.examples import load_example
from engine.recording.recorded_run import read_run
from gui.exchange.films.filming import Steering, Stopped, frames_of, make_film, script_of
from gui.exchange.studio import Look, Studio
from tests.gui.exchange.recorded import small_run

SIZE, LINES = (480, 270), 1080
Pixels = np.ndarray[Any, Any]


@pytest.fixture
def studio() -> Iterator[Studio]:
    with Studio(Look(SIZE, SIZE[1] / LINES, hall=True, captions=True)) as studio:
        yield studio


def decoded(path: Path) -> tuple[list[Pixels], float]:
    """Return every frame (height, width, 3), and the length in seconds."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = [frame.to_ndarray(format="rgb24").astype(int) for frame in container.decode(stream)]
        assert container.duration is not None
        return frames, container.duration / 1e6


def shown(studio: Studio) -> Pixels:
    from PySide6.QtGui import QImage

    image = studio.paint(QImage(*SIZE, QImage.Format.Format_RGB32))
    return np.frombuffer(image.constBits(), np.uint8).reshape(SIZE[1], SIZE[0], 4)[..., 2::-1].astype(int)


@pytest.mark.parametrize("suffix", [".mp4", ".gif"])
def test_a_film_of_the_pass_moves_and_ends_with_the_result(studio: Studio, suffix: str, tmp_path: Path) -> None:
    studio.show_document(load_example("worked-example"), "worked")
    studio.show("diagram")
    out, told = tmp_path / f"pass{suffix}", []
    script = script_of(studio, None, 3.0)
    assert make_film(studio, script, out, 10, Steering(), lambda *where: told.append(where)) == 30
    frames, seconds = decoded(out)
    assert len(frames) == 30
    assert frames[0].shape == (SIZE[1], SIZE[0], 3)
    assert seconds == pytest.approx(3.0, abs=0.11)
    moved = [abs(after - before).max() > 60 for before, after in pairwise(frames)]
    assert sum(moved) > 15
    assert abs(frames[-1] - shown(studio)).mean() < 4
    assert studio.playback.position == studio.playback.last
    assert told[-1] == (30, 30)
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


def test_captions_can_be_left_out(tmp_path: Path) -> None:
    seen = []
    for captions in (True, False):
        with Studio(Look(SIZE, SIZE[1] / LINES, hall=True, captions=captions)) as studio:
            studio.show_document(load_example("worked-example"), "worked")
            studio.show("diagram")
            make_film(studio, script_of(studio, None, 1.0), tmp_path / f"{captions}.mp4", 4, Steering())
            seen.append(decoded(tmp_path / f"{captions}.mp4")[0][-1])
            assert (studio.caption is not None) is captions
    assert abs(seen[0] - seen[1]).mean() > 4


@pytest.mark.parametrize("view", ["live", "diagram"])
def test_a_film_of_a_training_shows_every_moment_up_to_the_newest(studio: Studio, view: str, tmp_path: Path) -> None:
    studio.show_run(read_run(small_run()))
    studio.show(view)
    script = script_of(studio, None, 2.0)
    make_film(studio, script, tmp_path / "run.mp4", 8, Steering())
    frames, _ = decoded(tmp_path / "run.mp4")
    assert len(frames) == 16
    assert all(abs(after - before).mean() > 0.01 for before, after in pairwise(frames))
    assert studio.caption is not None
    assert "training step 60 of 60" in studio.caption.sentence
    assert abs(frames[-1] - shown(studio)).mean() < 4


def test_a_film_of_a_step_goes_forwards_to_the_loss_back_and_to_the_weights(studio: Studio, tmp_path: Path) -> None:
    studio.show_run(read_run(small_run()))
    studio.show("slow-motion")
    script = script_of(studio, None, 8.0)
    said: list[str] = []
    assert studio.caption is not None
    caption = studio.caption
    studio.walk.moved.connect(lambda: said.append(caption.sentence.partition(":")[0]))
    make_film(studio, script, tmp_path / "step.mp4", 10, Steering())
    assert list(dict.fromkeys(said)) == ["Forward pass", "Loss", "Backward pass", "Update"]
    frames, _ = decoded(tmp_path / "step.mp4")
    assert len(frames) == 80


def test_a_film_that_is_cancelled_leaves_nothing(studio: Studio, tmp_path: Path) -> None:
    studio.show_document(load_example("worked-example"), "worked")
    studio.show("diagram")
    made: list[int] = []
    stops = Steering(stopped=lambda: len(made) >= 3)
    for suffix in (".mp4", ".gif"):
        made.clear()
        with pytest.raises(Stopped):
            make_film(
                *(studio, script_of(studio, None, 600.0), tmp_path / f"a{suffix}", 10, stops),
                lambda frame, _frames: made.append(frame),
            )
        assert not list(tmp_path.iterdir())


def test_a_film_needs_no_more_memory_the_longer_it_is(studio: Studio, tmp_path: Path) -> None:
    studio.show_document(load_example("four-steps"), "four")
    studio.show("diagram")
    used: dict[int, int] = {}
    process = psutil.Process()

    def told(frame: int, _frames: int) -> None:
        used[frame] = process.memory_info().rss

    script = script_of(studio, None, 30.0)
    assert frames_of(script, 12) == 360
    make_film(studio, script, tmp_path / "long.mp4", 12, Steering(), told)
    begun = next(used[frame] for frame in sorted(used) if frame >= 60)
    assert max(used.values()) - begun < 24e6  # 300 frames are 155 MB
