"""The register out: Excel, CSV, GeoJSON, GeoPackage, and the upward export (documented in ``docs/register.md``).

A public export never holds contacts, notes or columns kept aside, whatever the format: the fields are chosen by the
record's own list of public fields, and a field is private unless it is on it.
"""

from __future__ import annotations

import hashlib
import json
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from openpyxl import Workbook

from geoplan import crs
from geoplan.cells import inert
from geoplan.errors import Fault, InputError
from geoplan.registry.importreport import text_cells
from geoplan.registry.read import to_frame
from geoplan.registry.record import FIELD_BY_NAME, FIELDS, Station

__all__ = ["EXPORT_FORMATS", "UPWARD_FORMAT", "export_stations", "export_upward"]

EXPORT_FORMATS: Final = (".xlsx", ".csv", ".geojson", ".gpkg")
UPWARD_FORMAT: Final = "geoplan upward 1"
DEMONSTRATION: Final = "演示数据，非真实站点 / demonstration data, not real stations"


def _labelled(value: Any, field: str, labels: bool) -> Any:
    codes = FIELD_BY_NAME[field].codes if field in FIELD_BY_NAME else None
    if not labels or codes is None or not isinstance(value, str):
        return value
    return "、".join(codes.get(item, item) for item in value.split(";")) if value else ""


def export_stations(
    items: Sequence[Station],
    path: str | Path,
    *,
    public: bool = True,
    target_crs: str = "wgs84",
    labels: bool | None = None,
) -> Path:
    """Write stations to one file.

    Parameters
    ----------
    items : sequence of Station
        What to write; see :func:`geoplan.registry.stations`.
    path : str or Path
        ``.xlsx``, ``.csv`` (UTF-8 with mark), ``.geojson`` or ``.gpkg``.
    public : bool
        Without contacts, notes and private fields; False is for staff.
    target_crs : {"wgs84", "cgcs2000", "gcj02", "bd09"}
        System of the positions. The file says it: in the headers of a table, in the property ``crs`` of features.
    labels : bool, optional
        Chinese headers and words instead of codes; by default in Excel only. Such a file can be imported again.

    Returns
    -------
    Path
        What was written.

    Raises
    ------
    InputError
        The ending or the coordinate system is not known.
    """
    path = Path(path)
    if path.suffix.lower() not in EXPORT_FORMATS:
        raise InputError(
            Fault(
                f"{path.suffix!r} is not an export format",
                f"use one of {', '.join(EXPORT_FORMATS)}",
                path.name,
                problem_zh="不支持的导出格式",
                todo_zh="请用 .xlsx、.csv、.geojson 或 .gpkg",
            )
        )
    frame = to_frame(items, public=public)
    known = frame["lon"].notna().to_numpy()
    lon, lat = crs.convert(frame["lon"].to_numpy(), frame["lat"].to_numpy(), "wgs84", target_crs)
    frame["lon"], frame["lat"] = np.round(lon, 7), np.round(lat, 7)
    if not public:
        frame["extra"] = [json.dumps(item["extra"], ensure_ascii=False) if item["extra"] else "" for item in items]
    path.parent.mkdir(parents=True, exist_ok=True)
    suffix = path.suffix.lower()
    if suffix in {".xlsx", ".csv"}:
        table = _table(frame, target_crs, labels if labels is not None else suffix == ".xlsx")
        (_write_xlsx if suffix == ".xlsx" else _write_csv)(table, path)
    elif suffix == ".geojson":
        _write_geojson(frame, known, path, target_crs)
    else:
        _write_gpkg(frame, known, path, target_crs)
    return path


def _table(frame: pd.DataFrame, target_crs: str, labels: bool) -> pd.DataFrame:
    table = frame.astype(object).where(frame.notna(), "")
    for field in table.columns:
        if FIELD_BY_NAME.get(field) is not None and FIELD_BY_NAME[field].type == "flag":
            table[field] = [("是" if v else "否") if isinstance(v, bool) else "" for v in table[field]]
        elif labels:
            table[field] = [_labelled(value, field, labels) for value in table[field]]
    names: dict[str, str] = {f: FIELD_BY_NAME[f].label_zh for f in table.columns if labels and f in FIELD_BY_NAME}
    names |= {"station_id": "站点号", "extra": "其他原始列"} if labels else {}
    lon, lat = ("经度", "纬度") if labels else ("lon", "lat")
    word = f"（{target_crs.upper()}）" if labels else f"_{target_crs}"
    return table.rename(columns=names | {"lon": lon + word, "lat": lat + word})


