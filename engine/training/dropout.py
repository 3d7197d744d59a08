"""Dropout before the readout: sets random hidden values to 0 in training, so that no single unit is relied on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

_STREAM = 7
"""Tells the seeds of the draws from those of weights and data."""


class Dropout(nn.Module):
    """Sets each value to 0 with the chance p while learning, and divides the others by 1 − p.

    Equation: h̃ = h ∘ d / (1 − p), d ~ Bernoulli(1 − p) (Srivastava et al. 2014), and h̃ = h where nothing is learnt. On
    the way to the readout alone, never on the way to the next step, where it would forget (Zaremba et al. 2014).

    step: whose draws are made, set by whoever counts steps. They follow from seed and step alone: on any device, for a
    run that is resumed, and for a step that is made again because memory ran out.
    """

    def __init__(self, p: float, seed: int) -> None:
        super().__init__()
        self.p = p
        self.step = 1
        self._seed = seed
        self._learning = False
        self._part, self._batch_size = slice(None), 0

    def forward(self, h: Tensor) -> Tensor:
        """Return what the readout receives of h, (…, B, n)."""
        return h * self.draw(h) if self._learning and self.p else h

    def draw(self, h: Tensor) -> Tensor:
        """Return what h (…, B, n) is multiplied by in this step: 0 or 1 / (1 − p) for each value."""
        shape = (*h.shape[:-2], self._batch_size or h.shape[-2], h.shape[-1])
        (seed,) = np.random.SeedSequence((self._seed, _STREAM, self.step)).generate_state(1)
        kept = torch.empty(shape).bernoulli_(1.0 - self.p, generator=torch.Generator().manual_seed(int(seed)))
        return kept[..., self._part, :].to(h) / (1.0 - self.p)

    @contextmanager
    def learning(self) -> Iterator[None]:
        """Drop values for a while; without it, whoever looks at the network sees all of them."""
        self._learning = True
        try:
            yield
        finally:
            self._learning = False

    @contextmanager
    def of_part(self, part: slice, batch_size: int) -> Iterator[None]:
        """Let only a part of a batch come here for a while, with the draws that it has in the whole batch."""
        self._part, self._batch_size = part, batch_size
        try:
            yield
        finally:
            self._part, self._batch_size = slice(None), 0
