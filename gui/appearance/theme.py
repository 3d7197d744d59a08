"""Colours and fonts: one colour for each role, themes from files, one family of fonts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette

from engine.shipped import SHIPPED
from engine.text import numbers
from gui.appearance.chosen.letters import system_factor
from gui.appearance.chosen.motion import Motion
from gui.appearance.stored import Stored
from gui.appearance.text_size import HALL, SMALLEST_IN_A_HALL, in_a_hall
from gui.appearance.theme_file import ThemeError, own_themes_folder, read_colours

THEMES = ("light", "dark", "projector")
"""Each is a file in resources/themes."""
OWN = "own:"
"""What the choice of a user's own theme begins with; its file's name follows."""
FAMILY = "Inter"
RUNS = 4
"""How many runs are compared at most; each has a colour."""


@dataclass(frozen=True)
class Theme:
    """The colours of one theme by role. A role has one hue wherever it is drawn, and no other thing has it.

    Names of colours are those of the theme's file, which says what each is for.
    """

    name: str
    ground: str
    panel: str
    edge: str
    field: str
    ink: str
    muted: str
    body: str
    body_edge: str
    wire: str
    todo: str
    forget: str
    input: str
    candidate: str
    output: str
    cell: str
    hidden: str
    now: str
    negative: str
    positive: str
    zero: str
    gate0: str
    select: str
    select_edge: str
    wrong: str
    good: str
    good_ground: str
    goes_on: str
    goes_on_ground: str
    bad: str
    bad_ground: str
    runs: tuple[str, ...]

    def role(self, role: str) -> QColor:
        """Return a role's colour; x, which is no part of the cell, has the colour of text."""
        return QColor(self.ink if role == "x" else getattr(self, role))

    def run(self, place: int) -> QColor:
        """Return the colour of one of the runs that are compared, from 0 to `RUNS` - 1."""
        return QColor(self.runs[place])

    @cached_property
    def diverging(self) -> NDArray[np.uint8]:
        """256 colours (256, 3) from negative through zero to positive."""
        low, middle, high = (_rgb(getattr(self, name)) for name in ("negative", "zero", "positive"))
        ramp = np.linspace(0, 1, 128)[:, None]
        return np.vstack([low + (middle - low) * ramp, middle + (high - middle) * ramp]).astype(np.uint8)

    def gate(self, role: str) -> NDArray[np.uint8]:
        """Return 256 colours (256, 3) from that of a closed gate, at 0, to the gate's own, at 1."""
        low, high = _rgb(self.gate0), _rgb(self.role(role).name())
        return (low + (high - low) * np.linspace(0, 1, 256)[:, None]).astype(np.uint8)

    def on(self, background: QColor) -> QColor:
        """Return black or white for text on a background, whichever contrasts more: 4.58 or better on any colour."""
        luminance = _luminance(background)  # WCAG 2.1, relative luminance
        return QColor("#FFFFFF" if 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 else "#000000")


def pale(colour: QColor | str, alpha: int) -> QColor:
    """Return a colour with an opacity, of 255."""
    result = QColor(colour)
    result.setAlpha(alpha)
    return result


def _rgb(colour: str) -> NDArray[np.float64]:
    return np.array(_channels(QColor(colour).getRgb()), dtype=np.float64)


def _channels(rgba: object) -> tuple[float, float, float]:
    """Return red, green and blue of what Qt returns; its stubs call that an object."""
    assert isinstance(rgba, tuple)
    return rgba[0], rgba[1], rgba[2]


def _luminance(colour: QColor) -> float:
    channels = np.array(_channels(colour.getRgbF()))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ np.array([0.2126, 0.7152, 0.0722]))


def mixed(colour: QColor | str, ground: QColor | str, share: float) -> QColor:
    """Return a colour laid over a ground with an opacity (0…1), as an opaque colour: what overlaps does not add up."""
    over, below = _rgb(QColor(colour).name()), _rgb(QColor(ground).name())
    return QColor(*(int(part) for part in np.rint(share * over + (1 - share) * below)))


