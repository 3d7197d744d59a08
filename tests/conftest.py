"""What holds for every test: children start at once, nothing is left behind, Hypothesis measures no times."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.left_behind import nothing_left_behind, threads
from tests.quick_children import quick_children, started_as_always

__all__ = ["children_at_once", "nothing_left_behind", "real_children", "threads"]

# A machine that is shared would make examples slow that are not.
settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")


@pytest.fixture(scope="session", autouse=True)
def children_at_once() -> Iterator[None]:
    """Hundreds of tests train; few have to see a child load torch, and those ask for `real_children`."""
    with quick_children():
        yield


@pytest.fixture
def real_children() -> Iterator[None]:
    """Children are started as the program starts them."""
    with started_as_always():
        yield
