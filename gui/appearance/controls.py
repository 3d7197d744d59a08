"""The states of what can be clicked or typed into, as rules of the style sheet: ink and grey, never a role's colour.

Rest, hover, pressed, selected, disabled; `gui.widgets.themed.focus_ring` draws the ring of the focus around them. One
main button in a workspace, or in a dialog, is filled with ink.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.shipped import SHIPPED
from gui.appearance.theme import Appearance, mixed

LEAST_HIGH, HIGH = 24, 32
"""Pixels that a click may land on, from top to bottom: at least, which is on a small screen, and with 1080 lines."""
_SMALL = 0.8
"""Scale of a small screen."""
_FIELDS = ("QSpinBox", "QDoubleSpinBox", "QComboBox", "QLineEdit", "QPlainTextEdit")
_BUTTONS = ("QPushButton", "QToolButton")
_MAIN = ("#train", "#main", "#play", "QDialogButtonBox QPushButton:default")
_GROUPS = ("#group", "#turn")


def least_height(appearance: Appearance) -> int:
    """Return how many pixels high everything is that can be clicked."""
    scale = appearance.scale
    if scale >= 1:
        return appearance.px(HIGH)
    return max(LEAST_HIGH, round(LEAST_HIGH + (HIGH - LEAST_HIGH) * (scale - _SMALL) / (1 - _SMALL)))


def control_rules(appearance: Appearance) -> str:
    """Return the rules for buttons, fields, checks, tabs and sliders."""
    t, px = appearance.theme, appearance.px
    icons = (SHIPPED / "icons").as_posix()
    above = px(4)
    within = least_height(appearance) - 2 * above - 2  # without padding and border
    on_ink = t.on(t.role("cell")).lightness()
    hover, pressed = (mixed(t.ink, t.panel, share).name() for share in (0.82, 0.65))
    return f"""
    {_all(_BUTTONS)} {{ background: {t.panel}; color: {t.ink}; border: 1px solid {t.field}; border-radius: 6px;
        padding: {above}px {px(12)}px; min-height: {within}px; outline: none; }}
    {_all(_BUTTONS, ":hover")} {{ background: {t.ground}; border-color: {t.ink}; }}
    {_all(_BUTTONS, ":pressed")} {{ background: {t.edge}; border-color: {t.ink}; }}
    {_all(_BUTTONS, ":checked")} {{ background: {t.select}; border-color: {t.select_edge}; font-weight: 600; }}
    {_all(_BUTTONS, ":disabled")} {{ background: {t.ground}; color: {t.muted}; border-color: {t.edge}; }}
    QFileDialog QToolButton {{ padding: 0; }}
    QPushButton::menu-indicator {{ image: none; width: 0; }}
    QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
    {_all(_MAIN)} {{ background: {t.ink}; color: {t.panel}; border: 1px solid {t.ink}; font-weight: 600; }}
    {_all(_MAIN, ":hover")} {{ background: {hover}; border-color: {hover}; }}
    {_all(_MAIN, ":pressed")} {{ background: {pressed}; border-color: {pressed}; }}
    {_all(_MAIN, ":disabled")} {{ background: {t.ground}; color: {t.muted}; border-color: {t.edge}; }}
    {_all(_GROUPS)} {{ padding: {above}px {px(6)}px; font-weight: 600; color: {t.muted}; }}
    {_all(_GROUPS, ":checked")} {{ background: {t.select}; color: {t.ink}; border: 2px solid {t.select_edge}; }}
    #turn {{ margin-right: {px(2)}px; }}
    #link {{ font-weight: 600; padding: {px(10)}px {px(6)}px; }}
    {_all(_FIELDS)} {{ background: {t.panel}; color: {t.ink}; border: 1px solid {t.field}; border-radius: 6px;
        padding: {above}px {px(8)}px; min-height: {within}px;
        selection-background-color: {t.ink}; selection-color: {t.panel}; }}
    {_all(_FIELDS, ":hover")} {{ border-color: {t.ink}; }}
    {_all(_FIELDS, ":focus")} {{ border-color: {t.select_edge}; }}
    {_all(_FIELDS, ":disabled")} {{ background: {t.ground}; color: {t.muted}; border-color: {t.edge}; }}
    {_all(_FIELDS, '[wrong="true"]')} {{ border-color: {t.wrong}; }}
    QComboBox::drop-down {{ border: none; width: {px(22)}px; }}
    QComboBox::down-arrow {{ image: url("{icons}/down.svg"); width: {px(12)}px; height: {px(12)}px; }}
    {_all(_FIELDS[:2], "::up-button")}, {_all(_FIELDS[:2], "::down-button")} {{ border: none; width: {px(20)}px; }}
    {_all(_FIELDS[:2], "::up-arrow")} {{ image: url("{icons}/up.svg"); width: {px(10)}px; }}
    {_all(_FIELDS[:2], "::down-arrow")} {{ image: url("{icons}/down.svg"); width: {px(10)}px; }}
    QCheckBox, QRadioButton {{ spacing: {px(6)}px; min-height: {LEAST_HIGH}px; outline: none; }}
    {_indicators()} {{ border: 1px solid {t.field}; border-radius: {px(4)}px; background: {t.panel}; }}
    {_indicators(":hover")} {{ border-color: {t.ink}; }}
    {_indicators(":checked")} {{ background: {t.ink}; border-color: {t.ink};
        image: url("{icons}/check-{"dark" if on_ink < 128 else "light"}.svg"); }}
    {_indicators(":disabled")} {{ background: {t.ground}; border-color: {t.edge}; }}
    QCheckBox:disabled, QRadioButton:disabled {{ color: {t.muted}; }}
    QTabBar {{ font-weight: 600; }}
    QTabBar::tab {{ background: transparent; color: {t.muted}; font-weight: 400; min-height: {within}px;
        border: none; border-bottom: {px(3)}px solid transparent; padding: {above}px {px(10)}px 0px; }}
    QTabBar::tab:hover {{ background: {t.ground}; color: {t.ink}; }}
    QTabBar::tab:pressed {{ background: {t.edge}; color: {t.ink}; }}
    QTabBar::tab:selected {{ color: {t.ink}; font-weight: 600; border-bottom-color: {t.select_edge}; }}
    QTabBar::tab:disabled {{ color: {t.muted}; }}
    #views::tab {{ padding: {above}px {px(8)}px 0px; }}
    QProgressBar {{ background: {t.edge}; border: none; border-radius: {px(4)}px; max-height: {px(8)}px; }}
    QProgressBar::chunk {{ background: {t.ink}; border-radius: {px(4)}px; }}
    QSlider:horizontal {{ min-height: {LEAST_HIGH}px; }}
    QSlider::groove:horizontal {{ background: {t.field}; height: {px(4)}px; border-radius: {px(2)}px; }}
    QSlider::handle:horizontal {{ background: {t.ink}; width: {px(16)}px; margin: -{px(6)}px 0;
        border-radius: {px(8)}px; }}
    QSlider::handle:horizontal:hover {{ background: {hover}; }}
    QSlider::handle:horizontal:disabled {{ background: {t.field}; }}
    """


def _all(widgets: Iterable[str], state: str = "") -> str:
    return ", ".join(f"{widget}{state}" for widget in widgets)


def _indicators(state: str = "") -> str:
    return _all(("QCheckBox", "QRadioButton", "QAbstractItemView"), f"::indicator{state}")
