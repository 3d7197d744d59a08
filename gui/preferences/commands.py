"""The commands that go to a preference, or choose one that has a command of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from engine.errors import did_you_mean
from engine.text.numbers import Style
from gui.appearance.theme import Appearance
from gui.commands.command import CommandError
from gui.commands.registry import Registry
from gui.preferences.rows import KEYS, PREFERENCES
from gui.workspaces.pages import Pages

if TYPE_CHECKING:
    from gui.preferences.page import PreferencesPage  # made when it is first looked at


def register_preferences(commands: Registry, pages: Pages, appearance: Appearance) -> None:
    """Say what these commands do."""
    names = (*(row.name for row in PREFERENCES), KEYS)

    def go_to(name: str) -> None:
        if name not in names:
            raise CommandError(f"There is no preference “{name}”{did_you_mean(name, names)}")
        cast("PreferencesPage", pages.open("preferences")).go_to(name)

    commands.register("preference", go_to, possible=lambda name: pages.is_possible())
    commands.register("theme", lambda name: appearance.choose(name), on=lambda name: name == appearance.choice)
    commands.register(
        "numbers",
        lambda style: appearance.choose_digits(Style(style)),
        on=lambda style: Style(style) is appearance.digits,
    )
