"""Finds system libraries that Qt needs and pip cannot install; installs them as root, or names them.

Run as `python -m gui.startup.system_libraries`. Imports nothing of Qt, which would fail on just these machines.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

# Debian's package of each library that Qt's widgets and its X11 plugin are linked to.
PACKAGES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libGLX.so.0": "libglx0",
    "libOpenGL.so.0": "libopengl0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libz.so.1": "zlib1g",
}
# Programs for a virtual screen: the tests and `make run` without a display need them.
PROGRAMS = {"Xvfb": "xvfb", "xdotool": "xdotool"}
_LINKED_FILES = ("lib/libQt6Widgets.so.6", "lib/libQt6Svg.so.6", "plugins/platforms/libqxcb.so")


def missing_libraries() -> list[str]:
    """Return the names of libraries that Qt is linked to and that the system does not have."""
    spec = importlib.util.find_spec("PySide6")
    if spec is None or not spec.submodule_search_locations:
        return []
    qt = Path(spec.submodule_search_locations[0]) / "Qt"
    missing: set[str] = set()
    for name in _LINKED_FILES:
        if (qt / name).exists():
            listing = subprocess.run(["ldd", str(qt / name)], capture_output=True, text=True, check=False)
            missing.update(re.findall(r"^\s*(\S+) => not found", listing.stdout, re.MULTILINE))
    return sorted(missing)


def install(packages: Sequence[str]) -> None:
    """Install Debian packages, as root; raise CalledProcessError if that fails."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=True, env=quiet)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    subprocess.run(command, check=True, env=quiet, stdout=subprocess.DEVNULL)


def main() -> int:
    """Install what is missing, or print the command that does; return 1 if Qt cannot run without it."""
    if not sys.platform.startswith("linux"):
        return 0
    libraries, programs = missing_libraries(), [name for name in PROGRAMS if shutil.which(name) is None]
    if not libraries and not programs:
        return 0
    unknown = [name for name in libraries if name not in PACKAGES]
    packages = sorted({PACKAGES[name] for name in libraries if name in PACKAGES} | {PROGRAMS[p] for p in programs})
    debian = shutil.which("apt-get") is not None
    if debian and os.geteuid() == 0 and packages:
        print(f"Installing system packages: {' '.join(packages)}")
        install(packages)
        libraries = missing_libraries()
    elif debian and packages:
        what = "Qt needs" if libraries else "A virtual screen (for tests, or without a display) needs"
        print(f"{what} system packages; type: sudo apt-get install -y {' '.join(packages)}", file=sys.stderr)
    else:
        names = ", ".join([*libraries, *programs])
        print(f"Install these with the system's package manager: {names}", file=sys.stderr)
    if unknown and libraries:
        print(f"Also missing, package unknown: {', '.join(unknown)}", file=sys.stderr)
    return 1 if libraries else 0


if __name__ == "__main__":
    sys.exit(main())
