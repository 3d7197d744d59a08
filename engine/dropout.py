"""Dropout before the readout: while it learns, a network may lean on no single unit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

_STREAM = 7
"""Tells the seed of the draws from those of weights and data."""


class Dropout(nn.Module):
    """Sets each value to 0 with the chance p while training, and divides the others by 1 − p.

    Equation: h̃ = h ∘ d / (1 − p), d ~ Bernoulli(1 − p) (Srivastava et al. 2014), and h̃ = h where not training. On the
    way to the readout alone, never on the way to the next step, where it would forget (Zaremba et al. 2014). Draws
    from a generator of its own: the same seed gives the same draws, and what else is random in the process neither
    changes them nor is changed by them.
    """

    def __init__(self, p: float, seed: int) -> None:
        super().__init__()
        self.p = p
        self._seed = int(np.random.SeedSequence((seed, _STREAM)).generate_state(1)[0])
        self._generator: torch.Generator | None = None  # made on the device where the first draw is
        self._state: Tensor | None = None  # to begin with
        self._part, self._batch_size = slice(None), 0

    def forward(self, h: Tensor) -> Tensor:
        """Return what the readout receives of h, (…, B, n)."""
        return h * self.draw(h) if self.training and self.p else h

    def draw(self, h: Tensor) -> Tensor:
        """Draw what h (…, B, n) is multiplied by: 0 or 1 / (1 − p) for each value."""
        shape = (*h.shape[:-2], self._batch_size or h.shape[-2], h.shape[-1])
        kept = torch.empty(shape, dtype=h.dtype, device=h.device)
        kept.bernoulli_(1.0 - self.p, generator=self._generator_on(h.device))
        return kept[..., self._part, :] / (1.0 - self.p)

    @contextmanager
    def of_part(self, part: slice, batch_size: int) -> Iterator[None]:
        """Let only a part of a batch come here for a while, with the draws that it has in the whole batch."""
        self._part, self._batch_size = part, batch_size
        try:
            yield
        finally:
            self._part, self._batch_size = slice(None), 0

    def _generator_on(self, device: torch.device) -> torch.Generator:
        if self._generator is None or self._generator.device != device:
            self._generator = torch.Generator(device).manual_seed(self._seed)
            if self._state is not None:
                self._generator.set_state(self._state)
        return self._generator

    def state(self) -> Tensor | None:
        """Return where the draws have come to, as bytes; None before the first."""
        return self._generator.get_state() if self._generator is not None else self._state

    def set_state(self, state: Tensor | None) -> None:
        """Go on from what `state` returned."""
        self._state = state
        self._generator = None
