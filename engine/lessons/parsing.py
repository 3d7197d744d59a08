"""Reads the text of a lesson: stops parted by ---, text, and directives in braces; finds every mistake in it.

The text may come from anywhere. Nothing of it is carried out here, and what a directive asks for is checked against the
program's commands elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from .lesson import Ask, Beat, Directive, Lesson, Mistake, Move, Stop, Words

OWN = ("about", "minutes", "note", "then", "open", "at", "ask")
"""Directives that belong to lessons alone; every other one is a command."""
MOST_STOPS, MOST_BEATS, MOST_MINUTES = 200, 100, 600
_LONGEST_LINE, _LONGEST_DIRECTIVE, _DEEPEST = 4000, 2000, 8
_PART = re.compile(r"^-{3,}\s*$")
_FENCE = re.compile(r"^\s*(```|~~~)")
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*\s*$")
_BRACED = re.compile(r"(?<!\\)\{((?:[^{}\\]|\\.)*)\}", re.DOTALL)
_BRACE = re.compile(r"(?<!\\)[{}]")
_LINK = re.compile(r"(!?)\[((?:\[[^\[\]]*\]|[^\[\]])*)\]\(([^)]*)\)")
_ELSEWHERE = re.compile(r"\b[a-z][a-z0-9+.-]*://|\bwww\.", re.IGNORECASE)
_REFERENCE = re.compile(r"^\s{0,3}\[[^\]]+\]:")
_NESTED = re.compile(r"^(?:\s*(?:>|[-*+]|\d+[.)])(?=[\s>]|$))+")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


@dataclass
class _Making:
    """A stop that is being read."""

    line: int
    title: str = ""
    begin: list[Directive] = field(default_factory=list)
    beats: list[Beat] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    text: list[tuple[int, str]] = field(default_factory=list)
    """The lines of the text that is being read, with their numbers."""
    waiting: list[Directive] = field(default_factory=list)
    """Those that stand within the paragraph that is being read: they follow it."""
    begun: bool = False
    """Whether there was text besides the heading, so that what follows is a move."""


def parse(text: str) -> tuple[Lesson, list[Mistake]]:
    """Return a lesson and every mistake in its text, in the order of the lines; one with mistakes is not complete."""
    return _Parser(text).parsed()


class _Parser:
    def __init__(self, text: str) -> None:
        self._mistakes: list[Mistake] = []
        self._text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        self._title = self._about = ""
        self._minutes = 0
        self._stops: list[_Making] = []

    def parsed(self) -> tuple[Lesson, list[Mistake]]:
        self._stop = _Making(1)
        fenced = joins = False
        for line, written in self._lines():
            fence = bool(_FENCE.match(written))
            if _PART.match(written) and not fenced:
                self._end_stop()
                self._stop = _Making(line + 1)
                joins = False
            elif fenced or fence:
                self._add_text(line, written)
                joins = False
            else:
                joins = self._read(line, written, joins)
            fenced ^= fence
        self._end_stop()
        if not self._title:
            self._say(1, "the title is missing; begin with a line such as “# The forget gate”")
        if len(self._stops) > MOST_STOPS:
            self._say(self._stops[MOST_STOPS].line, f"this is stop {MOST_STOPS + 1}; a lesson has at most {MOST_STOPS}")
        stops = tuple(
            Stop(each.line, each.title, tuple(each.begin), tuple(each.beats), tuple(each.notes))
            for each in self._stops[:MOST_STOPS]
        )
        lesson = Lesson(self._title, stops, self._about, self._minutes)
        return lesson, sorted(self._mistakes, key=lambda mistake: mistake.line)

    def _say(self, line: int, sentence: str) -> None:
        self._mistakes.append(Mistake(line, sentence[:1].upper() + sentence[1:]))

    # ---- lines

    def _lines(self) -> Iterator[tuple[int, str]]:
        """Yield each line with its number; what stands in braces over several lines is one line."""
        waiting, start, fenced = "", 0, False
        for line, written in enumerate(self._text.split("\n"), 1):
            if _UNSEEN.search(written):
                self._say(line, "there is a character that cannot be seen; type this line again")
                written = _UNSEEN.sub("", written)
            if len(written) > _LONGEST_LINE:
                self._say(line, f"the line is longer than {_LONGEST_LINE:,} characters; break it")
                written = ""
            if not waiting and _FENCE.match(written):
                fenced = not fenced
            together = f"{waiting} {written.strip()}" if waiting else written
            opened = not fenced and _open(together)
            if opened and written.strip() and len(together) <= _LONGEST_DIRECTIVE * 2:
                waiting, start = together, start or line
                continue
            if waiting and opened:
                self._say(start, "this { is never closed; write } after the directive, or \\{ for a brace in the text")
                yield line, written
            else:
                yield start or line, together
            waiting, start = "", 0
        if waiting:
            self._say(start, "this { is never closed; write } after the directive, or \\{ for a brace in the text")

    def _read(self, line: int, written: str, joins: bool) -> bool:
        """Read a line outside of code; return whether directives on the next one belong to the same move."""
        if not written.strip():
            self._end_paragraph()
            self._stop.text.append((line, ""))
            return False
        heading = _HEADING.match(written)
        if heading and not self._title:
            self._title = heading[1]
        if heading and not self._stop.title:
            self._stop.title = heading[1]
        directives = [Directive(line, " ".join(found.split())) for found in _BRACED.findall(written)]
        text = _BRACED.sub("", written)
        if _BRACE.search(text):
            self._say(line, "a { or } stands alone; write a directive in both, or \\{ and \\} for braces in the text")
            text = _BRACE.sub("", text)
        if not text.strip():
            self._take_all(directives, joins)
            return True
        self._add_text(line, re.sub(r"[ \t]+([.,;:!?])", r"\1", text) if directives else text, heading is None)
        self._stop.waiting += directives
        if heading:
            self._end_paragraph()
        return False

    # ---- text

    def _add_text(self, line: int, text: str, begins: bool = True) -> None:
        nested = _NESTED.match(text)
        if (nested and len(re.findall(r">|[-*+]|\d+[.)]", nested[0])) > _DEEPEST) or len(text) - len(
            text.lstrip()
        ) > 40:
            self._say(line, f"the text is nested more than {_DEEPEST} deep; make it flatter")
            text = text.lstrip(" \t>-*+")
        self._stop.text.append((line, text.rstrip()))
        self._stop.begun |= begins

    def _end_paragraph(self) -> None:
        if waiting := self._stop.waiting:
            self._stop.waiting = []
            self._take_all(waiting, False)

    def _flush(self) -> None:
        """Make a beat of the text that was read."""
        stop, rows = self._stop, self._stop.text
        stop.text = []
        while rows and not rows[0][1].strip():
            rows = rows[1:]
        text = "\n".join(row for _, row in rows).rstrip("\n")
        if not rows:
            return
        links: list[Directive] = []

        def link(found: re.Match[str]) -> str:
            sign, words, target = found.groups()
            line = rows[text[: found.start()].count("\n")][0]
            name, colon, rest = target.strip().strip("<>").partition(":")
            if sign:
                self._say(line, "a lesson has no pictures of its own; show a view instead, such as {show diagram}")
                return words
            if not colon or "/" in target:
                self._say(line, f"the link “{words}” must point at a part, as in [{words}](point:f_t), or at a view")
                return words
            directive = f"{name} {' '.join(rest.split())}".strip()
            links.append(Directive(line, directive, words))
            # A number of the text is checked against the program's; a click on it lights up where it stands.
            lit = f"point {re.split(r'[ [(]', rest.strip())[0]}" if name == "value" else directive
            return f"[{words}]({quote(lit)})"

        for line, row in rows:
            if _ELSEWHERE.search(row) or _REFERENCE.match(row):
                self._say(line, "a lesson links to nothing outside the program; leave the address out")
        marked = _LINK.sub(link, text).replace("\\{", "{").replace("\\}", "}")
        stop.beats.append(Words(rows[0][0], marked, tuple(links)))

    # ---- directives

    def _take_all(self, directives: list[Directive], joins: bool) -> None:
        for directive in directives:
            if not directive.text:
                self._say(directive.line, "there is nothing in these braces; write a directive, such as {show sum}")
            elif len(directive.text) > _LONGEST_DIRECTIVE:
                self._say(directive.line, f"the directive is longer than {_LONGEST_DIRECTIVE:,} characters; shorten it")
            else:
                joins = self._take(directive, joins)

    def _take(self, directive: Directive, joins: bool) -> bool:
        """Take a directive; return whether the next one beside it belongs to the same move."""
        stop, name, rest = self._stop, directive.name, directive.rest
        if name == "about":
            self._about = rest
            if not rest:
                self._say(directive.line, "“about” needs a sentence: what the lesson shows")
        elif name == "minutes":
            if rest.isascii() and rest.isdigit() and 1 <= int(rest) <= MOST_MINUTES:
                self._minutes = int(rest)
            else:
                self._say(directive.line, f"“minutes” needs a whole number from 1 to {MOST_MINUTES}, such as 6")
        elif name == "note":
            stop.notes.append(rest)
        elif name == "then":
            self._flush()
        elif name == "ask":
            self._flush()
            asked = self._asked(directive)
            if asked is not None:
                stop.beats.append(asked)
            stop.begun = True
        elif not stop.begun:
            stop.begin.append(directive)
            return True
        else:
            self._flush()
            last = stop.beats[-1] if stop.beats else None
            if joins and isinstance(last, Move):
                stop.beats[-1] = Move(last.line, (*last.directives, directive))
            else:
                stop.beats.append(Move(directive.line, (directive,)))
            return True
        return False

    def _asked(self, directive: Directive) -> Ask | None:
        """Return a question: "ask QUESTION | ANSWER | because"."""
        parts = [part.strip() for part in directive.rest.split("|")]
        if len(parts) not in (2, 3) or not all(parts):
            self._say(
                directive.line,
                "“ask” needs a question, | and its answer, as in {ask What shape is W_f? | 3×6}, and perhaps | and "
                "a sentence that says why",
            )
            return None
        question, answer, because = [*parts, ""][:3]
        if answer.startswith("="):
            if not answer[1:].strip():
                self._say(directive.line, "“ask” needs a value after =, such as = C_t or = shape W_f")
                return None
            return Ask(directive.line, question, computed=answer[1:].strip(), because=because)
        choices = [choice.strip() for choice in answer.split(" / ")]
        if len(choices) == 1:
            return Ask(directive.line, question, answer.removeprefix("*"), because=because)
        right = [choice[1:].strip() for choice in choices if choice.startswith("*")]
        if len(right) != 1:
            self._say(directive.line, "“ask” needs one right choice, marked with *, as in yes / *no")
            return None
        return Ask(directive.line, question, right[0], choices=tuple(c.lstrip("* ") for c in choices), because=because)

    def _end_stop(self) -> None:
        self._end_paragraph()
        self._flush()
        stop = self._stop
        if len(stop.beats) > MOST_BEATS:
            self._say(stop.line, f"this stop needs more than {MOST_BEATS} keys; part it with ---")
            del stop.beats[MOST_BEATS:]
        if stop.beats or stop.begin:
            self._stops.append(stop)


def _open(text: str) -> bool:
    """Whether a brace is still to be closed."""
    left = _BRACED.sub("", text)
    return bool(re.search(r"(?<!\\)\{[^}]*$", left))
