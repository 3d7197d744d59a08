"""Trains one network with several processes (ranks), as torchrun starts them, through DistributedDataParallel.

Every rank holds the whole network, draws the whole batch of a step from its seed and number, and learns from its own
part of it, so that the data do not depend on how many ranks there are. On the way back gradients are averaged over all
ranks; then each makes the same change to the same weights.
"""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self, TypeVar, cast

import numpy as np
import torch
import torch.distributed as dist
from numpy.typing import NDArray
from torch import Tensor, nn
from torch._C._distributed_c10d import GradBucket, PrefixStore
from torch.distributed.rendezvous import rendezvous
from torch.nn.parallel import DistributedDataParallel

from ..errors import PlainError, first_line
from ..settings.config import ConfigError, TrainingConfig
from ..tasks import Task
from .network import RecurrentNetwork

T = TypeVar("T")
Float64 = NDArray[np.float64]

TIMEOUT_S = 20.0
"""How long a rank waits for the others, at the start and in every step, until it gives them up as lost."""
ACCOUNT_S = 1.5
"""How long the first rank waits for the others to say that they are still there, when one was lost."""
_NEEDED = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")
_SIGNS = ("gloo", "nccl", "connection", "timed out", "tcpstore", "recv", "socket")


class LostRankError(RuntimeError):
    """Another rank is not there any more; its text is one sentence that says which, where that is known."""


@dataclass(frozen=True)
class Rank:
    """One process of several: its number, from 0, among `count`, and its number on its own machine."""

    number: int
    count: int
    local: int

    @property
    def is_first(self) -> bool:
        """Whether this is the rank that records and speaks."""
        return self.number == 0

    @classmethod
    def of_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Return the rank that torchrun has said in the environment; raises ConfigError where it has not."""
        missing = [name for name in _NEEDED if not environment.get(name)]
        if missing:
            raise ConfigError(
                f"WORLD_SIZE asks for several processes, but {', '.join(missing)} is not set; start them with torchrun."
            )
        try:
            number, count, local = (int(environment[name]) for name in _NEEDED[:3])
        except ValueError as error:
            raise ConfigError(
                f"RANK, WORLD_SIZE and LOCAL_RANK must be whole numbers ({error}); start them with torchrun."
            ) from error
        if not 0 <= number < count:
            raise ConfigError(f"RANK is {number}, expected 0 … {count - 1} for WORLD_SIZE {count}; use torchrun.")
        return cls(number, count, local)


def check_shared(config: TrainingConfig, ranks: int) -> None:
    """Check that ranks can share out a config's batches equally; raises ConfigError, in one sentence."""
    if config.batch_size % ranks:
        raise ConfigError(
            f"Batch size B (batch_size) is {config.batch_size}, which {ranks} ranks cannot share equally; choose a "
            f"multiple of {ranks}."
        )


