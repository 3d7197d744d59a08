"""Where the parts of the view Live stand: curves and words beside the maps, or below, or on a page of their own."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from gui.appearance.text_size import TEXT
from gui.appearance.theme import Appearance
from gui.views.live.beside import Beside, Words
from gui.views.live.choices import Choices
from gui.views.live.lanes.picture import LivePicture
from gui.widgets.layouts import in_column
from gui.widgets.segments import Segments

_BESIDE = 60
"""Letters across from which the curves have a column beside the maps."""
_COLUMN, _WIDEST = 0.27, 27
"""Share of the width that the column has, and the letters across that it needs at most."""
_LOW = 30
"""Letters from top to bottom below which the maps need the room of the words, and one curve that of three."""
_ANY = 16_777_215  # Qt's "as wide as you like"


class Arrangement(QObject):
    """Places the parts for the width that there is, at a desk or in a hall."""

    page_chosen = Signal()
    """Where maps and curves are a page each, the other one was chosen."""

    def __init__(
        self,
        view: QWidget,
        pages: Segments,
        choices: Choices,
        picture: LivePicture,
        beside: Beside,
        words: Words,
        appearance: Appearance,
    ) -> None:
        """pages: what chooses one of two pages, where there is no room for both."""
        super().__init__(view)
        self._view, self._appearance = view, appearance
        self._choices, self._picture, self._beside, self._words = choices, picture, beside, words
        self._pages = pages
        pages.choose(0)
        pages.chosen.connect(lambda _page: self.page_chosen.emit())
        self._grid = QGridLayout()
        for part in (picture, beside, words):
            part.setParent(view)
        self._grid.addWidget(picture, 0, 0, 2, 1)
        self._grid.setColumnStretch(0, 1)
        self._grid.setRowStretch(0, 1)
        px = appearance.px
        margins = (px(14), px(6), px(10), px(8))
        in_column(choices, (self._grid, 1), inside=view, margins=margins, spacing=px(8))

    @property
    def page(self) -> int:
        """0: maps; 1: curves, where there is no room for both."""
        return self._pages.choice

    def offer_captions(self) -> None:
        """Show as many words beside the choices as there is room for."""
        self._choices.fit(self._appearance.presenting)

    def put_on(self) -> None:
        """Place all parts."""
        text, presenting = self._appearance.text(TEXT), self._appearance.presenting
        both = self._view.width() >= _BESIDE * text
        maps, below = both or self.page == 0, presenting or not both
        self.offer_captions()
        self._picture.setVisible(maps)
        low = self._view.height() < _LOW * text and not presenting
        self._words.setVisible(maps and not (low and below))
        self._beside.setVisible(both or not maps)
        self._pages.setVisible(not both and not presenting)
        for part in (self._beside, self._words):
            self._grid.removeWidget(part)
        self._grid.addWidget(self._beside, *((0, 1) if both else (0, 0, 2, 1)))
        self._grid.addWidget(self._words, *((2, 0, 1, 2) if below else (1, 1)))
        self._beside.arrange(across=not both)
        few = presenting or (low and not both)
        self._beside.show_parts(("loss", "gradients") if few else ("loss", "measure", "gradients"))
        wide = round(min(_COLUMN * self._view.width(), _WIDEST * text)) if both else 0
        self._grid.setColumnMinimumWidth(1, wide)
        self._grid.setHorizontalSpacing(round(0.8 * text) if both else 0)
        self._grid.setVerticalSpacing(round(0.5 * text))
        self._beside.setMaximumWidth(wide if both else _ANY)
        self._words.setMaximumWidth(_ANY if below else max(wide, 1))
        # The lines of a usual moment: nothing moves when one more is needed.
        self._words.take_at_least(round((4.6 if below else 11) * text))
        self._beside.restyle()
