"""What happens to one unit at one time step, in words with its numbers: what came in, what it does, the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from engine.cell.cell import Cell
from engine.runs.snapshot import shown_values
from engine.text import numbers
from gui.appearance.theme import Theme
from gui.views.live.lanes.answer import Answers, three
from gui.views.live.lanes.reading import Reading
from gui.views.live.opening import openness, writer_of

Values = Mapping[str, NDArray[np.floating]]

_OPEN, _SHUT = 0.5, 0.1
"""From where on a gate is called open, and below which closed."""
_LISTED = 3
"""Inputs that a sentence lists."""


@dataclass(frozen=True, eq=False)
class Moment:
    """One unit of one layer (from 0) at time step t (from 0), over the whole sequence (T, units) of each value."""

    cell: Cell
    layer: int
    layers: int
    values: Values
    t: int
    unit: int
    of: str = ""
    """The value whose unit it is: of a cell with a projection h has other units than C."""


class Teller:
    """Writes sentences as rich text, every number in the colour of its role."""

    def __init__(self, theme: Theme, style: numbers.Style) -> None:
        self._theme, self._style = theme, style

    def title(self, reading: Reading, t: int) -> str:
        """Return the time step and what came in: "t = 18: value 0.91, marked"."""
        return f"<b>t = {t + 1:,}: {escape(came_in(reading, t))}</b>"

    def note(self, words: str) -> str:
        """Return a sentence about the whole picture."""
        return f'<span style="color:{self._theme.muted}">{escape(words)}</span>'

    def of_unit(self, moment: Moment) -> str:
        """Return what the unit lets in, keeps, writes and tells."""
        return self._of_state(moment) if moment.cell.has_state else self._of_hidden(moment)

    def answer(self, answers: Answers, t: int) -> str:
        """Return what the answer did at a time step, and what it should be."""
        given, reading = answers.given, answers.reading
        if given is None or not given.size:
            return ""
        if reading.by_class:
            return self._class(answers, given, t)
        target, at = reading.target, t if reading.every_step else reading.steps - 1
        if len(answers.shown) > 1:
            return self._several(answers, given[t], None if target is None else target[at])
        (output,) = answers.shown
        name = answers.name(output)
        subject, now = escape(name) if name else "The answer", three(float(given[t, output]))
        before = three(float(given[t - 1, output])) if t else now
        words = f"{subject} goes from {before} to <b>{now}</b>" if before != now else f"{subject} stays at <b>{now}</b>"
        if not t:
            words = f"{subject} is <b>{now}</b>"
        if target is None or not np.isfinite(target[at, output]):
            return f"{words}."
        return f"{words}; the target is {three(float(target[at, output]))}."

    def _several(self, answers: Answers, given: NDArray[np.floating], target: NDArray[np.floating] | None) -> str:
        """Return several answers of a step (outputs,), each with its target, the first of them."""
        parts = []
        for output in answers.shown[:_LISTED]:
            wanted = float(target[output]) if target is not None else np.nan
            beside = f" (target {three(wanted)})" if np.isfinite(wanted) else ""
            parts.append(f"{escape(answers.name(output))} <b>{three(float(given[output]))}</b>{beside}")
        rest = len(answers.shown) - _LISTED
        more = f" and {rest} more" if rest > 0 else ""
        return f"The answers are {', '.join(parts)}{more}."

    def _class(self, answers: Answers, given: NDArray[np.floating], t: int) -> str:
        reading = answers.reading
        found = int(reading.answered(given[t : t + 1])[0])
        if found < 0:
            return "The answer is not a finite number."
        chance = float(reading.chances(given[t : t + 1])[0, found])
        words = f"It expects <b>{escape(reading.names[found])}</b>, by {three(chance)}"
        at = t if reading.every_step else reading.steps - 1
        right = int(reading.answers[at]) if reading.answers is not None else -1
        if right < 0:
            return f"{words}."
        if found == right:
            return f"{words}, which is right." if at == t else f"{words}, which is right in the end."
        legal = reading.legal is not None and bool(reading.legal[t, found])
        if legal:
            return f"{words}, which is allowed; {escape(reading.names[right])} comes."
        return f"{words}; right is <b>{escape(reading.names[right])}</b>."

    # ---- units

    def _of_state(self, moment: Moment) -> str:
        """Of an LSTM of any kind: C = f C + i C̃, h = o tanh(C)."""
        v, unit, t = self._numbers(moment), moment.unit, moment.t
        if moment.of == "h" and moment.values["h"].shape[1] != moment.values["C"].shape[1]:
            before = self._before(moment, "h")
            return f"{self._unit(moment)}: the projection makes h = {v('h')} of all cells; before, it was {before}."
        kept = "all" if "f" not in moment.values else f"f = {v('f')}"
        before = self._before(moment, "C")
        sentences = [f"{self._unit(moment)} {self._opens(moment)}"]
        tilde = self._symbol(moment.cell, "C_tilde")
        added = float(moment.values["i"][t, unit]) * float(moment.values["C_tilde"][t, unit])
        sentences.append(
            f"It keeps {kept} of C = {before} and writes i · {tilde} = {v('i')} · {v('C_tilde')} = "
            f"{self._written(added)}, so C = {v('C')}."
        )
        if moment.values["h"].shape[1] == moment.values["C"].shape[1]:
            sentences.append(f"It passes on o = {v('o')} of tanh(C): h = {v('h')}.")
        else:
            sentences.append(f"It passes on o = {v('o')} of tanh(C) to the projection.")
        return " ".join(sentences)

    def _of_hidden(self, moment: Moment) -> str:
        """Of a GRU, h = u h + (1 − u) h̃; of a plain cell h alone."""
        v, values = self._numbers(moment), moment.values
        before = self._before(moment, "h")
        if "u" not in values or "h_tilde" not in values:
            return f"{self._unit(moment)}: h goes from {before} to {v('h')}."
        new, share = self._symbol(moment.cell, "h_tilde"), 1 - float(values["u"][moment.t, moment.unit])
        added = share * float(values["h_tilde"][moment.t, moment.unit])
        sentences = [f"{self._unit(moment)} {self._opens(moment)}"]
        sentences.append(
            f"It keeps u = {v('u')} of h = {before} and writes (1 {numbers.MINUS} u) · {new} = "
            f"{self._written(share)} · {v('h_tilde')} = {self._written(added)}, so h = {v('h')}."
        )
        if "r" in values:
            sentences.append(f"For {new} it used r = {v('r')} of what came from h.")
        return " ".join(sentences)

    def _unit(self, moment: Moment) -> str:
        of = f" of layer {moment.layer + 1}" if moment.layers > 1 else ""
        return f"Unit {moment.unit + 1:,}{of}"

    def _opens(self, moment: Moment) -> str:
        """Say whether the unit is open at this step, and how it usually is."""
        writer = writer_of(moment.cell)
        if writer is None:
            return ""
        name, when_closed = writer
        opened = openness(moment.cell, {name: moment.values[name][:, [moment.unit]]})[:, 0]
        now = float(opened[moment.t])
        known = opened[np.isfinite(opened)]
        usual = float(np.median(known)) if known.size else now
        symbol = f"1 {numbers.MINUS} u" if when_closed else self._symbol(moment.cell, name)
        value = self._coloured(self._written(now), moment.cell.operation(shown_values(moment.cell)[name]).role)
        if not np.isfinite(now):
            return f"has {symbol} = {value}."
        word = "is open" if now >= _OPEN else "is closed" if now < _SHUT else "is partly open"
        if now >= _OPEN and usual < _OPEN:
            word = "opens"
        if now < _SHUT <= usual:
            word = "closes"
        rest = f", {self._written(usual)} at most other steps" if abs(usual - now) >= 0.1 else ""
        return f"{word}: {symbol} = {value}{rest}."

    def _before(self, moment: Moment, name: str) -> str:
        """Return a carried value as it was before this time step; it begins with 0."""
        value = float(moment.values[name][moment.t - 1, moment.unit]) if moment.t else 0.0
        return self._written(value)

    def _numbers(self, moment: Moment) -> Callable[[str], str]:
        """Return what writes one of the unit's values in the colour of its role."""
        names = shown_values(moment.cell)

        def written(short: str) -> str:
            value = float(moment.values[short][moment.t, moment.unit])
            return self._coloured(self._written(value), moment.cell.operation(names[short]).role)

        return written

    def _coloured(self, words: str, role: str) -> str:
        return f'<b><span style="color:{self._theme.role(role).name()}">{words}</span></b>'

    def _written(self, value: float) -> str:
        return numbers.written(value, True, style=self._style)

    def _symbol(self, cell: Cell, short: str) -> str:
        return escape(cell.operation(shown_values(cell)[short]).symbol.removesuffix("_t"))


def came_in(reading: Reading, t: int) -> str:
    """Return what the network read at a time step: "the letter b", "value 0.91, marked", "0.3"."""
    if reading.symbols is not None:
        place = int(reading.symbols[t])
        return f"it reads {reading.inputs[place]}" if place >= 0 else "it reads nothing"
    curves = [(reading.inputs[place], float(reading.x[t, place])) for place in reading.curves]
    parts = [f"{name} {numbers.short(value, True)}" for name, value in curves[:_LISTED]]
    if len(curves) > _LISTED:
        parts.append("…")
    for place in reading.marks:
        value, name = float(reading.x[t, place]), reading.inputs[place]
        if not reading.curves:
            parts.append(f"{name} {numbers.short(value)}")
        elif value:
            parts.append("marked" if value == 1 and len(reading.marks) == 1 else f"{name} {numbers.short(value)}")
    return ", ".join(parts)
