"""What is not saved has a copy a moment after the last edit, and none where there is nothing to lose."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.document.document import blank
from engine.document.document_file import read_document, write_document
from engine.document.examples import load_example
from engine.document.tracing import trace_document
from gui.appearance.chosen.folder import ChosenFolder
from gui.appearance.stored import Stored
from gui.safety import autosave
from gui.safety.safety import Safety
from gui.safety.session import COPY, Session, left_behind
from gui.window.main_window import MainWindow


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "sessions"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autosave, "PAUSE_MS", 20)


Begin = Callable[..., Safety]


@pytest.fixture
def begin(own_window: MainWindow, root: Path) -> Iterator[Begin]:
    """Looks after a window from now on."""
    made: list[Safety] = []

    def look_after(ask: bool = True) -> Safety:
        made.append(
            Safety(own_window, own_window.model, own_window.files, own_window.stage.cell.tools.appearance, root)
        )
        made[-1].begin(ask, watch=False)
        return made[-1]

    yield look_after
    for safety in made:
        safety.session.end()


@pytest.fixture
def safety(begin: Begin, qtbot: QtBot) -> Safety:
    """A window that is looked after."""
    made = begin()
    qtbot.waitUntil(lambda: made.session.folder is not None)
    return made


def copy_of(safety: Safety) -> Path:
    assert safety.session.folder is not None
    return safety.session.folder / COPY


def left_by_another(root: Path, m: int = 5, path: Path | None = None) -> Path:
    """A session that ended without an end, and its folder."""
    other = Session(root)
    other.begin()
    assert other.folder is not None
    other.copy(blank(m, 3, 3), "My cell", path)
    assert other._lock is not None
    other._lock.release()
    return other.folder


def test_an_edit_is_copied_and_a_saved_document_is_not(
    own_window: MainWindow, safety: Safety, qtbot: QtBot, tmp_path: Path
):
    model = own_window.model
    assert not copy_of(safety).exists()
    with qtbot.waitSignal(safety.autosave.copied):
        model.edit(model.document.resized(m=4), "m = 4")
    np.testing.assert_array_equal(read_document(copy_of(safety))[0].weights["W_f"], model.document.weights["W_f"])
    with qtbot.waitSignal(safety.autosave.copied):
        model.edit(model.document.resized(m=5), "m = 5")
    assert read_document(copy_of(safety))[0].m == 5
    path = tmp_path / "saved.lstmviz"
    write_document(path, model.document)
    model.saved(model.document, path)
    qtbot.waitUntil(lambda: not copy_of(safety).exists())


def test_undo_to_the_beginning_leaves_no_copy(own_window: MainWindow, safety: Safety, qtbot: QtBot):
    with qtbot.waitSignal(safety.autosave.copied):
        own_window.model.edit(own_window.model.document.resized(m=4), "m = 4")
    own_window.model.undo_stack.undo()
    qtbot.waitUntil(lambda: not copy_of(safety).exists())


def test_a_visited_network_is_not_copied_in_place_of_the_users_document(
    own_window: MainWindow, safety: Safety, qtbot: QtBot
):
    model = own_window.model
    with qtbot.waitSignal(safety.autosave.copied):
        model.edit(model.document.resized(m=4), "m = 4")
    network = blank(7, 2, 2)
    model.visit(network, "Network at step 5", trace_document(network))
    assert model.unsaved
    assert read_document(copy_of(safety))[0].m == 4


def test_nothing_is_left_after_a_clean_end(own_window: MainWindow, safety: Safety, root: Path, qtbot: QtBot):
    with qtbot.waitSignal(safety.autosave.copied):
        own_window.model.edit(own_window.model.document.resized(m=4), "m = 4")
    safety.session.end()
    assert list(root.iterdir()) == []


def test_two_windows_do_not_see_each_other(own_window: MainWindow, safety: Safety, root: Path, qtbot: QtBot):
    with qtbot.waitSignal(safety.autosave.copied):
        own_window.model.edit(own_window.model.document.resized(m=4), "m = 4")
    other = Session(root)
    assert other.begin() == []
    assert left_behind(root) == []
    other.end()
    assert copy_of(safety).exists()


def test_what_was_left_is_offered_and_comes_back(
    own_window: MainWindow, begin: Begin, root: Path, qtbot: QtBot, tmp_path: Path
):
    saved = tmp_path / "mine.lstmviz"
    folder = left_by_another(root, 5, saved)
    made = begin()
    qtbot.waitUntil(made.offer.isVisible)
    assert "Unsaved changes to “My cell” were kept" in made.offer.sentence.text()
    assert [button.text() for button in made.offer.buttons] == ["Bring them back", "Discard", "Later"]
    made.offer.buttons[0].click()
    model = own_window.model
    qtbot.waitUntil(lambda: model.document.m == 5)
    assert (model.shown.name, model.shown.path, model.unsaved) == ("My cell", saved, True)
    assert not made.offer.isVisible()
    qtbot.waitUntil(lambda: not folder.exists())  # not before the window has a copy of its own
    assert read_document(copy_of(made))[0].m == 5


def test_the_offer_stays_in_every_workspace_until_it_is_answered(
    own_window: MainWindow, begin: Begin, root: Path, qtbot: QtBot
):
    left_by_another(root)
    made = begin()
    qtbot.waitUntil(made.offer.isVisible)
    for view in ("library", "diagram"):
        own_window.stage.show_view(view)
        assert made.offer.isVisible()
    assert made.offer.height() < 120
    made.offer.buttons[-1].click()
    for view in ("library", "diagram"):
        own_window.stage.show_view(view)
        qtbot.waitUntil(lambda: not made.offer.isVisible())


def test_it_can_be_discarded_or_left_for_later(own_window: MainWindow, begin: Begin, root: Path, qtbot: QtBot):
    first, second = left_by_another(root, 5), left_by_another(root, 6)
    made = begin()
    qtbot.waitUntil(made.offer.isVisible)
    made.offer.buttons[-1].click()  # the newest, for later
    assert made.offer.isVisible()
    made.offer.buttons[-2].click()
    qtbot.waitUntil(lambda: not first.exists())
    assert second.exists()
    assert not made.offer.isVisible()


def test_nobody_is_asked_in_a_presentation(own_window: MainWindow, begin: Begin, root: Path, qtbot: QtBot):
    left_by_another(root)
    own_window.presenting.begin()
    made = begin()
    with qtbot.waitSignal(own_window.stage.cell.tools.appearance.changed):
        qtbot.waitUntil(lambda: made.offer.sentence.text() != "")
        assert not made.offer.isVisible()
        own_window.presenting.end()
    assert made.offer.isVisible()


def test_where_a_file_was_given_it_is_kept_for_another_start(
    own_window: MainWindow, begin: Begin, root: Path, qtbot: QtBot
):
    folder = left_by_another(root)
    made = begin(ask=False)
    qtbot.waitUntil(lambda: made.session.folder is not None)
    assert not made.offer.isVisible()
    assert folder.exists()


def test_a_document_too_large_for_a_copy_is_said(
    own_window: MainWindow, safety: Safety, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(autosave, "LARGEST", 10)
    with qtbot.waitSignal(safety.said) as said:
        own_window.model.edit(own_window.model.document.resized(m=4), "m = 4")
    assert "too large for a copy" in said.args[0]
    assert not copy_of(safety).exists()


def test_the_copy_follows_the_chosen_folder_and_stays_where_another_has_no_room(
    own_window: MainWindow, safety: Safety, root: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
):
    folder = ChosenFolder(Stored(tmp_path / "settings.ini"), "copies folder", "the folder", root)
    safety.follow(folder)

    def copied_in(wanted: Path) -> bool:
        found = safety.session.folder
        return found is not None and found.parent == wanted and (found / COPY).exists()

    own_window.commands.run("set m=4")
    qtbot.waitUntil(lambda: copied_in(root))
    folder.choose(tmp_path / "elsewhere")
    qtbot.waitUntil(lambda: copied_in(tmp_path / "elsewhere"))
    full, said, make = tmp_path / "full", list[str](), Path.mkdir

    def refuse(path: Path, *arguments: Any, **options: Any) -> None:
        if path.parent == full:
            raise OSError(errno.ENOSPC, "No space left on device")
        make(path, *arguments, **options)

    monkeypatch.setattr(Path, "mkdir", refuse)
    safety.said.connect(said.append)
    folder.choose(full)
    qtbot.waitUntil(lambda: bool(said))
    assert "stay in" in said[0]
    assert folder.path == tmp_path / "elsewhere"
    qtbot.waitUntil(lambda: copied_in(tmp_path / "elsewhere"))
    own_window.model.undo_stack.setClean()


def test_another_example_over_an_untouched_one_asks_nothing(own_window: MainWindow, qtbot: QtBot):
    own_window.playback.seek(own_window.playback.last)
    own_window.files.open_example("four-steps")
    qtbot.waitUntil(lambda: own_window.model.shown.name == "Four time steps")
    model = own_window.model
    model.edit(model.document.resized(m=4), "m = 4")
    assert model.unsaved
    model.edit(model.document.resized(m=2), "m = 2")  # by hand, not by undo
    own_window.files.open_example("worked-example")
    qtbot.waitUntil(lambda: model.shown.name == "Worked example")
    assert model.document.weights["W_f"].tolist() == load_example("worked-example").weights["W_f"].tolist()
