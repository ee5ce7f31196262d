"""The register as a file for staff: tables, maps, and the upward export."""

from __future__ import annotations

from pathlib import Path as FilePath
from tempfile import TemporaryDirectory
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from geoplan.registry import export_stations, export_upward, head_revision, stations
from geoplan.registry.audit import audit
from geoplan_api.http.parameters import State
from geoplan_api.http.security import Viewer, confirmed, request_id
from geoplan_api.problems import ProblemError
from geoplan_api.responses import NO_STORE, raw_answer

router = APIRouter(prefix="/v1/register", tags=["register"])

_MEDIA: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
    "zip": "application/zip",
}


@router.get("/export.{form}", summary="The register as a file", response_class=Response)
def export_register(
    request: Request,
    state: State,
    who: Viewer,
    form: Annotated[
        Literal["xlsx", "csv", "geojson", "gpkg", "zip"],
        Path(description="Form of the file; `zip` is the upward export", examples=["xlsx"]),
    ],
    crs: Annotated[
        Literal["wgs84", "cgcs2000", "gcj02", "bd09"], Query(description="System of the positions; the file says it")
    ] = "wgs84",
    contacts: Annotated[
        bool,
        Query(description="With contacts, notes and private fields: for editors and above, password typed lately"),
    ] = False,
    withdrawn: Annotated[bool, Query(description="Withdrawn stations too; the upward export always has them")] = False,
    unit: Annotated[
        str, Query(max_length=100, description="Who hands up (upward export)", examples=["无锡市总工会"])
    ] = "",
) -> Response:
    """Return every station of the register, unlocated and planned ones too, as Excel, CSV, GeoJSON or GeoPackage.

    Without `contacts` the file holds the public fields only. With `contacts` it needs the role editor, and the audit
    log says who took it. The upward export (`zip`) is described in docs/register.md and never has contacts.
    """
    if contacts and not who.sees_private:
        raise ProblemError("forbidden", "contacts are exported by editors and above", "含联系人的导出需编辑以上角色")
    if contacts:
        confirmed(who, state.settings)
    if contacts and form == "zip":
        raise ProblemError("bad-request", "the upward export has no contacts", "上报文件不含联系人")
    if form == "zip" and not unit:
        raise ProblemError("bad-request", "unit: say who hands up", "unit：请填写上报单位")
    name = f"register.{form}"
    with TemporaryDirectory(prefix="geoplan-export-") as folder:
        path = FilePath(folder, name)
        if form == "zip":
            revision = head_revision(state.register)
            export_upward(stations(state.register, withdrawn=True), path, unit=unit, revision=revision)
        else:
            found = stations(state.register, withdrawn=withdrawn)
            export_stations(found, path, public=not contacts, target_crs=crs)
        content = path.read_bytes()
    if contacts:
        audit(state.register, who.name, "export", name, details={"contacts": True}, request_id=request_id(request))
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return raw_answer(content, _MEDIA[form], cache=NO_STORE, headers=headers)
