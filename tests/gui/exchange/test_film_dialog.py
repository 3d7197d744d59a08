"""The dialog “Save film” in the window: what it offers, that a film is made beside the window, and that it can stop."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import av
import psutil
import pytest
from PySide6.QtWidgets import QMessageBox

from gui.exchange.film_dialog import FilmDialog
from gui.window.main_window import MainWindow
from tests.gui.driving import PatientBot, children, choose_file, click, close_dialog, dialog, trigger, wait_until
from tests.gui.exchange.recorded import small_run


@pytest.fixture
def box(window: MainWindow, qtbot: PatientBot) -> Iterator[FilmDialog]:
    trigger(window, "save film")
    box = dialog(qtbot, window, FilmDialog)
    box.kind.setCurrentIndex(box.kind.findData(".mp4"))
    yield box
    box.close()
    window.stage.films.end()
    wait_until(lambda: not window.stage.films.busy)


def offered(box: FilmDialog) -> list[str]:
    return [box.subject.itemData(place) for place in range(box.subject.count())]


def test_it_offers_what_there_is(window: MainWindow, box: FilmDialog) -> None:
    assert offered(box) == ["pass"]
    assert box.seconds.value() == 16.5
    assert box.about.text() == "495 frames, about 1.5 MB"  # such a film has 1.3
    box.kind.setCurrentIndex(box.kind.findData(".gif"))
    assert box.about.text() == "495 frames"
    box.kind.setCurrentIndex(box.kind.findData(".mp4"))
    window.files.open(small_run())
    wait_until(lambda: bool(window.training.controller.run.moments))
    trigger(window, "save film")
    assert offered(box) == ["pass", "live", "network", "both", "step"]
    assert box.choice.view == "live"  # the view in front
    assert box.seconds.value() == 20


def test_a_gif_has_rates_of_its_own_and_choices_are_remembered(
    window: MainWindow, box: FilmDialog, qtbot: PatientBot, tmp_path: Path
) -> None:
    box.kind.setCurrentIndex(box.kind.findData(".gif"))
    assert [box.rate.itemData(place) for place in range(box.rate.count())] == [15, 30]
    box.rate.setCurrentIndex(1)
    box.captions.setChecked(False)
    box.seconds.setValue(1.0)
    click(qtbot, box.save)
    choose_file(qtbot, box, tmp_path / "cell")
    wait_until(lambda: not box.stop.isHidden())
    click(qtbot, box.stop)
    wait_until(lambda: not window.stage.films.busy)
    box.close()
    window.stage.films.dialog = None
    trigger(window, "save film")
    again = window.stage.films.dialog
    assert again is not None
    assert (again.choice.suffix, again.choice.rate, again.choice.captions) == (".gif", 30, False)
    again.close()


def test_a_film_is_made_while_the_window_goes_on(
    window: MainWindow, box: FilmDialog, qtbot: PatientBot, tmp_path: Path
) -> None:
    box.seconds.setValue(1.0)
    click(qtbot, box.save)
    choose_file(qtbot, box, tmp_path / "cell.mp4")
    trigger(window, "next")
    assert window.playback.position == 1
    wait_until(lambda: not window.stage.films.busy, 60_000)
    assert box.where.text().startswith("Saved cell.mp4 (")
    assert not box.save.isHidden()
    with av.open(str(tmp_path / "cell.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.frames, stream.width, stream.height) == (30, 1280, 720)


def test_a_film_that_is_cancelled_leaves_no_file_and_no_process(
    window: MainWindow, box: FilmDialog, qtbot: PatientBot, tmp_path: Path
) -> None:
    before = set(children())
    box.seconds.setValue(3000.0)
    click(qtbot, box.save)
    choose_file(qtbot, box, tmp_path / "cell.mp4")
    wait_until(lambda: box.bar.value() > 0, 60_000)
    assert set(children()) - before
    click(qtbot, box.stop)
    wait_until(lambda: not window.stage.films.busy)
    assert box.where.text() == "The film was cancelled; there is no file"
    assert not set(children()) - before
    assert not list(tmp_path.glob("*cell*")) + list(tmp_path.glob("*.mp4"))


def test_a_film_whose_process_is_killed_leaves_no_file(
    window: MainWindow, box: FilmDialog, qtbot: PatientBot, tmp_path: Path
) -> None:
    before = set(children())
    window.stage.films.begin("pass", replace(box.choice, seconds=3000.0), tmp_path / "cell.mp4")
    wait_until(lambda: box.bar.value() > 0, 60_000)
    assert list(tmp_path.glob(".*.mp4"))
    for process in set(children()) - before:
        psutil.Process(process).kill()
    told = dialog(qtbot, window, QMessageBox)
    assert "its process was ended" in told.text()
    close_dialog(qtbot, told)
    assert not list(tmp_path.glob("*.mp4")) + list(tmp_path.glob(".*.mp4"))


def test_a_film_that_cannot_be_written_is_told(
    window: MainWindow, box: FilmDialog, qtbot: PatientBot, tmp_path: Path
) -> None:
    window.stage.films.begin("pass", box.choice, tmp_path / "none" / "cell.mp4")
    told = dialog(qtbot, window, QMessageBox)
    assert "cell.mp4 cannot be written (No such file or directory)" in told.text()
    close_dialog(qtbot, told)
    assert not window.stage.films.busy
