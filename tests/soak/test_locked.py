"""A recording that another process holds locked for ten seconds; for one in the quick tests."""

from pathlib import Path

import pytest

from tests.engine.recording.locked import locked
from tests.engine.recording.real_runs import runs_in

pytestmark = pytest.mark.soak


def test_a_file_that_is_locked_for_ten_seconds_is_waited_for(tmp_path: Path) -> None:
    with runs_in(tmp_path) as start:
        locked(start, 10.0)
