"""``geoplan stations``: the register from the command line: import, export, history, backup."""

from __future__ import annotations

import datetime as dt
import getpass
from pathlib import Path
from typing import Annotated

import typer

from geoplan import CityPack
from geoplan.registry import (
    apply_import,
    backup,
    export_stations,
    export_upward,
    head_revision,
    open_register,
    plan_import,
    restore,
    revisions,
    stations,
    undo,
    verify_backup,
    write_import_report,
)
from geoplan.sources.evidence import Reference
from geoplan_api.cli.common import JsonFlag, parse_instant
from geoplan_api.cli.output import console, emit_json, table

__all__ = ["app"]

app = typer.Typer(help="The station register: import, export, history, backup.", no_args_is_help=True)

RegisterOption = Annotated[str, typer.Option("--register", help="The register: a SQLite file or a postgresql:// URL.")]
Reason = Annotated[str, typer.Option(help="Why; kept with the revision.")]
Actor = Annotated[str, typer.Option(help="Who; kept with the revision. Your account name without it.")]
OUTCOMES = {"accepted": "新增", "merged": "合并", "needs_person": "待人工", "rejected": "拒绝"}


def reference_of(pack: CityPack) -> Reference:
    """Return what positions of a register are checked against."""
    places = pack.places
    named = (
        {} if places.empty else dict(zip(places["name"], zip(places["lon"], places["lat"], strict=True), strict=True))
    )
    return Reference.from_frames(
        crs_metric=pack.manifest.crs_metric,
        streets=pack.streets,
        districts=pack.districts,
        water=pack.water if len(pack.water) else None,
        places=named,
    )


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="The register as the union has it: .xlsx, .xls, .csv, .geojson, .gpkg.")],
    pack: Annotated[Path, typer.Option(help="The city pack whose streets and districts check the positions.")],
    register: RegisterOption = "register.db",
    crs: Annotated[str, typer.Option(help="Coordinate system of the file; worked out and proven without it.")] = "",
    sheet: Annotated[str | None, typer.Option(help="One sheet of a workbook.")] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Write to the register; without it a dry run.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write the row-by-row report (.xlsx) there.")] = None,
    reason: Reason = "import",
    actor: Actor = "",
    json: JsonFlag = False,
) -> None:
    """Import a register: every row accepted, merged, put before a person, or rejected with the reason."""
    opened = CityPack.open(pack)
    with open_register(register) as target:
        plan = plan_import(target, file, reference_of(opened), source_crs=crs, sheet=sheet)
        result = apply_import(target, plan, actor=actor or getpass.getuser(), reason=reason) if apply else None
        written = None if report is None else write_import_report(plan, report, result)
    unmapped = [header for header in plan.columns.unmapped if header not in plan.facility_columns]
    facts = {
        "file": plan.file,
        "dry_run": result is None,
        "counts": plan.counts,
        "crs": plan.verdict.crs,
        "crs_basis": plan.verdict.basis,
        "crs_reason": plan.verdict.reason,
        "columns": {match.field: match.header for match in plan.columns.matches},
        "to_confirm": {match.field: match.header for match in plan.columns.to_confirm},
        "facility_columns": dict(plan.facility_columns),
        "unmapped": unmapped,
        "remarks": list(plan.remarks),
        "revision": None if result is None else result.revision,
        "queued_for_geocoding": None if result is None else result.queued,
        "report": None if written is None else str(written),
    }
    if json:
        emit_json(facts)
        return
    out = console()
    out.print(f"[bold]{plan.file}[/] · {'试运行 dry run' if result is None else f'已写入 revision {result.revision}'}")
    out.print(table("", ["结果 outcome", "行 rows"], [(f"{OUTCOMES[k]} {k}", v) for k, v in plan.counts.items()]))
    out.print(f"坐标系 coordinate system: {plan.verdict.crs or '–'} ({plan.verdict.basis}) {plan.verdict.reason_zh}")
    pairs = [(match.field, match.header, match.why) for match in plan.columns.matches]
    pairs += [(f"facilities: {code}", header, "ticks one facility") for header, code in plan.facility_columns.items()]
    out.print(table("列 columns", ["field", "header", "why"], pairs, left=3))
    if unmapped:
        out.print(f"未识别的列（原样保留）unmapped, kept: {'、'.join(unmapped)}")
    for remark in plan.remarks:
        out.print(f"[yellow]•[/] {remark}")
    if written is not None:
        out.print(f"written: {written}")
    if result is None:
        out.print("[dim]nothing was written to the register; add --apply to do it[/]")


@app.command()
def export(
    file: Annotated[
        Path, typer.Argument(help=".xlsx, .csv, .geojson or .gpkg; .zip for the export to the next level.")
    ],
    register: RegisterOption = "register.db",
    staff: Annotated[bool, typer.Option("--staff", help="With contacts, for staff only.")] = False,
    at: Annotated[str | None, typer.Option(help="State at an instant, Beijing time: 2026-11-20T12:30.")] = None,
    crs: Annotated[str, typer.Option(help="wgs84, gcj02 or bd09.")] = "wgs84",
    unit: Annotated[str, typer.Option(help="Reporting unit of the upward export.")] = "",
) -> None:
    """Export the register; contacts stay out unless --staff is said."""
    with open_register(register, create=False) as source:
        when = parse_instant(at, "Asia/Shanghai")
        upward = file.suffix.lower() == ".zip"
        chosen = stations(source, at=when, withdrawn=upward, public_only=not staff and not upward)
        if upward:
            export_upward(chosen, file, unit=unit, revision=head_revision(source))
        else:
            export_stations(chosen, file, public=not staff, target_crs=crs)
    console().print(f"written: {file} ({len(chosen):,} stations)")


@app.command()
def history(
    register: RegisterOption = "register.db", most: Annotated[int, typer.Option(min=1)] = 20, json: JsonFlag = False
) -> None:
    """List the latest revisions: who, when, what, why."""
    with open_register(register, create=False) as source:
        found = revisions(source, limit=most)
    rows = [(r.id, f"{r.at.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC", r.actor, r.kind, r.reason) for r in found]
    if json:
        emit_json([dict(zip(("revision", "at", "actor", "kind", "reason"), row, strict=True)) for row in rows])
        return
    console().print(table("", ["revision", "at", "actor", "kind", "reason"], rows, left=5))


@app.command("undo")
def undo_(revision: int, register: RegisterOption = "register.db", reason: Reason = "undo", actor: Actor = "") -> None:
    """Undo one revision by a new one; nothing is lost."""
    with open_register(register, create=False) as target:
        undo(target, revision, actor=actor or getpass.getuser(), reason=reason)
        console().print(f"revision {revision} undone by revision {head_revision(target)}")


@app.command("backup")
def backup_(file: Path, register: RegisterOption = "register.db") -> None:
    """Write a backup of one register and verify it; 'geoplan backup' keeps everything of a service."""
    with open_register(register, create=False) as source:
        backup(source, file)
    rows = verify_backup(file).rows
    console().print(f"written and verified: {file} ({sum(rows.values()):,} rows in {len(rows)} tables)")


@app.command("restore")
def restore_(file: Path, register: RegisterOption = "register.db") -> None:
    """Restore such a backup into an empty register; 'geoplan restore' is for a service."""
    with open_register(register) as target:
        rows = restore(file, target).rows
    console().print(f"restored: {sum(rows.values()):,} rows in {len(rows)} tables")
