"""Recordings that are made once for all tests; each test copies what it changes."""

from pathlib import Path

import pytest

from tests.engine.recordings import FILE, LAST, closed, died, parcels


@pytest.fixture(scope="session")
def closed_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of LAST steps that has ended."""
    return closed(tmp_path_factory.mktemp("closed") / FILE, parcels(LAST))


@pytest.fixture(scope="session")
def died_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, of a writer that was killed; it has its -wal beside it."""
    return died(tmp_path_factory.mktemp("died") / FILE, parcels(LAST))