class Group:
    """All ranks of a run, as one of them sees them; a context manager that joins and leaves.

    Raises ConfigError where the others are not found within TIMEOUT_S. Every method but `account_for` is called by
    all ranks in the same order, and raises LostRankError where one of them is gone.
    """

    def __init__(self, rank: Rank) -> None:
        self.rank = rank
        self.device = torch.device("cpu")
        self.batches: SharedBatches
        """What `share` made last."""
        self._backend = "gloo"
        self._gone = False

    @property
    def backend(self) -> str:
        """What the ranks exchange gradients with: "gloo" or "NCCL"."""
        return "NCCL" if self.device.type == "cuda" else "gloo"

    def __enter__(self) -> Self:
        if torch.cuda.is_available() and dist.is_nccl_available():
            self._backend = "cpu:gloo,cuda:nccl"  # words go through gloo also where gradients are on GPUs
        timeout = timedelta(seconds=TIMEOUT_S)
        try:
            self._store, _, _ = next(rendezvous("env://", timeout=timeout))
            dist.init_process_group(
                self._backend,
                store=PrefixStore("lstm", self._store),
                rank=self.rank.number,
                world_size=self.rank.count,
                timeout=timeout,
            )
        except (RuntimeError, ValueError) as error:
            where = f"{os.environ.get('MASTER_ADDR')}:{os.environ.get('MASTER_PORT')}"
            raise ConfigError(
                f"Rank {self.rank.number} did not find the other {self.rank.count - 1} at {where} within "
                f"{TIMEOUT_S:g} s ({first_line(error)}); check that all are started and can reach this address."
            ) from error
        return self

    def __exit__(self, *_error: object) -> None:
        if not self._gone and dist.is_initialized():
            dist.destroy_process_group()

    def choose_device(self, wanted: str, or_any: bool = False) -> torch.device:
        """Choose where this rank computes, the same kind for all: its own GPU, or the CPU.

        wanted: the setting; a number after "cuda" does not count, for each rank has the GPU of its local number.
        or_any: take what there is where some rank has no such device; else that raises ConfigError.
        """
        kind = wanted.partition(":")[0]
        has_gpu = torch.cuda.is_available() and torch.cuda.device_count() > self.rank.local
        all_have = bool(all(self.all_of(has_gpu and dist.is_nccl_available())))
        is_there = kind in ("auto", "cpu") or (kind == "cuda" and all_have)
        if not is_there and not or_any:
            raise ConfigError(
                f"Device {wanted!r} is not available to each of {self.rank.count} ranks; choose auto or cpu, and use "
                "no more ranks on a machine than it has GPUs."
            )
        self.device = torch.device("cuda", self.rank.local) if all_have and kind != "cpu" else torch.device("cpu")
        if self.device.type == "cuda":
            torch.cuda.set_device(self.device)
        return self.device

    def all_of(self, value: T) -> list[T]:
        """Return the value that each rank gives, in their order; for a few small ones."""
        found: list[Any] = [None] * self.rank.count
        with self.listening():
            dist.all_gather_object(found, value)
        return found

    def from_first(self, value: T) -> T:
        """Return what the first rank gives."""
        values: list[Any] = [value]
        with self.listening():
            dist.broadcast_object_list(values, src=0, device=torch.device("cpu"))
        return cast(T, values[0])

    def gathered(self, numbers: Float64) -> list[Float64]:
        """Give numbers (count,), as many as every rank; returns those of all to the first, and nothing to others."""
        mine = torch.from_numpy(numbers)
        places = [torch.empty_like(mine) for _ in range(self.rank.count)] if self.rank.is_first else None
        with self.listening():
            dist.gather(mine, places, dst=0)
        return [place.numpy() for place in places or []]

    def verdict(self, *numbers: int) -> tuple[int, ...]:
        """Return the whole numbers that the first rank gives."""
        place = torch.tensor(numbers, dtype=torch.int64)
        with self.listening():
            dist.broadcast(place, src=0)
        return tuple(place.tolist())

    def listening(self) -> "_Listening":
        """Return a context in which an error of the connection becomes a LostRankError."""
        return _Listening(self)

    # When one is lost

    def report(self, words: str) -> None:
        """Say to the first rank that this one is still there (""), or why it ends; does not raise."""
        self._gone = True  # whatever is still under way never comes to its end
        try:
            self._store.set(f"lstm-end-{self.rank.number}", words or "-")
        except RuntimeError:
            return  # whoever kept the store is gone, too

    def account_for(self, reason: str) -> str:
        """Return one sentence about who was lost, after waiting up to ACCOUNT_S for the others to report.

        reason: what torch said, for where nobody can be named.
        """
        waiting = set(range(self.rank.count)) - {self.rank.number}
        failed: dict[int, str] = {}
        deadline = time.perf_counter() + ACCOUNT_S
        try:
            while waiting and time.perf_counter() < deadline:
                here = {number for number in waiting if self._store.check([f"lstm-end-{number}"])}
                found = {number: self._store.get(f"lstm-end-{number}").decode() for number in sorted(here)}
                failed |= {number: words for number, words in found.items() if words != "-"}
                waiting -= here
                time.sleep(0.05)
        except RuntimeError:
            return f"The connection to the other ranks was lost ({reason})."
        if failed:
            return " ".join(f"Rank {number} ended: {words}" for number, words in failed.items())
        if not waiting:
            return f"The connection between the ranks was lost, although all of them are still running ({reason})."
        names = ", ".join(str(number) for number in sorted(waiting))
        return f"Rank{'s' * (len(waiting) > 1)} {names} of {self.rank.count} (counted from 0) was lost."

    # Training

    def share(self, network: RecurrentNetwork, task: Task) -> "SharedBatches":
        """Return what makes the way there and back together with the other ranks; see `learner.Share`."""
        self.batches = SharedBatches(self, network, task)
        return self.batches


class _Listening:
    """Turns what torch says when another rank is gone into LostRankError."""

    def __init__(self, group: Group) -> None:
        self._group = group

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, RuntimeError) and is_of_connection(error):
            raise LostRankError(first_line(error)) from error


