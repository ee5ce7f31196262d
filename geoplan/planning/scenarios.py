"""Demand in several scenarios: time slices of the day, or a table of weights; what a plan covers in each of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from geoplan.errors import FaultLog, InputError
from geoplan.hours import SLICES
from geoplan.network import TravelTimes
from geoplan.pack import CityPack
from geoplan.planning.robust import RobustPlan
from geoplan.planning.tables import read_words
from geoplan.trades import workers_in_slice

__all__ = ["robust_facts", "scenarios_of"]

Float = npt.NDArray[np.float64]


def scenarios_of(text: str, pack: CityPack) -> dict[str, Float]:
    """Return the demand of each scenario.

    Parameters
    ----------
    text : str
        Codes of time slices, ``06-12,18-22``, or a CSV or Excel table with ``demand_id`` and a column of weights for
        each scenario; a demand point without a row weighs nothing there.
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
    codes = [code.strip() for code in text.split(",") if code.strip()]
    if codes and all(code in SLICES for code in codes):
        found = {code: workers_in_slice(pack.demand, "all", code) for code in codes}
    elif not Path(text).suffix and not Path(text).exists():
        raise InputError(f"{text!r} are neither time slices ({', '.join(SLICES)}) nor a table")
    else:
        found = _from_table(Path(text), pack)
    empty = [name for name, weights in found.items() if not weights.sum() > 0]
    if empty:
        raise InputError(f"scenario {empty[0]!r} has no demand; leave it out")
    if len(found) < 2:
        raise InputError("one scenario alone is the plain question; give two or more")
    return found


def robust_facts(found: RobustPlan, times: TravelTimes, scenarios: Mapping[str, Float]) -> dict[str, Any]:
    """Return the share of every scenario's demand that is covered: now, by the best plan on average, by this plan.

    Parameters
    ----------
    found : RobustPlan
        The answer; its plans' positions are rows of ``times``.
    times : TravelTimes
        From each site to the demand within the limit.
    scenarios : mapping of str to numpy.ndarray
        Name to the weights of the demand points, shape (n_demand,), each summing to more than 0.

    Returns
    -------
    dict
        ``worst_share`` and the ``worst_bound`` that no plan exceeds; ``scenarios``: of each its ``name`` and the shares
        ``before``, ``mean_plan`` and ``plan``; the ``mean_objective`` and ``mean_sites`` of the plan best on average.
    """
    existing = np.setdiff1d(found.worst.open_positions, found.worst.new_positions)
    masks = {
        "before": _reached(times, existing),
        "mean_plan": _reached(times, found.mean.open_positions),
        "plan": _reached(times, found.worst.open_positions),
    }
    rows = [
        {"name": name} | {key: float(weights[mask].sum() / weights.sum()) for key, mask in masks.items()}
        for name, weights in scenarios.items()
    ]
    return {
        "worst_share": found.worst_share,
        "worst_bound": found.worst_bound,
        "scenarios": rows,
        "mean_objective": found.mean.objective,
        "mean_sites": [str(name) for name in found.mean.sites],
    }


def _reached(times: TravelTimes, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    mask = np.zeros(times.shape[1], bool)
    for row in rows:
        mask[times.row(int(row))[0]] = True
    return mask


def _from_table(path: Path, pack: CityPack) -> dict[str, Float]:
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
        found[str(name)] = weights
    log.raise_if_any()
    return found


def _weight(text: str) -> float | None:
    try:
        weight = float(text or 0)
    except ValueError:
        return None
    return weight if 0 <= weight < float("inf") else None
