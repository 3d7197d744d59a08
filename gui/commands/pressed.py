"""A pressed key, as the table of commands writes it."""

from __future__ import annotations

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from gui.commands.keymap import spelled

_Key = Qt.Key
_NO_KEYS = (
    *(
        _Key.Key_Control,
        _Key.Key_Shift,
        _Key.Key_Alt,
        _Key.Key_Meta,
        _Key.Key_AltGr,
        _Key.Key_Super_L,
        _Key.Key_Super_R,
    ),
    *(_Key.Key_CapsLock, _Key.Key_NumLock, _Key.Key_ScrollLock, _Key.Key_unknown, _Key.Key_Hyper_L, _Key.Key_Hyper_R),
)
"""Keys that only change others."""


def key_of(event: QKeyEvent) -> str | None:
    """Return a pressed key as the table of commands writes it; "" for one that is none, None while others are held."""
    if event.key() in _NO_KEYS:
        return None
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    key = event.keyCombination().key()
    sign = chr(key.value) if 0x20 < key.value < 0x110000 else ""
    if sign and sign.isprintable() and not sign.isalnum():
        modifiers &= ~Qt.KeyboardModifier.ShiftModifier  # it takes Shift on some keyboards and none on others
    return spelled(QKeySequence(QKeyCombination(modifiers, key)).toString(QKeySequence.SequenceFormat.PortableText))
