"""A command: its id, words, key and arguments, and how a line such as "operation f_t t=2" is read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from engine.errors import PlainError, did_you_mean
from engine.text.number_text import NumberTextError, parse_number

Value = str | int | float

_NAME = r"[^\W\d][\w.~]*\s*="
_NAMED = re.compile(rf'(?:^|(?<=\s))({_NAME})\s*("[^"]*"|(?:(?!\s{_NAME}).)*)')
"""A named value: "t=2", "C_0 = 1 0 0", or where it has a = of its own, 'clamped="f=1 o=0"'."""


class CommandError(PlainError, ValueError):
    """A line that is no command, or a command that cannot be obeyed now; its text is one sentence."""


@dataclass(frozen=True)
class Argument:
    """What a command asks for.

    kind: words, a whole number, or any number. choices: the words that it may be; any where empty.
    """

    name: str
    sentence: str
    kind: Literal["words", "whole", "number"] = "words"
    choices: tuple[str, ...] = ()
    needed: bool = False


TO = Argument("to", "on or off; if left out, it is switched", choices=("on", "off"))
"""What a command asks for that switches something on and off."""


@dataclass(frozen=True)
class Command:
    """One thing that the program can be told to do.

    id: the words that a lesson would use, such as "show sum". words: its entry in a menu, "" where it has none.
    keys: as Qt writes them. sentence: what it does for the reader. checkable: a menu shows whether it is in force.
    others: what a named value means that is not among the arguments; "" where there may be none.
    """

    id: str
    words: str
    sentence: str
    keys: tuple[str, ...] = ()
    checkable: bool = False
    arguments: tuple[Argument, ...] = ()
    others: str = ""

    def read(self, text: str) -> dict[str, Value]:
        """Return the values in what follows the id, by the name of their argument; others as they were written.

        Words before the first NAME=VALUE fill the arguments in their order. Raises CommandError.
        """
        pairs = [(name[:-1].rstrip(), written.strip().strip('"')) for name, written in _NAMED.findall(text)]
        begin = _NAMED.sub("", text)
        values: dict[str, Value] = {}
        places = iter(self.arguments)
        for word in begin.split():
            argument = next(places, None)
            if argument is None:
                raise CommandError(f"“{self.id}” does not know what to do with “{word}”; leave it out")
            values[argument.name] = self._value(argument, word)
        known = {argument.name: argument for argument in self.arguments}
        for name, written in pairs:
            if name in values:
                raise CommandError(f"“{self.id}” has {name} twice; write it once")
            if name in known:
                values[name] = self._value(known[name], written)
            elif self.others:
                values[name] = written
            else:
                raise CommandError(f"“{self.id}” has no {name}{did_you_mean(name, known)}")
        missing = [argument for argument in self.arguments if argument.needed and argument.name not in values]
        if missing:
            raise CommandError(f"“{self.id}” needs {missing[0].name}: {missing[0].sentence}")
        return values

    def _value(self, argument: Argument, written: str) -> Value:
        if argument.choices and written not in argument.choices:
            raise CommandError(
                f"“{self.id}” does not know {argument.name} “{written}”{did_you_mean(written, argument.choices)}"
            )
        if argument.kind == "words":
            return written
        try:
            number = parse_number(written)
        except NumberTextError as error:
            raise CommandError(f"“{self.id}”, {argument.name}: {error}") from error
        if argument.kind == "number":
            return number
        if number != int(number):
            raise CommandError(f"“{self.id}”, {argument.name}: {written} is not a whole number; write one such as 2")
        return int(number)