def is_of_connection(error: RuntimeError) -> bool:
    """Return whether an error says that another rank could not be reached; torch says it in many ways."""
    words = f"{type(error).__name__} {error}".casefold()
    return isinstance(error, dist.DistError) or any(sign in words for sign in _SIGNS)


class SharedBatches:
    """The way there and back on one rank's part of each batch; leaves the gradients of the whole batch behind.

    Equation: dL/dW = (1/R) Σ_r w_r dL_r/dW, where w_r = R · counted_r / counted is 1 unless the loss is a mean over
    answers of which some sequences have more than others. Called with the whole x (T, B, m) and its target; returns
    w_r L_r, whose mean over the ranks is the loss of the whole batch, and the measure of the part.
    """

    def __init__(self, group: Group, network: RecurrentNetwork, task: Task) -> None:
        self._group, self._task, self._network = group, task, network
        self._wrapped: DistributedDataParallel | None = None
        self._lengths: list[Tensor] = []  # of the buckets of the present step
        self._norms: list[Tensor] = []
        self._last_bucket = 0.0
        self._waited = 0.0

    def __call__(self, x: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """Go there and back; see the docstring of the class. Raises LostRankError."""
        part = self._part(x.shape[1])
        own_target = target[:, part] if self._task.every_step else target[part]
        whole = self._task.counted(target)
        weight = self._task.counted(own_target) * self._group.rank.count / whole
        self._lengths = []
        with self._group.listening(), self._network.dropout.of_part(part, x.shape[1]):
            output = self._module()(x[:, part])
            loss, measure = self._task.batch_loss_and_measure(output, own_target)
            loss = loss * weight
            loss.backward()
        # On a GPU nothing has been waited for: all this is only under way.
        self._waited += time.perf_counter() - self._last_bucket if self._group.device.type == "cpu" else 0.0
        self._norms.append(torch.linalg.vector_norm(torch.stack(self._lengths)))
        return loss, measure

    def _part(self, batch_size: int) -> slice:
        rank = self._group.rank
        size = batch_size // rank.count
        return slice(rank.number * size, (rank.number + 1) * size)

    def _module(self) -> nn.Module:
        """Return the network with gradients averaged; not made before the weights of a checkpoint are taken up."""
        if self._wrapped is None:
            self._wrapped = DistributedDataParallel(
                self._network,
                device_ids=[self._group.device] if self._group.device.type == "cuda" else None,
                find_unused_parameters=self._network.restricted,  # the weights of a gate that is held have no gradient
            )
            self._wrapped.register_comm_hook(None, self._average)
        return self._wrapped

    def _average(self, _state: object, bucket: GradBucket) -> torch.futures.Future[Tensor]:
        """Start to average some gradients over all ranks, and keep the length that they have here."""
        gradient = bucket.buffer()
        self._lengths.append(torch.linalg.vector_norm(gradient))
        self._last_bucket = time.perf_counter()
        work = dist.all_reduce(gradient.div_(self._group.rank.count), async_op=True)
        return cast("torch.futures.Future[Tensor]", work.get_future().then(lambda future: future.value()[0]))

    def take_norms(self) -> NDArray[np.float32]:
        """Return this rank's gradient norm before averaging of every step since the last time, (steps,)."""
        norms, self._norms = self._norms, []
        return torch.stack(norms).float().cpu().numpy() if norms else np.empty(0, dtype=np.float32)

    def take_waited(self) -> float:
        """Return the seconds since the last time in which this rank only waited for the others."""
        waited, self._waited = self._waited, 0.0
        return waited


def rank_columns(ranks: int) -> tuple[str, ...]:
    """Return the columns that each rank has of its own in a recording: rank0.steps_per_s, rank0.grad_norm, …

    steps_per_s: steps over the seconds that this rank computed; waiting for the others is left out on CPUs.
    grad_norm: of its own part of the batch, before averaging.
    """
    return tuple(f"rank{number}.{name}" for number in range(ranks) for name in ("steps_per_s", "grad_norm"))


def check_everywhere(group: Group, work: Callable[[], T]) -> T:
    """Do something on every rank; raises ConfigError on all of them, in one sentence, where it fails on one.

    Errors that are no PlainError are raised as they are, on the rank where they are.
    """
    result: list[T] = []
    problem = ""
    try:
        result.append(work())
    except PlainError as error:
        problem = str(error)
    problems: Sequence[str] = group.all_of(problem)
    for number, words in enumerate(problems):
        if words:
            same = all(other == words for other in problems)
            raise ConfigError(words if same else f"Rank {number}: {words}")
    return result[0]
