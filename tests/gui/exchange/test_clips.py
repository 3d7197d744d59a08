"""What the screen clips away is in no picture: what is scrolled out, and what is beyond the axes of a plot."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QPoint, QRectF
from PySide6.QtGui import QTransform
from PySide6.QtWidgets import QGraphicsItem, QGraphicsView, QLabel, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui.appearance.theme import Appearance
from gui.exchange.pictures import PictureChoice, save_picture
from gui.views.experiments.page import ExperimentPage
from gui.window.main_window import MainWindow
from tests.gui.driving import wait_until
from tests.gui.exchange.recorded import small_run
from tests.gui.exchange.test_pictures import SVG, front, text_of_pdf, texts


def clips(svg: Path) -> list[QRectF]:
    """Return the room of each clipped group, in pixels of the picture."""
    root = ElementTree.parse(svg).getroot()
    rooms = {}
    for path in root.iter(f"{SVG}clipPath"):
        room = path.find(f"{SVG}rect")
        assert room is not None
        rooms[path.get("id")] = QRectF(*(float(room.get(side, "")) for side in ("x", "y", "width", "height")))
    used = re.findall(r'clip-path="url\(#(\w+)\)"', svg.read_text(encoding="utf-8"))
    assert sorted(used) == sorted(rooms)
    return [rooms[name] for name in used]


@pytest.fixture
def scrolled(appearance: Appearance, qtbot: QtBot) -> QWidget:
    """Twenty lines, plain and rich, of which seven are seen, above a line that stays."""
    page, area, inside = QWidget(), QScrollArea(), QWidget()
    column = QVBoxLayout(inside)
    for line in range(20):
        column.addWidget(QLabel(f"<b>rich</b> {line}" if line % 2 else f"plain {line}"))
    area.setWidget(inside)
    rows = QVBoxLayout(page)
    rows.addWidget(area)
    rows.addWidget(QLabel("below"))
    page.resize(200, 220)
    qtbot.addWidget(page)
    with qtbot.waitExposed(page):
        page.show()
    area.verticalScrollBar().setValue(area.verticalScrollBar().maximum() // 2)
    return page


@pytest.mark.parametrize("suffix", [".svg", ".pdf"])
def test_lines_that_are_scrolled_out_are_left_out(
    suffix: str, scrolled: QWidget, appearance: Appearance, tmp_path: Path
) -> None:
    area = scrolled.findChildren(QScrollArea)[0]
    out = tmp_path / f"page{suffix}"
    save_picture(scrolled, out, appearance, PictureChoice(suffix))
    written = text_of_pdf(out) if suffix == ".pdf" else " ".join(texts(out))
    shown, hidden = [], []
    for label in area.findChildren(QLabel):
        top = label.mapTo(area.viewport(), QPoint(0, 0)).y()
        number = label.text().split()[-1]
        if top >= 0 and top + label.height() <= area.viewport().height():
            shown.append(number)
        elif top >= area.viewport().height() or top + label.height() <= 0:
            hidden.append(number)
    assert len(shown) >= 3
    assert len(hidden) >= 10
    numbers = set(re.findall(r"\d+", written))
    assert not set(shown) - numbers
    assert not numbers & set(hidden)
    assert "below" in written


def test_experiments_show_what_is_scrolled_to(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    window.resize(1280, 720)
    widget = front(window, "experiments", qtbot)
    area = widget.findChildren(ExperimentPage)[0]
    wait_until(lambda: area.verticalScrollBar().maximum() > 20)
    out = tmp_path / "experiments.svg"
    save_picture(widget, out, window._appearance, PictureChoice())
    above, title = texts(out), area.findChildren(QLabel, "title")[0].text()
    assert title in " ".join(above)
    area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())
    save_picture(widget, out, window._appearance, PictureChoice())
    below = texts(out)
    assert set(below) - set(above)
    assert set(above) - set(below)
    room = QRectF(QPoint(area.viewport().mapTo(widget, QPoint(0, 0))), area.viewport().size())
    assert room in clips(out)


def test_the_curves_of_a_plot_end_at_its_axes(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    window.files.open(small_run())
    wait_until(lambda: bool(window.training.controller.run.moments))
    widget = front(window, "health", qtbot)
    out = tmp_path / "health.svg"
    save_picture(widget, out, window._appearance, PictureChoice())
    found = clips(out)
    clipping = QGraphicsItem.GraphicsItemFlag.ItemClipsChildrenToShape
    expected = 0
    for view in widget.findChildren(QGraphicsView):
        if not view.isVisible():
            continue
        for item in view.scene().items():
            if not (item.flags() & clipping and item.isVisible()) or item.boundingRect().isEmpty():
                continue
            at = view.viewport().mapTo(widget, QPoint(0, 0))
            to = item.deviceTransform(view.viewportTransform()) * QTransform.fromTranslate(at.x(), at.y())
            room = to.mapRect(item.boundingRect())
            expected += 1
            assert any((one.topLeft() - room.topLeft()).manhattanLength() < 3 for one in found)
        assert not [item for item in view.scene().items() if type(item).__name__ == "_MarkItem"]
    assert expected >= 2
    assert "lstmviz-clip" not in out.read_text(encoding="utf-8")
