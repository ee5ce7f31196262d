"""The city's own questions: its plan, the same after a veto, and a network drawn on an empty map."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from geoplan.pack import CityPack
from geoplan.planning import City, PlanQuestion, resolve
from geoplan.planning.problem import plan_problem, plan_rows
from geoplan.siting import SitingProblem

__all__ = ["run_city"]


def run_city(
    pack: CityPack,
    *,
    time_limit_s: float = 60.0,
    cancel: Callable[[], bool] | None = None,
) -> list[dict[str, Any]]:
    """Solve the questions of a city from its travel times; each is a plain record.

    They are: its first plan, the same after a veto, and as many stations as it then has drawn from nothing (existing
    and candidate sites are candidates alike).

    Parameters
    ----------
    pack : CityPack
        The city.
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
    city = City(pack)
    question = resolve(pack, PlanQuestion())
    assert question.new_sites is not None
    limit_s, new = question.limit_s, question.new_sites
    rows = plan_rows(city, question)
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

    def build() -> SitingProblem:
        return plan_problem(city, question, rows)[0]

    ask(f"{new} new, first", build, new)
    problem, plan = ask(f"{new} new", build, new)
    chosen = list(plan.sites)
    spare = [site for site in problem.site_ids[~problem.existing] if site not in set(chosen)]
    again = problem.with_sites(reject=chosen[:3], force=spare[:2])
    ask("three rejected, two forced", lambda: again, new, warm=plan)
    whole = int(problem.existing.sum()) + new
    ask(f"empty city, {whole}", lambda: replace(problem, existing=np.zeros_like(problem.existing)), whole)
    return records
