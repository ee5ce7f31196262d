"""What the pages need to know about the city before they draw anything."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from geoplan.planning import CoverageQuestion, PlanQuestion, resolve
from geoplan_api.city.stations import FACILITIES
from geoplan_api.http.parameters import State
from geoplan_api.http.state import ServiceState
from geoplan_api.responses import STEADY, json_answer

router = APIRouter(tags=["service"])

BANNER_ZH = "演示数据，非真实站点"
BANNER_EN = "Demonstration data, not real stations"


@router.get("/v1/meta", summary="The city, its data and the defaults of every figure")
async def meta(state: State) -> Response:
    """Return names, area, districts, towns, profiles, limits, dates, attribution and map settings."""
    return json_answer(describe(state), cache=STEADY, modified=state.stations.modified)


def describe(state: ServiceState) -> dict[str, Any]:
    """Return the city in words and numbers."""
    manifest, settings, pack = state.pack.manifest, state.settings, state.pack
    west, south, east, north = pack.bounds
    demonstration = manifest.is_demonstration
    measured = resolve(state.city.pack, CoverageQuestion())
    dates = [entry.date for entry in manifest.files.values() if entry.date]
    towns = pack.towns.geometry.representative_point() if len(pack.towns) else None
    return {
        "name_zh": manifest.name_zh,
        "name_en": manifest.name_en,
        "area": manifest.area,
        "area_en": manifest.area_en,
        "origin": manifest.origin,
        "demonstration": demonstration,
        "banner": {"zh": BANNER_ZH, "en": BANNER_EN} if demonstration else None,
        "bbox": [round(value, 6) for value in pack.bounds],
        "centre": [round((west + east) / 2.0, 6), round((south + north) / 2.0, 6)],
        "timezone": manifest.timezone,
        "date": max(dates) if dates else None,
        "stations": len(state.stations),
        "stations_version": state.stations.version,
        "demand_total": pack.total_demand,
        "demand_unit": manifest.demand_unit,
        "cost_unit": manifest.cost_unit,
        "districts": [
            {"code": record["district_code"], "name": record["name"], "name_en": _english(record)}
            for record in pack.districts.drop(columns="geometry").to_dict("records")
        ],
        "towns": [
            {
                "code": record["town_code"],
                "name": record["name"],
                "name_en": _english(record),
                "district_code": record.get("district_code"),
                "lon": round(float(point.x), 6),
                "lat": round(float(point.y), 6),
            }
            for record, point in zip(pack.towns.drop(columns="geometry").to_dict("records"), towns, strict=True)
        ]
        if towns is not None
        else [],
        "trades": list(pack.trades),
        "facilities": list(FACILITIES),
        "kinds": sorted(set(state.stations.frame["station_kind"])),
        "defaults": {
            "profile": measured.profile,
            "limit_s": measured.limit_s,
            "radius_m": measured.radius_m,
            "k": measured.k,
            "new_sites": resolve(state.city.pack, PlanQuestion()).new_sites,
            "hour_cost": manifest.defaults.hour_cost,
            "all_day_cost": manifest.defaults.all_day_cost,
        },
        "limits": {
            "max_limit_s": settings.limits.max_limit_s,
            "max_stations": settings.limits.max_stations,
            "max_nearest": settings.limits.max_nearest,
            "max_upload_bytes": settings.limits.max_upload_bytes,
        },
        "attribution": state.tiles.attribution,
        "notes": list(manifest.notes),
        "review_number": settings.map.review_number,
        "basemap": {
            "kind": settings.map.basemap,
            # a browser key is public by nature: it travels in every tile request of the page
            "tianditu_key": settings.map.tianditu_key.get_secret_value() if settings.map.basemap == "tianditu" else "",
        },
    }


def _english(record: Mapping[Hashable, Any]) -> str | None:
    """Return the English name of a district or town, where the pack has one."""
    name = record.get("name_en")
    return name if isinstance(name, str) and name else None
