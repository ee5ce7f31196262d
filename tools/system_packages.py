"""Before the tests: install the programs they drive (Chromium, PostgreSQL with PostGIS) where that is allowed.

As root on a machine with apt they are installed; elsewhere a plain sentence says which tests will be skipped.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def have_chromium() -> bool:
    """Tell whether a Chromium can be started by name."""
    return any(shutil.which(name) for name in BROWSERS)


def have_atomic() -> bool:
    """Tell whether libatomic can be loaded: the Node that Playwright brings does not start without it."""
    try:
        ctypes.CDLL("libatomic.so.1")
    except OSError:
        return False
    return True


def have_postgis() -> bool:
    """Tell whether a PostgreSQL server with PostGIS lies in Debian's places."""
    return any(Path("/usr/share/postgresql").glob("*/extension/postgis.control"))


def have_cjk_font() -> bool:
    """Tell whether Debian's Noto CJK fonts lie in their place (screens and charts write Chinese with them)."""
    return any(Path("/usr/share/fonts/opentype/noto").glob("NotoSansCJK*"))


WANTED = (
    (have_chromium, ["chromium"], "the browser tests"),
    (have_atomic, ["libatomic1"], "the browser tests"),
    (have_cjk_font, ["fonts-noto-cjk"], "Chinese text in charts, still maps and screenshots"),
    (have_postgis, ["postgresql", "postgresql-postgis"], "the register's tests on PostgreSQL with PostGIS"),
)


def main() -> int:
    """Install what is missing or say what will be skipped; never fails the tests by itself."""
    missing = [(names, what) for have, names, what in WANTED if not have()]
    if not missing:
        return 0
    apt = shutil.which("apt-get")
    if sys.platform != "linux" or apt is None or os.geteuid() != 0:
        for names, what in missing:
            print(f"Not installed: {' '.join(names)}. Skipped without it: {what}.", flush=True)
        if apt is not None:
            every = " ".join(name for names, _ in missing for name in names)
            print(f"To run them too: sudo apt-get install --no-install-recommends {every}", flush=True)
        return 0
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([apt, "update", "-qq"], env=environment, check=False)
    for names, what in missing:
        print(f"Installing {' '.join(names)} for {what}", flush=True)
        command = [apt, "install", "-y", "-qq", "--no-install-recommends", *names]
        done = subprocess.run(command, env=environment, check=False, stdout=subprocess.DEVNULL)
        if done.returncode:
            print(f"Could not install {' '.join(names)}. Skipped without it: {what}.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
