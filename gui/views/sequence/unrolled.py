"""Shows one cell for each time step side by side, joined by C and h; the user zooms and pans.

Far out a cell is a strip for C_t, h_t and x_t; nearer it shows its gates as small columns; near it is the whole
diagram. Pictures of cells are made while the window has nothing else to do; until one is there, the older one is
drawn, or the empty body.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QEasingCurve, QPointF, QSize, Qt, QTimer, QVariantAnimation, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from gui.appearance.text_size import LEAD, NOTE, TEXT
from gui.appearance.theme import Appearance
from gui.appearance.typeset import Typesetter
from gui.appearance.vector import in_picture
from gui.diagram.layout import Layout
from gui.diagram.layouts.cells import layout_of
from gui.playback.walk import Moment
from gui.views.sequence.state_maps import Course
from gui.views.sequence.step_pictures import StepPictures, Wanted
from gui.views.sequence.steps_drawing import Look, StepsDrawing, label_height
from gui.views.sequence.steps_row import ASPECT, DIAGRAM_FROM, Row
from gui.widgets.zoomable import Zoomable

_LARGEST = 1500.0
_KEPT = 24
"""Pictures beside those in view that are kept for panning; of whole diagrams a quarter of it."""


class Unrolled(QWidget, Zoomable):
    """T cells side by side."""

    step_clicked = Signal(int)
    moved = Signal()
    """The steps stand elsewhere, or are of another width."""

    def __init__(self, typesetter: Typesetter, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._typesetter = typesetter
        self._course: Course | None = None
        self._layout: Layout | None = None
        self._moment = Moment(0, 0, 1.0)
        self._hidden = False
        self._pitch: float | None = None
        """Width of a step; None where the whole sequence is shown."""
        self._left = self._top = 0.0
        self._pictures = StepPictures(typesetter, appearance, self)
        self._shown_in: tuple[object, ...] = ()
        self._drawing = StepsDrawing(typesetter, appearance)
        self._pressed: QPointF | None = None
        self._last_at = QPointF()
        self._panning = False
        self._idle = QTimer(self, singleShot=True)
        self._idle.timeout.connect(self._make_pictures)
        self._carrying = QVariantAnimation(self)
        self._carrying.setStartValue(0.0)
        self._carrying.setEndValue(1.0)
        self._carrying.setEasingCurve(QEasingCurve.Type.InOutQuad)
        self._carrying.valueChanged.connect(self.update)
        self._carrying.finished.connect(self.update)
        self._carried_to = 0
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        typesetter.ready.connect(self._on_typeset)
        appearance.changed.connect(self._on_appearance)

    def sizeHint(self) -> QSize:
        return QSize(900, 360)

    def px(self, pixels: float) -> int:
        """Return a size given for 1080 lines in pixels of this screen, larger in a hall."""
        return self._appearance.with_text(pixels)

    @property
    def gutter(self) -> int:
        """Room on the left, where the state before the first step comes in."""
        return self.px(58)

    @property
    def carrying(self) -> bool:
        """Whether C and h are on their way from a step to the next."""
        return self._carrying.state() is QVariantAnimation.State.Running

    @property
    def complete(self) -> bool:
        """Whether every picture in view is there as it should be."""
        return self._course is not None and next(self._missing(), None) is None

    def show_moment(self, course: Course, moment: Moment, hidden: bool = False) -> None:
        """Show a course as it stands at a moment; where that is another step, the view follows.

        hidden: what the walk has not reached is pale and hatched; else all of it is shown.
        """
        before = self._course
        other_length = before is None or len(course.trace.steps) != len(before.trace.steps)
        if course is not before:
            self._layout = layout_of(course.trace.cell)
            if before is None or other_length or course.trace.cell is not before.trace.cell:
                self._pictures.forget()
        if other_length:
            self._pitch = None
        stepped = moment.t != self._moment.t
        self._course, self._moment, self._hidden = course, moment, hidden
        if stepped and self.is_zoomed:
            self._follow()
        self._settle()

    def carry(self, t: int, duration_ms: float) -> None:
        """Let C and h be seen to go over into step t (from 0)."""
        self._carried_to = t
        self._carrying.stop()
        self._carrying.setDuration(self._appearance.motion.lasting(duration_ms))
        self._carrying.start()

    @property
    def is_zoomed(self) -> bool:
        return self._pitch is not None

    def show_all(self) -> None:
        """Show the whole sequence."""
        self._pitch = None
        self._settle()

    def zoom(self, factor: float, about: QPointF) -> None:
        """Make everything larger or smaller; what is at a point stays there."""
        row = self.row()
        if row is None:
            return
        fit = self._fit_pitch()
        pitch = min(max(row.pitch * factor, fit), max(self._appearance.px(_LARGEST), fit))
        self._pitch = None if pitch <= fit else pitch
        across, down = (about.x() - row.left) / row.pitch, (about.y() - row.top) / row.height
        self._left, self._top = about.x() - across * pitch, about.y() - down * pitch * ASPECT
        self._settle()

    def pan(self, dx: float, dy: float = 0.0) -> None:
        """Move what is seen, in pixels."""
        if self._pitch is not None:
            self._left += dx
            self._top += dy
            self._settle()

    # Where things stand

    def row(self) -> Row | None:
        """Return where the steps stand now; None where there is nothing to show."""
        if self._course is None or self._layout is None:
            return None
        steps, room = len(self._course.trace.steps), self.height() - self._label_height()
        pitch = self._fit_pitch()
        left = self.gutter + (self._across() - pitch * steps) / 2
        if self._pitch is not None:
            pitch, left = self._pitch, self._left
        top, height = 0.0, room
        if pitch >= DIAGRAM_FROM:
            height = pitch * ASPECT
            top = (room - height) / 2 if height <= room else self._top
        return Row(steps, self._layout, left, pitch, top, height)

    def step_at(self, point: QPointF) -> int | None:
        """Return the step under a point."""
        row = self.row()
        if row is None:
            return None
        t = int((point.x() - row.left) // row.pitch)
        return t if 0 <= t < row.steps else None

    def _label_height(self) -> float:
        return label_height(self.px(15))

    def _across(self) -> float:
        return max(1.0, self.width() - self.gutter - self.px(24))

    def _fit_pitch(self) -> float:
        pitch = self._across() / (len(self._course.trace.steps) if self._course else 1)
        if pitch >= DIAGRAM_FROM:
            highest = (self.height() - self._label_height()) / ASPECT
            pitch = min(pitch, highest) if highest >= DIAGRAM_FROM else DIAGRAM_FROM - 1
        return pitch

    def _settle(self) -> None:
        """Keep the steps in view, draw, and say where they are."""
        if self._pitch is not None and self._pitch <= self._fit_pitch():
            self._pitch = None
        row = self.row()
        if row is not None and self._pitch is not None:
            right = self.width() - self.px(24) - row.pitch * row.steps
            self._left = min(max(self._left, right), float(self.gutter))
            self._top = min(max(self._top, self.height() - self._label_height() - row.height), 0.0)
        self.update()
        self.moved.emit()

    def _follow(self) -> None:
        """Bring the step in which the walk stands into the middle, if it is not in view."""
        row = self.row()
        assert row is not None
        room = row.step(self._moment.t)
        if room.left() < self.gutter or room.right() > self.width():
            self._left += self.gutter + (self._across() - room.width()) / 2 - room.left()

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        row, course = self.row(), self._course
        if row is None or course is None:
            return
        carrying = (self._carried_to, float(self._carrying.currentValue())) if self.carrying else None
        sizes = self._appearance.text(LEAD), self._appearance.text(TEXT)
        look = Look(row, course, self._moment, self.size(), self.gutter, *sizes, carrying, self._hidden)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._pictures.asked = {wanted.t: wanted for wanted in self._wanted()} if in_picture() else {}
        self._drawing.paint(painter, look, self._pictures)
        painter.end()
        if not in_picture() and next(self._missing(), None) is not None:
            self._idle.start(0)

    # Pictures

    def _missing(self) -> Iterator[Wanted]:
        """Yield the pictures in view that are not there yet, that of the present step first."""
        return filter(self._pictures.lacks, self._wanted())

    def _wanted(self) -> Iterator[Wanted]:
        """Yield what each picture in view is to show, that of the present step first."""
        row, moment = self.row(), self._moment
        if row is None or self._course is None or not row.pictured:
            return
        hall, size = self._appearance.presenting, row.picture_size
        letters = self._appearance.text(LEAD), self._appearance.text(NOTE)
        theme, operations = self._appearance.theme.name, len(self._course.trace.cell.operations)
        for t in sorted(row.in_view(self.width()), key=lambda t: t != moment.t):
            here = self._hidden and t == moment.t
            done = moment.done - (1 if moment.moving else 0) if here else operations
            now = here and moment.done > 0
            later = self._hidden and t > moment.t
            yield Wanted(self._course, t, done, now, later, size, letters, hall, theme, row.whole)

    def _make_pictures(self) -> None:
        row = self.row()
        if self.isVisible() and row is not None:
            self._pictures.work(self._missing(), self.devicePixelRatioF())
            self._pictures.keep_near(row.in_view(self.width()), _KEPT // (4 if row.whole else 1))
            self.update()

    def _on_typeset(self, latex: str) -> None:
        if self.isVisible():
            self._forget_pictures()

    def _on_appearance(self) -> None:
        worn = self._appearance
        shown_in = worn.theme, worn.digits, worn.presenting, worn.scale
        if not worn.lent and shown_in != self._shown_in:  # a picture is painted without these
            self._shown_in = shown_in
            self._forget_pictures()

    def _forget_pictures(self) -> None:
        self._pictures.forget()
        self.update()

    # The mouse

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta()
        if turned.y():
            self.zoom(1.0015 ** turned.y(), event.position())
        elif turned.x():
            self.pan(turned.x())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed = self._last_at = event.position()
            self._panning = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._pressed is None:
            t = self.step_at(at)
            ways = "click to open this time step, drag to pan, use the wheel to zoom"
            self.setToolTip("" if t is None else f"t = {t + 1:,}: {ways}")
            self.setCursor(Qt.CursorShape.ArrowCursor if t is None else Qt.CursorShape.PointingHandCursor)
            return
        if (at - self._pressed).manhattanLength() >= QApplication.startDragDistance():
            self._panning = True
        if self._panning:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.pan(at.x() - self._last_at.x(), at.y() - self._last_at.y())
            self._last_at = at

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        self.setCursor(Qt.CursorShape.ArrowCursor)
        t = self.step_at(event.position())
        if pressed is not None and not self._panning and t is not None:
            self.step_clicked.emit(t)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._settle()