def _demonstration(frame: pd.DataFrame) -> bool:
    column = next((name for name in ("origin", "数据来源") if name in frame.columns), None)
    return column is not None and bool((frame[column] == "demonstration").any())


def _write_xlsx(table: pd.DataFrame, path: Path) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("站点")
    if _demonstration(table):
        sheet.append(text_cells(sheet, [DEMONSTRATION]))
    sheet.append(text_cells(sheet, table.columns, bold=True))
    for record in table.itertuples(index=False):
        sheet.append(text_cells(sheet, record))
    book.save(path)


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    table.map(inert).to_csv(path, index=False, encoding="utf-8-sig")


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    return None if value == "" or (isinstance(value, float) and np.isnan(value)) else value


def _write_geojson(frame: pd.DataFrame, known: np.ndarray[Any, Any], path: Path, target_crs: str) -> None:
    features = []
    for record, located in zip(frame.to_dict(orient="records"), known, strict=True):
        point = {"type": "Point", "coordinates": [record.pop("lon"), record.pop("lat")]}
        properties = {str(k): _plain(v) for k, v in record.items()} | {"crs": target_crs}
        features.append(
            {
                "type": "Feature",
                "id": record["station_id"],
                "geometry": point if located else None,
                "properties": properties,
            }
        )
    collection: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    if _demonstration(frame):
        collection["notice"] = DEMONSTRATION
    path.write_text(json.dumps(collection, ensure_ascii=False, allow_nan=False), encoding="utf-8")


def _write_gpkg(frame: pd.DataFrame, known: np.ndarray[Any, Any], path: Path, target_crs: str) -> None:
    points = gpd.GeoSeries(gpd.points_from_xy(frame["lon"], frame["lat"]), crs=4326)
    points[~known] = None
    layer = gpd.GeoDataFrame(frame.drop(columns=["lon", "lat"]).assign(crs=target_crs), geometry=points)
    path.unlink(missing_ok=True)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*None.*geometr.*")
        layer.to_file(path, layer="stations", driver="GPKG", engine="pyogrio")


def export_upward(
    items: Sequence[Station], path: str | Path, *, unit: str, revision: int, at: datetime | None = None
) -> Mapping[str, Any]:
    """Write the export for the next level (县 → 市 → 省): one zip with stations, their fields and a manifest.

    Parameters
    ----------
    items : sequence of Station
        All stations of the unit, withdrawn ones too: the receiver must learn of them.
    path : str or Path
        The .zip to write.
    unit : str
        Reporting unit, e.g. ``"无锡市总工会"``.
    revision : int
        State of the register (:func:`geoplan.registry.head_revision`).
    at : datetime.datetime, optional
        When it was made; now by default.

    Returns
    -------
    mapping of str to object
        The manifest: form, unit, revision, counts, SHA-256 of each part.

    Raises
    ------
    InputError
        No unit is named.
    """
    if not unit.strip():
        raise InputError(Fault("no reporting unit is given", "name it", field="unit",
                               problem_zh="没有注明上报单位", todo_zh="请填写"))  # fmt: skip
    frame = to_frame(items, public=True)
    frame["withdrawn"] = [bool(item["withdrawn"]) for item in items]
    frame["revision"] = [item.revision for item in items]
    frame["changed_at"] = [item.changed_at.astimezone(UTC).isoformat(timespec="seconds") for item in items]
    records = [{str(k): _plain(v) for k, v in record.items()} for record in frame.to_dict(orient="records")]
    body = "".join(json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n" for record in records).encode()
    fields = [
        {
            "name": spec.name,
            "label_zh": spec.label_zh,
            "label_en": spec.label_en,
            "type": spec.type,
            "codes": dict(spec.codes or {}),
        }
        for spec in FIELDS
        if spec.public
    ]
    described = json.dumps(fields, ensure_ascii=False, indent=1).encode()
    manifest = {
        "format": UPWARD_FORMAT,
        "unit": unit.strip(),
        "revision": revision,
        "made_at": (at or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds"),
        "crs": "wgs84",
        "stations": len(records),
        "active": sum(not record["withdrawn"] for record in records),
        "demonstration": _demonstration(frame),
        "sha256": {
            "stations.jsonl": hashlib.sha256(body).hexdigest(),
            "fields.json": hashlib.sha256(described).hexdigest(),
        },
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1))
        archive.writestr("fields.json", described)
        archive.writestr("stations.jsonl", body)
    return manifest
