"""The station register: one source of truth, with its whole past."""

from geoplan.registry.applying import ImportResult, apply_import
from geoplan.registry.archive import BackupSummary, backup, restore, verify_backup
from geoplan.registry.database import Conflict, Register, RegisterUnavailable, open_register
from geoplan.registry.exporting import EXPORT_FORMATS, export_stations, export_upward
from geoplan.registry.importing import ImportPlan, plan_import
from geoplan.registry.importreport import write_import_report
from geoplan.registry.placing import PlannedRow
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
from geoplan.registry.review import ReviewItem, decide_review, import_rows, imports, reviews
from geoplan.registry.write import Writer, undo, writing

__all__ = [
    "EXPORT_FORMATS",
    "FIELDS",
    "PUBLIC_FIELDS",
    "STATION_KINDS",
    "BackupSummary",
    "Changes",
    "Conflict",
    "FieldSpec",
    "ImportPlan",
    "ImportResult",
    "PlannedRow",
    "Register",
    "RegisterUnavailable",
    "ReviewItem",
    "Revision",
    "Station",
    "Version",
    "Writer",
    "apply_import",
    "backup",
    "changes_since",
    "decide_review",
    "export_stations",
    "export_upward",
    "find_station",
    "head_revision",
    "history",
    "import_rows",
    "imports",
    "is_public",
    "open_register",
    "plan_import",
    "restore",
    "reviews",
    "revisions",
    "stations",
    "to_frame",
    "undo",
    "verify_backup",
    "write_import_report",
    "writing",
]
