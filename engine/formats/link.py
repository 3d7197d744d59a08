"""A document, or the settings of a run, as a short text, `lstmviz:…`, for a mail, the window or the command line.

After the colon stand what it holds ("d" or "s"), its version, a dot, and base64 in letters that need no quoting: JSON,
compressed by zlib, whose check sum finds what a mail has damaged. A document's own name stands in a line before it.
Numbers are written with all their digits. No link names a file, for it is opened on another machine.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..document.document import Document, DocumentError
from ..document.document_file import from_json, to_json
from ..errors import PlainError
from ..setting import ELSEWHERE, ConfigError, check_value
from ..settings.config import TrainingConfig, check, settings
from ..settings.files import files_of

PREFIX = "lstmviz:"
LONGEST = 8_000
"""Characters that a link has at most."""

_DOCUMENT, _SETTINGS, _VERSION = "d", "s", 1
_LARGEST = 1_000_000
"""Bytes that it may be when decompressed: a few kB can become thousands of times as much."""
_LONGEST_TEXT = 10 * LONGEST
"""Characters that are looked through for a link, with what a mail puts between its letters."""
_LONGEST_NAME = 100
_HERE = ("device", "worker")
"""Settings that say where a run goes on, and so stay as they are on each machine."""
_BEGIN = re.compile(r"""[\s<>("'“‘]*lstmviz:""", re.IGNORECASE)
_KIND = re.compile(r"([a-z])(\d{1,4})\.")
_BETWEEN = re.compile(r"[\s<>\u200b\u00ad]+")
"""What a mail program puts within a long line: breaks, and > before what is quoted."""
_AFTER = ".,;:!?)\"'”’"


class LinkError(PlainError):
    """A text that cannot be opened as a link, or what cannot be written as one; one sentence says why."""


@dataclass(frozen=True)
class LinkedDocument:
    """A document with its name, and a sentence for each key of it that this version does not know."""

    document: Document
    name: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class LinkedSettings:
    """The settings of a run, all others at their defaults, and a sentence for each that this version does not know."""

    config: TrainingConfig
    warnings: tuple[str, ...] = ()

    def on_this_machine(self, present: TrainingConfig) -> TrainingConfig:
        """Return them with the device and the worker of the settings that are in force here."""
        return TrainingConfig(**{**asdict(self.config), **{name: getattr(present, name) for name in _HERE}})


def is_link(text: str) -> bool:
    """Return whether a text is meant as a link; a long one is not looked through."""
    return _BEGIN.match(text[:_LONGEST_NAME]) is not None


def link_of_document(document: Document, name: str) -> str:
    """Return the link; name: what the document is called. Raises LinkError if it would be too long."""
    what = "This document is"
    if sum(array.size for array in (*document.weights.values(), document.x)) > _LARGEST / 2:
        raise _too_large(what)  # without writing them all: each has two letters at least
    try:
        members = json.dumps(json.loads(to_json(document)), separators=(",", ":"), ensure_ascii=False)
    except RecursionError:
        raise LinkError("The document has brackets nested too deeply for a link; save it as a file.") from None
    return _link(_DOCUMENT, f"{_title(name)}\n{members}", what)


def link_of_settings(config: TrainingConfig) -> str:
    """Return the link with the settings that are not usual, but for device and worker.

    Raises LinkError if they name a file of this machine, or if it would be too long.
    """
    if config.task == ELSEWHERE:
        raise LinkError("These are no settings for a run, for the network was not trained here; send its recorded run.")
    for file in files_of(config).values():
        raise LinkError(
            f"These settings name a file of this machine, {_title(file)}, which a link cannot hold; send that file, or "
            "a recorded run."
        )
    idle = files_of(config, idle=True)
    values = {
        item.name: value
        for item in settings()
        if (value := getattr(config, item.name)) != item.default and item.name not in (*idle, *_HERE)
    }
    return _link(_SETTINGS, json.dumps(values, separators=(",", ":"), ensure_ascii=False), "These settings are")


def read_link(text: str) -> LinkedDocument | LinkedSettings:
    """Return what a link holds. Line breaks, quotes and brackets that a mail has put around and in it do no harm.

    Raises LinkError, in one sentence, for whatever else is no complete link of this version.
    """
    if not is_link(text):
        raise LinkError(f"This is no link, for it does not begin with {PREFIX}; copy a whole link.")
    body = _BETWEEN.sub("", text[: _LONGEST_TEXT + 1]).partition(":")[2].rstrip(_AFTER)
    if len(text) > _LONGEST_TEXT or len(PREFIX) + len(body) > LONGEST:
        raise LinkError(f"No link is longer than {LONGEST:,} characters, but this one is; ask for the file.")
    kind = _KIND.match(body)
    if kind is None or kind[1] not in (_DOCUMENT, _SETTINGS):
        raise LinkError(_damaged())
    if int(kind[2]) != _VERSION:
        raise LinkError(f"This link has version {int(kind[2]):,}, which is not known here; update LSTM Visualizer.")
    content = _content(body[kind.end() :])
    return _document_in(content) if kind[1] == _DOCUMENT else _settings_in(content)


def _link(kind: str, content: str, what: str) -> str:
    data = content.encode()
    packed = base64.urlsafe_b64encode(zlib.compress(data, 9)).rstrip(b"=").decode()
    link = f"{PREFIX}{kind}{_VERSION}.{packed}"
    if len(link) > LONGEST or len(data) > _LARGEST:
        raise _too_large(what)
    return link


def _too_large(what: str) -> LinkError:
    return LinkError(f"{what} too large for a link, which has at most {LONGEST:,} characters.")


def _content(packed: str) -> bytes:
    try:
        data = base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True)
        unpacking = zlib.decompressobj()
        content = unpacking.decompress(data, _LARGEST + 1)
    except (binascii.Error, ValueError, zlib.error):
        raise LinkError(_damaged()) from None
    if len(content) > _LARGEST:
        raise LinkError("This link would become larger than 1 MB, as no link of this program does; ask for the file.")
    if not unpacking.eof or unpacking.unused_data:
        raise LinkError(_damaged())
    return content


