"""A plan as plain values: what was asked, the certificate, the project list. One form for every reader."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np

from geoplan.pack import CityPack
from geoplan.siting import SitingPlan

__all__ = ["plan_facts"]


def plan_facts(
    pack: CityPack,
    plan: SitingPlan,
    projects: gpd.GeoDataFrame,
    limit_s: float,
    profile: str,
    *,
    covered_before: float | None = None,
) -> dict[str, Any]:
    """Return a plan as plain values.

    Parameters
    ----------
    pack : CityPack
        The inputs.
    plan : SitingPlan
        The answer of the solver.
    projects : geopandas.GeoDataFrame
        From :func:`geoplan.planning.project_list`.
    limit_s : float
        Seconds within which a station covers a worker.
    profile : str
        Travel profile.
    covered_before : float, optional
        Demand covered as things stand, for a plan without any new site; the project list says it otherwise.

    Returns
    -------
    dict
        JSON-able: denominator, area, profile, limit and origin with the figures, certificate, sentences, projects.
    """
    total = pack.total_demand
    gain = float(projects["workers_newly_covered"].sum())
    after = float(projects["workers_covered_total"].iloc[-1]) if len(projects) else covered_before
    certificate = plan.certificate
    return {
        "area": pack.manifest.area,
        "origin": pack.manifest.origin,
        "model": plan.model,
        "new": len(plan.sites),
        "profile": profile,
        "limit_s": limit_s,
        "demand_total": total,
        "demand_unit": pack.manifest.demand_unit,
        "existing": int(len(plan.open_positions) - len(plan.new_positions)),
        "status": plan.status,
        "objective": plan.objective,
        "bound": plan.bound,
        "gap": plan.gap if np.isfinite(plan.gap) else None,
        "solve_s": plan.solve_s,
        "covered_before": None if after is None else after - gain,
        "covered_after": after,
        "gain": gain,
        "share_before": None if after is None or not total else (after - gain) / total,
        "share_after": None if after is None or not total else after / total,
        "certificate": {
            "objective_recomputed": certificate.objective,
            "agrees": certificate.agrees,
            "violations": list(certificate.violations),
        },
        "sentence": plan.summary("en"),
        "sentence_zh": plan.summary("zh"),
        "reasons": [fault.sentence() for fault in plan.reasons],
        "sites": [str(name) for name in projects["site_id"]],
        "projects": projects.drop(columns="geometry").astype(object).where(projects.notna(), None).to_dict("records"),
    }
