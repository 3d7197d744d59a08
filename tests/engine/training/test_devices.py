import re
import time
from dataclasses import replace

import pytest
import torch

from engine.settings.config import ConfigError, TrainingConfig
from engine.training.devices import Candidate, available_devices, choose_device, describe_device, fastest
from engine.training.placement import fastest_device
from engine.training.trainer import Trainer
from tests.benchmarks.gpu import main
from tests.timing import TooSlowError, timed

SMALL = TrainingConfig(sequence_length=6, batch_size=8, cell_size=4, device="cpu")


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


class Delayed:
    """A trainer, slower by so many seconds a step or a drain."""

    def __init__(self, a_step: float = 0.0, a_drain: float = 0.0) -> None:
        self.trainer = Trainer(SMALL)
        self._a_step, self._a_drain = a_step, a_drain

    def step(self) -> None:
        self.trainer.step()
        time.sleep(self._a_step)

    def drain(self) -> object:
        time.sleep(self._a_drain)
        return self.trainer.drain().values


def test_devices() -> None:
    found = available_devices()
    assert found[0][0] == "cpu"
    assert choose_device("cpu") == torch.device("cpu")
    assert choose_device("auto").type in ("cpu", "cuda", "mps")
    assert describe_device(torch.device("cpu")) == "CPU"
    with pytest.raises(ConfigError, match="was not found on this machine; choose auto or one of cpu"):
        choose_device("cuda:99")


@timed
@pytest.mark.parametrize("slow", [{"a_step": 0.05}, {"a_drain": 0.25}])
def test_the_faster_device_is_taken_and_said(slow: dict[str, float]) -> None:
    candidates = [Candidate("gpu", "GPU", lambda: Delayed(**slow)), Candidate("cpu", "CPU", Delayed)]
    for order in (candidates, candidates[::-1]):
        choice = fastest(order, 0.1)
        if choice.device != "cpu":
            raise TooSlowError(f"what takes no time took longer: {choice.words}")
        said = re.fullmatch(r"(.PU): ([\d.]+) ms a step, (.PU): ([\d.]+) ms a step", choice.words)
        assert said is not None, choice.words
        ms = {said[1]: float(said[2]), said[3]: float(said[4])}
        assert ms["GPU"] >= 50
        assert ms["CPU"] < ms["GPU"]


def test_a_device_that_fails_is_left_out() -> None:
    def out_of_memory() -> Trainer:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    broken = Candidate("cuda:0", "GPU", out_of_memory)
    choice = fastest([Candidate("cpu", "CPU", Delayed), broken], 0.05)
    assert choice.device == "cpu"
    assert choice.words.endswith("GPU: failed (CUDA out of memory.)")
    with pytest.raises(ConfigError, match="No device can compute this network"):
        fastest([broken, broken], 0.05)


def test_one_device_is_not_measured() -> None:
    def never() -> Trainer:
        raise AssertionError("it was prepared")

    assert fastest([Candidate("cpu", "CPU", never)]).device == "cpu"


def test_the_fastest_device_of_a_config() -> None:
    assert fastest_device(SMALL).device == "cpu"
    assert fastest_device(SMALL).words == "CPU"
    assert fastest_device(replace(SMALL, device="auto")).device in [name for name, _ in available_devices()]
    with pytest.raises(ConfigError, match="not found"):
        fastest_device(replace(SMALL, device="cuda:99"))


def test_the_benchmark_of_gpus_runs_where_there_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--device", "cpu", "--seconds", "0.05", "--sizes", "4"]) == 0
    printed = capsys.readouterr().out
    assert "gpu_live_over_eager" in printed
    assert "float64 against the CPU: 0 at most (agrees)" in printed
    if not torch.cuda.is_available():
        assert main([]) == 0
        assert "no GPU" in capsys.readouterr().out
