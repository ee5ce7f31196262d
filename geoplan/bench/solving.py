"""One published instance in its own format: recognised, solved, and held against the optimum beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from geoplan.bench.capmedian import read_capacity_points, read_pmedcap
from geoplan.bench.instance import Instance
from geoplan.bench.instances import read_cap, read_pmed, read_scp
from geoplan.bench.points import read_pairs, read_points, read_stores
from geoplan.bench.published import published_value
from geoplan.bench.recognise import Kind, kind_of
from geoplan.bench.text import is_number
from geoplan.bench.tsplib import Rounding, read_tsp
from geoplan.errors import Fault, InputError
from geoplan.siting import MODELS, SitingPlan

__all__ = ["InstanceRun", "Reading", "run_instance"]

# What each format is published for.
MODEL_OF: Final[dict[Kind, str]] = {
    "pmed": "pmedian",
    "tsp": "pmedian",
    "points": "mclp",
    "stores": "mclp",
    "pairs": "mclp",
    "scp": "lscp",
    "cap": "cflp",
    "pmedcap": "cpmedian",
    "capacity-points": "cpmedian",
}
WEIGHTLESS: Final = ("lscp", "pcenter")  # models whose answer does not depend on the demand


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file leaves open.

    Parameters
    ----------
    demand : str or pathlib.Path, optional
        Demand table of a cost matrix.
    weight : str
        Its column of weights, or a number that every row weighs.
    capacity : float, optional
        Number to fill in where a cap file leaves it open.
    number : int, optional
        Which problem of a pmedcap collection.
    rounding : {"nearest", "down", "exact"}, optional
        How distances between points are rounded; by default as the format is published.
    """

    demand: str | Path | None = None
    weight: str = "POP2000"
    capacity: float | None = None
    number: int | None = None
    rounding: Rounding | None = None