def _damaged() -> str:
    return f"This link is damaged or not complete; copy all of it, from {PREFIX} to its last letter."


def _document_in(content: bytes) -> LinkedDocument:
    name, _, members = content.partition(b"\n")
    try:
        document, unknown = from_json(members)
    except DocumentError as error:
        raise LinkError(f"In this link, {error}") from None
    warnings = tuple(f"This version does not know {key} of this link; it is kept when you save" for key in unknown)
    return LinkedDocument(document, _title(name.decode("utf-8", "replace")) or "Document from a link", warnings)


def _settings_in(content: bytes) -> LinkedSettings:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):  # no UTF-8, no JSON, or brackets nested too deeply
        raise LinkError(_damaged()) from None
    if not isinstance(found, dict):
        raise LinkError(_damaged())
    try:
        config = _config_of(found)
        check(config)
    except ConfigError as error:
        raise LinkError(f"In this link, {error}") from None
    if config.task == ELSEWHERE:
        raise LinkError("This link names no task, for its network was not trained here; ask for the recorded run.")
    for file in files_of(config, idle=True).values():
        raise LinkError(f"This link names a file, {_title(file)}, as no link of this program does.")
    known = {item.name for item in settings()}
    unknown = [name for name in found if name not in known]
    warnings = (f"This version does not know {_title(', '.join(unknown))} of this link",) if unknown else ()
    return LinkedSettings(config, warnings)


def _config_of(found: Mapping[str, Any]) -> TrainingConfig:
    values: dict[str, Any] = {}
    for item in settings():
        if item.name in found and item.name not in _HERE:
            check_value(item, found[item.name])
            values[item.name] = float(found[item.name]) if item.kind == "float" else found[item.name]
    return TrainingConfig(**values)


def _title(text: str) -> str:
    """Return a text as one short line."""
    words = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return words if len(words) <= _LONGEST_NAME else f"{words[: _LONGEST_NAME - 1]}…"
