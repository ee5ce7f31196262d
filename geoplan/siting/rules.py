"""Rules over the set of new sites: quotas, coverage floors, exclusive sets, spacing, number and budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from geoplan.errors import Fault, FaultLog
from geoplan.siting._inputs import positions, read_values

if TYPE_CHECKING:
    from geoplan.siting.problem import SitingProblem
    from geoplan.siting.question import Question

__all__ = ["Floor", "Quota", "SiteRow", "site_rows"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Quota:
    """Least and most new sites among a group of sites.

    Parameters
    ----------
    name : str
        Name of the group, as it is to be read.
    sites : numpy.ndarray of int64
        Positions of the group's sites.
    least : int
        Fewest new sites.
    most : int or None
        Most new sites; None for no limit.
    """

    name: str
    sites: Int
    least: int
    most: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Floor:
    """Least share of a demand that must be covered.

    Parameters
    ----------
    name : str
        Name of the demand (a district, a trade), as it is to be read.
    weights : numpy.ndarray of float64
        Its weight at each demand point, shape (n_demand,); 0 where it has none.
    share : float
        Share of the summed weights, 0 to 1.
    times : int
        How many open sites must reach a point for it to count (2 for cross coverage).
    """

    name: str
    weights: Float
    share: float
    times: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class SiteRow:
    """One linear rule ``lower <= sum(coefficients * open[sites]) <= upper`` over the sites.

    Parameters
    ----------
    requirement : Fault
        The rule in words, for the explanation of an infeasible problem.
    sites : numpy.ndarray of int64
        Positions of the sites in the rule.
    coefficients : numpy.ndarray of float64
        Their coefficients.
    lower, upper : float
        Bounds of the sum; infinite where open.
    """

    requirement: Fault
    sites: Int
    coefficients: Float
    lower: float
    upper: float


def read_quotas(
    quotas: Mapping[Any, tuple[int, int | None]] | None, site_group: npt.ArrayLike | None, n_sites: int, log: FaultLog
) -> tuple[Quota, ...]:
    """Return quotas per group of sites."""
    if not quotas:
        return ()
    if site_group is None or np.shape(site_group) != (n_sites,):
        log.add("quotas need the group of every site", f"give site_group with {n_sites} labels", field="site_group")
        return ()
    labels = np.asarray(site_group)
    read = []
    for group, (least, most) in quotas.items():
        members = np.flatnonzero(labels == group)
        if least < 0 or (most is not None and most < least):
            log.add(f"quota of {group!r} is ({least}, {most})", "give 0 <= least <= most", field="quotas")
        read.append(Quota(str(group), members, int(least), None if most is None else int(most)))
    return tuple(read)


def read_floors(
    coverage_floors: Mapping[Any, float] | None,
    demand_group: npt.ArrayLike | None,
    floors: Sequence[Floor],
    demand: Float,
    log: FaultLog,
) -> tuple[Floor, ...]:
    """Return coverage floors per group of demand, then the given ones."""
    read = []
    for group, share in (coverage_floors or {}).items():
        if group == "*":
            weights = demand
        elif demand_group is None or np.shape(demand_group) != demand.shape:
            log.add(
                "coverage floors need the group of every demand point",
                f"give demand_group with {len(demand)} labels",
                field="demand_group",
            )
            return ()
        else:
            weights = np.where(np.asarray(demand_group) == group, demand, 0.0)
        read.append(Floor(str(group), weights, float(share)))
    for floor in floors:
        weights = read_values(floor.weights, f"floor {floor.name}", len(demand), log)
        read.append(Floor(floor.name, weights, float(floor.share), floor.times))
    for floor in read:
        if not 0 <= floor.share <= 1:
            log.add(
                f"coverage floor of {floor.name!r} is {floor.share}",
                "give a share from 0 to 1",
                field="coverage_floors",
            )
    return tuple(read)


def read_exclusive(exclusive: Sequence[npt.ArrayLike], ids: npt.NDArray[np.generic], log: FaultLog) -> tuple[Int, ...]:
    """Return exclusive sets as positions."""
    return tuple(np.unique(positions(group, ids, "exclusive", log)) for group in exclusive)


def site_rows(problem: SitingProblem, question: Question) -> tuple[SiteRow, ...]:
    """Return every linear rule over the new sites: count, budget, quotas, exclusive sets, spacing."""
    new = ~problem.existing
    every = np.flatnonzero(new)
    rows = []
    if question.p is not None:
        text = Fault(f"exactly {question.p} new sites", problem_zh=f"恰好新增 {question.p} 处")
        rows.append(SiteRow(text, every, np.ones(len(every)), question.p, question.p))
    if question.budget is not None:
        text = Fault(f"a budget of {question.budget:g}", problem_zh=f"预算 {question.budget:g}")
        rows.append(SiteRow(text, every, problem.site_cost[every], -np.inf, question.budget))
    for quota in problem.quotas:
        sites = quota.sites[new[quota.sites]]
        most = "any number" if quota.most is None else str(quota.most)
        text = Fault(
            f"between {quota.least} and {most} new sites in {quota.name}",
            problem_zh=f"{quota.name} 新增 {quota.least} 至 {'不限' if quota.most is None else quota.most} 处",
        )
        rows.append(
            SiteRow(text, sites, np.ones(len(sites)), quota.least, np.inf if quota.most is None else quota.most)
        )
    for group in problem.exclusive:
        sites = group[new[group]]
        text = Fault(
            f"at most one open site of {problem.site_ids[group].tolist()}",
            problem_zh=f"{problem.site_ids[group].tolist()} 中至多开设一处",
        )
        rows.append(SiteRow(text, sites, np.ones(len(sites)), -np.inf, 1.0 if new[group].all() else 0.0))
    text = Fault(
        f"new sites at least {problem.spacing_m:g} m apart", problem_zh=f"新增站点间距不小于 {problem.spacing_m:g} 米"
    )
    rows.extend(SiteRow(text, clique, np.ones(len(clique)), -np.inf, 1.0) for clique in _spacing_cliques(problem))
    return tuple(rows)


def _spacing_cliques(problem: SitingProblem) -> list[Int]:
    """Return sets of candidates that all lie closer than the spacing to each other, covering every such pair.

    Sets instead of pairs make a far tighter and smaller linear program.
    """
    if problem.spacing_m <= 0 or problem.site_xy_m is None:
        return []
    sites = np.flatnonzero(problem.candidates)
    pairs = spacing_pairs(problem.site_xy_m[sites], problem.spacing_m)
    near: list[set[int]] = [set() for _ in sites]
    for a, b in pairs.tolist():
        near[a].add(b)
        near[b].add(a)
    uncovered = {(a, b) for a, b in pairs.tolist()}
    cliques = []
    for a, b in pairs.tolist():
        if (a, b) not in uncovered:
            continue
        clique, common = [a, b], near[a] & near[b]
        while common:
            nxt = min(common)
            clique.append(nxt)
            common &= near[nxt]
        members = sorted(clique)
        uncovered.difference_update(
            (members[i], members[j]) for i in range(len(members)) for j in range(i + 1, len(members))
        )
        cliques.append(sites[np.array(members, dtype=np.int64)])
    return cliques


def spacing_pairs(xy_m: Float, spacing_m: float) -> Int:
    """Return pairs of points that lie closer than ``spacing_m``, shape (n_pairs, 2), sorted."""
    pairs = cKDTree(xy_m).query_pairs(spacing_m, output_type="ndarray").astype(np.int64)
    distance = np.hypot(*(xy_m[pairs[:, 0]] - xy_m[pairs[:, 1]]).T)
    pairs = np.sort(pairs[distance < spacing_m], axis=1)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
