"""The station register: one source of truth, with its whole past."""

from geoplan.registry.archive import BackupSummary, backup, restore, verify_backup
from geoplan.registry.database import Conflict, Register, RegisterUnavailable, open_register
from geoplan.registry.read import (
    Changes,
    Revision,
    Version,
    changes_since,
    find_station,
    head_revision,
    history,
    revisions,
    stations,
    to_frame,
)
from geoplan.registry.record import FIELDS, PUBLIC_FIELDS, STATION_KINDS, FieldSpec, Station, is_public
from geoplan.registry.write import Writer, undo, writing

__all__ = [
    "FIELDS",
    "PUBLIC_FIELDS",
    "STATION_KINDS",
    "BackupSummary",
    "Changes",
    "Conflict",
    "FieldSpec",
    "Register",
    "RegisterUnavailable",
    "Revision",
    "Station",
    "Version",
    "Writer",
    "backup",
    "changes_since",
    "find_station",
    "head_revision",
    "history",
    "is_public",
    "open_register",
    "restore",
    "revisions",
    "stations",
    "to_frame",
    "undo",
    "verify_backup",
    "writing",
]
