"""Pictures of every view and plot: text stays text, colours and numbers as chosen, the window as it was."""

from __future__ import annotations

import re
import zlib
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.document.examples import load_example
from engine.text import numbers
from gui.appearance.theme import load_theme
from gui.commands.views import VIEWS
from gui.exchange.pictures import Colours, PictureChoice, PictureError, save_picture
from gui.window.main_window import MainWindow
from tests.gui.driving import traced

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def four(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """A window with a sequence of four time steps, whose last number is computed."""
    window.model.replace(load_example("four-steps"), "")
    traced(qtbot, window)
    window.playback.seek(window.playback.last)
    qtbot.waitUntil(window.typesetter.idle)
    return window


def front(window: MainWindow, view: str, qtbot: QtBot) -> QWidget:
    window.stage.show_view(view)
    qtbot.waitUntil(window.typesetter.idle)
    return window.stage.view(view).pictured


def pixels(image: QImage) -> NDArray[np.uint8]:
    rgb = image.convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.width(), 4)[..., :3].copy()


def texts(svg: Path) -> list[str]:
    return ["".join(each.itertext()).strip() for each in ElementTree.parse(svg).iter(f"{SVG}text")]


def text_of_pdf(path: Path) -> str:
    """Return what a reader finds in a PDF: glyphs by the maps of its fonts to Unicode."""
    data = path.read_bytes()
    objects = {int(number): body for number, body in re.findall(rb"(\d+) 0 obj\s(.*?)\sendobj", data, re.DOTALL)}

    def stream(body: bytes) -> bytes:
        inside = body.partition(b"stream\n")[2].rpartition(b"\nendstream")[0]
        return zlib.decompress(inside) if b"FlateDecode" in body else inside

    maps: dict[bytes, dict[int, str]] = {}
    for number, body in objects.items():
        if found := re.search(rb"/ToUnicode (\d+) 0 R", body):
            assert b"/FontFile" in b"".join(objects.values())
            cmap = stream(objects[int(found[1])]).decode("ascii")
            glyphs: dict[int, str] = {}
            for low, high, first in re.findall(r"<(\w{4})> <(\w{4})> <(\w+)>", cmap):
                for place in range(int(low, 16), int(high, 16) + 1):
                    glyphs[place] = chr(int(first, 16) + place - int(low, 16))
            for low, _high, row in re.findall(r"<(\w{4})> <(\w{4})> \[([^\]]+)\]", cmap):
                for place, code in enumerate(re.findall(r"<(\w+)>", row)):
                    glyphs[int(low, 16) + place] = bytes.fromhex(code).decode("utf-16-be")
            maps[str(number).encode()] = glyphs
    names = {name: number for body in objects.values() for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", body)}
    written, font = [], b""
    for body in objects.values():
        if b"stream" not in body or b"/Length1" in body:
            continue
        try:
            page = stream(body)
        except zlib.error:
            continue
        for name, shown in re.findall(rb"/(F\d+) [\d.]+ Tf|<([0-9a-fA-F]+)> *(?:Tj|\d)", page):
            if name:
                font = names.get(name, b"")
            elif font in maps:
                places = (int(shown[i : i + 4], 16) for i in range(0, len(shown), 4))
                written.append("".join(maps[font].get(place, "?") for place in places))
    return "".join(written).replace("\t", " ")


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_a_picture_in_every_kind(view: str, four: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    widget = front(four, view, qtbot)
    for suffix in (".svg", ".pdf", ".png"):
        save_picture(widget, tmp_path / f"picture{suffix}", four._appearance, PictureChoice(suffix, 2.0))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["picture.pdf", "picture.png", "picture.svg"]
    root = ElementTree.parse(tmp_path / "picture.svg").getroot()
    assert root.get("viewBox") == f"0 0 {widget.width()} {widget.height()}"
    assert "non-scaling-stroke" not in (tmp_path / "picture.svg").read_text(encoding="utf-8")
    assert any(texts(tmp_path / "picture.svg")), "no text is left as text"
    image = QImage(str(tmp_path / "picture.png"))
    assert (image.width(), image.height()) == (2 * widget.width(), 2 * widget.height())
    assert len({image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)}) > 3
    pdf = (tmp_path / "picture.pdf").read_bytes()
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert box is not None
    assert float(box[1]) == pytest.approx(widget.width() * 0.75, abs=0.5)


def test_numbers_stay_text(four: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    widget = front(four, "diagram", qtbot)
    trace = four.model.trace
    assert trace is not None
    wanted = {numbers.short(float(value)) for value in trace.steps[-1]["h_t"]}
    save_picture(widget, tmp_path / "cell.svg", four._appearance, PictureChoice(".svg"))
    save_picture(widget, tmp_path / "cell.pdf", four._appearance, PictureChoice(".pdf"))
    found = texts(tmp_path / "cell.svg")
    assert wanted <= set(found)
    assert "forget gate" in found
    widths = [text.get("textLength") for text in ElementTree.parse(tmp_path / "cell.svg").getroot().iter(f"{SVG}text")]
    assert all(widths)  # as wide in the letters of another computer
    in_pdf = text_of_pdf(tmp_path / "cell.pdf")
    assert "forget gate" in in_pdf
    assert all(number in in_pdf for number in wanted)


@pytest.mark.parametrize("view", ["diagram", "sum", "layers"])
def test_vectors_and_matrices_can_do_without_numbers(view: str, four: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    widget = front(four, view, qtbot)
    for with_numbers in (True, False):
        choice = PictureChoice(".svg", numbers=with_numbers)
        save_picture(widget, tmp_path / f"{with_numbers}.svg", four._appearance, choice)
    is_number = re.compile(r"−?\d+(\.\d+)?$").match
    assert sum(bool(is_number(text)) for text in texts(tmp_path / "True.svg")) > 8
    assert not [text for text in texts(tmp_path / "False.svg") if is_number(text)]
    assert four._appearance.numbers


@pytest.mark.parametrize("view", ["diagram", "layers", "activations", "unrolled", "live", "task", "library"])
def test_another_theme_is_the_pictures_alone(view: str, four: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    widget = front(four, view, qtbot)
    theme, sheet = four._appearance.theme, four.styleSheet()
    save_picture(widget, tmp_path / "first.png", four._appearance, PictureChoice(".png", 1.0, "dark"))
    before = pixels(widget.grab().toImage())
    grounds = {}
    shades: tuple[Colours, ...] = ("light", "dark", "print")
    for colours in shades:
        path = tmp_path / f"{colours}.png"
        save_picture(widget, path, four._appearance, PictureChoice(".png", 1.0, colours))
        picture = QImage(str(path)).convertToFormat(QImage.Format.Format_RGB32)
        grounds[colours] = picture.pixelColor(1, picture.height() - 2).name()
    assert grounds["light"] == load_theme("light").panel.lower()
    assert grounds["dark"] == load_theme("dark").panel.lower()
    assert grounds["print"] == "#ffffff"
    assert (four._appearance.theme, four.styleSheet(), four._appearance.lent) == (theme, sheet, False)
    assert four.updatesEnabled()
    assert widget.styleSheet() == ""
    after = pixels(widget.grab().toImage())
    assert before.shape == after.shape
    assert np.mean(np.any(before != after, axis=2)) < 1e-3  # a symbol may stand a fraction of a pixel aside


def test_what_is_wrong_is_one_sentence_and_nothing_is_left(four: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    widget = front(four, "diagram", qtbot)
    there = tmp_path / "there.svg"
    there.write_text("kept")
    with pytest.raises(
        PictureError,
        match=r"no such folder.x\.svg cannot be written \(No such file or directory\); choose another folder",
    ):
        save_picture(widget, tmp_path / "no such folder" / "x.svg", four._appearance, PictureChoice())
    for choice, words in ((PictureChoice(".gif"), "cannot be a file .gif"), (PictureChoice(".png", 400.0), "too many")):
        with pytest.raises(PictureError, match=words):
            save_picture(widget, there, four._appearance, choice)
    assert [path.name for path in tmp_path.iterdir()] == ["there.svg"]
    assert there.read_text() == "kept"
    hidden = four.stage.view("sum").pictured
    assert not hidden.isVisible()
    with pytest.raises(PictureError, match="open the view first"):
        save_picture(hidden, there, four._appearance, PictureChoice())


def test_the_edges_of_cells_stay_sharp(four: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    """A matrix is an image of few pixels, which viewers would blur."""
    widget = front(four, "layers", qtbot)
    path = tmp_path / "layers.svg"
    save_picture(widget, path, four._appearance, PictureChoice(".svg"))
    images = re.findall(r"<image [^>]*width=\"([\d.]+)\"[^>]*pixelated[^>]*base64,([^\"]+)", path.read_text("utf-8"))
    assert images
    for width, data in images:
        image = QImage.fromData(__import__("base64").b64decode(data))
        assert image.width() >= min(float(width), 4)
        row = np.array([image.pixel(x, 0) for x in range(image.width())])
        assert np.count_nonzero(np.diff(row)) < max(2, image.width() // 4), "between two cells there is one step"
