"""The part of a task that training needs, cut out of the program's own source so that it stands alone in a script.

Only what the drawing of examples, the loss and the measure really use is taken: their methods, the functions and
constants that these name, and the values that the task has.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from types import FunctionType, ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...tasks.base import Task
from ...tasks.task_settings import TaskSettings
from .model import MOST_NUMBERS
from .writing import rows

_ASKED = ("examples", "batch_loss_and_measure")
_READABLE = 400
"""Numbers of an array that are written as a list."""
_LIBRARIES = ("numpy", "math", "itertools", "functools", "typing", "dataclasses", "collections")


class NotAlone(Exception):  # noqa: N818  # it is no fault: such a task is imported instead
    """A task that cannot be cut out; its text says why, as the end of a sentence."""


@dataclass(frozen=True)
class TaskSource:
    """A task as source. text: a class `Examples` and what it uses. arrays: those too long for a list, by name."""

    imports: tuple[str, ...]
    text: str
    arrays: dict[str, NDArray[Any]]


def task_source(task: Task) -> TaskSource:
    """Return what training needs of a task, as source that stands alone; raises NotAlone."""
    if not type(task).__module__.endswith(tuple(f".tasks.{name}" for name in _shipped_modules())):
        raise NotAlone("it is your own")
    cutting = _Cutting()
    body = cutting.class_of(task, "Examples", _ASKED, f'"""{task.about or task.title}"""')
    if sum(array.size for array in cutting.arrays.values()) > MOST_NUMBERS:
        raise NotAlone("its data are too large to stand in a script")
    constants = "\n".join(cutting.constants.values())
    parts = [constants, *cutting.definitions.values(), *cutting.classes.values(), body]
    imports = sorted(cutting.imports, key=lambda line: (line.startswith("from"), line))
    return TaskSource(tuple(imports), "\n\n\n".join(part for part in parts if part), cutting.arrays)


def _shipped_modules() -> list[str]:
    from ...tasks import TASKS

    return [made.__module__.rpartition(".")[2] for made in TASKS.values()]


@dataclass
class _Cutting:
    """What was cut out so far, each by its name."""

    imports: set[str] = field(default_factory=set)
    constants: dict[str, str] = field(default_factory=dict)
    definitions: dict[str, str] = field(default_factory=dict)
    classes: dict[str, str] = field(default_factory=dict)
    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)
    owners: dict[str, Any] = field(default_factory=dict)

    def class_of(self, thing: Any, name: str, wanted: Iterable[str], docstring: str = "") -> str:
        """Return a class with those methods of an object that are wanted, what these use, and its values."""
        methods: dict[str, str] = {}
        values: dict[str, str] = {}
        used_anywhere: set[str] = set()
        waiting = list(wanted)
        others: dict[str, Any] = {}
        while waiting:
            method = waiting.pop(0)
            if method in methods or method in values:
                continue
            found = inspect.getattr_static(type(thing), method, None)
            function = _function_of(found)
            if function is None:
                self._value(thing, method, name, values, others)
                continue
            tree, source = _parsed(function)
            methods[method] = source
            self._names(function, tree)
            attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
            of_self = {node.attr for node in attributes if _is_of_self(node)}
            used_anywhere |= {node.attr for node in attributes}
            waiting += sorted(of_self)
        for attribute, other in others.items():
            values[attribute] = self._other(other, attribute, used_anywhere)
        lines = [f"class {name}:"]
        if docstring:
            lines += [textwrap.indent(_folded(docstring), "    "), ""]
        lines += [f"    {attribute} = {value}" for attribute, value in sorted(values.items()) if value]
        text = "\n".join(lines).rstrip()
        return "\n\n".join([text, *(textwrap.indent(source.rstrip(), "    ") for source in methods.values())])

    def _value(self, thing: Any, name: str, owner: str, values: dict[str, str], others: dict[str, Any]) -> None:
        try:
            value = getattr(thing, name)
        except AttributeError as error:
            raise NotAlone(f"it uses {name}, which is not there") from error
        if isinstance(value, np.ndarray) and value.size > _READABLE:
            self.arrays[f"{owner}.{name}"] = value
            values[name] = f'ARRAYS["{owner}.{name}"]'
        elif (written := _literal(value)) is not None:
            self._library(value)
            values[name] = written
        else:
            others[name] = value
            values[name] = ""

    def _library(self, value: object) -> None:
        if isinstance(value, np.ndarray | np.generic):
            self.imports.add("import numpy as np")

    def _other(self, other: Any, name: str, used: set[str]) -> str:
        """Return an expression for an object of the program's own: its settings, or a helper of the task."""
        if isinstance(other, TaskSettings):
            self.imports.add("from types import SimpleNamespace")
            chosen = [entry.name for entry in fields(other) if entry.name in used]
            return f"SimpleNamespace({', '.join(f'{each}={getattr(other, each)!r}' for each in chosen)})"
        if ".tasks." not in type(other).__module__:
            raise NotAlone(f"it uses {name}, which belongs to the program")
        title = type(other).__name__.strip("_")
        there = sorted(each for each in used if not each.startswith("__") and hasattr(other, each))
        self.classes[title] = self.class_of(other, title, there)
        return f"{title}()"

    def _names(self, function: FunctionType, tree: ast.AST) -> None:
        """Take every global that a function uses: imports, constants, functions and classes."""
        for name in sorted({node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}):
            if name in function.__globals__ and name != "self":
                self._global(name, function.__globals__[name])
            elif name == "super":
                raise NotAlone("it builds on the program's own classes")

    def _global(self, name: str, value: Any) -> None:
        if name in self.owners:
            if self.owners[name] is not value:
                raise NotAlone(f"two parts of it are called {name}")
            return
        self.owners[name] = value
        if isinstance(value, ModuleType):
            self.imports.add(_import_of(name, value))
        elif (written := _literal(value)) is not None:
            self._library(value)
            self.constants[name] = f"{name} = {written}"
        elif isinstance(value, FunctionType) and _is_ours(value):
            tree, source = _parsed(value)
            self._names(value, tree)
            self.definitions[name] = source.rstrip()
        elif isinstance(value, type) and _is_ours(value):
            self._whole_class(name, value)
        elif getattr(value, "__module__", "").partition(".")[0] in _LIBRARIES:
            self.imports.add(f"from {value.__module__} import {name}")
        elif not hasattr(builtins, name):
            raise NotAlone(f"it uses {name}, which belongs to the program")

    def _whole_class(self, name: str, made: type) -> None:
        """Take a small class as it is: a tuple with names."""
        names = made.__annotations__ if issubclass(made, tuple) else None
        if names is None:
            raise NotAlone(f"it uses {name}, which belongs to the program")
        self.imports.add("from collections import namedtuple")
        self.definitions[name] = f'{name} = namedtuple("{name}", {list(names)})'


