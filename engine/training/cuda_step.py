"""Replays training steps as a CUDA graph: one launch instead of hundreds, which would cost a small network most.

Follows "CUDA semantics: CUDA Graphs, whole-network capture" of PyTorch's documentation. A graph repeats the same
kernels on the same memory: batches are copied to where it reads, and whatever changes a step has it recorded anew.
"""

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

from ..errors import first_line

MakeStep = Callable[[Tensor, Tensor], list[Tensor]]
"""Takes x and target, changes the weights, returns the row of the step."""

PLAIN_STEPS = 10
"""Real steps before one is recorded: libraries load and the optimizer makes its states in the first ones. After a
change they keep a slider that is drawn along from having each of its values recorded."""


class Recorder(Protocol):
    """Where steps are recorded."""

    def warm(self, step: Callable[[], list[Tensor]]) -> list[Tensor]:
        """Make one step as it is made while recording, and return its row."""

    def record(self, step: Callable[[], list[Tensor]]) -> tuple[Callable[[], object], list[Tensor]]:
        """Record a step without making it; return what makes it, and the row that it will fill.

        Raises RuntimeError where it cannot be recorded.
        """


class CudaRecorder:
    """Records on a stream of its own, as a capture must."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        # The same for warming up and recording: libraries keep their handles and workspaces by stream.
        self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]

    def warm(self, step: Callable[[], list[Tensor]]) -> list[Tensor]:
        """Make one step on the stream of the recording."""
        current = torch.cuda.current_stream(self._device)
        self._stream.wait_stream(current)
        with torch.cuda.stream(self._stream):
            row = step()
        current.wait_stream(self._stream)
        return row

    def record(self, step: Callable[[], list[Tensor]]) -> tuple[Callable[[], object], list[Tensor]]:
        """Record a step in a graph with memory of its own."""
        current = torch.cuda.current_stream(self._device)
        graph = torch.cuda.CUDAGraph()
        try:
            # thread_local: another thread of this process may use the GPU meanwhile.
            with torch.cuda.graph(graph, stream=self._stream, capture_error_mode="thread_local"):
                row = step()
        finally:
            torch.cuda.set_stream(current)  # a capture that fails leaves its own stream behind
        return graph.replay, row


class RecordedStep:
    """Makes training steps, from a recording as soon as there is one; shapes must stay as they are.

    `plain_because` says why all steps are plain, or is "".
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._plain_steps = PLAIN_STEPS
        self._replay: Callable[[], object] | None = None
        self._row: list[Tensor] = []
        self._inputs: tuple[Tensor, Tensor] | None = None
        self.plain_because = ""

    def make(self, step: MakeStep, x: Tensor, target: Tensor) -> list[Tensor]:
        """Make one step, and return its row; the next one writes into the same tensors.

        step: makes it plainly, always the same. Raises ValueError for a batch of another shape.
        """
        if self.plain_because:
            return step(x, target)
        if self._plain_steps:
            self._plain_steps -= 1
            return self._recorder.warm(lambda: step(x, target))
        if self._replay is None and not self._record(step, x, target):
            return step(x, target)
        if self._replay is None or self._inputs is None:
            raise RuntimeError("a captured step has no graph")
        for place, value in zip(self._inputs, (x, target), strict=True):
            if place.shape != value.shape:  # copy_ would spread it over the batch
                raise ValueError(f"a step was captured for {tuple(place.shape)}, not for {tuple(value.shape)}")
            place.copy_(value)
        self._replay()
        return self._row

    def changed(self) -> None:
        """Forget the recording, since a step is now another one; it is recorded again after some plain steps."""
        self._replay, self._row, self._inputs = None, [], None
        self._plain_steps = PLAIN_STEPS

    def _record(self, step: MakeStep, x: Tensor, target: Tensor) -> bool:
        inputs = x.clone(), target.clone()
        try:
            self._replay, self._row = self._recorder.record(lambda: step(*inputs))
        except RuntimeError as error:  # torch's errors of CUDA and of memory are RuntimeErrors
            self.plain_because = f"no CUDA graph: CUDA could not capture a step ({first_line(error)})"
            return False
        self._inputs = inputs
        return True