def read_theme(path: Path) -> Theme:
    """Read a theme from its file. Raises ThemeError, whose text is one sentence."""
    names = [each.name for each in fields(Theme) if each.name not in ("name", "runs")]
    colours: dict[str, Any] = read_colours(path, names, {"runs": RUNS})
    return Theme(name=path.stem, **colours)


@cache
def load_theme(name: str) -> Theme:
    """Return a shipped theme by name; each is read once."""
    return read_theme(SHIPPED / "themes" / f"{name}.toml")


@cache
def print_theme() -> Theme:
    """Return the colours for paper: those of the light theme on white, so that no ground takes ink."""
    return replace(load_theme("light"), name="print", ground="#FFFFFF", panel="#FFFFFF", body="#FFFFFF")


def _own_theme(choice: str) -> Theme | None:
    """Return the user's own theme that a choice names; None where there is none, or its file cannot be read."""
    name = choice.removeprefix(OWN)
    if name == choice or not name or not set(name).isdisjoint("/\\\0"):
        return None
    try:
        return read_theme(own_themes_folder() / f"{name}.toml")
    except ThemeError:
        return None


def load_fonts() -> None:
    """Load the shipped fonts, so that every machine draws the same."""
    for face in ("Regular", "SemiBold"):
        QFontDatabase.addApplicationFontFromData((SHIPPED / "fonts" / f"Inter-{face}.otf").read_bytes())


def font(pixels: float, bold: bool = False) -> QFont:
    """Return the program's font with figures of equal width, so that the digits of a column line up."""
    result = QFont(FAMILY)
    result.setPixelSize(max(1, round(pixels)))
    result.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    result.setFeature(QFont.Tag("tnum"), 1)
    return result


TEXT_FACTORS = 0.8, 2.0
"""The smallest and the largest that a user can choose."""


