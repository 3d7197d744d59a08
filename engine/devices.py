"""The devices that a network can be computed on, by name and by measurement."""

import os

import torch

from engine.setting import ConfigError


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

    Raises ConfigError where this machine has no such device.
    """
    found = [name for name, _ in available_devices()]
    if wanted == "auto":
        return torch.device(found[1] if len(found) > 1 else "cpu")
    if wanted not in found:
        raise ConfigError(f"Device {wanted!r} was not found on this machine; choose auto or one of {', '.join(found)}.")
    return torch.device(wanted)
