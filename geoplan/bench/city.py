"""The city's own questions: its plan, the same after a veto, and a network drawn on an empty map."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from geoplan.pack import CityPack, network_of
from geoplan.planning import all_sites, site_times, siting_problem
from geoplan.siting import SitingProblem

__all__ = ["run_city"]


def run_city(
    pack: CityPack,
    *,
    new: int = 111,
    whole: int = 1000,
    time_limit_s: float = 60.0,
    cancel: Callable[[], bool] | None = None,
) -> list[dict[str, Any]]:
    """Solve the questions of a city from its travel times; each is a plain record.

    Parameters
    ----------
    pack : CityPack
        The city.
    new : int
        New stations beside the existing ones.
    whole : int
        Stations of the city drawn from nothing: existing and candidate sites are candidates alike.
    time_limit_s : float
        Seconds for each question.
    cancel : callable, optional
        Asked now and then whether to end with the best so far.

    Returns
    -------
    list of dict
        ``case, n_demand, n_sites, p, status, objective, bound, gap, seconds, certificate_agrees``; seconds are
        those of building the problem from travel times and solving it. The plan is asked twice: the first answer
        may compile.
    """
    limit_s = pack.manifest.defaults.limit_s
    sites = all_sites(pack)
    times = site_times(pack, network_of(pack), sites, limit_s)
    records: list[dict[str, Any]] = []

    def ask(case: str, make: Any, p: int, **more: Any) -> Any:
        began = time.perf_counter()
        problem: SitingProblem = make()
        plan = problem.solve("mclp", p=p, radius=limit_s, time_limit_s=time_limit_s, cancel=cancel, **more)
        seconds = time.perf_counter() - began
        records.append(
            {
                "case": case,
                "n_demand": problem.shape[0],
                "n_sites": problem.shape[1],
                "p": p,
                "status": plan.status,
                "objective": plan.objective,
                "bound": plan.bound,
                "gap": plan.gap if np.isfinite(plan.gap) else None,
                "seconds": seconds,
                "certificate_agrees": plan.certificate.agrees,
            }
        )
        return problem, plan

    ask(f"{new} new, first", lambda: siting_problem(pack, sites, times), new)
    problem, plan = ask(f"{new} new", lambda: siting_problem(pack, sites, times), new)
    chosen = list(plan.sites)
    spare = [site for site in problem.site_ids[~problem.existing] if site not in set(chosen)]
    again = problem.with_sites(reject=chosen[:3], force=spare[:2])
    ask("three rejected, two forced", lambda: again, new, warm=plan)
    nothing = sites.assign(existing=False)
    ask(f"empty city, {whole}", lambda: siting_problem(pack, nothing, times), whole)
    return records
