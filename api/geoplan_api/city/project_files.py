"""A plan's project list as a file: Excel with its certificate, CSV that opens in Excel, GeoJSON."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from geoplan.cells import inert
from geoplan.geojson import from_geojson
from geoplan.pack import CityPack
from geoplan.planning import write_hours_workbook, write_project_workbook
from geoplan.vocabulary import Language
from geoplan_api.city.comparison import projects_of, year_of

__all__ = ["project_list_file"]


def project_list_file(
    answer: dict[str, Any], form: str, pack: CityPack, language: Language = "zh"
) -> tuple[bytes, str]:
    """Return a plan's project list as a file.

    A plan that should hold in every slice gives its own list, and its shares a sheet of their own.

    Parameters
    ----------
    answer : dict
        Result of a siting or an hours job, with at least one project.
    form : {"xlsx", "csv", "geojson"}
        Form of the file.
    pack : CityPack
        The city.
    language : {"zh", "en"}
        Language of a workbook.

    Returns
    -------
    tuple of bytes and str
        The file and its media type.
    """
    listed = projects_of(answer)
    if form == "geojson":
        return orjson.dumps(listed), "application/geo+json"
    names = [name for name in listed["features"][0]["properties"] if name != "gain_by_trade"]
    projects = from_geojson(listed, names)
    built_in = year_of(answer)
    if built_in and "year" not in projects:
        projects.insert(1, "year", projects["site_id"].map(built_in))
    if form == "csv":
        if "slices" in projects:
            projects["slices"] = projects["slices"].map(";".join)
        text = projects.drop(columns="geometry").map(inert).to_csv(index=False)
        return ("\ufeff" + text).encode(), "text/csv; charset=utf-8"
    with TemporaryDirectory(prefix="geoplan-projects-") as folder:
        path = Path(folder, "projects.xlsx")
        if answer["question"].get("kind") == "hours":
            write_hours_workbook(path, pack, answer["facts"], language)
        else:
            # plans kept before robust plans were plans of their own hold theirs apart
            facts = (answer.get("robust") or {}).get("facts", answer["facts"])
            write_project_workbook(path, pack, facts, projects, language)
        return path.read_bytes(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
