"""From a resolved question to the problem that a solver takes: rows, sites, rules, costs, capacities."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from geoplan.crs import project
from geoplan.errors import FaultLog, InputError
from geoplan.pack import CityPack
from geoplan.planning.city import City
from geoplan.planning.moments import moments_of
from geoplan.planning.question import CAPACITATED, HOURS, MUST_SERVE, PlanQuestion
from geoplan.planning.reachable import without_unreachable
from geoplan.planning.resolve import EVERYONE, refused
from geoplan.planning.rows import DemandRows, demand_rows
from geoplan.planning.sites import site_costs
from geoplan.siting import MODELS, SitingProblem

__all__ = ["parameters", "plan_problem", "plan_rows"]


def plan_rows(city: City, question: PlanQuestion) -> DemandRows:
    """Return the demand rows of a resolved question."""
    assert question.profile is not None
    assert question.limit_s is not None
    single = question.model in (*CAPACITATED, HOURS) or question.open_probability is not None
    if len(question.facilities) > 1 and single:
        raise refused(
            "capacities, hours and expected cover count single stations, so at most one facility can be asked for",
            "name one facility",
            "按容量、开放时间或期望覆盖规划时，设施最多选一种",
        )
    each = 2 if question.model.startswith("bacop") else question.cover_times or 1
    return demand_rows(
        city,
        moments_of(city, question),
        profile=question.profile,
        limit_s=question.limit_s,
        trade=question.trade or "all",
        area=question.area,
        facilities=question.facilities,
        stations_each=each,
        farthest_s=question.farthest_s,
        weights=None if question.weights is None else list(question.weights.values()),
    )


def plan_problem(city: City, question: PlanQuestion, rows: DemandRows) -> tuple[SitingProblem, float]:
    """Return the problem of a resolved question, and the demand left out because no site reaches it.

    Parameters
    ----------
    city : City
        The city.
    question : PlanQuestion
        Resolved, of a location model.
    rows : DemandRows
        From :func:`plan_rows`.

    Raises
    ------
    InputError
        With every fault: a candidate without a cost, a capacity that is no number.
    """
    pack, sites = city.pack, city.sites()
    rate = 1.0 if question.minute_cost is None else question.minute_cost / 60.0
    options: dict[str, Any] = {
        "existing": sites["existing"].to_numpy(bool),
        "site_ids": sites.index.to_numpy(),
        "demand_ids": rows.pack.demand["demand_id"].to_numpy(),
        "site_xy_m": project(sites["lon"].astype(float), sites["lat"].astype(float), pack.manifest.crs_metric),
        "cost_limit": rows.limit_s * rate,
        "spacing_m": question.spacing_m,
        "required": np.array(question.force, object),
        "forbidden": np.array(question.veto, object),
        "exclusive": [list(dict.fromkeys(names)) for names in question.exclusive],
        "capacity": capacities(pack, sites, question),
    }
    if question.priced:
        options["site_cost"] = site_costs(sites)
    called = rule_names(pack)
    if question.floors:
        options["demand_group"] = _grouped(rows.pack.demand, called)
        options["coverage_floors"] = {
            key if key == EVERYONE else called[key]: share for key, share in question.floors.items()
        }
    if question.quotas:
        options["site_group"] = _grouped(sites, called)
        options["quotas"] = {called[code]: bounds for code, bounds in question.quotas.items()}
    ways = rows.ways if rate == 1.0 else sparse.csr_array(rows.ways.astype(np.float64) * rate)
    problem = SitingProblem.from_matrix(ways, rows.weight, **options)
    if question.model in MUST_SERVE and not question.floors:
        times = question.cover_times or 1 if question.model == "lscp" else 1
        return without_unreachable(problem, unreachable=bool(question.reachable), times=times)
    return problem, 0.0


def parameters(question: PlanQuestion) -> dict[str, Any]:
    """Return what the solver is asked beside the model."""
    names = ("share", "cover_times", "backup_weight", "weighted", "by_cost", "single_source", "open_probability")
    values: dict[str, Any] = {name: getattr(question, name) for name in names}
    values["decay"] = question.decay or None
    values["p"] = question.new_sites
    values["budget"] = sum(question.yearly_budgets) if question.yearly_budgets else question.budget
    return {name: value for name, value in values.items() if value is not None and value is not False}


def rule_names(pack: CityPack) -> dict[str, str]:
    """Return code → what a district is called in rules and reasons: its name, or its code where two share a name."""
    districts = pack.districts
    twice = districts["name"].duplicated(keep=False)
    called = districts["name"].where(~twice, districts["district_code"])
    return dict(zip(districts["district_code"].astype(str), called.astype(str), strict=True))


def _grouped(records: pd.DataFrame, names: dict[str, str]) -> npt.NDArray[np.str_]:
    return np.asarray(records["district_code"].map(names).fillna(""), dtype=str)


def capacities(pack: CityPack, sites: gpd.GeoDataFrame, question: PlanQuestion) -> npt.NDArray[np.float64] | None:
    """Return how many workers each site can serve, or None where the model asks for none.

    A column ``capacity`` of stations or candidates says it; ``capacity_workers`` stands in where it is empty.
    """
    if question.model not in CAPACITATED:
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
        log.add(
            f"the capacity of {sites.index[i]!r} is {cells.iloc[i]!r}", "give a number of workers",
            zh=(f"站点 {sites.index[i]} 的容量是“{cells.iloc[i]}”", "请填人数"),
        )  # fmt: skip
    log.raise_if_any()
    default = question.capacity_workers
    if default is None and not stated.any() and MODELS[question.model].needs == ():
        return None
    missing = np.flatnonzero(~stated)
    if len(missing) and default is None:
        log.add(
            f"{len(missing):,} of {len(sites):,} sites have no capacity, {sites.index[missing[0]]!r} among them",
            "give `capacity_workers` for those, or a column 'capacity'",
            field="capacity_workers",
            zh=(f"{len(sites):,} 个站点中有 {len(missing):,} 个没有容量，如 {sites.index[missing[0]]}",
                "请填写站点容量，或在清单里加一列 capacity"),
        )  # fmt: skip
        raise InputError(log.faults)
    return np.where(stated, numbers, np.nan if default is None else default).astype(np.float64)
