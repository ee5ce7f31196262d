"""Answers about plans as plain values: the only place where a plan becomes keys and figures, for every door alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoplan.geojson import to_geojson
from geoplan.planning.explain import SiteReason
from geoplan.planning.front import ParetoFront
from geoplan.planning.hours_answer import HoursAnswer
from geoplan.planning.options import ALL_DAY
from geoplan.planning.plan_answer import NEAR_BEST, PlanAnswer
from geoplan.planning.question import given
from geoplan.planning.sentences import (
    certificate_sentence,
    floor_price_sentence,
    objective_words,
    reason_sentence,
    robust_sentence,
)
from geoplan.siting import MODELS, SitingPlan

__all__ = ["hours_document", "hours_facts", "plan_document", "plan_facts"]

_EMPTY: Final[dict[str, Any]] = {"type": "FeatureCollection", "features": []}


def plan_facts(answer: PlanAnswer) -> dict[str, Any]:
    """Return a plan as plain values: what was asked, of what it is a share, certificate, project list."""
    plan, subject, projects = answer.plan, answer.subject, answer.projects
    proof = _proof(answer)
    before, after = covered(answer)
    facts = {
        "subject": subject.to_dict(),
        "question": {"model": answer.question.model} | given(answer.question),
        "area": subject.city,
        "origin": subject.origin,
        "model": answer.question.model,
        "new": len(plan.sites),
        "profile": subject.profile,
        "limit_s": subject.limit_s,
        "demand_total": subject.demand_total,
        "demand_unit": subject.demand_unit,
        "cost_unit": subject.cost_unit,
        "existing": int(answer.problem.existing.sum()),
        **{name: proof[name] for name in ("status", "objective", "bound", "gap", "solve_s")},
        "covered_before": before,
        "covered_after": after,
        "gain": None if after is None else after - before,
        "share_before": share(before, subject.demand_total),
        "share_after": None if after is None else share(after, subject.demand_total),
        "cost": float(answer.problem.site_cost[plan.new_positions].sum()) if answer.question.priced else None,
        "certificate": {
            "objective_recomputed": proof["recomputed_objective"],
            "agrees": proof["agrees"],
            "violations": proof["violations"],
        },
        "sentence": proof["sentence"],
        "sentence_zh": proof["sentence_zh"],
        "reasons": [fault.sentence() for fault in plan.reasons],
        "reasons_zh": [fault.sentence("zh") for fault in plan.reasons],
        "sites": [str(name) for name in projects["site_id"]],
        "projects": records(projects),
        "districts": _districts(answer),
        **answer.reach,
        "left_out": answer.left_out,
        "left_out_by_district": answer.left_out_by_district,
        "stopped": plan.stopped,
        "years": [] if answer.phasing is None else answer.phasing.years(),
        "phasing": None,
        "floor_price": _floor_price(answer),
        "pareto": None if answer.front is None else _front(answer.front),
        "robust": None if answer.robust is None else _robust(answer),
        "explained": [_reason(reason, answer) for reason in answer.reasons],
    }
    if answer.phasing is not None and (together := answer.phasing.proof()) is not None:
        facts["phasing"] = {name: together[name] for name in ("status", "objective", "bound")}
    facts["objective_zh"], facts["objective_en"] = objective_words(facts, plan.question)
    return facts


def plan_document(answer: PlanAnswer) -> dict[str, Any]:
    """Return a plan as the pages, saved plans and documents read it.

    Returns
    -------
    dict
        ``question``, ``certificate``, ``subject``, ``before``, ``after``, ``areas`` (share covered of each district
        before and after), ``projects`` (GeoJSON; ``gain_by_trade`` says who each site newly covers), ``years`` where
        there are any, ``explained``, ``floor_price``, ``robust`` where asked for, and ``facts`` (:func:`plan_facts`
        without its projects).
    """
    facts, plan = plan_facts(answer), answer.plan
    listed = facts.pop("projects")
    projects = to_geojson(answer.projects) if plan.found and listed else _EMPTY
    model = answer.question.model
    spec = MODELS[model]
    document = {
        "question": {"model": model, "title_zh": spec.title_zh, "title": spec.title, **given(answer.question)},
        "certificate": _proof(answer),
        "subject": facts["subject"]
        | {"candidates": int(answer.problem.candidates.sum()), "existing": facts["existing"]},
        "before": {"covered": facts["covered_before"], "share": facts["share_before"]},
        "after": None if not plan.found else {"covered": facts["covered_after"], "share": facts["share_after"]},
        "areas": facts["districts"] if plan.found else [],
        "projects": _with_trades(answer, projects),
        "stopped": plan.stopped,
        "facts": facts,
    }
    if answer.question.in_years:
        document["years"] = facts["years"]
    for name in ("explained", "floor_price", "robust"):
        if facts[name]:
            document[name] = facts[name]
    return document


def hours_facts(answer: HoursAnswer) -> dict[str, Any]:
    """Return a plan of sites and hours as plain values, its changes in the order in which they are worth doing."""
    plan, subject, question = answer.found.plan, answer.subject, answer.question
    sites, names = answer.city.sites(), _district_names(answer.city.pack)
    rows = []
    for rank, (option, added) in enumerate(zip(answer.chosen, answer.added_worker_hours, strict=True), start=1):
        site = sites.iloc[option.site]
        code = site["district_code"] if isinstance(site["district_code"], str) else None
        rows.append(
            {
                "rank": rank,
                "site_id": str(sites.index[option.site]),
                "name": site["name"] if isinstance(site["name"], str) else None,
                "district": names.get(code or ""),
                "district_code": code,
                "new": not bool(site["existing"]),
                "option": option.name,
                "slices": [question.slices[part] for part in option.slices],
                "all_day": option.name == ALL_DAY,
                "cost": option.cost,
                "worker_hours_added": added,
                "lon": float(site["lon"]),
                "lat": float(site["lat"]),
            }
        )
    zh, en = certificate_sentence(plan.status, _finite(plan.gap), of="hours", count=len(rows))
    return {
        "subject": subject.to_dict(),
        "question": given(question),
        "area": subject.city,
        "origin": subject.origin,
        "demand_unit": subject.demand_unit,
        "slices": list(question.slices),
        "day": subject.day,
        "profile": subject.profile,
        "limit_s": subject.limit_s,
        "budget": question.budget,
        "hour_cost": question.hour_cost,
        "all_day_cost": question.all_day_cost,
        "status": plan.status,
        "objective": plan.objective,
        "bound": plan.bound,
        "gap": _finite(plan.gap),
        "solve_s": plan.solve_s,
        "stopped": plan.stopped,
        "certificate": {"objective_recomputed": plan.certificate.objective, "agrees": plan.certificate.agrees},
        "sentence": en,
        "sentence_zh": zh,
        "worker_hours": {"total": answer.total, "before": answer.before, "after": plan.objective},
        "cost": float(sum(option.cost for option in answer.chosen)),
        "cost_unit": subject.cost_unit,
        "options": rows,
        "reasons": [fault.sentence() for fault in plan.reasons],
    }


def hours_document(answer: HoursAnswer, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return a plan of sites and hours as the pages, saved plans and documents read it.

    Parameters
    ----------
    answer : HoursAnswer
        The plan.
    asked : mapping
        What the asker said, before the pack filled in the rest: which prices the pack assumed follows from it.

    Returns
    -------
    dict
        ``question``, ``certificate``, ``subject``, ``costs`` (of an ``hour`` a day and of ``all_day``, and which of
        them the pack ``assumed``), ``worker_hours``, ``options``, ``projects`` as GeoJSON, and ``facts``.
    """
    facts, plan = hours_facts(answer), answer.found.plan
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [round(row["lon"], 6), round(row["lat"], 6)]},
            "properties": {name: value for name, value in row.items() if name not in ("lon", "lat", "option")}
            | {"worker_hours": row["worker_hours_added"], "origin": facts["origin"]},
        }
        for row in facts["options"]
    ]
    proof = _certificate(plan, facts["sentence_zh"], facts["sentence"])
    prices = {"hour": "hour_cost", "all_day": "all_day_cost"}
    return {
        "question": {"kind": "hours", **given(answer.question)},
        "certificate": proof,
        "costs": {short: facts[name] for short, name in prices.items()}
        | {"assumed": [short for short, name in prices.items() if asked.get(name) is None]},
        "worker_hours": facts["worker_hours"],
        "options": [
            {"site": row["site_id"], "name": row["option"], "slices": row["slices"], "cost": row["cost"]}
            for row in facts["options"]
        ],
        "projects": {"type": "FeatureCollection", "features": features},
        "subject": facts["subject"] | {"demand_unit": f"{facts['demand_unit'].removesuffix('s')}_hours"},
        "stopped": plan.stopped,
        "facts": facts,
    }


