"""Children that start at once: forked from a process that has loaded torch, where each would load it for seconds.

They are the same children doing the same work; only how they come to life differs. Tests of that itself, and of the
program as a whole, have them started as always.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

CAN_FORK = "forkserver" in multiprocessing.get_all_start_methods()
_get_context = multiprocessing.get_context


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
    from multiprocessing import forkserver

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.warmed"])
    process = context.Process

    def in_environment(target: Callable[..., None], args: tuple[Any, ...], **more: Any) -> Any:
        # What is forked has the environment of when the first one was; this test may have another.
        return process(target=_in_environment, args=(dict(os.environ), target, *args), **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(context, "Process", in_environment)
        patch.setattr(multiprocessing, "get_context", lambda _kind=None: context)
        yield
    forkserver._forkserver._stop()  # type: ignore[attr-defined]


@contextmanager
def started_as_always() -> Iterator[None]:
    """Within quick_children: have children started as the program starts them, for a while."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(multiprocessing, "get_context", _get_context)
        yield


def parent_of_children() -> int | None:
    """Return the process that children are forked from; None where there is none."""
    if not CAN_FORK:
        return None
    from multiprocessing import forkserver

    pid: int | None = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
    return pid
