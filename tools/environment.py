"""Make the project's environment: a virtual environment with the pinned libraries and geoplan itself.

Needs nothing but Python ≥ 3.11. Debian's own Python comes without the part that makes virtual environments
(python3-venv): as root it is installed, otherwise the one command to run is named.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

EXTRAS = {"run": "", "test": "[test,lint,postgres]", "bench": "[bench]"}
ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Build the environment named by the arguments; returns the exit code."""
    if sys.version_info < (3, 11):  # noqa: UP036 - the very message for those who run an older one
        return complain(
            f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}. Try: make PYTHON=python3.12"
        )
    target, purpose = Path(sys.argv[1]), sys.argv[2]
    python = target / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not (python.exists() and has_pip(python)) and not make(target):
        return complain("Python cannot make virtual environments here. Run: apt-get install python3-venv (then again)")
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--progress-bar", "off"]
    say(f"Installing geoplan and its libraries into {target} (a few minutes the first time)")
    done = subprocess.run([*pip, "-c", str(ROOT / "constraints.txt"), "-e", f"{ROOT}{EXTRAS[purpose]}"], check=False)
    if done.returncode:
        return complain(
            "The libraries could not be installed; the lines above say why (is there a connection to a package index?)"
        )
    # what can do more can also do less: an environment for the tests runs the demonstration too
    for name in ("run", purpose):
        (target / f".ready-{name}").touch()
    return 0


def has_pip(python: Path) -> bool:
    """Tell whether an environment is whole; one made without ensurepip is not."""
    return subprocess.run([str(python), "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0


def make(target: Path) -> bool:
    """Make a virtual environment, installing Debian's missing part first where that is allowed."""
    if importlib.util.find_spec("ensurepip") is None and not install_debian_venv():
        return False
    shutil.rmtree(target, ignore_errors=True)
    try:
        venv.create(target, with_pip=True, symlinks=os.name != "nt")
    except (subprocess.CalledProcessError, OSError, SystemExit):  # Debian's venv ends the program by itself
        return False
    return True


def install_debian_venv() -> bool:
    """Install python3-venv with apt, as root only."""
    apt = shutil.which("apt-get")
    if apt is None or os.name == "nt" or os.geteuid() != 0:
        return False
    say("Installing python3-venv with apt-get")
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([apt, "update", "-qq"], env=environment, check=False)
    done = subprocess.run([apt, "install", "-y", "-qq", package], env=environment, check=False)
    importlib.invalidate_caches()
    return done.returncode == 0


def say(text: str) -> None:
    """Print a line at once, so that long steps are announced before they run."""
    print(text, flush=True)


def complain(text: str) -> int:
    """Print what went wrong and what to do; returns exit code 2."""
    print(text, file=sys.stderr, flush=True)
    return 2


if __name__ == "__main__":
    sys.exit(main())
