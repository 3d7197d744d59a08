"""The cell and its training together: the diagram of the network that learns, beside its maps and curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSplitter

from engine.runs.observation import FLOW
from gui.playback.walk import Walk
from gui.views.base import Tools
from gui.views.cell.cell import CellPage
from gui.views.live.live import LiveView
from gui.views.training_view import LabView
from gui.widgets.layouts import in_column
from gui.widgets.segments import Segments

_BOTH = 1300
"""Pixels of width from which diagram and maps stand side by side; where there are fewer, one of them is shown."""
_DIAGRAM, _LIVE = 0, 1


class SideBySide(LabView):
    """The diagram follows the run by itself; the playback walks through it, and the maps show where it stands."""

    has_timeline: ClassVar[bool] = True
    shows_cell: ClassVar[bool] = True
    by_steps = False
    wants: ClassVar[frozenset[str]] = frozenset({FLOW}) | LiveView.wants

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        px = tools.appearance.px
        self.cell, self.live = CellPage(tools), LiveView(tools)
        self.pages = Segments((("Diagram", ""), ("Live", "")), tools.appearance)
        self.pages.choose(_DIAGRAM)
        self._begun = False
        """Whether the walk through the network of a run stands somewhere."""
        self.pages.chosen.connect(lambda _page: self.dress())
        self._split = QSplitter(Qt.Orientation.Horizontal, childrenCollapsible=False)
        for part in (self.cell, self.live):
            self._split.addWidget(part)
        margins = (px(8), 0, px(8), px(4))
        in_column((self.pages, 0, Qt.AlignmentFlag.AlignLeft), (self._split, 1), inside=self, margins=margins)
        for view in (self.cell, self.live):
            view.message.connect(self.message)
            view.wanted.connect(self.wanted)
        self.live.moment_framed.connect(self._on_framed)
        tools.playback.moved.connect(self._show_now)

    @property
    def walk(self) -> Walk:
        return self.tools.playback

    def end(self) -> None:
        self.live.end()
        self.cell.end()

    # ---- the run

    def show_run(self) -> None:
        if self.isVisible():
            self._follow_run()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._follow_run()
        self._show_now()

    def _follow_run(self) -> None:
        """Let the diagram show the network of the run, if there is one."""
        following = self.tools.following
        if following is not None and not following.on and self.training.run.last is not None:
            following.follow(0, self.live.framed_t)  # where there is most to tell

    def show_news(self) -> None:
        for draw in self.news():
            draw()

    def news(self) -> Sequence[Callable[[], None]]:
        maps, *curves = self.live.news() if self.live.isVisible() else (lambda: None,)

        def front() -> None:
            maps()
            self._begin_at_the_frame()

        return (front, *curves)

    def _begin_at_the_frame(self) -> None:
        """Let a walk that has not begun stand at the frame of the maps: at t = 1 there is nothing to be kept yet."""
        following, playback, reading = self.tools.following, self.tools.playback, self.live.reading
        if self._begun or following is None or not following.shown or reading is None:
            return
        self._begun = True
        t = self.live.picture.framed.t
        if not playback.position and t < playback.steps:
            playback.seek_step(t)

    # ---- the moment that both show

    def _on_framed(self, _layer: int, t: int) -> None:
        """A time step was chosen in the maps by a click: the diagram goes there."""
        following = self.tools.following
        if self.live.held and following is not None and following.on and t < self.tools.playback.steps:
            self.tools.playback.seek_step(t)

    def _show_now(self) -> None:
        """Let the maps end where the playback stands, while the diagram shows the network of the run."""
        following, playback = self.tools.following, self.tools.playback
        if not self.isVisible():
            return
        walks = following is not None and following.on and playback.position < playback.last
        self.live.show_now(playback.moment.t if walks else None)

    # ---- look

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.isVisible():
            self.dress()

    def wanted_look(self) -> tuple[Any, ...]:
        return self.width() >= _BOTH, self.pages.choice, self.tools.appearance.presenting

    def put_on(self) -> None:
        both, page, presenting = self.wanted_look()
        self.pages.setVisible(not both and not presenting)  # a hall sees which it is, and the diagram needs the room
        self.cell.setVisible(both or page == _DIAGRAM)
        self.live.setVisible(both or page == _LIVE)
        if both:
            self._split.setSizes([self.width() // 2, self.width() // 2])

    def refresh(self) -> None:
        self.dress()
        self.show_news()
