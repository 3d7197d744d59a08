"""Gates and candidate of one unit set by hand: what they do to C and h, whatever W·[x, h] + b would say.

The cell is evaluated as it is declared; only the results that are set are held.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from ..cell.cell import Cell
from ..cell.graph import SIGMOID, TANH, Operation
from ..cell.trace import Trace
from ..errors import PlainError, did_you_mean
from ..text.number_text import NumberTextError, parse_number
from .document import Document, brief
from .tracing import trace_document

STEPS = 12
"""How many time steps are looked at."""
COMPUTED = "computed"
"""What is written for a gate that is not set by hand."""
_SECOND = 6
"""The time step, from 0, at which a story has its second event."""
_NAMES: Mapping[str, str] = MappingProxyType({"f": "f_t", "i": "i_t", "C~": "C_tilde", "o": "o_t"})

Held = Mapping[str, Sequence[float | None]]
"""What is set, by the name of the value: a number for each time step, or None where it is computed."""


class ByHandError(PlainError, ValueError):
    """A gate that cannot be set so; the message is one sentence."""


@dataclass(frozen=True)
class Story:
    """What gates can do with a value: it goes in at t = 1, is kept until t = 6, and then this happens.

    f, i: of the second event, and of one time step that has it alone. kept: f in between; then: f afterwards.
    candidate: C̃ from the second event on.
    """

    words: str
    sentence: str
    f: float
    i: float
    kept: float = 1.0
    then: float = 1.0
    candidate: float = 0.8

    @property
    def held(self) -> dict[str, list[float | None]]:
        """f, i, C̃ and o of each time step, by the names of the values."""
        before, after = _SECOND - 1, STEPS - _SECOND - 1
        values = {
            "f_t": [0.0, *[self.kept] * before, self.f, *[self.then] * after],
            "i_t": [1.0, *[0.0] * before, self.i, *[0.0] * after],
            "C_tilde": [0.8] * _SECOND + [self.candidate] * (after + 1),
            "o_t": [1.0] * STEPS,
        }
        return {name: [*numbers] for name, numbers in values.items()}


STORIES: Mapping[str, Story] = MappingProxyType(
    {
        "remember": Story(
            "Remember", "f = 1, i = 0: what went into C at t = 1 stays there, however long it takes.", 1, 0
        ),
        "forget": Story("Forget", "f = 0, i = 0: what C held until t = 6 is gone at t = 7, all at once.", 0, 0, then=0),
        "overwrite": Story(
            "Overwrite", "f = 0, i = 1: at t = 7 the candidate takes the place of what C held.", 0, 1, candidate=-0.6
        ),
        "leak": Story(
            "Leak",
            "f = 0.9, i = 0: each time step keeps nine tenths of C; after eleven of them, 31 % is left.",
            *(0.9, 0, 0.9, 0.9),
        ),
    }
)
"""What happens at the press of a button."""


def settable(cell: Cell) -> dict[str, Operation]:
    """Return what can be set by hand, by the letters that say so: gates and the candidate of a cell with a state C.

    A gate that is 1 − another follows that one.
    """
    if not cell.has_state:
        return {}
    named = {operation.name: operation for operation in cell.operations if operation.kind in (SIGMOID, TANH)}
    return {letter: named[name] for letter, name in _NAMES.items() if name in named}


def hidden_of(cell: Cell) -> str:
    """Return the name of what the output gate lets through: h_t, or r_t where h_t is a projection of it."""
    return "r_t" if "r_t" in cell.shapes else "h_t"


def read_gates(cell: Cell, written: Mapping[str, object]) -> dict[str, float | None]:
    """Read {"f": "0.9", "i": "computed"} as {"f_t": 0.9, "i_t": None}.

    Raises ByHandError for a gate that the cell does not have, and for a number that it cannot have.
    """
    known, found = settable(cell), dict[str, float | None]()
    for letter, text in written.items():
        if letter not in known:
            raise ByHandError(f"The {cell.title} has no gate {letter} to set by hand{did_you_mean(letter, known)}")
        low = 0 if known[letter].is_gate else -1
        try:
            value = None if str(text) == COMPUTED else parse_number(str(text))
        except NumberTextError:
            value = np.inf
        if value is not None and not low <= value <= 1:
            expected = f"a number from {'0' if low == 0 else '−1'} to 1, or {COMPUTED}"
            raise ByHandError(f"{letter}: expected {expected}, found {brief(text)}")
        found[known[letter].name] = value
    return found


def trace_by_hand(document: Document, unit: int, held: Held) -> Trace:
    """Evaluate STEPS time steps of a document's cell with some values of a unit (from 0) set by hand.

    Where the document has fewer time steps, its last input comes again; no gate is drawn at random. Values that the
    cell does not compute are passed over. Raises IndexError for a unit that the cell does not have, ValueError where
    a value has not a number or None for each time step.
    """
    rows = np.minimum(np.arange(STEPS), len(document.x) - 1)
    document = document.with_sampled(None).with_inputs(x=document.x[rows])
    computed = {operation.name for operation in settable(document.cell).values()}
    fixed = {}
    for name in computed & set(held):
        numbers = held[name]
        if len(numbers) != STEPS:
            raise ValueError(f"{name}: expected {STEPS} numbers, found {len(numbers)}")
        fixed[name] = np.full((STEPS, document.k), np.nan)
        fixed[name][:, unit] = [np.nan if number is None else number for number in numbers]
    return trace_document(document, fixed)
