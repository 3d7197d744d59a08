"""A disk that answers when a test wants it to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gui.training.form import form_data
from tests.gui.training.settings_forms import SlowDisk


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowDisk]:
    slow = SlowDisk()
    monkeypatch.setattr(form_data, "read_data", slow.read)
    yield slow
    for event in slow.held.values():
        event.set()
