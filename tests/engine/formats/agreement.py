"""The rows of the table in resources/guide/formats.md, one for each kind of network in each kind of file.

Run as a module it prints the table anew: python -m tests.engine.formats.agreement
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from tests.engine.formats import keras_agreement, onnx_agreement, torch_agreement
from tests.engine.formats.comparing import Case, bound

GUIDE = Path(__file__).parents[3] / "resources" / "guide" / "formats.md"
HEAD = (
    "| file | from | cell | direction | layers | projection | difference in float32 | in float64 |\n"
    "|---|---|---|---|---|---|---|---|"
)


def cases() -> Iterator[Case]:
    """Every row, in the order of the guide. A format adds its own here."""
    return chain(torch_agreement.cases(), onnx_agreement.cases(), keras_agreement.cases())


def main() -> None:
    """Print the table."""
    print(HEAD)
    with tempfile.TemporaryDirectory() as folder:
        for case in cases():
            single, double = case.compare(Path(folder))
            print(f"{case.key} {bound(single)} | {'–' if double is None else bound(double)} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
