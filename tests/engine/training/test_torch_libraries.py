"""Loading torch's libraries while other threads go on."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tests.timing import assert_within, timed

ROOT = Path(__file__).parents[3]
_CODE = """
import sys, threading, time
from engine.training.torch_libraries import load_torch_libraries

loading = threading.Thread(target=load_torch_libraries)
longest, last = 0.0, time.perf_counter()
loading.start()
while loading.is_alive():
    time.sleep(0.001)
    now = time.perf_counter()
    longest, last = max(longest, now - last), now
assert "torch" not in sys.modules
assert "libtorch_cpu.so" in open("/proc/self/maps").read()
load_torch_libraries()
import torch
assert torch.ones(2).sum() == 2
print(longest)
"""


_TORCH = importlib.util.find_spec("torch")
_OF_CUDA = _TORCH is not None and (Path(_TORCH.origin or "").parent / "lib" / "libtorch_cuda.so").exists()


@timed
@pytest.mark.skipif(not sys.platform.startswith("linux") or _OF_CUDA, reason="only done on Linux, without CUDA")
def test_other_threads_go_on_while_the_libraries_are_loaded() -> None:
    run = subprocess.run(
        [sys.executable, "-c", _CODE], cwd=ROOT, capture_output=True, text=True, timeout=100, check=False
    )
    assert run.returncode == 0, run.stderr
    assert_within(float(run.stdout), 0.15)
