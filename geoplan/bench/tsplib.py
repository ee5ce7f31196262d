"""Reader of TSPLIB files: points in the plane that are demand and sites alike."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from geoplan.bench.instance import Instance
from geoplan.bench.text import is_number, name_of, read_text, text_fault
from geoplan.siting.problem import SitingProblem

__all__ = ["Rounding", "read_tsp", "rounded"]

Float = npt.NDArray[np.float64]
Rounding = Literal["nearest", "down", "exact"]

MOST_NODES: Final = 20_000  # a dense matrix of so many squared takes 3.2 GB


def _euclid(dx: Float, dy: Float) -> Float:
    length: Float = np.hypot(dx, dy)
    return length


def _pseudo_euclid(dx: Float, dy: Float) -> Float:
    length: Float = np.ceil(np.sqrt((dx * dx + dy * dy) / 10.0))
    return length


DISTANCES: Final[dict[str, Callable[[Float, Float], Float]]] = {
    "EUC_2D": _euclid,
    "CEIL_2D": lambda dx, dy: np.asarray(np.ceil(_euclid(dx, dy))),
    "MAN_2D": lambda dx, dy: np.asarray(np.abs(dx) + np.abs(dy)),
    "MAX_2D": lambda dx, dy: np.asarray(np.maximum(np.abs(dx), np.abs(dy))),
    "ATT": _pseudo_euclid,
}


def rounded(cost: Float, rounding: Rounding) -> Float:
    """Return distances rounded to the nearest whole number (halves up), down, or not at all."""
    if rounding == "exact":
        return cost
    whole: Float = np.floor(cost + (0.5 if rounding == "nearest" else 0.0))
    return whole


def read_tsp(path: str | Path, rounding: Rounding = "nearest") -> Instance:
    """Read a TSPLIB file with node coordinates (Reinelt 1991): every node is a demand point of weight 1 and a site.

    Parameters
    ----------
    path : str or pathlib.Path
        The file, plain or gzipped; EDGE_WEIGHT_TYPE one of EUC_2D, CEIL_2D, MAN_2D, MAX_2D, ATT.
    rounding : {"nearest", "down", "exact"}
        TSPLIB rounds distances to the nearest whole number; some tables of location optima round down or not at all.

    Returns
    -------
    Instance
        Costs of shape (n, n).

    Raises
    ------
    InputError
        If a keyword or a coordinate is missing or is none that this reader knows.
    """
    path = Path(path)
    keys, nodes = _parts(path)
    if "DIMENSION" not in keys:
        raise text_fault(path, "DIMENSION is missing", "give the number of nodes")
    dimension, line = keys["DIMENSION"]
    if not dimension.isdecimal() or not 1 <= int(dimension) <= MOST_NODES:
        raise text_fault(path, f"DIMENSION is {dimension!r}", f"give a whole number from 1 to {MOST_NODES}", line)
    kind, line = keys.get("EDGE_WEIGHT_TYPE", ("EUC_2D", 1))
    if kind.upper() not in DISTANCES:
        known = ", ".join(DISTANCES)
        raise text_fault(path, f"EDGE_WEIGHT_TYPE {kind} is not known here", f"give a file with one of {known}", line)
    xy = _coordinates(path, nodes, int(dimension))
    cost = DISTANCES[kind.upper()](xy[:, None, 0] - xy[None, :, 0], xy[:, None, 1] - xy[None, :, 1])
    problem = SitingProblem.from_matrix(rounded(cost, rounding), np.ones(len(xy)), site_xy_m=xy)
    return Instance(name_of(path), problem)


def _parts(path: Path) -> tuple[dict[str, tuple[str, int]], list[tuple[str, int]]]:
    """Return the keywords with their values and lines, and the words of the coordinate section with their lines."""
    keys: dict[str, tuple[str, int]] = {}
    nodes: list[tuple[str, int]] = []
    section = ""
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        words = line.split()
        if not words:
            continue
        if words[0][0].isalpha() and not is_number(words[0]):  # a keyword, or the name of a section
            key, _, value = line.partition(":")
            section = key.strip().upper()
            if section == "EOF":
                break
            keys.setdefault(section, (value.strip(), number))
        elif section == "NODE_COORD_SECTION":
            nodes.extend((word, number) for word in words)
    if "NODE_COORD_SECTION" not in keys:
        raise text_fault(path, f"{name_of(path)} has no NODE_COORD_SECTION", "give a file with coordinates")
    return keys, nodes


def _coordinates(path: Path, nodes: list[tuple[str, int]], n: int) -> Float:
    wrong = next(((word, line) for word, line in nodes if not is_number(word)), None)
    if wrong is not None:
        raise text_fault(path, f"{wrong[0]!r} is not a number", "correct the coordinate", wrong[1])
    if len(nodes) != 3 * n:
        problem = f"DIMENSION {n} asks for {3 * n} numbers (node, x, y), {len(nodes)} are there"
        raise text_fault(path, problem, "complete the section", nodes[-1][1] if nodes else None)
    table = np.array([float(word) for word, _ in nodes]).reshape(n, 3)
    order = np.argsort(table[:, 0], kind="stable")
    twice = np.flatnonzero(np.diff(table[order, 0]) == 0)
    if len(twice):
        again = order[twice[0] + 1]
        raise text_fault(path, f"node {table[again, 0]:g} is there twice", "number the nodes anew", nodes[3 * again][1])
    return table[:, 1:]
