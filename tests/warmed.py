"""Imported once by the process that the children of a test are forked from: what takes seconds is done before.

One thread computes: what other threads of torch had begun would be missing in a forked process, and on a busy machine
threads that wait for each other take many times as long.
"""

import torch

import engine.training.placement
from engine.settings.config import TrainingConfig

engine.training.placement.core_count = lambda: 1
torch.set_num_threads(1)
engine.training.placement.warm_up(TrainingConfig(sequence_length=5, batch_size=4, cell_size=4, device="cpu"))
