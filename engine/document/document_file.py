"""Reads and writes documents, `.lstmviz`: JSON that a lecturer can read, hand out and keep under version control."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from ..cell.cell import size_in_numbers
from ..cell.cells import CELLS, ORDERS
from ..cell.graph import Shape
from ..whole_file import whole_file
from .document import OUTPUT_WEIGHTS, Document, DocumentError, Matrix, brief, check_size, expected_shape, output_size

FORMAT = "lstm-visualizer/document"
VERSION = 1
LARGEST_FILE = 2**31
"""Bytes; the largest cell there can be, with its numbers written out, is below this."""

_KEYS = ("format", "version", "m", "n", "k", "order", "weights", "x", "h0", "c0")
_OPTIONAL_KEYS = ("cell", "output", "lesson", "notes", "sampled")
_OPTIONAL_WEIGHTS = ("W_hr", *OUTPUT_WEIGHTS)
"""Written as null where a cell could have them and has not."""


def read_document(path: str | os.PathLike[str]) -> tuple[Document, list[str]]:
    """Read a document; return it with a warning per unknown key.

    Raises DocumentError with one sentence: the file, the key, what was expected and what was found.
    """
    path = Path(path)
    try:
        if path.exists() and not path.is_file():
            raise OSError(0, "it is a folder or a device")  # reading a pipe or a device might never end
        if path.stat().st_size > LARGEST_FILE:
            raise DocumentError("expected a file below 2 GiB; no cell that can be shown is larger")
        content = path.read_bytes()
        document, unknown = from_json(content)
    except DocumentError as error:
        raise DocumentError(f"{path.name or path}: {error}") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise DocumentError(f"{path.name or path}: cannot be read ({reason}); choose another file") from error
    warnings = [f"{path.name}: this version does not know {key}; it is kept when the file is saved" for key in unknown]
    return document, warnings


def write_document(path: str | os.PathLike[str], document: Document) -> None:
    """Write a document so that a crash or a full disk leaves the old file whole.

    Raises DocumentError with one sentence if it cannot be written.
    """
    path = Path(path)
    try:
        with whole_file(path) as temporary:
            temporary.write_text(to_json(document), encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise DocumentError(f"{path.name}: cannot be written ({reason}); save it in another folder") from error
    except RecursionError:
        keys = ", ".join(_unknown(document))
        raise DocumentError(f"{path.name}: {keys} is nested too deeply to be written; remove it") from None


def to_json(document: Document) -> str:
    """Return the document as JSON text, a row of a matrix to a line, every double exact."""
    names = [name for name in document.weights if name not in _OPTIONAL_WEIGHTS]
    names += _OPTIONAL_WEIGHTS if document.can_project else OUTPUT_WEIGHTS
    weights: dict[str, Any] = {name: document.weights.get(name) for name in names}
    weights.update(document.extra_weights)
    members = {
        "format": FORMAT,
        "version": VERSION,
        **({"cell": document.cell_name} if document.cell_name != "lstm" else {}),
        **({"output": document.output} if document.has_output else {}),
        **({"lesson": document.lesson} if document.lesson else {}),
        **({"notes": dict(document.notes)} if document.notes else {}),
        **({"sampled": document.sampled} if document.sampled is not None else {}),
        **{name: getattr(document, name) for name in ("m", "n", "k", "order")},
        "weights": weights,
        **{name: getattr(document, name) for name in ("x", "h0", "c0")},
        **document.extra,
    }
    return _written(members, "") + "\n"


def _written(value: Any, indent: str) -> str:
    deeper = indent + "  "
    if isinstance(value, np.ndarray):
        if value.ndim == 1:
            return "[" + ", ".join(_number(entry) for entry in value.tolist()) + "]"
        return "[\n" + ",\n".join(deeper + _written(row, deeper) for row in value) + "\n" + indent + "]"
    if isinstance(value, dict) and value:
        members = (f"{deeper}{json.dumps(key)}: {_written(item, deeper)}" for key, item in value.items())
        return "{\n" + ",\n".join(members) + "\n" + indent + "}"
    return json.dumps(value)


def _number(value: float) -> str:
    whole = value == int(value) and abs(value) < 1e15 and not (value == 0 and str(value)[0] == "-")
    return str(int(value)) if whole else repr(value)


def from_json(content: bytes) -> tuple[Document, list[str]]:
    """Return the document in JSON text, and the keys of it that this version does not know.

    Raises DocumentError with the key, what was expected and what was found.
    """
    try:
        members = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_members)
    except UnicodeDecodeError as error:
        raise DocumentError(
            f"expected UTF-8 text, found other data at byte {error.start}; is it another kind of file?"
        ) from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        if error.pos >= len(content.decode("utf-8-sig").rstrip()):
            raise DocumentError(
                f"the file ends at {place}, in the middle of the document; get a complete copy"
            ) from None
        raise DocumentError(f"expected JSON, found something else at {place} ({error.msg}); get a new copy") from None
    except DocumentError:
        raise
    except ValueError:  # Python reads no whole number of more than 4300 digits
        raise DocumentError("expected numbers, found a whole number with thousands of digits; get a new copy") from None
    except RecursionError:
        raise DocumentError("expected matrices, found brackets nested too deeply; get a new copy") from None
    if not isinstance(members, dict) or members.get("format") != FORMAT:
        found = f"found {brief(members.get('format'))}" if isinstance(members, dict) else "found no JSON object"
        raise DocumentError(f'format: expected "{FORMAT}", {found}; is it another kind of file?')
    version = members.get("version")
    if isinstance(version, int) and not isinstance(version, bool) and version > VERSION:
        raise DocumentError(
            f"version: expected at most {VERSION}, found {brief(version)}; update LSTM Visualizer to read it"
        )
    if version != VERSION or isinstance(version, bool):
        raise DocumentError(f"version: expected {VERSION}, found {brief(version)}")
    missing = [key for key in _KEYS if key not in members]
    if missing:
        raise DocumentError(f"{missing[0]}: the file does not have this key; add it")
    sizes = {name: members[name] for name in ("m", "n", "k")}
    for name, value in sizes.items():
        check_size(name, value)
    given = members["weights"]
    if not isinstance(given, dict):
        raise DocumentError(f"weights: expected an object with a matrix for each name, found {brief(given)}")
    cell_name, order, output = members.get("cell", "lstm"), members["order"], members.get("output", "sigmoid")
    if not isinstance(cell_name, str) or cell_name not in CELLS:
        raise DocumentError(f"cell: expected one of {', '.join(CELLS)}, found {brief(cell_name)}")
    has_output = any(given.get(name) is not None for name in OUTPUT_WEIGHTS)
    stateful = CELLS[cell_name](False, "x,h", None).has_state
    declared = CELLS[cell_name](
        stateful and given.get("W_hr") is not None,
        order if order in ORDERS else "x,h",  # the document itself says what is wrong with it
        "sigmoid" if has_output else None,
    )
    all_sizes = {**sizes, "p": output_size(given)}
    weights: dict[str, Matrix] = {}
    for item in declared.parameters:
        value = given.get(item.name)
        if value is not None or item.name in OUTPUT_WEIGHTS:
            shape = size_in_numbers(item.shape, all_sizes)
            weights[item.name] = _array(f"weights.{item.name}", value, shape, item.shape)
    known = {item.name for item in declared.parameters} | set(_OPTIONAL_WEIGHTS)
    x = members["x"]
    steps = len(x) if isinstance(x, list) and x else 1
    document = Document(
        **sizes,
        order=order,
        cell_name=cell_name,
        output=output,
        lesson=members.get("lesson", ""),
        notes=members.get("notes", {}),
        sampled=members.get("sampled"),
        weights=weights,
        x=_array("x", x, (steps, sizes["m"]), ("T", "m")),
        h0=_array("h0", members["h0"], (sizes["n"],), ("n",)),
        c0=_array("c0", members["c0"], (sizes["k"],), ("k",)),
        extra={key: value for key, value in members.items() if key not in (*_KEYS, *_OPTIONAL_KEYS)},
        extra_weights={key: value for key, value in given.items() if key not in known},
    )
    unknown = _unknown(document)
    for key, value in zip(unknown, (*document.extra.values(), *document.extra_weights.values()), strict=True):
        _check_finite(key, value)
    return document, unknown


def _check_finite(key: str, value: Any) -> None:
    """Refuse what Python reads but JSON cannot hold, or the file would be damaged when it is saved.

    Not by json's parse_constant: that knows no key, and never sees a 1e999, which is read as infinity, too.
    """
    waiting = [value]  # no recursion: the file may be nested as deeply as JSON can be read
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, float) and not math.isfinite(item):
            raise DocumentError(
                f"{key}: expected finite numbers (below 1.8·10³⁰⁸), found {brief(item)}; correct or remove it"
            )


def _unknown(document: Document) -> list[str]:
    """Name the keys that this version does not know, each on one line whatever characters it has."""
    return [
        *(_key(key) for key in document.extra),
        *(f"weights.{_key(key)}" for key in document.extra_weights),
    ]


def _key(key: str) -> str:
    return brief(key).strip('"')


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for key, value in pairs:
        if key in members:
            raise DocumentError(f"{_key(key)}: expected once, found twice; remove one of them")
        members[key] = value
    return members


def _array(key: str, value: Any, shape: tuple[int, ...], symbols: Shape) -> Matrix:
    """Turn nested lists into an array; say exactly where they are no array of the shape."""
    expected = expected_shape(shape, symbols)

    def refuse(found: str, place: str = "") -> NoReturn:
        raise DocumentError(f"{key}{place}: {expected}, found {found}")

    if not isinstance(value, list):
        refuse(brief(value))
    rows = value if len(shape) == 2 else [value]
    for number, row in enumerate(rows):
        place = f"[{number}]" if len(shape) == 2 else ""
        if not isinstance(row, list):
            refuse(f"{brief(row)} where a row of {shape[-1]} numbers belongs", place)
        for column, entry in enumerate(row):
            if isinstance(entry, bool) or not isinstance(entry, (int, float)):
                refuse(f"{brief(entry)} where a number belongs", f"{place}[{column}]")
    widths = {len(row) for row in rows}
    if len(shape) == 2 and (len(rows) != shape[0] or widths != {shape[1]}):
        if len(widths) > 1:
            refuse(f"{len(rows)} rows of {min(widths)} to {max(widths)} numbers")
        refuse(f"{len(rows)}×{max(widths, default=0)}")
    if len(shape) == 1 and len(value) != shape[0]:
        refuse(f"{len(value)} numbers")
    try:
        return np.array(value, dtype=np.float64)
    except OverflowError:
        refuse("a number too large for double precision")
