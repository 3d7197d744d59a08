"""Start the real program, say when its window is painted for the first time, end.

Run as `python -m tests.benchmarks.first_paint` on a screen.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from gui.appearance.stored import Stored
from gui.startup.application import make_application, make_window


def main() -> None:
    """Print a line at the first paint of the diagram, and leave at once."""
    application = make_application([])
    with tempfile.TemporaryDirectory() as folder:
        window = make_window(Stored(Path(folder) / "bench.ini"), "light", False)

        def painted() -> None:
            print("painted", flush=True)
            os._exit(0)  # taking the window down is not what is measured

        window.view.painted.connect(painted)
        window.show()
        sys.exit(application.exec())


if __name__ == "__main__":
    main()
