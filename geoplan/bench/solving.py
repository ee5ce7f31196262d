"""One published instance in its own format: recognised, solved, and held against the optimum beside it."""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from geoplan.bench.instances import Instance, read_cap, read_pmed, read_points, read_scp, read_stores
from geoplan.errors import Fault, InputError
from geoplan.siting import MODELS, SitingPlan

__all__ = ["InstanceRun", "run_instance"]


@dataclass(frozen=True, slots=True)
class InstanceRun:
    """What came out of one instance.

    Parameters
    ----------
    name, kind, model : str
        The instance, its format (``pmed``, ``points``, ``scp``, ``cap`` or ``stores``) and the model solved.
    n_demand, n_sites : int
        Size.
    plan : SitingPlan
        The answer with its proof.
    published : float or None
        Optimum that a table ``optimal.csv`` beside the file states for this question; None where it states none.
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
        }


def run_instance(
    path: str | Path,
    model: str | None = None,
    *,
    p: int | None = None,
    radius: float | None = None,
    demand: str | Path | None = None,
    capacity: float | None = None,
    time_limit_s: float | None = None,
) -> InstanceRun:
    """Read an instance, recognise its format by its content, and solve it.

    Parameters
    ----------
    path : str or pathlib.Path
        OR-Library pmed, scp or cap (plain or gzipped), points as CSV (id, x, y, demand), or a cost matrix as CSV.
    model : str, optional
        A key of :data:`geoplan.siting.MODELS`; by default what the format is published for: pmed → pmedian, points →
        mclp, scp → lscp (by cost where costs differ), cap → cflp, stores → mclp.
    p : int, optional
        Number of sites; the file's own where it has one.
    radius : float, optional
        Coverage radius, in the unit of the file's costs.
    demand : str or pathlib.Path, optional
        Demand table of a cost matrix.
    capacity : float, optional
        Number to fill in where a cap file leaves it open.
    time_limit_s : float, optional
        Stop after so many seconds with the best plan and its gap.

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
    kind = _kind(file)
    instance = _read(file, kind, demand, capacity)
    chosen = model or {"pmed": "pmedian", "points": "mclp", "scp": "lscp", "cap": "cflp", "stores": "mclp"}[kind]
    if chosen not in MODELS:
        raise InputError(f"there is no model {chosen!r}; use one of {', '.join(MODELS)}")
    question: dict[str, Any] = {}
    spec = MODELS[chosen]
    if any("p" in name.split("|") for name in (*spec.needs, *spec.takes)):
        question["p"] = p if p is not None else instance.p
    if radius is not None or chosen in ("mclp", "bacop1", "bacop2", "cmclp"):
        question["radius"] = radius
    if kind == "scp":
        question |= {"radius": 1.0 if radius is None else radius}
        question |= {"by_cost": bool(np.ptp(instance.problem.site_cost) > 0)} if chosen in ("lscp", "pscp") else {}
    missing = [name for name in ("p", "radius") if name in question and question[name] is None]
    if missing and chosen != "cflp":
        options = " and ".join(f"--{name}" for name in missing)
        raise InputError(
            Fault(f"model {chosen!r} needs a number that the file does not have", f"give {options}", file.name)
        )
    plan = instance.problem.solve(
        chosen, time_limit_s=time_limit_s, **{name: value for name, value in question.items() if value is not None}
    )
    n_demand, n_sites = instance.problem.shape
    published = _published(file, instance.name, chosen, question, bool((instance.problem.site_cost == 1).all()))
    return InstanceRun(instance.name, kind, chosen, n_demand, n_sites, plan, published)


def _head(path: Path) -> bytes:
    if not path.is_file():
        raise InputError(Fault("the file is not there", "check the path", path.name))
    raw = path.read_bytes()
    if raw[:2] != b"\x1f\x8b":
        return raw
    try:
        return gzip.decompress(raw)
    except (OSError, EOFError):
        raise InputError(Fault("the file is damaged", "fetch it again", path.name)) from None


def _kind(path: Path) -> str:
    text = _head(path).decode("utf-8-sig", errors="replace")
    first = text.split("\n", 1)[0]
    names = {name.strip().strip('"').lower() for name in first.split(",")}
    if {"x", "y", "demand"} <= names:
        return "points"
    if len(names) > 3 and "destinationname" in names:
        return "stores"
    words = text.split()
    try:
        start = [int(float(word)) for word in first.split()]
    except ValueError:
        start = []
    if len(start) == 3:
        return "pmed"
    if len(start) == 2:
        sites, clients = start
        filled = len(words) == 2 + 2 * sites + clients * (1 + sites)
        return "cap" if filled or "capacity" in words else "scp"
    todo = "give an OR-Library pmed, scp or cap file, points (id,x,y,demand) or a cost matrix as CSV"
    raise InputError(Fault("the format is not known", todo, path.name))


def _read(path: Path, kind: str, demand: str | Path | None, capacity: float | None) -> Instance:
    if kind == "stores":
        if demand is None:
            raise InputError(Fault("a cost matrix needs the demand of its rows", "give --demand FILE", path.name))
        return read_stores(path, demand)
    if kind == "cap":
        return read_cap(path, capacity)
    return {"pmed": read_pmed, "points": read_points, "scp": read_scp}[kind](path)


def _published(path: Path, name: str, model: str, question: dict[str, Any], unit: bool) -> float | None:
    """Look the optimum up in a table ``optimal.csv`` in the file's own folder, for this very question.

    ``unit``: every site costs 1.
    """
    table = path.parent / "optimal.csv"
    if not table.is_file() or model not in ("pmedian", "mclp", "lscp", "cflp"):
        return None
    with table.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            if row.get("instance") != name:
                continue
            asked = [(row.get(key), question.get(key)) for key in ("p", "radius")]
            if any(text is not None and value is not None and float(text) != float(value) for text, value in asked):
                continue
            # where every site costs 1 the cheapest cover is the smallest, whatever the table calls it
            weighted = row.get("variant") == "weighted" and not unit
            if row.get("variant") and weighted != bool(question.get("by_cost")):
                continue
            values = (row.get(key) for key in ("optimum", "solved", "published"))
            found = next((text for text in values if text), None)
            return None if found is None else float(found)
    return None
