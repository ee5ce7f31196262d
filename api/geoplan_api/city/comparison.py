"""Saved plans of every kind in one form, by which they are listed and set side by side; and what may be compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from geoplan.errors import Fault, InputError

__all__ = ["check_whole", "compared", "new_sites", "projects_of", "same_subject", "summary", "year_of"]

# What two plans must share for their figures to be measured by the same yardstick.
_SUBJECT: Final = (
    "kind",
    "profile",
    "limit_s",
    "area",
    "trade",
    "slice",
    "slices",
    "day",
    "at",
    "time_rule",
    "facilities",
    "cover_times",
    "demand_total",
)
_PROVEN: Final = 1e-9


def check_whole(result: dict[str, Any]) -> None:
    """Raise for a plan computed before plans of its kind could be kept and reported."""
    if result["question"].get("kind") == "hours" and "facts" not in result:
        raise InputError(
            Fault(
                "this plan was made by an earlier version",
                "run it again",
                problem_zh="这个方案是旧版本算的",
                todo_zh="请重新计算",
            )
        )


def summary(result: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of a plan by which it is listed and compared.

    Parameters
    ----------
    result : dict
        Result of a siting or an hours job.

    Returns
    -------
    dict
        ``kind``: ``sites`` (workers covered), ``hours`` (worker-hours of a day covered) or ``robust`` (share of workers
        covered in the slice that has the least); ``before`` and ``after`` with ``share`` and, but for ``robust``, the
        amount ``covered`` of ``demand_total``; ``certificate``, ``question`` and what the plan is about; of an hours
        plan also its ``spending``, of a robust one the shares of each slice.
    """
    if result["question"].get("kind") == "hours":
        return _of_hours(result)
    if result.get("robust") is not None:
        return _of_robust(result)
    return {
        "kind": "sites",
        "certificate": _proof(result["certificate"], result["certificate"]["sites"]),
        "before": result["before"],
        "after": result["after"],
        **_about(result),
    }


def _of_hours(result: dict[str, Any]) -> dict[str, Any]:
    hours = result["worker_hours"]
    total, after = hours["total"], hours["after"]
    changes = [feature["properties"] for feature in result["projects"]["features"]]
    built = [change for change in changes if change["new"]]
    return {
        "kind": "hours",
        "certificate": _proof(result["certificate"], len(built)),
        "before": {"covered": hours["before"], "share": hours["before"] / total},
        "after": None if after is None else {"covered": after, "share": after / total},
        "spending": {
            "new_sites": len(built),
            "longer": len(changes) - len(built),
            "cost": sum(change["cost"] for change in changes),
            "unit": result["subject"].get("cost_unit", ""),
        },
        **_about(result),
    }


def _of_robust(result: dict[str, Any]) -> dict[str, Any]:
    robust = result["robust"]
    least, most = robust["worst_share"], robust["worst_bound"]
    gap = (most - least) / least if least > 0 else None
    proof = {"status": "optimal" if most - least <= _PROVEN else "feasible", "objective": least, "bound": most}
    return {
        "kind": "robust",
        "certificate": _proof({**proof, "gap": gap}, len(robust["sites"])),
        "before": {"covered": None, "share": min(robust["shares_before"].values())},
        "after": {"covered": None, "share": least},
        "shares": {"before": robust["shares_before"], "after": robust["shares"]},
        **_about(result),
    }


def _proof(certificate: dict[str, Any], sites: int) -> dict[str, Any]:
    return {name: certificate[name] for name in ("status", "objective", "bound", "gap")} | {"sites": sites}


def _about(result: dict[str, Any]) -> dict[str, Any]:
    subject = result["subject"]
    return {
        "question": result["question"],
        "limit_s": subject["limit_s"],
        "profile": subject["profile"],
        "demand_total": subject["demand_total"],
        "origin": subject["origin"],
    }


def projects_of(result: dict[str, Any]) -> dict[str, Any]:
    """Return a plan's project list as GeoJSON: of one that should hold in every slice, that one's own."""
    robust = result.get("robust")
    return dict(result["projects"] if robust is None else robust["projects"])


def year_of(result: dict[str, Any]) -> dict[str, int]:
    """Return the year, counted from 1, in which each new site of a plan in years is built."""
    built: dict[str, int] = {}
    for number, year in enumerate(result.get("years") or [], start=1):
        for site in year["sites"]:
            built.setdefault(site, number)
    return built


def new_sites(result: dict[str, Any]) -> set[str]:
    """Return the ids of a plan's new sites; a present station that only opens longer is none."""
    rows = [feature["properties"] for feature in projects_of(result)["features"]]
    return {str(row["site_id"]) for row in rows if row.get("new", True)}


def same_subject(figures: Sequence[dict[str, Any]]) -> list[str]:
    """Return in what plans differ that their shares are of: nothing, where the shares may be compared.

    Parameters
    ----------
    figures : sequence of dict
        From :func:`summary`; one saved before there were kinds is of sites.

    Returns
    -------
    list of str
        Some of ``kind``, ``profile``, ``limit_s``, ``area``, ``trade``, ``slice``, ``slices``, ``day``, ``at``,
        ``time_rule``, ``facilities``, ``cover_times`` and ``demand_total``.
    """
    said = []
    for one in figures:
        asked = one["question"]
        said.append({"kind": "sites", **asked, **one, "slices": asked.get("slices") or asked.get("robust")})
    return [name for name in _SUBJECT if any(one.get(name) != said[0].get(name) for one in said[1:])]


def compared(plans: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> dict[str, Any]:
    """Return saved plans side by side.

    Parameters
    ----------
    plans : sequence of (dict, dict)
        Of each, the saved plan with its ``summary``, and its whole result.

    Returns
    -------
    dict
        ``plans``, each with the new sites that it has alone (``only_here``); the new sites that all have (``common``);
        and ``differs``: in what their figures are not of the same (see :func:`same_subject`).
    """
    sites = [new_sites(result) for _, result in plans]
    rows = []
    for number, (saved, _) in enumerate(plans):
        others = set().union(*(other for at, other in enumerate(sites) if at != number))
        rows.append({**saved, "only_here": sorted(sites[number] - others)})
    return {
        "plans": rows,
        "common": sorted(set.intersection(*sites)),
        "differs": same_subject([saved["summary"] for saved, _ in plans]),
    }
