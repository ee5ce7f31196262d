"""``geoplan isochrone``: the area that can be reached from a place or a station."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from geoplan import CityPack
from geoplan.errors import InputError
from geoplan.pack import network_of
from geoplan_api.cli.common import JsonFlag, PackArgument
from geoplan_api.cli.output import console, demonstration_strip, emit_json, table

__all__ = ["isochrone"]


def isochrone(
    pack: PackArgument,
    station: Annotated[list[str] | None, typer.Option(help="A station code; repeatable.")] = None,
    at: Annotated[str | None, typer.Option(help="A position as LON,LAT (WGS-84).")] = None,
    minutes: Annotated[str, typer.Option(help="Limits, separated by commas.")] = "5,10,15",
    profile: Annotated[str | None, typer.Option(help="Travel profile; the pack's default without it.")] = None,
    merged: Annotated[bool, typer.Option(help="One area for all origins together.")] = False,
    out_file: Annotated[Path | None, typer.Option("--out", help="Write .geojson or .gpkg there.")] = None,
    json: JsonFlag = False,
) -> None:
    """Draw service areas along the streets."""
    opened = CityPack.open(pack)
    limits = _minutes(minutes)
    network = network_of(opened, profile)
    if (station is None) == (at is None):
        raise InputError("give either --station or --at, one of them")
    if station is not None:
        chosen = opened.stations.set_index("station_code")
        unknown = [code for code in station if code not in chosen.index]
        if unknown:
            raise InputError(f"there is no station {unknown[0]!r} in the pack")
        areas = network.service_area(chosen.loc[station], limits, merged=merged)
    else:
        areas = network.service_area(np.array([_position(str(at))]), limits, merged=merged)
    if out_file is not None:
        areas.to_file(out_file)
    if json:
        emit_json(areas.to_geo_dict())
        return
    out = console()
    demonstration_strip(opened.manifest.is_demonstration, out)
    metres = areas.to_crs(opened.manifest.crs_metric).area
    names = areas["origin_id"] if "origin_id" in areas.columns else [""] * len(areas)
    rows = [(str(n), f"{s / 60:g}", f"{a / 1e6:.3f}") for n, s, a in zip(names, areas["limit_s"], metres, strict=True)]
    out.print(table("", ["origin", "minutes", "km²"], rows))
    if out_file is not None:
        out.print(f"written: {out_file}")


def _minutes(text: str) -> list[float]:
    try:
        limits = [float(part) * 60.0 for part in text.split(",")]
    except ValueError:
        limits = []
    if not limits or min(limits) <= 0 or max(limits) > 4 * 3600:
        raise InputError(f"{text!r} is not a list of minutes; write them like 5,10,15 (up to 240)")
    return limits


def _position(text: str) -> tuple[float, float]:
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError:
        raise InputError(f"{text!r} is not a position; write it as LON,LAT, for example 120.30,31.57") from None
    if abs(lat) > 90 or abs(lon) > 180:
        raise InputError(f"{text!r} is not a position on earth; the longitude comes first")
    return lon, lat
