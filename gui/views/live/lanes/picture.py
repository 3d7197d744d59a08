"""The picture of the view Live: input, maps and answer on one time axis, and a frame at the time under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.appearance.hatching import veil
from gui.appearance.text_size import NOTE, TEXT
from gui.appearance.theme import Appearance, font, pale
from gui.appearance.typeset import Typesetter
from gui.appearance.vector import in_picture
from gui.plots.ticks import step_ticks
from gui.views.live.lanes.answer import Answers, frame, paint_answers, paint_target
from gui.views.live.lanes.input import bar_image, paint_input
from gui.views.live.lanes.pen import CENTRE, Pencil, larger_end, metrics
from gui.views.live.lanes.places import Lanes, Needs, fits, is_wide, lay_out
from gui.views.live.lanes.reading import Coarse, Reading
from gui.views.live.maps import Shown, Wanted
from gui.views.live.sharing import sharing

_PALE = 150
"""Of 255, how opaque the panel lies over what is still to come."""
_LABEL, _NARROW_LABEL = 9.4, 8.6
_SCALE, _NARROW_SCALE = 7.2, 6.3
"""Letters across for labels and scales."""
_BAR = 0.8
"""Letters across of a bar of colours."""
_WRITTEN = 0.75
"""Letters of a map's name, relative to text, at the least."""


@dataclass(frozen=True)
class Framed:
    """What is framed: a time step from 0, a map by its place, or None, and a unit of it from 0."""

    t: int = 0
    map: int | None = None
    unit: int = 0


