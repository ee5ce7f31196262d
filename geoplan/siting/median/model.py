"""The p-median as its solver sees it: near lists, rules over the free sites, and what is decided so far."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geoplan.siting.exact import ROW_SLACK
from geoplan.siting.floors import FloorRows, floor_rows
from geoplan.siting.median.near import NearLists, near_lists, restricted
from geoplan.siting.rules import SiteRow

if TYPE_CHECKING:
    from geoplan.siting.presolve import Settled
    from geoplan.siting.problem_data import ProblemData
    from geoplan.siting.question import Question

__all__ = ["MedianModel", "SiteRules", "median_model"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class SiteRules:
    """Linear rules over the free sites, listed by site as the compiled search reads them.

    Parameters
    ----------
    ptr : numpy.ndarray of int64
        Entries of site j are ``ptr[j]:ptr[j + 1]``.
    rule : numpy.ndarray of int64
        Rule of each entry.
    value : numpy.ndarray of float64
        Coefficient of each entry.
    lower, upper : numpy.ndarray of float64
        Bounds of the rules.
    """

    ptr: Int
    rule: Int
    value: Float
    lower: Float
    upper: Float

    @classmethod
    def of(cls, rows: tuple[SiteRow, ...], n_sites: int) -> SiteRules:
        """Return the rules of some rows over ``n_sites`` free sites."""
        rule = np.concatenate([np.zeros(0, np.int64), *(np.full(len(r.sites), k) for k, r in enumerate(rows))])
        site = np.concatenate([np.zeros(0, np.int64), *(r.sites for r in rows)])
        value = np.concatenate([np.zeros(0), *(r.coefficients for r in rows)])
        order = np.argsort(site, kind="stable")
        return cls(
            ptr=np.concatenate(([0], np.cumsum(np.bincount(site, minlength=n_sites)))).astype(np.int64),
            rule=rule[order].astype(np.int64),
            value=value[order],
            lower=np.array([r.lower for r in rows], dtype=np.float64),
            upper=np.array([r.upper for r in rows], dtype=np.float64),
        )

    def sums(self, chosen: Mask) -> Float:
        """Return the sum of every rule for a set of open free sites."""
        entry_open = np.repeat(chosen, np.diff(self.ptr))
        return np.bincount(self.rule[entry_open], self.value[entry_open], minlength=len(self.lower)).astype(np.float64)

    def kept(self, chosen: Mask) -> bool:
        """Return whether a set of open free sites keeps every rule."""
        use = self.sums(chosen)
        return bool((use >= self.lower - ROW_SLACK).all() and (use <= self.upper + ROW_SLACK).all())


@dataclass(frozen=True, slots=True, eq=False)
class MedianModel:
    """A p-median over near lists, with rules.

    Parameters
    ----------
    near : NearLists
        Weighted costs, without sites that are decided.
    rows : tuple of SiteRow
        Rules over the free sites.
    rules : SiteRules
        The same rules by site.
    floors : tuple of FloorRows
        Coverage floors over the free sites.
    p : int or None
        Number of free sites to open.
    budget : float
        Money for free sites; infinite without a budget.
    price : numpy.ndarray of float64
        Cost of each free site; ones where there is no budget.
    closed, opened : numpy.ndarray of bool
        Free sites decided since: no better plan opens a closed one or closes an opened one.
    """

    near: NearLists
    rows: tuple[SiteRow, ...]
    rules: SiteRules
    floors: tuple[FloorRows, ...]
    p: int | None
    budget: float
    price: Float
    closed: Mask
    opened: Mask

    @property
    def undecided(self) -> Mask:
        """Free sites that are neither closed nor opened."""
        return ~(self.closed | self.opened)

    @property
    def left(self) -> tuple[int, float]:
        """Number of sites (-1 without one) and money left after the opened ones."""
        p = -1 if self.p is None else self.p - int(self.opened.sum())
        return p, self.budget - float(self.price[self.opened].sum())

    def keeps(self, chosen: Mask) -> bool:
        """Return whether a set of open free sites keeps every rule and floor."""
        return self.rules.kept(chosen) and all(floor.kept(chosen) for floor in self.floors)

    def decided(self, closed: Mask, opened: Mask) -> MedianModel:
        """Return the model with further sites closed and opened."""
        return replace(
            self,
            near=restricted(self.near, closed, opened),
            closed=self.closed | closed,
            opened=self.opened | opened,
        )


def median_model(problem: ProblemData, question: Question, settled: Settled, length: int) -> MedianModel:
    """Return the p-median left after settling, over near lists of at most ``length`` sites."""
    free = settled.free
    return MedianModel(
        near=near_lists(problem, settled, question.distance_cap, length),
        rows=settled.rows,
        rules=SiteRules.of(settled.rows, len(free)),
        floors=floor_rows(problem, settled, question.radius),
        p=settled.p,
        budget=np.inf if settled.budget is None else settled.budget,
        price=np.ones(len(free)) if settled.budget is None else settled.price[free].copy(),
        closed=np.zeros(len(free), dtype=bool),
        opened=np.zeros(len(free), dtype=bool),
    )
