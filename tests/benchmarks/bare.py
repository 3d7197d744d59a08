"""The same worker with nobody watching: run as `python -m tests.benchmarks.bare process|thread SECONDS`."""

from __future__ import annotations

import json
import sys

from tests.benchmarks.training import worker_steps_per_s

if __name__ == "__main__":
    print(json.dumps({"steps_per_s": worker_steps_per_s(sys.argv[1], float(sys.argv[2]))}))
