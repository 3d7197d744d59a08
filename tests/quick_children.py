"""Children that start at once: forked from a process that has loaded torch, where each would load it for seconds.

They are the same children doing the same work; only how they come to life differs. Tests of that itself, and of the
program as a whole, have them started as always.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext
from typing import Any

import pytest

import engine.child

CAN_FORK = "forkserver" in multiprocessing.get_all_start_methods()


class _Context(ForkServerContext):
    """As the context that starts processes anew, but for how it starts them."""

    def Process(self, target: Callable[..., None], args: tuple[Any, ...], **more: Any) -> Any:  # type: ignore[override]
        # What is forked has the environment of when the first one was; this test may have another.
        return super().Process(target=_in_environment, args=(dict(os.environ), target, *args), **more)


def _in_environment(environment: dict[str, str], target: Callable[..., None], *args: Any) -> None:
    os.environ.clear()
    os.environ.update(environment)
    target(*args)


@contextmanager
def quick_children() -> Iterator[None]:
    """Have children of training forked for a while, where that is possible."""
    if not CAN_FORK:
        yield
        return
    context = _Context()
    context.set_forkserver_preload(["tests.engine.warmed"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine.child.multiprocessing, "get_context", lambda _kind: context)
        yield
    forkserver._forkserver._stop()  # type: ignore[attr-defined]


def parent_of_children() -> int | None:
    """Return the process that children are forked from; None where there is none."""
    return forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
