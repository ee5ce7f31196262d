"""Demand in several scenarios of the caller's own, read from a table of weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from geoplan.errors import FaultLog, InputError
from geoplan.pack import CityPack
from geoplan.planning.tables import read_words

__all__ = ["read_scenarios"]


def read_scenarios(path: Path, pack: CityPack) -> dict[str, npt.NDArray[np.float64]]:
    """Return the demand of each scenario.

    Parameters
    ----------
    path : pathlib.Path
        CSV or Excel table with ``demand_id`` and a column of weights for each scenario; a demand point without a row
        weighs nothing there.
    pack : CityPack
        The inputs.

    Returns
    -------
    dict
        Name to weights, shape (n_demand,).

    Raises
    ------
    InputError
        With every fault: a point not in the pack or there twice, a weight that is none, a scenario without demand.
    """
    table = read_words(path, ("demand_id",))
    log = FaultLog(path.name)
    at = {str(name): row for row, name in enumerate(pack.demand["demand_id"])}
    lines = table.index + 2
    for line, name in zip(lines, table["demand_id"], strict=True):
        if name not in at:
            log.add(f"there is no demand point {name!r}", "give one of the pack", row=line, field="demand_id")
    for line in lines[table["demand_id"].duplicated()]:
        log.add("the demand point is there twice", "keep one row", row=int(line), field="demand_id")
    found = {}
    for name in table.columns.drop("demand_id"):
        weights = np.zeros(len(at))
        for line, point, cell in zip(lines, table["demand_id"], table[name], strict=True):
            weight = _weight(cell)
            if weight is None:
                log.add(f"{cell!r} is no weight", "give a number that is not negative", row=line, field=str(name))
            elif point in at:
                weights[at[point]] = weight
        if not weights.sum() > 0:
            log.add(f"scenario {name!r} has no demand", "leave it out", field=str(name))
        found[str(name)] = weights
    if len(found) < 2:
        log.add("one scenario alone is the plain question", "give two or more columns of weights")
    log.raise_if_any()
    if not found:
        raise InputError(f"{path.name} has no scenarios")
    return found


def _weight(text: str) -> float | None:
    try:
        weight = float(text or 0)
    except ValueError:
        return None
    return weight if 0 <= weight < float("inf") else None
