"""What a screen reader is told: the tree of QAccessible, node by node."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QTabBar, QWidget

_ROLE = QAccessible.Role
_ACTS = {
    *(_ROLE.Button, _ROLE.PushButton, _ROLE.CheckBox, _ROLE.RadioButton, _ROLE.ComboBox, _ROLE.SpinBox, _ROLE.Slider),
    *(_ROLE.EditableText, _ROLE.PageTab, _ROLE.MenuItem, _ROLE.ButtonMenu, _ROLE.ButtonDropDown, _ROLE.Link),
    *(_ROLE.Table, _ROLE.Tree, _ROLE.List, _ROLE.Canvas, _ROLE.Chart, _ROLE.Graphic, _ROLE.PageTabList),
}


@dataclass(frozen=True)
class Heard:
    """A node. path: the kinds of widget around it, from the outside. focusable: whether the keys can go to it."""

    name: str
    role: QAccessible.Role
    path: str
    focusable: bool

    @property
    def acts(self) -> bool:
        """Whether somebody can do something with it, or go to it."""
        return self.focusable or self.role in _ACTS


def nodes(interface: QAccessibleInterface, path: str = "") -> Iterator[Heard]:
    """Walk the tree below a node, that node first; what is hidden is left out, with all that is in it.

    Of a table only the table is walked: Qt names its cells after their numbers.
    """
    thing = interface.object()
    if isinstance(thing, QWidget) and not thing.isVisible():
        return
    if isinstance(thing, QTabBar) and not thing.count():
        return  # Qt keeps an empty one for cards that may once lie over each other
    label = type(thing).__name__ if thing is not None else interface.role().name
    if thing is not None and thing.objectName():
        label += f"#{thing.objectName()}"
    here = f"{path}/{label}"
    # What hands the keyboard on is never gone to itself.
    focusable = bool(interface.state().focusable) and not (isinstance(thing, QWidget) and thing.focusProxy())
    name = interface.text(QAccessible.Text.Name)
    if isinstance(thing, QComboBox) and not thing.accessibleName() and name == thing.currentText():
        name = ""  # Qt says what is chosen where nobody says what for
    yield Heard(name, interface.role(), here, focusable)
    if isinstance(thing, QAbstractItemView):
        return
    for place in range(interface.childCount()):
        child = interface.child(place)
        if child is not None and child.isValid():
            yield from nodes(child, here)


def fault(heard: Heard) -> str:
    """Return what is wrong with the name of a node that somebody can go to or act on; "" if nothing is."""
    name = heard.name.strip()
    if not name:
        return "has no name"
    if name.startswith("qt_"):
        return "has a name of Qt's own"
    if len(re.findall(r"\w", name)) < 2:
        return "is called by a symbol alone"
    return ""


def faults(top: QWidget) -> list[str]:
    """Return a line for each node of a window, a dialog or a view whose name is no name."""
    interface = QAccessible.queryAccessibleInterface(top)
    assert interface is not None
    return [f"{one.path} {fault(one)}: {one.name!r}" for one in nodes(interface) if one.acts and fault(one)]
