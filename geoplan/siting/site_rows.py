"""Every linear rule over the new sites: number, budget, quotas, exclusive sets, spacing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from geoplan.errors import Fault
from geoplan.siting.exact import counted_money
from geoplan.siting.rules import SiteRow

if TYPE_CHECKING:
    from geoplan.siting.problem_data import ProblemData
    from geoplan.siting.question import Question

__all__ = ["site_rows", "spacing_pairs"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]


def site_rows(problem: ProblemData, question: Question) -> tuple[SiteRow, ...]:
    """Return every linear rule over the new sites: count, budget, quotas, exclusive sets, spacing."""
    new = ~problem.existing
    every = np.flatnonzero(new)
    rows = []
    if question.p is not None:
        text = Fault(f"exactly {question.p} new sites", problem_zh=f"恰好新增 {question.p} 处")
        rows.append(SiteRow(text, every, np.ones(len(every)), question.p, question.p))
    if question.budget is not None:
        text = Fault(f"a budget of {question.budget:,.10g}", problem_zh=f"预算 {question.budget:,.10g}")
        money, most = counted_money(problem.site_cost, question.budget)
        rows.append(SiteRow(text, every, money.values[every], -np.inf, most, money.per_unit))
    for quota in problem.quotas:
        sites = quota.sites[new[quota.sites]]
        highest = "any number" if quota.most is None else str(quota.most)
        text = Fault(
            f"between {quota.least} and {highest} new sites in {quota.name}",
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


def _spacing_cliques(problem: ProblemData) -> list[Int]:
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
