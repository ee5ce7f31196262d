"""What a model of ``geoplan site`` takes beyond a number or a budget, from words to values, and its answer in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from geoplan import CityPack
from geoplan.errors import FaultLog, InputError
from geoplan.siting import Question, SitingProblem

__all__ = [
    "MUST_SERVE",
    "ModelWords",
    "capacities_of",
    "check_beside",
    "check_folder",
    "decay_of",
    "objective_words",
    "priced_ways",
]

MUST_SERVE: Final = ("lscp", "bacop1", "pmedian", "pcenter", "cpmedian", "cflp")  # a plan leaves nobody out
CAPACITATED: Final = ("cmclp", "cpmedian", "cflp")


@dataclass(frozen=True, slots=True)
class ModelWords:
    """Parameters of the models; None where the command line does not say.

    Parameters
    ----------
    decay : tuple of (float, float), optional
        Seconds and the share that counts up to there.
    open_probability, backup_weight : float, optional
        Chance that a station is open; weight of cross coverage.
    by_cost, single_source, weighted : bool, optional
        Least cost instead of fewest sites; each demand point at one site; the longest way weighed by demand.
    """

    decay: tuple[tuple[float, float], ...] | None = None
    open_probability: float | None = None
    backup_weight: float | None = None
    by_cost: bool | None = None
    single_source: bool | None = None
    weighted: bool | None = None

    def given(self) -> dict[str, Any]:
        """Return those that were said, by name."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value is not None}


def decay_of(text: str | None) -> tuple[tuple[float, float], ...] | None:
    """Read ``8:1,12:0.6,15:0.2``: minutes, and the share that counts up to there; seconds in the answer."""
    if text is None:
        return None
    try:
        pairs = [part.split(":") for part in text.replace("，", ",").replace("：", ":").split(",")]
        steps = tuple((float(minutes) * 60.0, float(share)) for minutes, share in pairs)
    except ValueError:
        steps = ()
    if not steps or not all(0 < limit_s <= 240 * 60 and 0 < share <= 1 for limit_s, share in steps):
        raise InputError(f"{text!r} are no steps of decay; write minutes and shares like 8:1,12:0.6,15:0.2")
    return steps


def check_beside(model: str, *, reachable: bool, floors: bool, way_cost: float | None, capacity: float | None) -> None:
    """Raise for options about demand and costs that do not go with the model."""
    if reachable and model not in MUST_SERVE:
        raise InputError(f"--reachable goes with models that serve everybody: {', '.join(MUST_SERVE)}")
    if reachable and floors:
        raise InputError("--floor asks for shares of all demand; leave --reachable out")
    if way_cost is not None and model != "cflp":
        raise InputError("--way-cost goes with --model cflp")
    if capacity is not None and model not in CAPACITATED:
        raise InputError(f"--capacity goes with the models {', '.join(CAPACITATED)}")


def check_folder(folder: Path | None) -> None:
    """Raise where the folder of the answer cannot be one, before a long search rather than after it."""
    above = folder
    while above is not None and not above.exists() and above != above.parent:
        above = above.parent
    if above is not None and not above.is_dir():
        raise InputError(f"{above} is a file; name a folder with --out")


def priced_ways(problem: SitingProblem, way_cost: float) -> SitingProblem:
    """Return the problem with its ways in money: a worker's minute costs ``way_cost``."""
    rate = way_cost / 60.0
    limit = None if problem.cost_limit is None else problem.cost_limit * rate
    return replace(problem, cost=problem.cost * rate, cost_limit=limit)


