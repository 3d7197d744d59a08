"""Pictures without a window: what they show, what is refused, and that no machine's settings change them."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QImage

import main
from engine.errors import BAD_INPUT, ENDED
from gui.startup.render import FILMS, PICTURES
from tests.gui.exchange.recorded import small_run

SUFFIXES = (*PICTURES, *FILMS)
ROOT = Path(__file__).parents[3]


def render(*arguments: object) -> int:
    return main.main(["render", *map(str, arguments)])


def picture(out: Path, *arguments: object) -> np.ndarray[Any, Any]:
    """Return the pixels (height, width, 4) of a picture."""
    assert render("--out", out, "--size", "640x360", *arguments) == 0
    image = QImage(str(out)).convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint8)
    return pixels.reshape(image.height(), image.width(), 4).copy()


def test_a_picture_shows_the_moment_that_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = picture(tmp_path / "whole.png", "--example", "four-steps")
    assert whole.shape == (360, 640, 4)
    assert capsys.readouterr().out == f"wrote {tmp_path / 'whole.png'}\n"
    begun = picture(tmp_path / "begun.png", "--example", "four-steps", "--operation", "z_f")
    second = picture(tmp_path / "second.png", "--example", "four-steps", "--operation", "z_f", "--t", 2)
    last = picture(tmp_path / "last.png", "--example", "four-steps", "--t", 4)
    dark = picture(tmp_path / "dark.png", "--example", "four-steps", "--theme", "dark")
    assert np.array_equal(whole, last)
    for one, other in ((whole, begun), (begun, second), (whole, dark)):
        assert (one != other).mean() > 0.005
    assert dark.mean() < whole.mean() - 80
    paper = picture(tmp_path / "paper.png", "--example", "four-steps", "--theme", "print")
    plain = picture(tmp_path / "plain.png", "--example", "four-steps", "--numbers", "none")
    assert (paper == 255).mean() > (whole == 255).mean() + 0.2
    assert (plain != whole).mean() > 0.01


def test_a_picture_may_have_more_pixels_than_its_layout(tmp_path: Path) -> None:
    one = picture(tmp_path / "one.png", "--example", "worked-example")
    two = picture(tmp_path / "two.png", "--example", "worked-example", "--dpi", 192)
    assert two.shape == (720, 1280, 4)
    assert abs(two[::2, ::2].astype(int) - one.astype(int)).mean() < 6


def test_text_stays_text(tmp_path: Path) -> None:
    svg, pdf = tmp_path / "cell.svg", tmp_path / "cell.pdf"
    assert render("--example", "worked-example", "--out", svg, "--captions") == 0
    words = re.findall(r">([^<>]+)</text>", svg.read_text(encoding="utf-8"))
    assert "forget gate" in " ".join(words)
    assert render("--example", "worked-example", "--out", pdf) == 0
    assert pdf.read_bytes().startswith(b"%PDF")
    assert b"Inter" in pdf.read_bytes()


def test_each_view_of_a_cell_and_of_a_run_has_a_picture(tmp_path: Path) -> None:
    seen = set()
    for view in ("diagram", "sum", "unrolled", "gradients"):
        seen.add(picture(tmp_path / f"{view}.png", "--example", "four-steps", "--view", view).tobytes())
    for view in ("live", "side-by-side", "health", "diagram", "slow-motion"):
        seen.add(picture(tmp_path / f"run-{view}.png", small_run(), "--view", view, "--step", 20).tobytes())
    assert len(seen) == 9


def test_a_run_is_shown_at_the_step_that_is_asked_for(tmp_path: Path) -> None:
    first = picture(tmp_path / "first.png", small_run(), "--step", 1, "--captions")
    last = picture(tmp_path / "last.png", small_run(), "--captions")
    again = picture(tmp_path / "again.png", small_run(), "--step", 60, "--captions")
    assert (first != last).mean() > 0.01
    assert (again != last).mean() < 0.01  # but for the mark of the step in the curves


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--example", "worked-example", "--out", "a.pngg"], "did you mean “.png”?"),
        (["--example", "worked-example", "--out", "picture"], "end it in .png"),
        (["--example", "worked-example", "--out", "a.png", "--view", "diagrm"], "did you mean “diagram”?"),
        (["--example", "worked-example", "--out", "a.png", "--view", "live"], "--view live shows a recorded run"),
        (["--example", "worked-example", "--out", "a.png", "--view", "library"], "neither a document nor"),
        (["--example", "worked-example", "--out", "a.png", "--operation", "ft"], "did you mean “f_t”?"),
        (["--example", "worked-example", "--out", "a.png", "--t", "2"], "--t 2: choose a time step from 1 to 1"),
        (["--example", "worked-example", "--out", "a.mp4", "--t", "0"], "--t 0: choose a time step from 1 to 1"),
        (["--example", "worked-example", "--out", "a.png", "--step", "5"], "a document has none"),
        (["--example", "worked-example", "--out", "a.png", "--layer", "2"], "--layer names a layer of a recorded"),
        (["--example", "worked-example", "--out", "a.png", "--size", "12"], "such as 1920x1080"),
        (["--example", "worked-example", "--out", "a.png", "--size", "9x9"], "from 64 to 7,680 pixels"),
        (["--example", "worked-example", "--out", "a.png", "--fps", "30"], "--fps: a picture has none"),
        (["--example", "worked-example", "--out", "a.png", "--scale", "99"], "--scale 99: choose from 0.1 to 8"),
        (["--example", "worked-example", "--out", "a.svg", "--scale", "2"], "a SVG is sharp at every size"),
        (["--example", "worked-example", "--out", "a.mp4", "--operation", "f_t"], "--operation: a film has none"),
        (["--example", "worked-example", "--out", "a.mp4", "--size", "321x180"], "an even width and height"),
        (["--example", "worked-example", "--out", "a.gif", "--fps", "60"], "from 1 to 50 frames a second"),
        (["--example", "worked-example", "--out", "a.mp4", "--seconds", "0"], "from 1 to 3,600 seconds"),
        (["RUN", "--out", "a.png", "--step", "61"], "--step 61: choose a training step from 0 to 60"),
        (["RUN", "--out", "a.png", "--layer", "2"], "--layer 2: this network has one layer"),
        (["RUN", "--out", "a.png", "--t", "2"], "this view shows every time step"),
        (["RUN", "--out", "a.gif", "--t", "2"], "this view shows every time step"),
        (["table.csv", "--out", "a.png"], "table.csv is a table; a document or a recorded run is needed"),
    ],
    ids=lambda value: " ".join(value[-4:]) if isinstance(value, list) else "",
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    arguments: list[str],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert render(*(str(small_run()) if word == "RUN" else word for word in arguments)) in (BAD_INPUT, ENDED)
    said = capsys.readouterr()
    assert sentence in said.err
    assert len(said.err.splitlines()) == 1
    assert not said.out
    assert not list(tmp_path.iterdir())


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "a.png"
    out.write_bytes(b"before")
    assert render("--example", "worked-example", "--out", out, "--operation", "none") == BAD_INPUT
    assert out.read_bytes() == b"before"
    capsys.readouterr()
    assert render("--example", "worked-example", "--out", out) == 0
    assert out.read_bytes().startswith(b"\x89PNG")
    assert render("--example", "worked-example", "--out", tmp_path / "none" / "a.png") == ENDED
    assert render("--example", "worked-example", "--out", tmp_path / "none" / "a.mp4") == ENDED
    assert capsys.readouterr().err.count("cannot be written (No such file or directory)") == 2
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


@contextmanager
def full_disk() -> Iterator[None]:
    """Let no file of this process grow beyond a few kilobytes."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_full_disk_is_said_in_a_sentence_and_what_was_there_stays(
    suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / f"a{suffix}"
    out.write_bytes(b"before")
    length = ("--size", "320x180", "--seconds", "2") if suffix in FILMS else ()
    with full_disk():
        assert render("--example", "worked-example", "--out", out, *length) == ENDED
    said = capsys.readouterr()
    assert said.err == f"{out} cannot be written (File too large); make room, or choose another folder.\n"
    assert not said.out
    assert out.read_bytes() == b"before"
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_folder_that_cannot_be_written_to_is_said_in_a_sentence(
    suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    locked = tmp_path / "locked"
    if sys.platform == "win32" or os.geteuid() == 0:  # whom no folder is closed to
        locked.write_bytes(b"before")
        why = "Not a directory"
    else:
        locked.mkdir(mode=0o500)
        why = "Permission denied"
    out = locked / f"a{suffix}"
    assert render("--example", "worked-example", "--out", out) == ENDED
    assert capsys.readouterr().err == f"{out} cannot be written ({why}); choose another folder.\n"
    assert [path.name for path in tmp_path.rglob("*")] == ["locked"]


def test_neither_display_nor_settings_nor_fonts_of_a_user_change_a_picture(tmp_path: Path) -> None:
    pictures = []
    for place, fonts in (("one", "none"), ("other", "full")):
        home = tmp_path / place
        settings = home / ".config" / "LSTM Visualizer"
        (home / ".config" / "fontconfig").mkdir(parents=True)
        settings.mkdir(parents=True)
        hints = f'<match target="font"><edit name="hintstyle"><const>hint{fonts}</const></edit></match>'
        fontconfig = f'<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>{hints}</fontconfig>'
        (home / ".config" / "fontconfig" / "fonts.conf").write_text(fontconfig)
        if place == "other":
            for name in ("LSTM Visualizer.conf", "lstm-visualizer.conf"):
                (settings / name).write_text("[General]\ntext%20factor=1.5\ntheme=dark\ndigits=long\n")
        chosen = {"LANG": "de_DE.UTF-8", "QT_SCALE_FACTOR": "2", "QT_FONT_DPI": "140"} if place == "other" else {}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("QT_", "XDG_", "DISPLAY"))}
        environment = {**kept, **chosen, "HOME": str(home)}
        out = home / "a.png"
        command = [sys.executable, str(ROOT / "main.py"), "render", "--example", "worked-example", "--out", str(out)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        pictures.append(out.read_bytes())
    assert pictures[0] == pictures[1]
