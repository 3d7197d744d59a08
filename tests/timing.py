"""How a bar in seconds is tested on a machine that is shared with others."""

import pytest

timed = pytest.mark.flaky(reruns=3, reruns_delay=1)
"""For a test of a bar in seconds: what others take of the machine only ever adds to a time, so the best of four tries
is what the program itself needs. A test of anything else gets one try."""