class LivePicture(QWidget):
    """Draws what it is given; says where the cursor is. What rests is painted once, what learns each time."""

    moved = Signal(object)
    """Something else is Framed, by the mouse or a key."""
    clicked = Signal(object)
    """What was clicked, as Framed."""
    turned = Signal(int)
    """A key asks for the next map, 1, or the one before, -1."""
    resized = Signal()

    def __init__(self, typesetter: Typesetter, appearance: Appearance) -> None:
        super().__init__()
        self._typesetter, self._appearance = typesetter, appearance
        self.reading: Reading | None = None
        """What is read over the probe."""
        self.coarse: Coarse | None = None
        """What was found of a reading of very many numbers."""
        self.answers: Answers | None = None
        """What the network answers."""
        self.wanted: Sequence[Wanted] = ()
        """The maps that have a lane."""
        self.latex: dict[str, str] = {}
        """The symbol of each value."""
        self.shown: Sequence[Shown] = ()
        """The maps as they are drawn; none before the first snapshot."""
        self.order_words: tuple[str, ...] = ()
        """In which order units are, where it is not the usual one; a line each."""
        self.empty = ""
        """A sentence in the place of the maps while there are none."""
        self.framed = Framed()
        self.now: int | None = None
        """The time step, from 0, at which a walk through time stands; what follows it is pale. None: all is shown."""
        self.follows_mouse = True
        """Whether the frame goes where the mouse is."""
        self._ground: QPixmap | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        appearance.changed.connect(self.forget_ground)
        typesetter.ready.connect(self.forget_ground)

    # ---- what is shown

    def forget_ground(self) -> None:
        """Paint what rests anew as well."""
        self._ground = None
        self.update()

    @property
    def needs(self) -> Needs:
        """What is to be placed."""
        text, note = self._appearance.text(TEXT), self._appearance.text(NOTE)
        wide, reading = self._is_wide, self.reading
        return Needs(
            has_input=reading is not None and (reading.symbols is not None or bool(reading.curves)),
            has_marks=reading is not None and reading.symbols is None and bool(reading.marks),
            has_answer=reading is not None,
            letter=text,
            note=note,
            label=(_LABEL if wide else _NARROW_LABEL) * text,
            scale=(_SCALE if wide else _NARROW_SCALE) * text,
        )

    @property
    def _is_wide(self) -> bool:
        return is_wide(self.width(), self._appearance.text(TEXT))

    @property
    def lanes(self) -> Lanes:
        """Where everything stands."""
        return lay_out(self.width(), self.height(), len(self.wanted), self.needs)

    def has_room_for(self, maps: int) -> bool:
        """Return whether so many maps are high enough to be told apart."""
        return fits(self.width(), self.height(), maps, self.needs)

    @property
    def room(self) -> dict[int, tuple[int, int]]:
        """Columns and rows of pixels of each map."""
        ratio, maps = self.devicePixelRatioF(), self.lanes.maps
        return {place: (int(box.width() * ratio), int(box.height() * ratio)) for place, box in enumerate(maps)}

    def sizeHint(self) -> QSize:
        return QSize(10, 10)

    def minimumSizeHint(self) -> QSize:
        return QSize(10, 10)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._ground = None
        self.resized.emit()

    # ---- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.reading is None:
            painter.fillRect(self.rect(), QColor(self._appearance.theme.panel))
            self._paint_empty(painter, QRectF(self.rect()))
            return
        if in_picture():
            self._paint_ground(painter, self.reading)
        else:
            self._ground = self._ground or self._painted_ground(self.reading)
            painter.drawPixmap(0, 0, self._ground)
        pencil = Pencil(painter, self._appearance, self.lanes, self.reading.steps, self.width())
        self._paint_maps(pencil)
        if self.answers is not None:
            paint_answers(pencil, self.answers, self.framed.t)
        if self.now is not None and self.shown:
            self._paint_to_come(pencil, self.now)
        self._paint_cursor(pencil)
        if not self.shown and pencil.lanes.maps:
            first, last = pencil.lanes.maps[0], pencil.lanes.maps[-1]
            self._paint_empty(painter, QRectF(first.topLeft(), last.bottomRight()))
        painter.end()

    def _painted_ground(self, reading: Reading) -> QPixmap:
        """Return what does not change while the network learns: names, input, target, axis."""
        ratio = self.devicePixelRatioF()
        ground = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        ground.setDevicePixelRatio(ratio)
        with QPainter(ground) as painter:
            self._paint_ground(painter, reading)
        return ground

    def _paint_ground(self, painter: QPainter, reading: Reading) -> None:
        painter.fillRect(self.rect(), QColor(self._appearance.theme.panel))
        pencil = Pencil(painter, self._appearance, self.lanes, reading.steps, self.width())
        paint_input(pencil, reading, self.coarse)
        paint_target(pencil, self.answers or Answers(reading, None))
        for place in range(len(self.wanted)):
            self._name(pencil, place)
        self._paint_axis(pencil)

    def _name(self, pencil: Pencil, place: int) -> None:
        """Write the name of a map, its symbol, and for the first one how its rows run."""
        wanted, box, theme = self.wanted[place], pencil.lanes.maps[place], pencil.theme
        spec, colour = wanted.spec, pencil.theme.role(wanted.spec.role)
        width = box.left() - 0.6 * pencil.text
        size = round(min(pencil.text, max(_WRITTEN * pencil.text, 0.95 * box.height())))
        line = QRectF(0, box.top(), width, min(1.4 * pencil.text, max(box.height(), 1.1 * size)))
        latex = self.latex.get(spec.name, "")
        formula = self._typesetter.formula(latex) if latex else None
        symbol = 1.25 * size
        wide = formula.size(symbol).width() if formula is not None else 0.0
        layers = len({one.layer for one in self.wanted}) > 1
        number = f" {wanted.layer + 1}" if layers else ""
        name = spec.names[0].rpartition(" ")[0] + number
        if metrics(size, True).horizontalAdvance(name) + wide + 0.4 * size > width:
            name = spec.names[1].rpartition(" ")[0] + number
        pencil.write(line, name, bold=True, size=size, colour=colour)
        if formula is not None:
            x = min(metrics(size, True).horizontalAdvance(name) + 0.45 * size, width - wide)
            high = formula.size(symbol).height()
            self._typesetter.draw(
                pencil.painter, latex, QPointF(x, line.center().y() - high / 2), symbol, QColor(colour)
            )
        if pencil.lanes.wordy and (words := self._rows_in_words(place)):
            below = QRectF(0, line.bottom(), width, 1.25 * pencil.note)
            for part in words:
                if below.bottom() <= box.bottom() + 1:
                    pencil.write(below, part, colour=theme.muted)
                    below.moveTop(below.bottom())

    def _rows_in_words(self, place: int) -> list[str]:
        """Return how the rows of a map run: all of it for the first, and what differs for others."""
        shown = self.shown[place] if place < len(self.shown) else None
        if shown is None:
            return []
        first = self.shown[0]
        if place and shown.units == first.units and shown.together == first.together:
            return []
        usual = [f"unit 1 on top, {shown.units:,}"]
        words = [f"{shown.units:,} units,", *self.order_words] if shown.ordered else usual
        return words + ([f"{shown.together} share a row"] if shown.together > 1 else [])

    def _ticks(self, pencil: Pencil) -> list[int]:
        """Return the time steps, from 1, whose numbers stand at the axis beside the first one's."""
        axis, apart = pencil.lanes.axis, 4.5 * pencil.note
        many = step_ticks(pencil.steps, max(1, int(axis.width() // apart)))
        return [t for t in many if t > 1 and pencil.middle(t - 1) - axis.left() > apart]

    def _paint_axis(self, pencil: Pencil) -> None:
        axis, steps = pencil.lanes.axis, pencil.steps
        pencil.line(axis.top())
        top = axis.top() + 0.2 * pencil.note
        for t in [1, *self._ticks(pencil)]:
            x = pencil.middle(t - 1)
            pencil.painter.setPen(QColor(pencil.theme.muted))
            pencil.painter.drawLine(QPointF(x, axis.top()), QPointF(x, axis.top() + 0.25 * pencil.note))
            words = "t = 1" if t == 1 else f"{t:,}"
            box = QRectF(x - 3 * pencil.note, top, 6 * pencil.note, 1.5 * pencil.note)
            if t == 1:
                box.moveLeft(max(axis.left(), box.left()))
                pencil.write(box, words)
            else:
                pencil.write(box, words, CENTRE)
        together = sharing(steps, int(axis.width() * self.devicePixelRatioF()))
        if together > 1:
            left = QRectF(0, top, axis.left() - 0.6 * pencil.text, 1.5 * pencil.note)
            pencil.write(left, f"{together} steps a column")

    def _paint_maps(self, pencil: Pencil) -> None:
        theme = pencil.theme
        for place, box in enumerate(pencil.lanes.maps):
            if place < len(self.shown):
                shown = self.shown[place]
                shown.picture.paint(pencil.painter, box, theme)
                self._paint_bar(pencil, shown, box)
            pencil.painter.setPen(QColor(theme.edge))
            pencil.painter.drawRect(box.adjusted(0, 0, -1, -1))

    def _paint_empty(self, painter: QPainter, room: QRectF) -> None:
        """Say in the place of maps why they are not there."""
        if not self.empty:
            return
        theme, text = self._appearance.theme, self._appearance.text(TEXT)
        painter.setFont(font(text, bold=True))
        wrapped = CENTRE | int(Qt.TextFlag.TextWordWrap)
        words = painter.boundingRect(room.adjusted(text, text, -text, -text), wrapped, self.empty)
        painter.fillRect(words.adjusted(-text, -0.6 * text, text, 0.6 * text), QColor(theme.panel))
        painter.setPen(QColor(theme.ink))
        painter.drawText(words, wrapped, self.empty)

    def _paint_bar(self, pencil: Pencil, shown: Shown, box: QRectF) -> None:
        """Draw what the colours of a map mean."""
        note = pencil.note
        bar = QRectF(round(box.right() + 0.5 * note), box.top(), round(_BAR * pencil.text), box.height())
        bar_image(pencil, shown.wanted.spec.gate_role, bar)
        left = bar.right() + 0.4 * note
        line = QRectF(left, bar.top() - 0.1 * note, max(1.0, self.width() - left), 1.2 * note)
        top, bottom = shown.ends
        if box.height() < 2.3 * note:  # one line for both
            words = shown.words[-1] if shown.words else f"{bottom} … {top}"
            pencil.write(line, larger_end(words, line.width(), note))
            return
        pencil.write(line, top)
        below = QRectF(line)
        below.moveBottom(bar.bottom() + 0.1 * note)
        pencil.write(below, bottom)
        between = [*shown.words]
        lines = int((below.top() - line.bottom()) // (1.05 * note))
        if lines < len(between):
            between = [between[-1]] if lines == 1 else []
        y = (line.bottom() + below.top()) / 2 - 0.55 * note * len(between)
        for words in between:
            pencil.write(QRectF(left, y, line.width(), 1.1 * note), larger_end(words, line.width(), note))
            y += 1.1 * note

    def _paint_to_come(self, pencil: Pencil, now: int) -> None:
        """Lay a pale hatching over what follows the step at which a walk stands."""
        start = pencil.lanes.x_of(now + 1, pencil.steps)
        for box in pencil.lanes.maps:
            rest = QRectF(start, box.top(), box.right() - start, box.height())
            if rest.width() > 0:
                veil(pencil.painter, rest, pencil.theme)

    def _paint_cursor(self, pencil: Pencil) -> None:
        """Frame a time step through everything, a unit in its map, and write the step at the axis."""
        cursor, lanes, painter, theme = self.framed, pencil.lanes, pencil.painter, pencil.theme
        t = min(cursor.t, pencil.steps - 1)
        colour = theme.now if self.now is not None else theme.ink
        left, right = lanes.x_of(t, pencil.steps), lanes.x_of(t + 1, pencil.steps)
        if right - left < 4:
            middle = (left + right) / 2
            left, right = middle - 2, middle + 2
        through = QRectF(round(left) - 1, lanes.time.top(), round(right) - round(left) + 2, lanes.time.height())
        line = 2 if self._appearance.presenting or self.now is not None else 1
        for x in (through.left(), through.right() - line):
            painter.fillRect(QRectF(x - 1, through.top(), line + 2, through.height()), pale(theme.panel, _PALE))
            painter.fillRect(QRectF(x, through.top(), line, through.height()), QColor(colour))
        if cursor.map is not None and cursor.map < len(self.shown):
            shown, box = self.shown[cursor.map], lanes.maps[cursor.map]
            if cursor.unit < shown.units:
                cell = shown.cell(box, cursor.unit, t)
                least = max(6.0, 0.5 * pencil.note)
                cell = QRectF(through.left() - 1, cell.top(), through.width() + 2, cell.height())
                if cell.height() < least:
                    cell = QRectF(cell.left(), cell.center().y() - least / 2, cell.width(), least)
                frame(painter, cell.adjusted(-1, -1, 1, 1), theme.ink, theme.panel, 2)
        words = f"t = {t + 1:,}"
        wide = metrics(pencil.note, True).horizontalAdvance(words) + pencil.note
        tag = QRectF(0, lanes.axis.top() + 1, wide, 1.6 * pencil.note)
        tag.moveLeft(min(max(through.center().x() - wide / 2, 0.0), self.width() - wide))
        for tick in self._ticks(pencil):  # a number that the tag would cover in part goes
            half = metrics(pencil.note).horizontalAdvance(f"{tick:,}") / 2 + 1
            number = QRectF(pencil.middle(tick - 1) - half, tag.top(), 2 * half, tag.height())
            if number.intersects(tag):
                painter.fillRect(number, QColor(theme.panel))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        painter.drawRoundedRect(tag, 4, 4)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        pencil.write(tag, words, CENTRE, bold=True, colour=theme.on(QColor(colour)))

    # ---- the cursor

    def place_at(self, point: QPointF) -> Framed:
        """Return what is under a point: its time step, and in a map its unit."""
        lanes, steps = self.lanes, self.reading.steps if self.reading is not None else 1
        t = lanes.step_at(point.x(), steps)
        for place, box in enumerate(lanes.maps):
            if place < len(self.shown) and box.top() <= point.y() <= box.bottom():
                return Framed(t, place, self.shown[place].unit_at(box, point.y(), t))
        return Framed(t, self.framed.map, self.framed.unit)

    def centre(self, place: int, unit: int, t: int) -> QPointF:
        """Return the middle of a unit at a time step, in the map at a place."""
        return self.shown[place].cell(self.lanes.maps[place], unit, t).center()

    def move_to(self, cursor: Framed) -> None:
        """Frame something else."""
        if cursor != self.framed:
            self.framed = cursor
            self.update()
            self.moved.emit(cursor)

    def _over(self, point: QPointF) -> bool:
        axis = self.lanes.axis
        return self.reading is not None and axis.left() <= point.x() <= axis.right()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.follows_mouse and self._over(event.position()):
            self.move_to(self.place_at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._over(event.position()) and event.button() is Qt.MouseButton.LeftButton:
            self.move_to(self.place_at(event.position()))
            self.clicked.emit(self.framed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Comma, Qt.Key.Key_Period):
            self.turned.emit(1 if key is Qt.Key.Key_Period else -1)
            return
        if self.reading is None or key not in moves:
            super().keyPressEvent(event)
            return
        by, down = moves[key]
        t = min(max(self.framed.t + by, 0), self.reading.steps - 1)
        self.move_to(Framed(t, self.framed.map, self._unit_below(down) if down else self.framed.unit))

    def _unit_below(self, down: int) -> int:
        """Return the unit so many rows below the framed one; above it, if negative."""
        place = self.framed.map
        if place is None or place >= len(self.shown):
            return self.framed.unit
        return self.shown[place].unit_below(self.framed.unit, down)