@dataclass(frozen=True, slots=True)
class InstanceRun:
    """What came out of one instance.

    Parameters
    ----------
    name, kind, model : str
        The instance, its format (see :func:`geoplan.bench.recognise.kind_of`) and the model solved.
    n_demand, n_sites : int
        Size.
    plan : SitingPlan
        The answer with its proof.
    published : float or None
        Optimum, or best known value, that a table or the file states for this question; None where none does.
    """

    name: str
    kind: str
    model: str
    n_demand: int
    n_sites: int
    plan: SitingPlan
    published: float | None

    @property
    def matches(self) -> bool | None:
        """Whether the objective is the published optimum; None where nothing is published or no plan was found."""
        if self.published is None or self.plan.objective is None:
            return None
        return abs(self.plan.objective - self.published) <= 1e-6 * max(1.0, abs(self.published))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, as JSON holds them."""
        plan = self.plan
        return {
            "instance": self.name,
            "format": self.kind,
            "model": self.model,
            "n_demand": self.n_demand,
            "n_sites": self.n_sites,
            "p": plan.question.p,
            "radius": plan.question.radius,
            "status": plan.status,
            "objective": plan.objective,
            "bound": plan.bound,
            "gap": plan.gap if np.isfinite(plan.gap) else None,
            "solve_s": plan.solve_s,
            "certificate_agrees": plan.certificate.agrees,
            "published": self.published,
            "matches_published": self.matches,
            "sites": plan.sites.tolist(),
            "reasons": [fault.sentence() for fault in plan.reasons],
        }


def run_instance(
    path: str | Path,
    model: str | None = None,
    *,
    p: int | None = None,
    radius: float | None = None,
    share: float | None = None,
    single_source: bool | None = None,
    reading: Reading | None = None,
    optima: str | Path | None = None,
    time_limit_s: float | None = None,
    cancel: Callable[[], bool] | None = None,
) -> InstanceRun:
    """Read an instance, recognise its format by its content, and solve it.

    Parameters
    ----------
    path : str or pathlib.Path
        OR-Library pmed, pmedcap, scp or cap, TSPLIB, points, a cost matrix or pairs as CSV; plain or gzipped.
    model : str, optional
        A key of :data:`geoplan.siting.MODELS`; by default what the format is published for: pmed and tsp → pmedian,
        points, stores and pairs → mclp, scp → lscp (by cost where costs differ), cap → cflp, pmedcap → cpmedian.
    p : int, optional
        Number of sites; the file's own where it has one.
    radius : float, optional
        Coverage radius, in the unit of the file's costs.
    share : float, optional
        Share of demand that a partial cover must reach.
    single_source : bool, optional
        Whether each demand point has one site alone; by default only for capacitated medians.
    reading : Reading, optional
        What the file leaves open.
    optima : str or pathlib.Path, optional
        Table of published optima; ``optimal.csv`` beside the file without it.
    time_limit_s : float, optional
        Stop after so many seconds with the best plan and its gap.
    cancel : callable, optional
        Asked now and then whether to end with the best so far.

    Returns
    -------
    InstanceRun
        The plan beside the published optimum.

    Raises
    ------
    InputError
        The format is not known, or the question lacks a number.
    """
    file = Path(path)
    kind = kind_of(file)
    chosen = model or MODEL_OF[kind]
    if chosen not in MODELS:
        raise InputError(f"there is no model {chosen!r}; use one of {', '.join(MODELS)}")
    instance = _read(file, kind, chosen, reading or Reading())
    problem, spec = instance.problem, MODELS[chosen]
    numbers: dict[str, Any] = {"p": instance.p if p is None else p, "radius": radius, "share": share}
    if kind == "scp" and radius is None:
        numbers["radius"] = 1.0
    known = {name for part in (*spec.needs, *spec.takes) for name in part.split("|")}
    question = {name: value for name, value in numbers.items() if value is not None and name in known}
    missing = [name for name in ("p", "radius", "share") if name not in question and _needs(chosen, name)]
    if missing:
        options = " and ".join(f"--{name}" for name in missing)
        fault = Fault(f"model {chosen!r} needs a number that the file does not have", f"give {options}", file.name)
        raise InputError(fault)
    if "by_cost" in spec.takes and kind == "scp":
        question["by_cost"] = bool(np.ptp(problem.site_cost) > 0)
    if "single_source" in spec.takes:
        question["single_source"] = chosen == "cpmedian" if single_source is None else single_source
    plan = problem.solve(chosen, time_limit_s=time_limit_s, cancel=cancel, **question)
    published = _published(file, instance, chosen, question, optima)
    return InstanceRun(instance.name, kind, chosen, *problem.shape, plan, published)


def _needs(model: str, name: str) -> bool:
    return any(name in part.split("|") for part in MODELS[model].needs)


def _read(path: Path, kind: Kind, model: str, reading: Reading) -> Instance:
    rounding = {} if reading.rounding is None else {"rounding": reading.rounding}
    if kind == "stores":
        instance = read_stores(path, reading.demand, reading.weight)
        if reading.demand is None and not is_number(reading.weight) and model not in WEIGHTLESS:
            todo = "give --demand FILE, or --weight 1 where all count alike"
            fault = Fault(f"model {model!r} needs the demand of the matrix's rows", todo, path.name)
            raise InputError(fault)
        return instance
    if kind == "cap":
        return read_cap(path, reading.capacity)
    if kind == "pmedcap":
        return read_pmedcap(path, reading.number, **rounding)
    if kind == "capacity-points":
        return read_capacity_points(path, **rounding)
    if kind == "tsp":
        return read_tsp(path, **rounding)
    return {"pmed": read_pmed, "points": read_points, "scp": read_scp, "pairs": read_pairs}[kind](path)


def _published(
    path: Path, instance: Instance, model: str, question: dict[str, Any], optima: str | Path | None
) -> float | None:
    """Return what is published for a question: in the given table, in the one beside the file, or in the file."""
    beside = path.parent / "optimal.csv"
    unit = bool((instance.problem.site_cost == 1).all())
    maximise = MODELS[model].maximise
    if optima is not None:
        if not Path(optima).is_file():
            raise InputError(Fault("the table of optima is not there", "check the path", str(optima)))
        return published_value(optima, instance.name, question, unit=unit, maximise=maximise)
    if beside.is_file() and model in ("pmedian", "mclp", "lscp", "cflp"):
        return published_value(beside, instance.name, question, unit=unit, maximise=maximise)
    return instance.published if model == "cpmedian" and question.get("p") == instance.p else None
