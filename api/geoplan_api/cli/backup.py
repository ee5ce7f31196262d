"""``geoplan backup`` and ``geoplan restore``: everything the service keeps, in one file, while it runs."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from geoplan_api.backups import BackupFacts, check_backup, make_backup, restore_backup
from geoplan_api.cli.output import console
from geoplan_api.cli.staff import service_register, service_store

__all__ = ["backup", "restore"]

PackOption = Annotated[Path | None, typer.Option(help="The pack that is served; the demonstration city without it.")]


def _say(done: str, facts: BackupFacts) -> None:
    console().print(
        f"{done}: {facts.path} ({facts.rows:,} rows of the register, {facts.files:,} other files, "
        f"{facts.size_bytes / 2**20:,.1f} MB, made {facts.at:%Y-%m-%d %H:%M} UTC by {facts.version})",
        soft_wrap=True,
    )


def backup(
    file: Annotated[Path | None, typer.Argument(help="File to write; a name with the time without it.")] = None,
    pack: PackOption = None,
    check: Annotated[bool, typer.Option("--check", help="Only check the file: every part and every table.")] = False,
) -> None:
    """Back up everything the service keeps (register, plans, jobs, reports with photos) to one verified file.

    The service may run. The pack itself is an input and is not in it.
    """
    if check:
        _say("whole", check_backup(file or Path()))
        return
    target = file or Path(f"geoplan-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.zip")
    with service_register(pack) as register:
        _say("written and verified", make_backup(service_store(pack), register, target))


def restore(
    file: Annotated[Path, typer.Argument(help="A backup made by 'geoplan backup' or by the service.")],
    pack: PackOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Put a backup in the place of what the service keeps now; it may run, and goes on with what was restored.

    The present state is backed up beside the file first. Everybody signs in again afterwards.
    """
    facts = check_backup(file)
    _say("whole", facts)
    if not yes:
        typer.confirm("Replace what the service keeps now by this backup?", abort=True)
    with service_register(pack) as register:
        place = service_store(pack)
        before = file.with_name(f"before-restore-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.zip")
        _say("present state kept", make_backup(place, register, before))
        _say("restored", restore_backup(file, place, register, actor=getpass.getuser()))
