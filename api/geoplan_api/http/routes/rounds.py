"""Inspections: which stations to visit first, in which order, and both as a workbook to take along."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Final

import numpy as np
import pandas as pd
from fastapi import APIRouter, Query
from starlette.responses import Response

from geoplan.network.nearest import visiting_order
from geoplan.planning.coverage_answer import key_stations
from geoplan.report import Sheet, write_workbook
from geoplan.report.counted import counted_in
from geoplan.vocabulary import Language, label
from geoplan_api.http.asked import AskedCoverage
from geoplan_api.http.parameters import State
from geoplan_api.http.security import Viewer
from geoplan_api.http.state import ServiceState
from geoplan_api.problems import ProblemError
from geoplan_api.responses import NO_STORE, PRIVATE, json_answer, raw_answer

router = APIRouter(prefix="/v1/register", tags=["register"])

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MOST: Final = 60
_LISTED: Final = 100
_LONG_DAYS: Final = 730  # two years unchecked count like never

Codes = Annotated[str, Query(max_length=3000, description="Station codes, joined by commas; at most 60")]
Profile = Annotated[str, Query(max_length=40, description="Travel profile")]
Lang = Annotated[Language, Query(description="Language of the words")]


@router.get("/inspection", summary="Which stations to visit first", response_class=Response)
def inspection(state: State, _: Viewer, asked: AskedCoverage) -> Response:
    """Return stations by who would lose coverage if they were closed, counted less where somebody checked lately.

    `lost` is multiplied by the days since `verified_on` over 730, at most 1; a station never verified counts in full.
    """
    rows = _inspection(state, asked)
    return json_answer({"stations": rows, "origin": state.pack.manifest.origin}, cache=PRIVATE)


@router.get("/inspection.xlsx", summary="Which stations to visit first, as a workbook", response_class=Response)
def inspection_workbook(state: State, _: Viewer, asked: AskedCoverage, lang: Lang = "zh") -> Response:
    """Return the list of `/v1/register/inspection` with its heads in words."""
    note = {
        "zh": "按关闭后失去的覆盖和距上次核实的时间排序：两年以上未核实与从未核实相同。",
        "en": "By the coverage lost if it closes and the time since it was checked; two years count like never.",
    }[lang]
    unit = counted_in(state.pack.manifest.demand_unit, lang)
    heads = {
        "lost": f"{label('column', 'lost', lang)}（{unit.n}）" if lang == "zh" else f"Lost if it closes ({unit.n})"
    }
    return _workbook(state, "核查清单" if lang == "zh" else "Inspection", _inspection(state, asked), note, lang, heads)


@router.get("/round", summary="An order in which to visit stations", response_class=Response)
def inspection_round(state: State, _: Viewer, codes: Codes, profile: Profile = "e_bike") -> Response:
    """Return the stations in a sensible order with the seconds of each way, along the streets, stops not counted.

    Nearest first from the best beginning, then improved by turning parts round: no claim that it is the shortest.
    `leg_s` is null at the first station and where no way leads on.
    """
    return json_answer(_round(state, codes, profile), cache=PRIVATE)


@router.get("/round.xlsx", summary="An order in which to visit stations, as a workbook", response_class=Response)
def round_workbook(state: State, _: Viewer, codes: Codes, profile: Profile = "e_bike", lang: Lang = "zh") -> Response:
    """Return the order of `/v1/register/round` with its heads in words."""
    found = _round(state, codes, profile)
    rows = [
        {
            "rank": place,
            **{name: stop[name] for name in ("station_code", "name", "address", "lon", "lat")},
            "leg_min": None if stop["leg_s"] is None else stop["leg_s"] / 60.0,
            "at_min": stop["at_s"] / 60.0,
        }
        for place, stop in enumerate(found["stops"], start=1)
    ]
    way, minutes = label("profile", profile, lang), found["total_s"] / 60.0
    note = {
        "zh": f"{way}，沿道路 {minutes:.0f} 分钟，不计停留；顺序合理，但不保证最短。",
        "en": f"{way}, {minutes:.0f} min along streets, stops not counted; not proven to be the shortest order.",
    }[lang]
    return _workbook(state, "巡查路线" if lang == "zh" else "Round", rows, note, lang, {})


def _inspection(state: ServiceState, asked: AskedCoverage) -> list[dict[str, Any]]:
    today, snapshot = datetime.now(state.zone).date(), state.stations
    rows = []
    for found in key_stations(state.city, asked).frame.round({"lost": 2}).to_dict("records"):
        row = snapshot.row_of.get(found["station_code"])
        if row is None or not found["lost"] > 0:
            continue
        record = snapshot.records[row]
        days = _days_since(record["verified_on"], today)
        rows.append(
            {
                **{name: record[name] for name in ("station_code", "name", "district", "district_code", "address")},
                "lost": found["lost"],
                "verified_on": record["verified_on"],
                "days": days,
                "lon": round(float(snapshot.lon[row]), 6),
                "lat": round(float(snapshot.lat[row]), 6),
            }
        )
    rows.sort(
        key=lambda one: -one["lost"] * min(1.0, (_LONG_DAYS if one["days"] is None else one["days"]) / _LONG_DAYS)
    )
    return [{"rank": place, **row} for place, row in enumerate(rows[:_LISTED], start=1)]


def _days_since(text: str | None, today: date) -> int | None:
    """Return the days since a date of the register, from the first day it may mean; None where there is none."""
    if not text:
        return None
    return max(0, (today - date.fromisoformat(f"{text}-01-01"[:10])).days)


def _round(state: ServiceState, codes: str, profile: str) -> dict[str, Any]:
    wanted = list(dict.fromkeys(part.strip() for part in codes.split(",") if part.strip()))
    if not 2 <= len(wanted) <= _MOST:
        raise ProblemError("bad-request", f"codes: give 2 to {_MOST} stations", f"codes：请给出 2 至 {_MOST} 个站点")
    snapshot = state.stations
    unknown = [code for code in wanted if code not in snapshot.row_of]
    if unknown:
        raise ProblemError("not-found", f"there is no station {unknown[0]!r}", f"没有编号为 {unknown[0]} 的站点")
    rows = np.array([snapshot.row_of[code] for code in wanted])
    lonlat = np.column_stack([snapshot.lon[rows], snapshot.lat[rows]])
    times = state.city.network(profile).travel_times(lonlat, lonlat, np.inf)
    seconds = np.full((len(rows), len(rows)), np.inf)
    for origin in range(len(rows)):
        to, taken = times.row(origin)
        seconds[origin, to] = taken
    order = visiting_order(seconds).tolist()
    stops: list[dict[str, Any]] = []
    spent = 0.0
    for at, stop in enumerate(order):
        leg = None if at == 0 else float(seconds[order[at - 1], stop])
        reached = leg is not None and np.isfinite(leg)
        spent += leg if leg is not None and reached else 0.0
        record = snapshot.records[rows[stop]]
        stops.append(
            {
                "station_code": wanted[stop],
                "name": record["name"],
                "address": record["address"],
                "lon": round(float(lonlat[stop, 0]), 6),
                "lat": round(float(lonlat[stop, 1]), 6),
                "leg_s": round(leg, 1) if leg is not None and reached else None,
                "at_s": round(spent, 1),
            }
        )
    return {"profile": profile, "stops": stops, "total_s": round(spent, 1), "origin": state.pack.manifest.origin}


def _workbook(
    state: ServiceState, title: str, rows: list[dict[str, Any]], note: str, lang: Language, heads: dict[str, str]
) -> Response:
    manifest = state.pack.manifest
    city = manifest.name_zh if lang == "zh" else manifest.name_en or manifest.name_zh
    notes = [("城市" if lang == "zh" else "City", city), (title, note)]
    with TemporaryDirectory(prefix="geoplan-workbook-") as folder:
        path = write_workbook(
            Path(folder, "list.xlsx"),
            [Sheet(title, pd.DataFrame(rows).rename(columns={"name": "station_name"}), note, heads)],
            notes,
            demonstration=manifest.is_demonstration,
            language=lang,
        )
        body = path.read_bytes()
    return raw_answer(body, XLSX, cache=NO_STORE, headers={"Content-Disposition": 'attachment; filename="list.xlsx"'})