def _is_ours(value: Any) -> bool:
    return ".tasks." in f"{value.__module__}."


def _is_of_self(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "self"


def _function_of(found: Any) -> FunctionType | None:
    if isinstance(found, property):
        found = found.fget
    elif isinstance(found, staticmethod | classmethod):
        found = found.__func__
    return found if isinstance(found, FunctionType) else None


def _import_of(name: str, module: ModuleType) -> str:
    whole = module.__name__
    if whole.partition(".")[0] not in _LIBRARIES:
        raise NotAlone(f"it uses {whole}")
    return f"import {whole}" if whole == name else f"import {whole} as {name}"


def _literal(value: Any) -> str | None:
    """Return a value as Python reads it back; None for one that is no plain value."""
    if value is None or isinstance(value, bool | int | str):
        return repr(value)
    if isinstance(value, float):
        return repr(float(value)) if np.isfinite(value) else f'float("{value}")'
    if isinstance(value, np.generic):
        return f"np.{type(value).__name__}({value.item()!r})"
    if isinstance(value, np.ndarray) and value.size <= _READABLE and value.dtype.kind in "fiub":
        kind = "bool_" if value.dtype.kind == "b" else value.dtype
        return f"np.array({rows(value, 8) if value.ndim in (1, 2) else value.tolist()}, dtype=np.{kind})"
    if type(value) in (tuple, list):
        items = [_literal(item) for item in value]
        if None in items:
            return None
        inside = ", ".join(item for item in items if item is not None)
        return f"[{inside}]" if type(value) is list else f"({inside}{',' * (len(items) == 1)})"
    return None


def _parsed(function: FunctionType) -> tuple[ast.AST, str]:
    """Return a function without its annotations: its tree, and its source with comments."""
    source = textwrap.dedent(inspect.getsource(function))
    lines = source.encode().split(b"\n")
    for line, begin, end_line, end in sorted(_annotations(ast.parse(source), lines), reverse=True):
        lines[line] = lines[line][:begin] + lines[end_line][end:]
        del lines[line + 1 : end_line + 1]
    plain = b"\n".join(lines).decode()
    return ast.parse(plain), plain


def _annotations(tree: ast.AST, lines: list[bytes]) -> Iterator[tuple[int, int, int, int]]:
    """Yield where annotations stand, with what leads to them: line, first byte, line of the end, its byte."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.annotation is not None:
            begin = node.col_offset + len(node.arg.encode())
            yield _span(node.lineno, begin, node.annotation)
        elif isinstance(node, ast.FunctionDef) and node.returns is not None:
            line = node.returns.lineno - 1
            yield _span(line + 1, lines[line].rindex(b"->", 0, node.returns.col_offset) - 1, node.returns)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield _span(node.lineno, node.target.end_col_offset or 0, node.annotation)


def _span(line: int, begin: int, node: ast.expr) -> tuple[int, int, int, int]:
    return line - 1, begin, (node.end_lineno or line) - 1, node.end_col_offset or 0


def _folded(docstring: str) -> str:
    text = docstring.strip('"')
    lines = textwrap.wrap(text, 90)
    return f'"""{text}"""' if len(lines) == 1 else '"""' + "\n".join(lines) + '\n"""'
