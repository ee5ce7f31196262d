"""What several verbs share: opening a pack and its network, reading an instant."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from geoplan.errors import InputError

__all__ = ["JsonFlag", "PackArgument", "parse_instant"]

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
