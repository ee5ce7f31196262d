"""One cell of the cube on the command line: a slice, a trade, a bundle of facilities."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console

from geoplan import CityPack
from geoplan.coverage import FACILITIES, any_time, areas_of, coverage_cube, instant, network_reach, slices_of
from geoplan.errors import InputError
from geoplan.hours import SLICES
from geoplan.network import StreetNetwork
from geoplan.trades import TRADES
from geoplan_api.cli.output import table

__all__ = ["cell_facts", "cell_lines"]


def cell_facts(
    pack: CityPack,
    network: StreetNetwork,
    *,
    at: dt.datetime | None,
    slice_code: str | None,
    trade: str,
    facilities: str,
    limit_s: float,
    k: int,
) -> dict[str, Any]:
    """Return coverage of one trade, moment and bundle of facilities by area, as plain values.

    Raises
    ------
    InputError
        The slice, trade or a facility is not known.
    """
    wanted = tuple(name.strip() for name in facilities.split(",") if name.strip())
    for name, known in (
        (slice_code, SLICES),
        (None if trade == "all" else trade, TRADES),
        *((f, FACILITIES) for f in wanted),
    ):
        if name is not None and name not in known:
            raise InputError(f"{name!r} is not known; use one of {', '.join(known)}")
    if slice_code is not None:
        day = (at or dt.datetime.now(tz=ZoneInfo(pack.manifest.timezone))).date()
        moment = slices_of(pack.stations, day, [slice_code])[0]
    else:
        moment = any_time(pack.stations) if at is None else instant(pack.stations, at)
    reach = network_reach(pack, network, limit_s)
    bundle = "+".join(wanted) or "any"
    cube = coverage_cube(
        {reach.profile: reach},
        pack.stations,
        pack.demand,
        areas_of(pack),
        [moment],
        bundles={bundle: wanted},
        trades=[trade],
        k=k,
        limits=[limit_s],
    )
    rows = cube.to_frame()
    return {
        "subject": {
            "city": pack.manifest.area,
            "demand_unit": pack.manifest.demand_unit,
            "origin": pack.manifest.origin,
            "profile": reach.profile,
            "limit_s": limit_s,
            "moment": moment.name,
            "trade": trade,
            "facilities": list(wanted),
        },
        "areas": rows[["level", "area_code", "area_name", "k", "demand", "covered", "share"]].to_dict("records"),
        "notes": [*cube.notes, *pack.manifest.notes],
    }


def cell_lines(facts: dict[str, Any], out: Console, *, towns: bool) -> None:
    """Print the cell as a table by area, a column for each k."""
    subject = facts["subject"]
    areas: dict[tuple[str, str, str], dict[int, dict[str, Any]]] = {}
    for row in facts["areas"]:
        areas.setdefault((row["level"], row["area_code"], row["area_name"]), {})[row["k"]] = row
    ks = sorted({row["k"] for row in facts["areas"]})
    rows = []
    for (level, _, name), by_k in areas.items():
        if level == "town" and not towns:
            continue
        indent = {"city": "", "district": "  "}.get(level, "    ")
        shares = ["–" if by_k[k]["share"] != by_k[k]["share"] else f"{by_k[k]['share']:.1%}" for k in ks]
        rows.append([f"{indent}{name}", f"{by_k[ks[0]]['demand']:,.0f}", *shares])
    wanted = "+".join(subject["facilities"]) or "any station"
    out.print(
        f"[bold]{subject['city']}[/] · {subject['trade']} · {subject['moment']} · {wanted} · {subject['profile']} "
        f"{subject['limit_s'] / 60:g} min · origin {subject['origin']}"
    )
    out.print(table("", ["", f"需求 {subject['demand_unit']}", *[f"≥{k} within reach" for k in ks]], rows))
