import pytest
import torch

from engine.config import ConfigError
from engine.devices import available_devices, choose_device, describe_device


def test_devices() -> None:
    found = available_devices()
    assert found[0][0] == "cpu"
    assert choose_device("cpu") == torch.device("cpu")
    assert choose_device("auto").type in ("cpu", "cuda", "mps")
    assert describe_device(torch.device("cpu")) == "CPU"
    with pytest.raises(ConfigError, match="was not found on this machine; choose auto or one of cpu"):
        choose_device("cuda:99")
