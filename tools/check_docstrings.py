"""Check the docstrings of every public name against numpydoc, with the checks that pyproject.toml lists."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Run numpydoc's checker over the three packages; returns its exit code."""
    files = [
        str(path.relative_to(ROOT))
        for package in ("geoplan", "maps/geoplan_maps", "api/geoplan_api", "data/geoplan_data")
        for path in sorted((ROOT / package).rglob("*.py"))
    ]
    return subprocess.run([sys.executable, "-m", "numpydoc.cli", "lint", *files], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
