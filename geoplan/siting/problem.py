"""A siting problem: demand points, candidate sites, the cost between them, and the rules a plan must keep."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoplan.errors import FaultLog
from geoplan.network.times import TravelTimes
from geoplan.siting._inputs import read_cost, read_mask, read_values
from geoplan.siting.control import Progress
from geoplan.siting.plan import SitingPlan
from geoplan.siting.problem_data import ProblemData
from geoplan.siting.rules import Floor, read_exclusive, read_floors, read_quotas
from geoplan.siting.solve import solve_problem

__all__ = ["SitingProblem"]

Mask = npt.NDArray[np.bool_]
Float = npt.NDArray[np.float64]


class SitingProblem(ProblemData):
    """Where may sites open, whom would they serve at what cost, and which rules bind.

    Build one with :meth:`from_matrix` or :meth:`from_travel_times`: both check all and report all faults. The fields
    are those of :class:`~geoplan.siting.problem_data.ProblemData`.
    """

    __slots__ = ()

    @classmethod
    def from_matrix(
        cls,
        cost: npt.ArrayLike | sparse.sparray | sparse.spmatrix,
        demand: npt.ArrayLike,
        *,
        existing: npt.ArrayLike | None = None,
        required: npt.ArrayLike | None = None,
        forbidden: npt.ArrayLike | None = None,
        site_ids: npt.ArrayLike | None = None,
        demand_ids: npt.ArrayLike | None = None,
        site_cost: npt.ArrayLike | None = None,
        capacity: npt.ArrayLike | None = None,
        site_group: npt.ArrayLike | None = None,
        quotas: Mapping[Any, tuple[int, int | None]] | None = None,
        demand_group: npt.ArrayLike | None = None,
        coverage_floors: Mapping[Any, float] | None = None,
        floors: Sequence[Floor] = (),
        exclusive: Sequence[npt.ArrayLike] = (),
        site_xy_m: npt.ArrayLike | None = None,
        spacing_m: float = 0.0,
        cost_limit: float | None = None,
    ) -> SitingProblem:
        """Build a problem from a cost matrix whose rows are demand points and columns are sites.

        Parameters
        ----------
        cost : array-like or scipy sparse
            Shape (n_demand, n_sites), not negative. Unreachable pairs: infinite, or absent if sparse.
        demand : array-like
            Weight of each demand point, not negative, shape (n_demand,).
        existing, required, forbidden : array-like, optional
            A boolean mask of shape (n_sites,), or the ids of the sites (positions where ``site_ids`` is not given).
        site_ids, demand_ids : array-like, optional
            Unique ids; positions by default.
        site_cost : array-like, optional
            Cost of opening each site; 1 by default.
        capacity : array-like, optional
            Demand that each site can serve.
        site_group : array-like, optional
            Group (district) of each site, shape (n_sites,).
        quotas : mapping, optional
            Group of sites → (least, most) new sites; None as the most means no upper limit.
        demand_group : array-like, optional
            Group (district) of each demand point, shape (n_demand,).
        coverage_floors : mapping, optional
            Group of demand → least share of its weight that must be covered, 0 to 1. The key ``"*"`` means all demand.
        floors : sequence of Floor, optional
            Further floors with weights of their own, e.g. the workers of one trade.
        exclusive : sequence of array-like, optional
            Sets of site ids of which at most one may be open.
        site_xy_m : array-like, optional
            Metric positions of the sites, shape (n_sites, 2); needed by ``spacing_m``.
        spacing_m : float
            Least distance between two new sites, metres.
        cost_limit : float, optional
            Bound of the search that made the costs; the default radius.

        Returns
        -------
        SitingProblem
            The checked problem.

        Raises
        ------
        InputError
            With every fault found: a transposed matrix, negative or missing numbers, unknown ids, contradictory masks.
        """
        log = FaultLog()
        weights = read_values(demand, "demand", None, log)
        matrix = read_cost(cost, weights, log)
        log.raise_if_any()
        n_demand, n_sites = matrix.shape
        ids = _ids(site_ids, n_sites, "site_ids", "columns", log)
        points = _ids(demand_ids, n_demand, "demand_ids", "rows", log)
        log.raise_if_any()
        masks = {
            name: read_mask(value, ids, name, log)
            for name, value in (("existing", existing), ("required", required), ("forbidden", forbidden))
        }
        _check_contradictions(masks, ids, log)
        xy = None if site_xy_m is None else np.array(site_xy_m, dtype=np.float64)
        if xy is not None and (xy.shape != (n_sites, 2) or not np.isfinite(xy).all()):
            log.add(
                f"site_xy_m has shape {xy.shape} or missing numbers",
                f"give {n_sites} pairs",
                field="site_xy_m",
                zh=("站点的位置不全", f"请给出 {n_sites} 个站点的位置"),
            )
        if spacing_m < 0 or (spacing_m > 0 and xy is None):
            log.add(
                f"spacing_m is {spacing_m}",
                "give a distance of 0 or more, with site_xy_m",
                field="spacing_m",
                zh=(f"最小间距是 {spacing_m} 米", "请填不小于 0 的距离，并给出站点位置"),
            )
        problem = cls(
            cost=matrix,
            demand=weights,
            demand_ids=points,
            site_ids=ids,
            **masks,
            site_cost=read_values(np.ones(n_sites) if site_cost is None else site_cost, "site_cost", n_sites, log),
            capacity=None if capacity is None else read_values(capacity, "capacity", n_sites, log),
            quotas=read_quotas(quotas, site_group, n_sites, log),
            floors=read_floors(coverage_floors, demand_group, floors, weights, log),
            exclusive=read_exclusive(exclusive, ids, log),
            site_xy_m=xy,
            spacing_m=float(spacing_m),
            cost_limit=None if cost_limit is None else float(cost_limit),
        )
        log.raise_if_any()
        return problem

    @classmethod
    def from_travel_times(cls, times: TravelTimes, demand: npt.ArrayLike, **options: Any) -> SitingProblem:
        """Build a problem from travel times whose origins are sites and whose destinations are demand points.

        Parameters
        ----------
        times : TravelTimes
            Seconds from every site (existing and candidate) to the demand points within ``limit_s``.
        demand : array-like
            Weight of each demand point, in the order of ``times.destination_ids``.
        **options
            As in :meth:`from_matrix`; ids come from ``times``, and ``times.limit_s`` is the default radius.

        Returns
        -------
        SitingProblem
            The checked problem; its costs are seconds.
        """
        by_site = times.to_csr()
        settled: dict[str, Any] = {
            "site_ids": times.origin_ids,
            "demand_ids": times.destination_ids,
            "cost_limit": times.limit_s,
        }
        return cls.from_matrix(by_site.T.tocsr(), demand, **(settled | options))

    def with_sites(self, *, reject: npt.ArrayLike | None = None, force: npt.ArrayLike | None = None) -> SitingProblem:
        """Return the same problem with some sites ruled out or in.

        Parameters
        ----------
        reject, force : array-like, optional
            Ids (or a mask) of sites to forbid, and to require. A site that was required and is rejected is forbidden;
            one that was forbidden and is forced is required.

        Returns
        -------
        SitingProblem
            A new problem.
        """
        log = FaultLog()
        out = read_mask(reject, self.site_ids, "reject", log)
        into = read_mask(force, self.site_ids, "force", log)
        _check_contradictions({"existing": self.existing, "required": into, "forbidden": out}, self.site_ids, log)
        log.raise_if_any()
        return replace(
            self,
            required=(self.required & ~out) | (into & ~self.existing),
            forbidden=(self.forbidden & ~into) | out,
        )

    def solve(
        self,
        model: str = "mclp",
        *,
        time_limit_s: float | None = None,
        stop_gap: float = 0.0,
        seed: int = 0,
        progress: Callable[[Progress], object] | None = None,
        cancel: Callable[[], bool] | None = None,
        warm: SitingPlan | None = None,
        **parameters: Any,
    ) -> SitingPlan:
        """Find the best plan, with its proof.

        Parameters
        ----------
        model : str
            A key of :data:`geoplan.siting.MODELS`.
        time_limit_s : float, optional
            Wall-clock seconds, the compilation of loops at first use not counted; the best plan found by then is
            returned with its gap.
        stop_gap : float
            Relative gap at which to stop early; 0 to go for the proof.
        seed : int
            Seed of the local search; the same seed and no time limit give the same plan.
        progress : callable, optional
            Called with a :class:`~geoplan.siting.Progress` (best, bound, gap, elapsed_s).
        cancel : callable, optional
            Asked now and then; a true answer ends the solve with the best plan so far.
        warm : SitingPlan, optional
            A plan of a similar problem to start from, e.g. before a veto.
        **parameters
            Fields of :class:`~geoplan.siting.Question`: ``p`` (number of NEW sites), ``radius`` (defaults to the limit
            of the travel times), ``budget``, ``share``, …

        Returns
        -------
        SitingPlan
            The plan with objective, bound, gap, status and certificate.

        Raises
        ------
        InputError
            If the parameters do not fit the model.
        """
        return solve_problem(
            self,
            model,
            parameters,
            time_limit_s=time_limit_s,
            stop_gap=stop_gap,
            seed=seed,
            progress=progress,
            cancel=cancel,
            warm=warm,
        )


def _ids(given: npt.ArrayLike | None, size: int, field: str, axis: str, log: FaultLog) -> npt.NDArray[np.generic]:
    ids = np.arange(size) if given is None else np.array(given)
    if ids.shape != (size,):
        log.add(
            f"{field} has shape {ids.shape}, the cost matrix has {size} {axis}",
            f"give one id per {axis[:-1]}",
            field=field,
            zh=(f"编号有 {ids.shape} 个，应有 {size} 个", "请每个给一个编号"),
        )
    elif len(np.unique(ids)) != size:
        values, counts = np.unique(ids, return_counts=True)
        twice = values[counts > 1][:5].tolist()
        log.add(
            f"{field} repeats {twice}",
            "make ids unique",
            field=field,
            zh=(f"编号重复：{'、'.join(map(str, twice))}", "编号不能相同"),
        )
    ids.flags.writeable = False
    return ids


def _check_contradictions(masks: Mapping[str, Mask], ids: npt.NDArray[np.generic], log: FaultLog) -> None:
    words = (
        ("existing", "an existing site cannot be closed", "已建成", "现有站点不能否决"),
        ("required", "choose one of the two", "被必选", "请二者选一"),
    )
    for name, todo, name_zh, todo_zh in words:
        both = masks[name] & masks["forbidden"]
        if both.any():
            some = ids[both][:5].tolist()
            log.add(
                f"sites {some} are both {name} and forbidden",
                todo,
                field="forbidden",
                zh=(f"站点 {'、'.join(map(str, some))} 既{name_zh}又被否决", todo_zh),
            )
