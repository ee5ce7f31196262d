"""The register behind the service: opened, filled from the pack when it is new, and followed as it changes."""

from __future__ import annotations

import hashlib
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd
from platformdirs import user_data_path

from geoplan.errors import InputError
from geoplan.pack import CityPack
from geoplan.registry import (
    FIELDS,
    Register,
    head_revision,
    open_register,
    revisions,
    stations,
    to_frame,
    writing,
)
from geoplan.registry.record import checked_values
from geoplan_api.city.stations import StationSnapshot, snapshot_of, split_list
from geoplan_api.settings import Settings

__all__ = ["load_snapshot", "open_pack_register", "service_folder"]

log = logging.getLogger("geoplan_api")
_ACTOR: Final = "pack"  # who fills a new register; as long as nobody else wrote, the pack's file is followed


def service_folder(settings: Settings, pack: CityPack) -> Path:
    """Return the folder of the service's own files: as set, else one for each pack in the user's data folder."""
    if settings.data.folder is not None:
        return settings.data.folder
    place = hashlib.blake2b(str(pack.root.resolve()).encode(), digest_size=4).hexdigest()
    return user_data_path("geoplan") / "service" / f"{pack.root.name}-{place}"


def open_pack_register(settings: Settings, pack: CityPack, folder: Path) -> Register:
    """Open the register, and put the pack's stations into it as long as nobody else has written there.

    Raises
    ------
    RegisterUnavailable
        The database cannot be reached.
    """
    register = open_register(settings.data.register_url or folder / "register.db")
    digest = hashlib.blake2b((pack.root / pack.manifest.files["stations"].path).read_bytes(), digest_size=8).hexdigest()
    reason = f"stations of the pack {pack.manifest.name_en} ({digest})"
    past = revisions(register, limit=1000)
    if any(entry.actor != _ACTOR for entry in past):
        if not any(entry.reason == reason for entry in past):
            log.warning("the pack's stations changed, but the register has edits of its own and stays as it is")
        return register
    if past and past[0].reason == reason:
        return register
    _fill(register, pack.stations, reason)
    return register


def _fill(register: Register, frame: pd.DataFrame, reason: str) -> None:
    known = {item["station_code"]: item for item in stations(register, withdrawn=True)}
    with writing(register, actor=_ACTOR, reason=reason, kind="import") as writer:
        for record in pd.DataFrame(frame.drop(columns="geometry")).to_dict("records"):
            values = register_values(record)
            before = known.pop(values["station_code"], None)
            if before is None:
                writer.add(values)
            else:
                writer.update(before.id, {**values, "withdrawn": False})
        for gone in known.values():
            if not gone["withdrawn"]:
                writer.withdraw(gone.id)


def register_values(record: dict[Any, Any]) -> dict[str, Any]:
    """Turn a row of a pack's stations into the register's fields; what a field cannot hold is kept in ``extra``."""
    values: dict[str, Any] = {"lon": float(record["lon"]), "lat": float(record["lat"])}
    extra: dict[str, str] = {}
    types = {spec.name: spec.type for spec in FIELDS}
    for name, raw in record.items():
        if name in values or raw is None or (isinstance(raw, float) and pd.isna(raw)):
            continue
        kind = types.get(str(name))
        if kind is None:
            extra[str(name)] = str(raw)
            continue
        value = _typed(kind, raw)
        try:
            values |= checked_values({str(name): value})
        except InputError:
            extra[str(name)] = str(raw)
    return {**values, "extra": extra}


def _typed(kind: str, raw: Any) -> Any:
    if kind == "list":
        return split_list(raw)
    if kind == "number":
        return float(raw) if isinstance(raw, int | float) else raw
    if kind == "flag":
        return {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}.get(
            str(raw).lower(), raw
        )
    return raw if isinstance(raw, str) else str(raw)


def load_snapshot(register: Register, pack: CityPack) -> StationSnapshot:
    """Read the register's public view."""
    latest = revisions(register, limit=1)
    return snapshot_of(
        to_frame(stations(register, public_only=True), public=True),
        version=head_revision(register),
        modified=latest[0].at if latest else datetime.now(UTC).replace(microsecond=0),
        zone=pack.manifest.timezone,
        district_names=dict(zip(pack.districts["district_code"], pack.districts["name"], strict=True)),
        town_names=dict(zip(pack.towns["town_code"], pack.towns["name"], strict=True)),
    )
