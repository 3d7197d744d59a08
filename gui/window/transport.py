"""Buttons for the playback and its speed, at the left end of the bar of time."""

from __future__ import annotations

import math

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtWidgets import QFrame, QSlider, QToolButton

from gui.appearance.chosen.motion import SPEEDS
from gui.appearance.icons import icon
from gui.appearance.theme import Appearance
from gui.commands.actions import Actions
from gui.commands.registry import Registry
from gui.playback.walk import Walk
from gui.widgets.buttons import say_action, tool_button
from gui.widgets.labels import text_label
from gui.widgets.layouts import in_row
from gui.widgets.own_keys import walk_by_keys

_STEPS = 4  # of the slider, to a doubling


class Transport(QFrame):
    """Buttons, and the speed."""

    def __init__(self, actions: Actions, walk: Walk, appearance: Appearance) -> None:
        super().__init__()
        self.setObjectName("transport")
        self._appearance = appearance
        self._walk = walk
        px = appearance.px
        self._buttons: dict[str, QToolButton] = {}
        for name in ("restart", "back", "next", "play"):
            button = tool_button("nextOperation" if name == "next" else name)
            say_action(button, actions[name])
            button.setAccessibleName(actions[name].statusTip())
            button.clicked.connect(actions[name].trigger)
            self._buttons[name] = button
        self.speed = QSlider(Qt.Orientation.Horizontal)
        self.speed.setRange(*(round(math.log2(limit) * _STEPS) for limit in SPEEDS))
        self.speed.setPageStep(_STEPS)
        walk_by_keys(self.speed)
        self.speed.setAccessibleName("Speed of the animation")
        self.speed.setToolTip("Speed of the animation, 0.25× to 4×")
        self.speed.valueChanged.connect(self._on_speed)
        self._speed_text = text_label()
        in_row(
            *self._buttons.values(),
            px(4),
            self.speed,
            self._speed_text,
            inside=self,
            margins=(px(8), px(2), 0, px(2)),
            spacing=px(6),
        )
        walk.playing_changed.connect(self._update_icons)
        appearance.changed.connect(self._on_appearance)
        appearance.motion.changed.connect(self._show_speed)
        self._on_appearance()
        self._show_speed()

    def register_commands(self, commands: Registry) -> None:
        """Say what the commands do that change the speed."""
        commands.register("slower", lambda: self.change_speed(-1))
        commands.register("faster", lambda: self.change_speed(1))

    def follow(self, walk: Walk) -> None:
        """Show whether another walk plays."""
        self._walk.playing_changed.disconnect(self._update_icons)
        self._walk = walk
        walk.playing_changed.connect(self._update_icons)
        self._update_icons()

    def change_speed(self, doublings: int) -> None:
        """Play at twice the speed, or at half."""
        self.speed.setValue(self.speed.value() + doublings * _STEPS)

    def _on_speed(self, value: int) -> None:
        self._appearance.motion.set_speed(2 ** (value / _STEPS))

    def _show_speed(self) -> None:
        speed = self._appearance.motion.speed
        with QSignalBlocker(self.speed):
            self.speed.setValue(round(math.log2(speed) * _STEPS))
        self._speed_text.setText(f"speed {speed:.2g}×")

    def _on_appearance(self) -> None:
        px = self._appearance.px
        self.speed.setFixedWidth(px(120))
        self._speed_text.setFixedWidth(px(90))
        for button in self._buttons.values():
            button.setIconSize(QSize(px(20), px(20)))
        self._update_icons()

    def _update_icons(self) -> None:
        theme = self._appearance.theme
        for name, button in self._buttons.items():
            shown = "pause" if name == "play" and self._walk.playing else name
            colour = theme.panel if name == "play" else theme.ink  # the main button is filled with ink
            button.setIcon(icon(shown, colour, self._appearance.px(20)))
