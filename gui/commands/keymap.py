"""Which keys each command has: those of the table, or those that the user gave it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence

from gui.appearance.stored import Stored
from gui.commands.command import Command

_GROUP, _WHAT = "keys", "some of your own keys"
_MOST = 4
"""Keys that one command can have."""
_LONGEST = 40  # characters of a key's name
_NAMED = re.compile(r"\b(?:(?:Ctrl|Shift|Alt)\+)+(?:F\d{1,2}|End|Home|[A-Z0-9,.+=-](?![a-z]))|\bF\d{1,2}\b")
"""A key that can be changed, in a sentence."""
PLAYBACK = ("Space", "Shift+Space", "PgDown", "PgUp", "Home", "Return", "Enter")
"""Keys that move the playback, also on a remote control."""
_TABS = "Tab", "Backtab"
FIXED = {
    **dict.fromkeys(PLAYBACK, "moves the playback"),
    "Esc": "leaves what is in front",
    **dict.fromkeys((*_TABS, *(f"Shift+{key}" for key in _TABS)), "goes from field to field"),
    **dict.fromkeys(("Left", "Right", "Up", "Down", "End"), "moves within a field, a table or a list"),
    **dict.fromkeys(("Del", "Backspace"), "removes what is selected"),
    **dict.fromkeys(("Ctrl+A", "Ctrl+X"), "belongs to every field with text"),
    **dict.fromkeys(("Ctrl+Left", "Ctrl+Right"), "goes from word to word, and from phase to phase in Slow motion"),
    "Ctrl+F": "searches the library",
    **dict.fromkeys(("Shift+F10", "Menu"), "opens the menu of what has the keyboard"),
}
"""Keys that no command can be given, and what each of them does."""


def in_words(key: str) -> str:
    """Return a key as this desktop writes it; "" for none."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def spelled(key: str) -> str:
    """Return a key as the table writes it: "ctrl+t" is "Ctrl+T"; "" for what is no single key."""
    sequence = QKeySequence(key)
    named = sequence.toString(QKeySequence.SequenceFormat.PortableText)
    return named if sequence.count() == 1 and named.isprintable() else ""


class Keymap(QObject):
    """Knows the keys of every command; remembers those that the user gave it."""

    changed = Signal()

    def __init__(self, commands: Mapping[str, Command], stored: Stored | None = None) -> None:
        super().__init__()
        self._commands, self._stored = commands, stored
        self._usual = {name: tuple(map(spelled, command.keys)) for name, command in commands.items()}
        self._own: dict[str, tuple[str, ...]] = {}
        if stored is not None:
            self._read(stored)

    # What they are

    def keys(self, name: str) -> tuple[str, ...]:
        """Return the keys of a command, by its id."""
        return self._own.get(name, self._usual.get(name, ()))

    def words(self, name: str, between: str = " or ") -> str:
        """Return a command's keys as this desktop writes them."""
        return between.join(map(in_words, self.keys(name)))

    def is_own(self, name: str) -> bool:
        """Whether a command has other keys than those of the table."""
        return name in self._own

    @property
    def has_own(self) -> bool:
        """Whether any command has."""
        return bool(self._own)

    def is_fixed(self, name: str) -> bool:
        """Whether a command's keys cannot be changed."""
        return any(key in FIXED for key in self._usual[name])

    def holder(self, key: str) -> Command | None:
        """Return the command that has a key; None if it is free."""
        return next((self._commands[name] for name in self._commands if key in self.keys(name)), None)

    def why_not(self, key: str, menus: Iterable[str] = ()) -> str:
        """Return why no command can be given a key, in one sentence; "" if it can be. menus: their words, with &."""
        words = in_words(key)
        if not key:
            return "This is not a key that can be used alone; press a key together with Ctrl, or a function key"
        if key in FIXED:
            return f"{words} is fixed: it {FIXED[key]}"
        parts = key.split("+")
        if "Meta" in parts or ("Ctrl" in parts and "Alt" in parts):
            return f"{words} belongs to many desktops, which would keep it; press another key"
        for menu in menus:
            if "&" in menu and key.casefold() == f"alt+{menu[menu.index('&') + 1]}".casefold():
                return f"{words} opens the menu {menu.replace('&', '')}; press another key"
        if len(key.removeprefix("Shift+")) == 1:
            return f"{words} alone is typed into fields; press it together with Ctrl or Alt"
        return ""

    def retold(self, sentence: str) -> str:
        """Return a sentence that names keys of the table with those that its commands have now."""
        return _NAMED.sub(self._told, sentence) if self._own else sentence

    def _told(self, found: re.Match[str]) -> str:
        key = spelled(found[0])
        for name in self._own:
            if key in self._usual[name]:
                command, keys = self._commands[name], self._own[name]
                return in_words(keys[0]) if keys else f"“{command.words.replace('&', '')}”"
        return found[0]

    # Changing them

    def give(self, name: str, key: str) -> None:
        """Let a command have this key alone; a command that had it before loses it. A key: see `why_not`."""
        for other in self._commands:
            if other != name and key in self.keys(other):
                self._put(other, tuple(kept for kept in self.keys(other) if kept != key))
        self._put(name, (key,))
        self._tell()

    def take_away(self, name: str) -> None:
        """Leave a command without a key."""
        self._put(name, ())
        self._tell()

    def reset(self, name: str) -> list[Command]:
        """Give a command its usual keys again; return the commands that had one of them, and lose it."""
        losers = []
        for key in self._usual[name]:
            for other in self._commands:
                if other != name and key in self.keys(other):
                    self._put(other, tuple(kept for kept in self.keys(other) if kept != key))
                    losers.append(self._commands[other])
        self._put(name, self._usual[name])
        self._tell()
        return losers

    def reset_all(self) -> None:
        """Give every command its usual keys again."""
        for name in list(self._own):
            self._put(name, self._usual[name])
        self._tell()

    def _put(self, name: str, keys: tuple[str, ...]) -> None:
        if keys == self._usual[name]:
            self._own.pop(name, None)
            if self._stored is not None:
                self._stored.remove(f"{_GROUP}/{name}")
            return
        self._own[name] = keys
        if self._stored is not None:
            self._stored.setValue(f"{_GROUP}/{name}", json.dumps(keys))

    def _tell(self) -> None:
        self.changed.emit()

    # What is remembered

    def _read(self, stored: Stored) -> None:
        stored.beginGroup(_GROUP)
        names = stored.allKeys()
        stored.endGroup()
        found = {name: _keys_in(stored.text(f"{_GROUP}/{name}", _WHAT, "")) for name in names}
        fitting = {name: keys for name, keys in found.items() if keys is not None and self._fits(name, keys)}
        taken = {key for name, keys in self._usual.items() if name not in fitting for key in keys}
        for name, keys in fitting.items():
            if taken.isdisjoint(keys):
                self._own[name] = keys
                taken.update(keys)
        for name in set(names) - self._own.keys():
            stored.leave_out(f"{_GROUP}/{name}", _WHAT)

    def _fits(self, name: str, keys: tuple[str, ...]) -> bool:
        """Whether a command can have these keys, so far as they are free."""
        usual = self._usual.get(name)
        if usual is None or self.is_fixed(name):
            return False
        return all(key in usual or not self.why_not(key) for key in keys)


def _keys_in(written: str) -> tuple[str, ...] | None:
    """Return the keys in a remembered text; None where it is no list of keys."""
    try:
        found = json.loads(written)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, list) or len(found) > _MOST:
        return None
    if not all(isinstance(key, str) and 0 < len(key) <= _LONGEST and spelled(key) == key for key in found):
        return None
    return tuple(found)
