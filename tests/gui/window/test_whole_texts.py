"""Every text in every view is whole: none is cut short, cut off, or lies on another.

One window on the smallest screen and one on a usual one; `make soak` walks through all sizes.
"""

from __future__ import annotations

from itertools import product

import pytest

from gui.appearance.stored import Stored
from tests.gui.conftest import Windows
from tests.gui.window.walking import Walked, walk

SIZES = (910, 512), (1280, 720), (1920, 1080)
ALL = [Walked(*size, factor, trained) for size, factor, trained in product(SIZES, (1.0, 1.3), (False, True))]


@pytest.mark.parametrize("walked", [Walked(910, 512, 1.0), Walked(1280, 720, 1.0, trained=False)])
def test_no_text_is_cut_or_lies_on_another(windows: Windows, settings: Stored, walked: Walked):
    assert walk(windows, settings, walked) == []


@pytest.mark.soak
@pytest.mark.parametrize("walked", ALL)
def test_no_text_is_cut_or_lies_on_another_at_any_size(windows: Windows, settings: Stored, walked: Walked):
    assert walk(windows, settings, walked) == []
