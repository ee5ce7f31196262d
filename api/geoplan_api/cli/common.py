"""What several verbs share: opening a pack and its network, reading an instant."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import geopandas as gpd
import pyogrio.errors
import typer

from geoplan.errors import InputError

__all__ = ["JsonFlag", "PackArgument", "parse_instant", "read_polygons"]

JsonFlag = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
PackArgument = Annotated[Path, typer.Argument(help="A pack folder, made by 'geoplan pack init' or 'geoplan demo'.")]


def parse_instant(text: str | None, timezone: str) -> dt.datetime | None:
    """Read ``2026-11-20T12:30`` or ``now`` in the pack's time zone; None stays None."""
    if text is None:
        return None
    zone = ZoneInfo(timezone)
    if text == "now":
        return dt.datetime.now(tz=zone)
    try:
        instant = dt.datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is not a time; write it like 2026-11-20T12:30") from None
    return instant.replace(tzinfo=zone) if instant.tzinfo is None else instant.astimezone(zone)


def read_polygons(path: Path) -> gpd.GeoDataFrame:
    """Read drawn areas; a file that is no map layer, or that states no CRS, is named in one sentence."""
    try:
        frame = gpd.read_file(path)
    except (OSError, ValueError, pyogrio.errors.DataSourceError) as error:
        raise InputError(f"{path.name} cannot be read as polygons: {str(error).splitlines()[0]}") from None
    if frame.crs is None:
        raise InputError(f"{path.name} states no coordinate system; write it with its CRS, best EPSG:4326")
    return frame
