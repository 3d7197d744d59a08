from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from engine.settings.config import TrainingConfig
from engine.tasks import create_task
from engine.training import placement, preparation
from engine.training.placement import choose_threads
from engine.training.preparation import threads_for

SMALL = TrainingConfig(sequence_length=6, batch_size=8, cell_size=4, device="cpu")


@pytest.fixture(autouse=True)
def number_of_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_fewer_threads_are_kept_unless_more_are_clearly_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    speeds = {1: 1.0, 2: 0.5, 4: 0.45, 8: 0.1}
    monkeypatch.setattr(placement, "core_count", lambda: 8)
    monkeypatch.setattr(placement, "_seconds_per_step", lambda trainer, give_up_at: speeds[torch.get_num_threads()])
    assert choose_threads(SMALL) == 2
    assert torch.get_num_threads() == 2


def test_the_measurement_is_short() -> None:
    assert choose_threads(SMALL) in (1, 2)


def test_a_resumed_run_keeps_its_threads_only_where_it_may_use_as_many_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparation, "core_count", lambda: 2)
    monkeypatch.setattr(preparation, "choose_threads", lambda _config, _task: 1)
    task = create_task(SMALL)
    assert threads_for(SMALL, task, 2) == 2
    assert threads_for(SMALL, task, 3) == 1
