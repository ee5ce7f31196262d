"""One decision, one place: the standard's numbers stand in its declaration and nowhere else."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DECLARED = {"geoplan/standard.py"}
OTHER = {  # the same digits, another meaning
    ("geoplan/hours/slices.py", 900),  # 15:00 in minutes
    ("api/geoplan_api/settings.py", 900),  # seconds of a sign-in, not of a way
}
OF_A_PAGE = re.compile(
    r"(limit|reach)\w*\s*[:=]\s*900\b|radius\w*\s*[:=]\s*1000\b|sites\w*\s*[:=]\s*111\b", re.IGNORECASE
)


def suspicious(path: Path, name: str) -> list[str]:
    """Numbers of the standard in a file: 900 s and 111 stations anywhere, 1,000 m where a radius is spoken of."""
    text = path.read_text(encoding="utf-8")
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and not isinstance(node.value, bool):
            line = text.splitlines()[node.lineno - 1]
            of_radius = node.value == 1000 and "radius" in line
            if (node.value in (900, 111) or of_radius) and (name, node.value) not in OTHER:
                found.append(f"{name}:{node.lineno}: {line.strip()}")
    return found


def test_the_standard_is_declared_once():
    found = []
    for package in ("geoplan", "maps", "api", "data"):
        for path in (ROOT / package).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            if name not in DECLARED:
                found += suspicious(path, name)
    assert found == []


def test_the_pages_hold_no_standard_of_their_own():
    """A limit in a page's script would contradict a city whose pack says otherwise."""
    found = []
    for path in (ROOT / "maps/geoplan_maps/web/js").rglob("*.js"):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if OF_A_PAGE.search(line):
                found.append(f"{path.name}:{number}: {line.strip()}")
    assert found == []
