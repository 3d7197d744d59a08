"""A line of words is carried out, or refused in one sentence that names what may have been meant."""

from __future__ import annotations

from typing import Any

import pytest

from gui.commands.command import TO, Argument, Command, CommandError
from gui.commands.registry import Registry

TABLE = {
    command.id: command
    for command in (
        Command(
            "show", "", "Show a view", arguments=(Argument("view", "a view", choices=("sum", "cell"), needed=True),)
        ),
        Command("show sum", "&Sum", "The sum", checkable=True),
        Command("show network", "&Network", "The network"),
        Command("light", "&Light", "Light", checkable=True, arguments=(TO,)),
        Command(
            "operation",
            "",
            "Go to an operation",
            arguments=(Argument("name", "its name", needed=True), Argument("t", "a time step", "whole")),
        ),
        Command("set", "", "Set numbers", others="any name"),
        Command("rate", "", "Set the rate", arguments=(Argument("value", "a number", "whole", needed=True),)),
    )
}


class Told:
    """What the commands were told to do, in turn."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, dict[str, Any]]] = []
        self.light = False
        self.registry = Registry(TABLE)
        for name in ("show", "show network", "operation", "set", "rate"):
            self.registry.register(name, lambda _command=name, **values: self.lines.append((_command, values)))
        self.registry.register("light", self.turn, on=lambda: self.light)

    def turn(self) -> None:
        self.light = not self.light


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.mark.parametrize(
    ("line", "command", "values"),
    [
        ("show sum", "show", {"view": "sum"}),
        ("show view=sum", "show", {"view": "sum"}),
        ("show network", "show network", {}),
        ("operation f_t t=2", "operation", {"name": "f_t", "t": 2}),
        ("  operation   f_t   t = 2 ", "operation", {"name": "f_t", "t": 2}),
        ("operation t=2 name=f_t", "operation", {"name": "f_t", "t": 2}),
        ("set m=4", "set", {"m": "4"}),
        ("set C_0 = 1 0 0", "set", {"C_0": "1 0 0"}),
        ("set C_0 = 1 0 0 h_0=0 0 1", "set", {"C_0": "1 0 0", "h_0": "0 0 1"}),
        ('set clamped="f=1 o=0" n=2', "set", {"clamped": "f=1 o=0", "n": "2"}),
        ("set W~_r = 1 2; 3 4", "set", {"W~_r": "1 2; 3 4"}),
        ("rate 1e3", "rate", {"value": 1000}),
    ],
)
def test_a_line_is_understood(told: Told, line: str, command: str, values: dict[str, Any]):
    told.registry.run(line)
    assert told.lines == [(command, values)]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("shwo sum", "There is no command “shwo sum”; did you mean “show sum”?"),
        ("show sun", "“show” does not know view “sun”; did you mean “sum”?"),
        ("show", "“show” needs view: a view"),
        ("show sum cell", "“show” does not know what to do with “cell”; leave it out"),
        ("operation f_t tt=2", "“operation” has no tt; did you mean “t”?"),
        ("operation f_t t=2 t=3", "“operation” has t twice; write it once"),
        ("operation f_t t=x", "“operation”, t: “x” is not a number"),
        ("operation f_t t=2.5", "“operation”, t: 2.5 is not a whole number; write one such as 2"),
        ("light purple", "“light” does not know to “purple”; there is on, off"),
        ("rate 1,234", "“rate”, value: “1,234” can mean 1234 or 1.234"),
        ("", "There is no command “”"),
    ],
)
def test_a_mistyped_line_is_refused_and_nothing_is_done(told: Told, line: str, sentence: str):
    with pytest.raises(CommandError) as refused:
        told.registry.run(line)
    assert str(refused.value).startswith(sentence)
    assert told.lines == []


def test_a_switch_is_set_or_turned(told: Told):
    states = []
    for line in ("light on", "light on", "light off", "light", "light to=off", "light"):
        told.registry.run(line)
        states.append(told.light)
    assert states == [True, True, False, True, False, True]
    assert told.registry.bound("light").is_on()


def test_a_command_that_cannot_be_done_now_says_so():
    registry = Registry(TABLE)
    done: list[str] = []
    registry.register("show network", lambda: done.append("shown"), possible=lambda: False)
    with pytest.raises(CommandError, match="cannot be done now"):
        registry.run("show network")
    assert done == []


def test_what_the_table_does_not_have_or_cannot_take_its_arguments_is_not_registered():
    with pytest.raises(KeyError):
        Registry(TABLE).register("dance", print)
    with pytest.raises(TypeError):
        Registry(TABLE).register("show", lambda name: None)
