"""Lists the devices that can train a network, and measures which is the fastest."""

import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch

from ..errors import first_line
from ..machine import available_bytes
from ..setting import ConfigError
from ..text.numbers import brief

MEASURE_S = 0.5
"""How long the steps of one device are timed."""
_BLOCK_STEPS = 5
_WARM_STEPS = 12  # the first ones load libraries, and on CUDA a graph is captured


@dataclass(frozen=True)
class Choice:
    """A device by its id, and in words how it was chosen: "CPU: 1.3 ms a step, GPU NVIDIA …: 2.9 ms"."""

    device: str
    words: str


class Steps(Protocol):
    """What makes steps, as a trainer does."""

    def step(self) -> None:
        """Make one step; need not wait for it."""

    def drain(self) -> object:
        """Wait until all steps are made."""


@dataclass(frozen=True)
class Candidate:
    """A device to be timed: its id, its name for a person, and what makes the steps there."""

    device: str
    title: str
    prepare: Callable[[], Steps]


def describe_device(device: torch.device) -> str:
    """Return a device's name for a person: "CPU", "GPU NVIDIA …", "Apple GPU"."""
    if device.type == "cuda":
        return f"GPU {torch.cuda.get_device_name(device)}"
    return {"cpu": "CPU", "mps": "Apple GPU"}.get(device.type, str(device))


def available_devices() -> list[tuple[str, str]]:
    """Return (id, human name) of each device torch can use here; the CPU comes first."""
    found = [("cpu", f"CPU ({os.cpu_count() or 1} cores)")]
    if torch.cuda.is_available():
        for index in range(torch.cuda.device_count()):
            found.append((f"cuda:{index}", describe_device(torch.device("cuda", index))))
    if torch.backends.mps.is_available():
        found.append(("mps", "Apple GPU"))
    return found


def choose_device(wanted: str) -> torch.device:
    """Return the device of a config; "auto" is the first GPU if there is one, else the CPU.

    `engine.training.placement.fastest_device` measures which is faster instead; its answer is a name for this.
    Raises ConfigError where this machine has no such device.
    """
    found = [name for name, _ in available_devices()]
    if wanted == "auto":
        return torch.device(found[1] if len(found) > 1 else "cpu")
    if wanted not in found:
        raise ConfigError(f"Device {wanted!r} was not found on this machine; choose auto or one of {', '.join(found)}.")
    return torch.device(wanted)


def device_or_auto(wanted: str) -> str:
    """Return the device of a run that began on another machine: the same one, or "auto" where it is not there."""
    return wanted if wanted in [name for name, _ in available_devices()] else "auto"


def free_bytes(device: str) -> int:
    """Return how many bytes are free on a device; Apple's GPUs share the memory of the CPU."""
    if device.startswith("cuda"):
        return torch.cuda.mem_get_info(torch.device(device))[0]
    return available_bytes()


def fastest(candidates: Sequence[Candidate], seconds: float = MEASURE_S) -> Choice:
    """Time a few real steps on each device, and return the one whose steps take the least.

    One that fails (no memory, no kernel for this network) is left out, and said to have failed; with one candidate
    nothing is measured. Raises ConfigError where all fail.
    """
    if len(candidates) == 1:
        return Choice(candidates[0].device, candidates[0].title)
    times: dict[str, float] = {}
    words: list[str] = []
    for candidate in candidates:
        try:
            times[candidate.device] = _seconds_of(candidate, seconds)
        except (RuntimeError, MemoryError) as error:  # torch's own errors are RuntimeErrors
            words.append(f"{candidate.title}: failed ({first_line(error)})")
        else:
            words.append(f"{candidate.title}: {brief(1e3 * times[candidate.device])} ms a step")
    if not times:
        raise ConfigError(f"No device can compute this network: {', '.join(words)}; choose smaller sizes.")
    return Choice(min(times, key=times.__getitem__), ", ".join(words))


def _seconds_of(candidate: Candidate, seconds: float) -> float:
    """Return the median time of a step, of blocks that are waited for, since a GPU works on by itself."""
    trainer = candidate.prepare()
    _seconds_per_step(trainer, _WARM_STEPS, seconds)
    times: list[float] = []
    begin = time.perf_counter()
    while not times or time.perf_counter() - begin < seconds:
        times.append(_seconds_per_step(trainer, _BLOCK_STEPS, seconds))
    return statistics.median(times)


def _seconds_per_step(trainer: Steps, count: int, seconds: float) -> float:
    """Make so many steps, or as many as begin within the time, and return how long each took."""
    made = 0
    begin = time.perf_counter()
    while made < count and (not made or time.perf_counter() - begin < seconds):
        trainer.step()
        made += 1
    trainer.drain()
    return (time.perf_counter() - begin) / made
