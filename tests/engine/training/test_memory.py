"""What training needs of memory: refused before it begins, and paused, not lost, where it runs out all the same."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import psutil
import pytest
import torch

from engine.cell.cells import CELLS
from engine.errors import is_out_of_memory
from engine.settings.config import ConfigError, TrainingConfig
from engine.tasks import create_task
from engine.training.devices import free_bytes
from engine.training.memory import check_memory, needed_bytes, out_of_memory_sentence
from engine.training.trainer import Trainer

SMALL = TrainingConfig(sequence_length=6, batch_size=8, cell_size=4)
HUGE = TrainingConfig(sequence_length=5000, batch_size=4096, cell_size=1024, layers=4)


@pytest.mark.parametrize("change", [{"cell_size": 400}, {"batch_size": 900}, {"sequence_length": 900}, {"layers": 4}])
@pytest.mark.parametrize("cell", CELLS)
def test_each_size_makes_it_more(cell: str, change: dict[str, int]) -> None:
    config = replace(SMALL, cell=cell)
    larger = replace(config, **change)
    assert needed_bytes(larger, create_task(larger)) > needed_bytes(config, create_task(config))


def test_the_plain_rnn_beside_it_counts() -> None:
    task = create_task(SMALL)
    assert needed_bytes(replace(SMALL, twin="on"), task) > needed_bytes(SMALL, task)


_MEASURE = """
import sys, threading, psutil, torch
torch.set_num_threads(1)
from engine.settings.config import TrainingConfig
from engine.tasks import create_task
from engine.training.trainer import Trainer
from engine.training.memory import needed_bytes
process, done, seen = psutil.Process(), threading.Event(), []
def taken():  # the process's own pages: those of files come and go as the system likes
    info = process.memory_info()
    return info.rss - getattr(info, "shared", 0)
def watch():
    while not done.wait(0.01):
        seen.append(taken())
Trainer(TrainingConfig(device="cpu", cell_size=2, sequence_length=4, batch_size=1)).step()
config = TrainingConfig(device="cpu", **eval(sys.argv[1]))
task = create_task(config)
needed, before = needed_bytes(config, task), taken()
watcher = threading.Thread(target=watch)
watcher.start()
trainer = Trainer(config, task)
for _ in range(2):
    trainer.step()
done.set()
watcher.join()
print(needed / (max(seen) - before))
"""


@pytest.mark.parametrize(
    "sizes",
    [
        {"cell_size": 16, "sequence_length": 1000, "batch_size": 256},
        {"cell_size": 512, "sequence_length": 50, "batch_size": 64},
        {"cell_size": 128, "sequence_length": 100, "batch_size": 128, "cell": "peephole"},
    ],
)
def test_the_estimate_is_within_a_factor_of_two(sizes: dict[str, int]) -> None:
    command = [sys.executable, "-c", _MEASURE, repr(sizes)]
    ratio = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert 0.5 < ratio < 2


def test_what_cannot_fit_is_refused_before_anything_is_taken() -> None:
    task = create_task(HUGE)
    before = psutil.Process().memory_info().rss
    with pytest.raises(ConfigError, match=r"^Training needs about .* GB of memory, but .* free on cpu; red") as caught:
        check_memory(HUGE, task, "cpu")
    for words in ("k = 1024", "B = 4096", "T = 5000", "layers = 4"):
        assert words in str(caught.value)
    assert psutil.Process().memory_info().rss < before + 200_000_000
    check_memory(SMALL, create_task(SMALL), "cpu")
    assert free_bytes("cpu") > 0


def test_errors_of_memory_are_known() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**50)
    assert is_out_of_memory(caught.value)
    assert is_out_of_memory(MemoryError())
    assert is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory."))
    with pytest.raises(MemoryError) as of_numpy:
        np.empty(2**57)
    assert is_out_of_memory(of_numpy.value)
    assert not is_out_of_memory(RuntimeError("shapes do not fit"))
    assert "step 13" in out_of_memory_sentence(SMALL, 12)


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop", "sgd"])
def test_a_run_goes_on_from_where_it_was_when_memory_ran_out(optimizer: str) -> None:
    config = replace(SMALL, optimizer=optimizer)
    trainer, alone = Trainer(config), Trainer(config)
    for number in range(6):
        alone.step()
        if number in (0, 3):
            before = trainer.learner.network.all_weights()
            handle = trainer.learner.network.readout.register_full_backward_hook(_run_out)
            with pytest.raises(RuntimeError) as caught:
                trainer.step()
            handle.remove()
            assert is_out_of_memory(caught.value)
            for name, array in trainer.learner.network.all_weights().items():
                np.testing.assert_array_equal(array, before[name])
        trainer.step()
    assert trainer.done == 6
    np.testing.assert_array_equal(trainer.drain().values, alone.drain().values)


def _run_out(*_: object) -> None:
    torch.empty(2**50)  # more than any machine has: torch's own error, in the middle of the way back
