"""The pages of the guide: their order, their words, and where something is found in them.

The pages are the Markdown files of resources/guide, which README links to as well; `index.md` lists them by group. Qt
is not needed for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.shipped import SHIPPED

GUIDE = SHIPPED / "guide"
FIRST = "first-steps.md"
KEYS = "keys.md"
VIEWS = "views.md"
_INDEX = "index.md"
_LINE = re.compile(r"^(?:## (?P<group>.+)|- \[(?P<title>[^\]]+)\]\((?P<name>[\w-]+\.md)\).*)$", re.MULTILINE)
_HEADING = re.compile(r"^#{1,6} +(?P<words>.+?) *$")
_MARKS = re.compile(r"[*`]|\[(?P<words>[^\]]*)\]\([^)]*\)")


@dataclass(frozen=True)
class Page:
    """A page; name: of its file; group: the heading that it stands under in the contents."""

    name: str
    title: str
    group: str
    text: str


@dataclass(frozen=True)
class Place:
    """Where something stands: a page by its name, and the heading above it; "" at its top."""

    page: str
    heading: str
    words: str


def read_guide(folder: Path = GUIDE) -> dict[str, Page]:
    """Return the pages by name, in the order of the contents; raises OSError."""
    pages = {}
    group = ""
    for line in _LINE.finditer((folder / _INDEX).read_text("utf-8")):
        if line["group"]:
            group = line["group"]
        else:
            text = (folder / line["name"]).read_text("utf-8")
            pages[line["name"]] = Page(line["name"], line["title"], group, text)
    return pages


def search(pages: Mapping[str, Page], wanted: str, most: int = 40) -> list[Place]:
    """Return the paragraphs in which each word of `wanted` occurs; those whose heading has one come first."""
    words = wanted.casefold().split()
    if not words:
        return []
    found = []
    for page in pages.values():
        for heading, paragraph in _paragraphs(page.text):
            text = f"{page.title} {heading} {paragraph}".casefold()
            if all(word in text for word in words):
                title = f"{page.title} {heading}".casefold()
                missing = sum(word not in title for word in words)
                found.append((missing, Place(page.name, heading, _part(paragraph, words))))
    found.sort(key=lambda one: one[0])
    return [place for _missing, place in found[:most]]


def _paragraphs(text: str) -> Iterator[tuple[str, str]]:
    """Return each paragraph, list entry or row of a page as plain words, with the heading that it stands under."""
    heading, lines = "", list[str]()
    for line in (*text.splitlines(), ""):
        begins = _HEADING.match(line)
        alone = line.startswith(("- ", "| "))
        if (begins or alone or not line.strip()) and lines:
            yield heading, _plain(" ".join(lines))
            lines = []
        if begins:
            heading = _plain(begins["words"])
        elif line.strip() and not line.startswith("|--"):
            lines.append(line.strip())


def _plain(text: str) -> str:
    return _MARKS.sub(lambda found: found["words"] or "", text).strip("-| ").replace(" | ", ": ")


def _part(paragraph: str, words: list[str], most: int = 110) -> str:
    """Return what stands about the first of the words in a paragraph, in one line."""
    places = [at for word in words if (at := paragraph.casefold().find(word)) >= 0]
    if len(paragraph) <= most:
        return paragraph
    begin = max(0, min(places, default=0) - most // 3)
    begin = paragraph.rfind(" ", 0, begin) + 1
    part = paragraph[begin : begin + most].rsplit(" ", 1)[0]
    return f"{'… ' if begin else ''}{part} …"