class Appearance(QObject):
    """The theme, the size of text and the digits of numbers; everything that draws listens to `changed`."""

    changed = Signal()
    rescaled = Signal(float, float)
    """The scale was another one and is now this; emitted before `changed`."""

    def __init__(self, stored: Stored, choice: str | None = None) -> None:
        super().__init__()
        self._stored = stored
        self.own: dict[str, Theme] = {}
        """The user's own themes that are known, by the name that chooses each."""
        self.choice = self._known(choice or stored.text("theme", "the theme", "system"))
        """What the user chose: "system", or the name of a theme."""
        for name in THEMES:
            load_theme(name)  # all now, so that no later choice waits for a file
        self.theme = self._resolved()
        """The theme that is shown."""
        known = [style.value for style in numbers.Style]
        kept = stored.text("digits", "the digits of numbers", numbers.Style.SHORT.value, known)
        self.digits = numbers.Style(kept)
        """How numbers are written."""
        self.text_factor = stored.number("text factor", "the size of text", 1.0, *TEXT_FACTORS)
        """How much larger the user wants all text, besides what screen and system ask for."""
        self._of_system = system_factor()
        self.motion = Motion(stored)
        """Whether and how fast things move; it says itself when that changes."""
        self.presenting = False
        """Whether text has sizes for a presentation, not for a desk."""
        self.lent = False
        """Whether the theme is that of a picture, for the moment; the window keeps what it wears."""
        self.numbers = True
        """Whether vectors and matrices have their numbers in them; only a picture leaves them out."""
        screen = QGuiApplication.primaryScreen()
        self._height = screen.geometry().height() if screen else 1080
        self._scale = self._fitting()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._apply)

    def choose(self, choice: str) -> None:
        """Choose another theme and remember it."""
        self.choice = choice
        self._stored.setValue("theme", choice)
        self._apply()

    def take_own(self, themes: Mapping[str, Theme]) -> None:
        """Offer the user's own themes; the one that is shown follows its file."""
        if themes != self.own:
            self.own = dict(themes)
            self._apply()

    def choose_digits(self, digits: numbers.Style) -> None:
        """Write numbers in another style and remember it."""
        if digits is not self.digits:
            self.digits = digits
            self._stored.setValue("digits", digits.value)
            self.changed.emit()

    def written(self, value: float, rounds: bool = False) -> str:
        """Return a number as it is shown on the screen."""
        return numbers.short(value, rounds, self.digits)

    def fit_screen(self, height: int) -> None:
        """Give everything the sizes of a screen of so many lines: the window is on another one, or that has changed."""
        self._height = height
        self.scale = self._fitting()

    def choose_text_factor(self, factor: float) -> None:
        """Make all text larger or smaller and remember it; factor: within TEXT_FACTORS."""
        self.text_factor = factor
        self._stored.setValue("text factor", factor)
        self.scale = self._fitting()

    def _fitting(self) -> float:
        return min(max(self._height / 1080, 0.8), 2.0) * min(self._of_system * self.text_factor, TEXT_FACTORS[1])

    @property
    def scale(self) -> float:
        """Factor of all sizes, 1 on a screen of 1080 lines."""
        return self._scale

    @scale.setter
    def scale(self, scale: float) -> None:
        if scale != self._scale:
            before, self._scale = self._scale, scale
            self.rescaled.emit(before, scale)
            self.changed.emit()

    def present(self, presenting: bool) -> None:
        """Give text sizes for a presentation, or for a desk."""
        if presenting != self.presenting:
            self.presenting = presenting
            self.changed.emit()

    @property
    def smallest_number(self) -> float:
        """Pixels below which a diagram leaves numbers out; 0 at a desk."""
        return SMALLEST_IN_A_HALL * self._height / 1080 - 0.5 if self.presenting else 0.0

    def px(self, pixels: float) -> int:
        """Return a length given for a screen of 1080 lines in pixels of this screen."""
        return round(pixels * self._scale)

    def text(self, size: float) -> int:
        """Return the pixels of a size of text, one of `gui.appearance.text_size`; larger while presenting."""
        return self.px(in_a_hall(size) if self.presenting else size)

    def with_text(self, pixels: float) -> int:
        """Return the pixels of a length that grows with the text while presenting."""
        return self.px(pixels * HALL if self.presenting else pixels)

    def palette(self) -> QPalette:
        """Return Qt's palette in the theme's colours."""
        theme = self.theme
        roles = {
            QPalette.ColorRole.Window: theme.ground,
            QPalette.ColorRole.Base: theme.panel,
            QPalette.ColorRole.AlternateBase: theme.ground,
            QPalette.ColorRole.Button: theme.panel,
            QPalette.ColorRole.ToolTipBase: theme.panel,
            QPalette.ColorRole.WindowText: theme.ink,
            QPalette.ColorRole.Text: theme.ink,
            QPalette.ColorRole.ButtonText: theme.ink,
            QPalette.ColorRole.ToolTipText: theme.ink,
            QPalette.ColorRole.PlaceholderText: theme.muted,
            QPalette.ColorRole.Highlight: theme.ink,
            QPalette.ColorRole.HighlightedText: theme.panel,
            QPalette.ColorRole.BrightText: theme.wrong,
            QPalette.ColorRole.Link: theme.ink,
        }
        palette = QPalette()
        for role, colour in roles.items():
            palette.setColor(role, QColor(colour))
        for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.muted))
        return palette

    def _known(self, choice: str) -> str:
        """Return a remembered choice, whose own theme is read; "system" where there is no such theme."""
        if choice not in ("system", *THEMES):
            theme = _own_theme(choice)
            if theme is None:
                self._stored.leave_out("theme", "the theme")
                return "system"
            self.own[choice] = theme
        return choice

    def _resolved(self) -> Theme:
        if self.choice in THEMES:
            return load_theme(self.choice)
        if self.choice in self.own:
            return self.own[self.choice]
        dark = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
        return load_theme("dark" if dark else "light")

    def lend(self, theme: Theme, numbers: bool) -> None:
        """Give a picture its theme, and numbers in its vectors and matrices or none, until `take_back`."""
        self.lent, self.theme, self.numbers = True, theme, numbers
        self.changed.emit()

    def take_back(self) -> None:
        """End a loan; nothing changes where there is none."""
        if self.lent:
            self.lent, self.theme, self.numbers = False, self._resolved(), True
            self.changed.emit()

    def _apply(self) -> None:
        theme = self._resolved()
        if theme != self.theme and not self.lent:
            self.theme = theme
            self.changed.emit()
