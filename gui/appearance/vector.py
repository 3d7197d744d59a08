"""Whether what is painted now is kept as a picture: then letters and lines must stay what they are.

Parts of the window paint from pixels that they keep from frame to frame. In a picture, which may be enlarged, or
searched for a number, they paint what those show.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene

_making: list[object] = []


def in_picture() -> bool:
    """Whether a picture is being painted; asked in the window's thread, as all painting is."""
    return bool(_making)


@contextmanager
def picture_made() -> Iterator[None]:
    """Let everything be painted as letters and lines within the block."""
    _making.append(None)
    try:
        yield
    finally:
        _making.pop()


@contextmanager
def uncached(scene: QGraphicsScene) -> Iterator[None]:
    """Let a scene paint every item anew within the block: what it keeps of them are pixels."""
    with ExitStack() as back:
        for item in scene.items():
            if item.cacheMode() != QGraphicsItem.CacheMode.NoCache:
                back.callback(item.setCacheMode, item.cacheMode())
                item.setCacheMode(QGraphicsItem.CacheMode.NoCache)
        yield
