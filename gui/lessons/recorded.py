"""“Add a stop”: what is on the screen, written as directives to the end of a lesson's file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.document.document import Document
from engine.document.examples import EXAMPLES, load_example
from engine.lessons.lesson import LessonError
from engine.lessons.parsing import MOST_STOPS, parse
from engine.lessons.reading import text_of
from engine.text.numbers import typed
from engine.whole_file import whole_file

_MOST_NUMBERS = 64
"""Of one matrix; larger ones are not written as directives."""


def directives_of(document: Document, example: str, view: str, operation: str, t: int, backwards: bool) -> list[str]:
    """Return the directives that bring back what is on the screen.

    document: what is shown. example: the name of the one that it may have been made from. operation: the one that was
    computed last, "" for none. t: its time step, from 1. Raises LessonError where the cell is too large for it.
    """
    base = load_example(example)
    found = [f"example {example}"]
    if document.cell_name != base.cell_name:
        found.append(f"cell {document.cell_name}")
        base = base.with_cell(document.cell_name)
    mine, its = (each.output if each.has_output else "none" for each in (document, base))
    if mine != its:
        found.append(f"output {mine}")
    sizes = {name: size for name, size in document.sizes.items() if base.sizes.get(name) != size}
    if sizes:
        found.append("set " + " ".join(f"{name}={size}" for name, size in sizes.items()))
    changed = bool(sizes) or document.cell_name != load_example(example).cell_name or mine != its
    pairs: list[tuple[str, NDArray[np.float64], NDArray[np.float64] | None]] = [
        ("x", document.x, base.x),
        ("h_0", document.h0, base.h0),
        ("C_0", document.c0, base.c0),
    ]
    pairs += [(name, weight, base.weights.get(name)) for name, weight in document.weights.items()]
    for name, now, before in pairs:
        if changed or before is None or not np.array_equal(now, before):
            found.append(f"set {name} = {_written(name, now)}")
    found.append(f"show {view}")
    if backwards:
        found.append("backwards on")
    elif operation:
        found.append(f"operation {operation} t={t}")
    else:
        found.append("restart")
    return found


def nearest_example(document: Document) -> str:
    """Return the example from which a document differs least: in the fewest arrays, of those of its sizes."""

    def differences(name: str) -> int:
        other = load_example(name)
        if (other.cell_name, dict(other.sizes), len(other.x)) != (
            document.cell_name,
            dict(document.sizes),
            len(document.x),
        ):
            return 1000
        pairs = [(document.x, other.x), (document.h0, other.h0), (document.c0, other.c0)]
        pairs += [(weight, other.weights.get(key, np.empty(0))) for key, weight in document.weights.items()]
        return sum(not np.array_equal(one, two) for one, two in pairs)

    return min(EXAMPLES, key=differences)


def add_stop(path: Path, title: str, directives: list[str]) -> int:
    """Write a stop to the end of a lesson's file, which is begun where there is none; return how many it has now.

    Raises LessonError, in one sentence; the file is then as it was.
    """
    before = text_of(path).rstrip() if path.exists() else f"# {path.stem}"
    joined = "\n".join(f"{{{directive}}}" for directive in directives)
    text = f"{before}\n\n---\n\n## {title}\n\n{joined}\n\nWrite here what this shows.\n"
    stops = len(parse(text)[0].stops)
    if stops > MOST_STOPS:
        raise LessonError(f"{path.name} has {MOST_STOPS} stops already; begin another lesson")
    try:
        with whole_file(path) as temporary:
            temporary.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise LessonError(f"{path.name}: cannot be written ({reason}); save it in another folder") from error
    return stops


def _written(name: str, block: NDArray[np.float64]) -> str:
    if block.size > _MOST_NUMBERS:
        raise LessonError(
            f"{name} has {block.size:,} numbers, too many for a lesson’s line; save the document beside the lesson and "
            "write {open FILE}"
        )
    rows = np.atleast_2d(block)
    return "; ".join(" ".join(typed(float(entry)) for entry in row) for row in rows)
