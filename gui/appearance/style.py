"""The style sheet: panels on a ground, one radius, a grid of four pixels.

The object name of a widget says what its text is for, and the sheet sets its size, weight and colour.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QLabel, QWidget

from gui.appearance.controls import LEAST_HIGH, control_rules
from gui.appearance.rich_text import AS_WRITTEN
from gui.appearance.text_size import LEAD, NOTE, TEXT, TITLE
from gui.appearance.theme import FAMILY, Appearance

_SIZES = {
    TEXT: "*",
    NOTE: "#note, #small, #openQuestion, #cardTitle, #cardTitle QLabel, #cardTitle QComboBox, #cardTitle QSpinBox,"
    " #cardTitle QAbstractButton, QTableView, QTableView QLineEdit, QHeaderView, QHeaderView::section,"
    " QStatusBar QLabel",
    LEAD: "#lead, #headline, #result, #resultRow, #documentName, #link",
    TITLE: "#title",
}
"""The widgets that have text of each size."""

_AS_WORDS = """
QComboBox, QSpinBox, QDoubleSpinBox, QLineEdit { border: none; background: transparent; padding: 0; }
QComboBox::drop-down, QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button,
QDoubleSpinBox::down-button { width: 0; }
QComboBox::down-arrow, QSpinBox::up-arrow, QSpinBox::down-arrow, QDoubleSpinBox::up-arrow,
QDoubleSpinBox::down-arrow { image: none; width: 0; }
"""
"""In a presentation, what is chosen is only read."""


def _sizes(text: Callable[[float], int], px: Callable[[float], int]) -> str:
    """Return the rules for text, whose sizes `text` returns in pixels, and for what grows with it by `px`."""
    rules = [f"{widgets} {{ font-size: {text(size)}px; }}" for size, widgets in _SIZES.items()]
    rules.append(f"QCheckBox::indicator {{ width: {px(16)}px; height: {px(16)}px; }}")
    rules.append(f"#runs QHeaderView::section {{ padding: {px(3)}px {px(6)}px; }}")
    return "\n".join(rules)


def fit_text(widget: QWidget, appearance: Appearance) -> None:
    """Give a part of the window text for a presentation, or for a desk again.

    It gets its own style sheet, because applying that of the window would take Qt five times as long.
    """
    hall = _AS_WORDS if appearance.presenting else ""
    sheet, before = _sizes(appearance.text, appearance.with_text) + hall, widget.styleSheet()
    # Qt applies even the same sheet again; and after an empty one the sizes of the sheet before would stay.
    if sheet != before and (appearance.presenting or before):
        widget.setStyleSheet(sheet)


def fit_label(label: QLabel, pixels: int, bold: bool = False) -> None:
    """Give a label text of a size that is fitted to its room.

    It gets its own style sheet, because the window's would override a font.
    """
    sheet = f"font-size: {pixels}px; font-weight: {600 if bold else 400};"
    if sheet != label.styleSheet():
        label.setStyleSheet(sheet)


def style_sheet(appearance: Appearance) -> str:
    """Return Qt's style sheet for the present theme and size of text."""
    t, px = appearance.theme, appearance.px
    return f"""
    {AS_WRITTEN}
    * {{ font-family: "{FAMILY}"; color: {t.ink}; }}
    {_sizes(px, px)}
    QMainWindow, QDialog, QMessageBox {{ background: {t.ground}; }}
    QMainWindow::separator {{ background: {t.ground}; width: {px(12)}px; height: {px(12)}px; }}
    #card {{ background: {t.panel}; border: 1px solid {t.edge}; border-radius: 8px; }}
    #offer {{ background: {t.ground}; border: none; padding: 0 0 {px(6)}px 0; }}
    #cardTitle {{ background: {t.panel}; color: {t.muted}; font-weight: 600;
        border: 1px solid {t.edge}; border-bottom: none;
        border-top-left-radius: 8px; border-top-right-radius: 8px; }}
    #cardBody {{ background: {t.panel}; border: 1px solid {t.edge}; border-top: none;
        border-bottom-left-radius: 8px; border-bottom-right-radius: 8px; }}
    #cardTitle QComboBox, #cardTitle QSpinBox, #cardTitle QAbstractButton {{ padding: 0 {px(6)}px;
        min-height: {LEAST_HIGH - 2}px; }}
    #muted, #note, #resultRow {{ color: {t.muted}; }}
    #strong, #headline, #title, #documentName {{ font-weight: 600; }}
    #words {{ background: {t.ground}; border-radius: 8px; }}
    #ours {{ color: {t.runs[0]}; font-weight: 600; }}
    #transport {{ border: none; }}
    QMenuBar {{ background: {t.ground}; padding: 2px 0px; }}
    QMenuBar::item:selected, QMenuBar::item:pressed {{ background: {t.edge}; }}
    QMenuBar::item {{ padding: 4px 10px; border-radius: 6px; background: transparent; }}
    QMenu {{ background: {t.panel}; border: 1px solid {t.edge}; padding: 6px; }}
    QMenu::item {{ padding: 5px 24px 5px 12px; border-radius: 4px; }}
    QMenu::item:selected {{ background: {t.edge}; }}
    QMenu::item:disabled {{ color: {t.muted}; background: transparent; }}
    QMenu::separator {{ height: 1px; background: {t.edge}; margin: 5px 8px; }}
    {control_rules(appearance)}
    #workspaces {{ background: {t.edge}; border: none; border-radius: 8px; }}
    #workspace {{ background: transparent; border: 1px solid transparent; padding: {px(4)}px {px(14)}px; }}
    #workspace:hover {{ border-color: {t.ink}; }}
    #workspace:checked {{ background: {t.select}; border: 2px solid {t.select_edge}; font-weight: 600; }}
    #menu {{ background: transparent; border: 1px solid transparent; padding: {px(5)}px {px(8)}px; }}
    #more {{ background: transparent; border: 1px solid transparent; padding: {px(4)}px {px(8)}px; }}
    #menu::menu-indicator, #more::menu-indicator {{ image: none; width: 0; }}
    #choice, #entry {{ border: 1px solid {t.edge}; border-radius: 8px; padding: 0; min-height: 0; }}
    #entry {{ background: transparent; border-color: transparent; }}
    #choice:hover, #entry:hover {{ background: {t.ground}; border-color: {t.ink}; }}
    #choice:pressed, #entry:pressed {{ background: {t.edge}; border-color: {t.ink}; }}
    #folded {{ background: transparent; border: none; padding: 0; }}
    #panelOver {{ background: {t.panel}; border: 2px solid {t.field}; border-radius: 8px; }}
    #unfold {{ padding: {px(24)}px {px(4)}px; }}
    #fieldNote {{ background: {t.panel}; color: {t.ink}; border: 1px solid {t.wrong}; border-radius: 6px;
        padding: {px(4)}px {px(8)}px; }}
    #openQuestion {{ background: {t.ground}; border: 1px solid {t.field}; border-radius: 6px;
        padding: {px(4)}px {px(8)}px; }}
    QComboBox QAbstractItemView {{ background: {t.panel}; border: 1px solid {t.edge};
        selection-background-color: {t.edge}; selection-color: {t.ink}; }}
    QFileDialog QListView, QFileDialog QTreeView {{ background: {t.panel}; border: 1px solid {t.field};
        selection-background-color: {t.edge}; selection-color: {t.ink}; }}
    QTableView {{ background: {t.panel}; border: none; selection-background-color: transparent; }}
    QListWidget {{ background: {t.panel}; border: none; outline: none; }}
    QTableCornerButton::section {{ background: {t.panel}; border: none; }}
    QTableView QLineEdit {{ padding: 0; border-radius: 0; border: 2px solid {t.select_edge};
        background: {t.panel}; min-height: 0; }}
    QHeaderView, QHeaderView::section {{ background: {t.panel}; color: {t.muted}; border: none; padding: 0; }}
    #preview::item {{ padding: 0 {px(8)}px; }}
    #columns::item, #columns QHeaderView::section {{ padding: 0 4px; }}
    QScrollBar {{ background: transparent; width: {px(8)}px; height: {px(8)}px; margin: 0; }}
    QScrollBar::handle {{ background: {t.field}; border-radius: {px(4)}px; min-width: 24px; min-height: 24px; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: none; }}
    QToolTip {{ background: {t.panel}; color: {t.ink}; border: 1px solid {t.edge}; padding: 4px; }}
    QStatusBar {{ background: {t.ground}; color: {t.muted}; }}
    QStatusBar::item {{ border: none; }}
    QStatusBar QLabel {{ color: {t.muted}; }}
    #heading {{ color: {t.muted}; font-weight: 600; padding-top: {px(6)}px; }}
    """
