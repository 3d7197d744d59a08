"""Fifty deaths of children that record, ten of each kind of run; a few of them are in the quick tests, too."""

from pathlib import Path

import pytest

from tests.engine.recording.real_runs import AFTER_SECONDS, AT_ONCE, RUNS, SOON, killed_again_and_again, runs_in
from tests.timing import timed

pytestmark = pytest.mark.soak


@timed
@pytest.mark.timeout(600)
@pytest.mark.parametrize("number", range(len(RUNS)))
def test_a_child_that_is_killed_ten_times_loses_a_second_at_most_and_its_run_goes_on(
    tmp_path: Path, number: int
) -> None:
    with runs_in(tmp_path) as start:
        killed_again_and_again(start, tmp_path, number, 2 * [AT_ONCE, SOON, AFTER_SECONDS, SOON, SOON])