def capacities_of(
    pack: CityPack, sites: gpd.GeoDataFrame, given: float | None, model: str
) -> npt.NDArray[np.float64] | None:
    """Return how many workers each site can serve, or None where the model asks for none.

    Parameters
    ----------
    pack : CityPack
        Its stations and candidates may have a column ``capacity``.
    sites : geopandas.GeoDataFrame
        All sites.
    given : float, optional
        Capacity of the sites that state none.
    model : str
        The model; cflp may do without.
    """
    if model not in CAPACITATED:
        return None
    parts = []
    for frame, key in ((pack.stations, "station_code"), (pack.candidates, "candidate_id")):
        cells = frame["capacity"] if "capacity" in frame.columns else pd.Series(np.nan, index=frame.index)
        parts.append(pd.Series(cells.to_numpy(object), index=frame[key].to_numpy(object)))
    cells = pd.concat(parts).reindex(sites.index)
    numbers = pd.to_numeric(cells, errors="coerce").to_numpy(np.float64)
    stated = cells.notna().to_numpy(bool)
    log = FaultLog()
    for i in np.flatnonzero(stated & ~(numbers >= 0)):
        log.add(f"the capacity of {sites.index[i]!r} is {cells.iloc[i]!r}", "give a number of workers")
    log.raise_if_any()
    if given is None and not stated.any() and model == "cflp":
        return None
    missing = np.flatnonzero(~stated)
    if len(missing) and given is None:
        raise InputError(
            f"{len(missing):,} of {len(sites):,} sites have no capacity, {sites.index[missing[0]]!r} among them; "
            "give --capacity for those, or a column 'capacity'"
        )
    return np.where(stated, numbers, np.nan if given is None else given).astype(np.float64)


def objective_words(facts: Mapping[str, Any], question: Question) -> tuple[str, str]:
    """Say what the objective of a plan means, in Chinese and English; empty without a plan.

    Parameters
    ----------
    facts : mapping
        Plan facts: ``objective``, ``demand_total``, ``demand_unit``, ``left_out``, ``phasing``.
    question : Question
        What the plan answers.
    """
    value, total = facts["objective"], facts["demand_total"]
    if value is None or not total:
        return "", ""
    unit, model = facts["demand_unit"], question.model
    part = f"{value:,.0f} / {total:,.0f} {unit} ({value / total:.1%})"
    served = total - facts["left_out"]
    mean_min = value / served / 60.0 if served else 0.0
    if facts.get("phasing") is not None:
        return f"各年覆盖之和 {value:,.0f} {unit}·年", f"summed over the years {value:,.0f} {unit}·years"
    if model == "mclp":
        return _cover_words(question, part)
    words = {
        "lscp": ("新增站点数", "number of new sites"),
        "pscp": ("新增站点数", "number of new sites"),
        "pmedian": (f"人均路程 {mean_min:.2f} 分钟", f"mean way {mean_min:.2f} min, over {served:,.0f} {unit}"),
        "cpmedian": (f"人均路程 {mean_min:.2f} 分钟", f"mean way {mean_min:.2f} min, over {served:,.0f} {unit}"),
        "pcenter": (f"最远路程 {value / 60:.2f} 分钟", f"longest way {value / 60:.2f} min"),
        "cmclp": (f"容量内服务 {part}", f"served within capacities {part}"),
        "bacop1": (f"交叉覆盖 {part}", f"covered twice {part}"),
        "cflp": ("建设费用与路程费用之和", "fixed cost and cost of ways"),
    }
    if question.by_cost:
        return "费用合计", "summed cost"
    if question.weighted:
        return f"最大的人数×路程 {value / 60:,.1f} 人·分钟", f"largest demand times way {value / 60:,.1f} {unit}·min"
    if model == "bacop2":
        ratio = f"{1 - question.backup_weight:g} : {question.backup_weight:g}"
        return f"首次与交叉覆盖加权（{ratio}）", f"first and second cover weighed {ratio}"
    return words[model]


def _cover_words(question: Question, part: str) -> tuple[str, str]:
    if question.decay:
        return f"按路程递减计 {part}", f"counted by decay {part}"
    if question.open_probability is not None:
        return f"期望覆盖 {part}", f"expected cover {part}"
    if question.cover_times > 1:
        return f"至少 {question.cover_times} 站可达 {part}", f"within reach of {question.cover_times} stations {part}"
    return f"覆盖 {part}", f"covered {part}"
