"""Rules over the set of new sites: quotas, coverage floors, exclusive sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geoplan.errors import Fault, FaultLog
from geoplan.siting._inputs import positions, read_values
from geoplan.siting.exact import ROW_SLACK

__all__ = ["EVERYONE", "Floor", "Quota", "SiteRow"]

EVERYONE: Final = "*"  # the group that is all demand

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

    @property
    def label(self) -> str:
        """The name as it stands in an English sentence."""
        return "all demand" if self.name == EVERYONE else self.name

    @property
    def label_zh(self) -> str:
        """The name as it stands in a Chinese sentence."""
        return "全部需求" if self.name == EVERYONE else self.name


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
    per_unit : int
        How much of the sum makes up 1 in words: costs are counted in whole numbers.
    """

    requirement: Fault
    sites: Int
    coefficients: Float
    lower: float
    upper: float
    per_unit: int = 1

    def kept(self, opened: npt.NDArray[np.bool_]) -> bool:
        """Return whether a set of open sites keeps the rule."""
        total = float(self.coefficients[opened[self.sites]].sum())
        return self.lower - ROW_SLACK <= total <= self.upper + ROW_SLACK


def read_quotas(
    quotas: Mapping[Any, tuple[int, int | None]] | None, site_group: npt.ArrayLike | None, n_sites: int, log: FaultLog
) -> tuple[Quota, ...]:
    """Return quotas per group of sites."""
    if not quotas:
        return ()
    if site_group is None or np.shape(site_group) != (n_sites,):
        log.add(
            "quotas need the group of every site",
            f"give site_group with {n_sites} labels",
            field="site_group",
            zh=("按区县限定数量，需要知道每个站点属于哪个区县", f"请给出 {n_sites} 个站点的区县"),
        )
        return ()
    labels = np.asarray(site_group)
    read = []
    for group, (least, most) in quotas.items():
        members = np.flatnonzero(labels == group)
        if least < 0 or (most is not None and most < least):
            log.add(
                f"quota of {group!r} is ({least}, {most})",
                "give 0 <= least <= most",
                field="quotas",
                zh=(f"{group} 的新增数量限定为最少 {least}、最多 {most}", "最少不能为负，也不能大于最多"),
            )
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
        if group == EVERYONE:
            weights = demand
        elif demand_group is None or np.shape(demand_group) != demand.shape:
            log.add(
                "coverage floors need the group of every demand point",
                f"give demand_group with {len(demand)} labels",
                field="demand_group",
                zh=("按区县要求最低覆盖率，需要知道每个需求点属于哪个区县", f"请给出 {len(demand)} 个需求点的区县"),
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
                f"coverage floor of {floor.label!r} is {floor.share}",
                "give a share from 0 to 1",
                field="coverage_floors",
                zh=(f"{floor.label_zh} 的最低覆盖率是 {floor.share}", "请填 0 到 1 之间的比例"),
            )
    return tuple(read)


def read_exclusive(exclusive: Sequence[npt.ArrayLike], ids: npt.NDArray[np.generic], log: FaultLog) -> tuple[Int, ...]:
    """Return exclusive sets as positions."""
    return tuple(np.unique(positions(group, ids, "exclusive", log)) for group in exclusive)