def share(part: float, whole: float) -> float | None:
    """Return a share, None of nothing."""
    return part / whole if whole > 0 else None


def covered(answer: PlanAnswer) -> tuple[float, float | None]:
    """Return the demand that counts as covered as things stand, and by the plan."""
    weight = answer.rows.weight
    after = None if answer.served_after is None else float(weight @ answer.served_after)
    return float(weight @ answer.served_before), after


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as plain values without its shapes; missing ones are None."""
    plain = frame.drop(columns="geometry")
    return [
        {str(name): value for name, value in row.items()}
        for row in plain.astype(object).where(plain.notna(), None).to_dict("records")
    ]


def _finite(gap: float) -> float | None:
    return float(gap) if np.isfinite(gap) else None


def _certificate(plan: SitingPlan, zh: str, en: str) -> dict[str, Any]:
    return {
        "status": plan.status,
        "objective": plan.objective,
        "bound": plan.bound,
        "gap": _finite(plan.gap),
        "recomputed_objective": plan.certificate.objective,
        "agrees": plan.certificate.agrees,
        "violations": list(plan.certificate.violations),
        "solve_s": round(plan.solve_s, 3),
        "sites": len(plan.sites),
        "sentence_zh": zh,
        "sentence": en,
        "reasons": [{"en": fault.sentence(), "zh": fault.sentence("zh")} for fault in plan.reasons],
    }


def _proof(answer: PlanAnswer) -> dict[str, Any]:
    """Return the certificate; of years planned together that of all years, which speaks of more than the last."""
    plan = answer.plan
    zh, en = certificate_sentence(plan.status, _finite(plan.gap), of="sites", count=len(plan.sites))
    proof = _certificate(plan, zh, en)
    together = None if answer.phasing is None else answer.phasing.proof()
    return proof if together is None else proof | together


def _district_names(pack: Any) -> dict[str, str]:
    return dict(zip(pack.districts["district_code"].astype(str), pack.districts["name"].astype(str), strict=True))


def _districts(answer: PlanAnswer) -> list[dict[str, Any]]:
    """Return the demand and the share covered of each district, before and after."""
    codes = answer.rows.pack.demand["district_code"].fillna("").astype(str).to_numpy()
    names, weight = _district_names(answer.city.pack), answer.rows.weight
    new = answer.city.sites().iloc[answer.plan.new_positions]["district_code"].astype(str).value_counts()
    found = []
    for code in sorted(set(codes) - {""}):
        inside = codes == code
        total = float(weight[inside].sum())
        after = answer.served_after
        found.append(
            {
                "level": "district",
                "area_code": code,
                "area_name": names.get(code, code),
                "demand": total,
                "before": share(float(weight[inside] @ answer.served_before[inside]), total),
                "after": None if after is None else share(float(weight[inside] @ after[inside]), total),
                "new": int(new.get(code, 0)),
            }
        )
    return found


def _with_trades(answer: PlanAnswer, projects: dict[str, Any]) -> dict[str, Any]:
    """Add to each project who it newly covers, counted in the order of the list."""
    demand, sites = answer.rows.pack.demand, answer.city.sites()
    trades = [name for name in answer.city.pack.trades if name]
    reached = answer.served_before > 0
    by_site = answer.rows.ways.tocsc()
    for feature in projects["features"]:
        properties = feature["properties"]
        site = int(sites.index.get_loc(properties["site_id"]))
        rows = by_site.indices[by_site.indptr[site] : by_site.indptr[site + 1]]
        new = rows[~reached[rows]]
        reached[new] = True
        properties["gain_by_trade"] = {
            trade: round(float(demand[f"workers_{trade}"].to_numpy(np.float64)[new].sum()), 1) for trade in trades
        }
    return projects


def _floor_price(answer: PlanAnswer) -> dict[str, Any] | None:
    found = answer.floor_price
    if found is None:
        return None
    price = {
        "without": found.free.objective,
        "with": found.kept.objective,
        "price": found.price,
        "exact": found.exact,
    }
    zh, en = floor_price_sentence(price, answer.subject.demand_unit)
    return price | {"sentence_zh": zh, "sentence": en}


def _front(front: ParetoFront) -> dict[str, Any]:
    points = [
        {
            "cost": point.cost,
            "covered": point.covered,
            "new": len(point.plan.sites),
            "sites": [str(name) for name in point.plan.sites],
            "status": point.plan.status,
            "bound": point.covered if point.plan.status == "optimal" else point.plan.bound,
            "agrees": point.plan.certificate.agrees,
        }
        for point in front.points
    ]
    return {"complete": front.complete, "points": points}


def _reason(reason: SiteReason, answer: PlanAnswer) -> dict[str, Any]:
    names = answer.city.sites()["name"]
    substitute = None if reason.substitute is None else str(reason.substitute)
    told = {
        "site": str(reason.site),
        "own": reason.own,
        "marginal": reason.marginal,
        "substitute": substitute,
        "substitute_name": None if substitute is None or pd.isna(names[substitute]) else str(names[substitute]),
        "substitute_loss": reason.substitute_loss,
        "in_every_near_best": reason.in_every_near_best,
    }
    zh, en = reason_sentence(told, answer.subject.demand_unit, NEAR_BEST)
    return told | {"sentence_zh": zh, "sentence": en}


def _robust(answer: PlanAnswer) -> dict[str, Any]:
    """Return the share of every scenario's demand: as things stand, by the best plan on average, by this plan."""
    found = answer.robust
    assert found is not None
    by_site = answer.rows.ways.tocsc()

    def mask(sites: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        reached = np.zeros(answer.rows.ways.shape[0], np.bool_)
        for site in sites:
            reached[by_site.indices[by_site.indptr[site] : by_site.indptr[site + 1]]] = True
        return reached

    masks = {
        "before": mask(np.setdiff1d(found.worst.open_positions, found.worst.new_positions)),
        "mean_plan": mask(found.mean.open_positions),
        "plan": mask(found.worst.open_positions),
    }
    rows = [
        {"name": name} | {key: float(weight[reached].sum() / weight.sum()) for key, reached in masks.items()}
        for name, weight in answer.scenarios.items()
    ]
    told: dict[str, Any] = {
        "worst_share": found.worst_share,
        "worst_bound": found.worst_bound,
        "scenarios": rows,
        "mean_objective": found.mean.objective,
        "mean_sites": [str(name) for name in found.mean.sites],
        "sites": [str(name) for name in found.worst.sites],
        "shares_before": {row["name"]: row["before"] for row in rows},
        "shares": {row["name"]: row["plan"] for row in rows},
        "mean_shares": {row["name"]: row["mean_plan"] for row in rows},
    }
    zh, en = robust_sentence(told)
    return told | {"sentence_zh": zh, "sentence": en}
