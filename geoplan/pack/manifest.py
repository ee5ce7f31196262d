"""The manifest of a city pack: ``pack.toml``, read into a frozen value with every fault reported at once."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import tomlkit
from pyproj import CRS
from pyproj.exceptions import CRSError

from geoplan.errors import FaultLog
from geoplan.standard import STANDARD

__all__ = [
    "FORMAT",
    "LAYERS",
    "REQUIRED_LAYERS",
    "Defaults",
    "FileEntry",
    "Manifest",
    "read_manifest",
    "write_manifest",
]

FORMAT: Final = 1
MANIFEST_NAME: Final = "pack.toml"
REQUIRED_LAYERS: Final = ("streets", "districts", "stations", "demand")
LAYERS: Final = (*REQUIRED_LAYERS, "candidates", "towns", "key_areas", "water", "places")
ORIGINS: Final = ("demonstration", "user")

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One input file of a pack and what is known about it.

    Parameters
    ----------
    path : str
        File name relative to the pack folder.
    source, date, licence : str
        Where it comes from, its date (ISO 8601, may be empty where unknown) and its licence.
    defects : tuple of str
        Known defects, each a sentence that reports repeat.
    """

    path: str
    source: str = ""
    date: str = ""
    licence: str = ""
    defects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Defaults:
    """Parameters that every question about the pack starts from; the standard's own where the pack says nothing.

    Parameters
    ----------
    profile : str
        Travel profile.
    limit_s : float
        Limit of the network test, seconds.
    radius_m : float
        Radius of the circle test, metres.
    k : int
        Stations within reach that cross coverage asks for.
    new_sites : int or None
        New stations that a first plan asks for; None where the pack does not say.
    max_snap_m : float
        Longest access leg between a place and a street, metres.
    hour_cost, all_day_cost : float or None
        What one more open hour a day costs at a station, and what opening it around the clock does, in the pack's
        ``cost_unit``; None where the pack does not say: no figure is published that could stand for it.
    """

    profile: str = STANDARD.profile
    limit_s: float = STANDARD.limit_s
    radius_m: float = STANDARD.radius_m
    k: int = STANDARD.k
    new_sites: int | None = None
    max_snap_m: float = 500.0
    hour_cost: float | None = None
    all_day_cost: float | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a pack says about itself.

    Parameters
    ----------
    name_zh, name_en : str
        Name of the city or area.
    area, area_en : str
        The area that the pack's figures are a share of, in words.
    crs_metric : str
        Projection in metres that the pack is computed in.
    origin : {"user", "demonstration"}
        Whether the records are a user's own or generated.
    demand_unit : str
        What the demand column counts: ``"workers"``, ``"points"`` or ``"street_m"``.
    cost_unit : str
        Unit of the candidates' costs and so of every budget, in Chinese (``"万元"``); empty where nobody said.
    timezone : str
        IANA name; opening hours are read in it.
    attribution : tuple of str
        Lines that every map made from the pack must carry.
    notes : tuple of str
        Assumptions that every report made from the pack repeats.
    defaults : Defaults
        Parameters to start from.
    files : mapping of str to FileEntry
        Layer name to file.
    profiles : mapping of str to table
        Travel profiles of the user's own.
    demand_recipe : table
        Sources, weights and control totals that the demand is built from (:mod:`geoplan.demand.recipe`); empty where
        the demand was given.
    """

    name_zh: str
    name_en: str
    area: str
    area_en: str
    crs_metric: str
    origin: str
    demand_unit: str = "workers"
    cost_unit: str = ""
    timezone: str = "Asia/Shanghai"
    attribution: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    defaults: Defaults = field(default_factory=Defaults)
    files: Mapping[str, FileEntry] = field(default_factory=lambda: MappingProxyType({}))
    profiles: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: MappingProxyType({}))
    demand_recipe: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def is_demonstration(self) -> bool:
        """Whether the records are generated, so that every output must say so."""
        return self.origin == "demonstration"


def read_manifest(directory: Path) -> Manifest:
    """Read and check ``pack.toml`` of a pack folder.

    Parameters
    ----------
    directory : pathlib.Path
        The pack folder.

    Raises
    ------
    InputError
        With every fault of the manifest: not a folder, no manifest, broken TOML (with its line), keys that are
        missing, of the wrong type or unknown, files that are not there.
    """
    log = FaultLog(MANIFEST_NAME)
    path = directory / MANIFEST_NAME
    if not directory.is_dir():
        log.add(f"{directory} is not a folder", "name the folder that holds pack.toml", file="")
        log.raise_if_any()
    if not path.is_file():
        log.add(f"{directory} holds no pack.toml", "make a pack with 'geoplan pack init'", file="")
        log.raise_if_any()
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        log.add(f"is not valid TOML: {error}", "correct that place, or make the pack again with 'geoplan pack init'")
        log.raise_if_any()
    reader = _Table(table, log, "")
    found = reader.number("format", FORMAT)
    if found != FORMAT:
        log.add(f"format {found:g} is not known", f"this version reads format {FORMAT}", field="format")
    origin = reader.text("origin", required=True)
    if origin and origin not in ORIGINS:
        log.add(f"origin {origin!r} is not known", f"use one of {', '.join(ORIGINS)}", field="origin")
    crs_metric = reader.text("crs_metric", required=True)
    _check_crs(crs_metric, log)
    manifest = Manifest(
        name_zh=reader.text("name_zh", required=True),
        name_en=reader.text("name_en", required=True),
        area=reader.text("area", required=True),
        area_en=reader.text("area_en"),
        crs_metric=crs_metric,
        origin=origin,
        demand_unit=reader.text("demand_unit", default="workers"),
        cost_unit=reader.text("cost_unit"),
        timezone=reader.text("timezone", default="Asia/Shanghai"),
        attribution=reader.texts("attribution"),
        notes=reader.texts("notes"),
        defaults=_defaults(reader.table("defaults")),
        files=_files(reader.table("files"), directory, log),
        profiles=MappingProxyType(dict(reader.table("profiles").values)),
        demand_recipe=MappingProxyType(dict(reader.table("demand_recipe").values)),
    )
    reader.unknown({"profiles"})
    log.raise_if_any()
    return manifest


def write_manifest(manifest: Manifest, directory: Path) -> Path:
    """Write ``pack.toml`` into a pack folder; returns its path."""
    document = tomlkit.document()
    document["format"] = FORMAT
    for key in (
        "name_zh",
        "name_en",
        "area",
        "area_en",
        "origin",
        "crs_metric",
        "timezone",
        "demand_unit",
        "cost_unit",
    ):
        document[key] = getattr(manifest, key)
    for key in ("attribution", "notes"):
        document[key] = tomlkit.array()
        document[key].extend(getattr(manifest, key))
        document[key].multiline(True)
    defaults = tomlkit.table()
    for key in Defaults.__slots__:
        if (value := getattr(manifest.defaults, key)) is not None:
            defaults[key] = value
    document["defaults"] = defaults
    files = tomlkit.table(is_super_table=True)
    for layer, entry in manifest.files.items():
        table = tomlkit.table()
        for key in ("path", "source", "date", "licence"):
            table[key] = getattr(entry, key)
        table["defects"] = list(entry.defects)
        files[layer] = table
    document["files"] = files
    if manifest.profiles:
        document["profiles"] = {name: dict(table) for name, table in manifest.profiles.items()}
    if manifest.demand_recipe:
        document["demand_recipe"] = dict(manifest.demand_recipe)
    path = directory / MANIFEST_NAME
    path.write_text(tomlkit.dumps(document), encoding="utf-8")
    return path


def _check_crs(text: str, log: FaultLog) -> None:
    if not text:
        return
    try:
        crs = CRS.from_user_input(text)
    except CRSError:
        log.add(f"{text!r} is not a projection", "use an EPSG code such as EPSG:4549", field="crs_metric")
        return
    if not crs.is_projected or crs.axis_info[0].unit_conversion_factor != 1.0:
        log.add(f"{text!r} is not in metres", "use a projected system such as EPSG:4549", field="crs_metric")


def _defaults(table: _Table) -> Defaults:
    base = Defaults()
    defaults = Defaults(
        profile=table.text("profile", default=base.profile),
        limit_s=table.number("limit_s", base.limit_s, positive=True),
        radius_m=table.number("radius_m", base.radius_m, positive=True),
        k=int(table.number("k", base.k, positive=True)),
        new_sites=None if table.cost("new_sites") is None else int(table.cost("new_sites") or 0),
        max_snap_m=table.number("max_snap_m", base.max_snap_m, positive=True),
        hour_cost=table.cost("hour_cost"),
        all_day_cost=table.cost("all_day_cost"),
    )
    table.unknown()
    return defaults


def _files(table: _Table, directory: Path, log: FaultLog) -> Mapping[str, FileEntry]:
    files: dict[str, FileEntry] = {}
    for layer in table.values:
        where = f"files.{layer}"
        if layer not in LAYERS:
            log.add(f"layer {layer!r} is not known", f"use one of {', '.join(LAYERS)}", field=where)
            continue
        entry = table.table(layer)
        path = entry.text("path", required=True)
        if path and (Path(path).is_absolute() or ".." in Path(path).parts):
            log.add(f"path {path!r} leaves the pack folder", "copy the file into the pack", field=f"{where}.path")
        elif path and not (directory / path).is_file():
            log.add(
                f"file {path!r} is not in the pack folder", "put it there or correct the path", field=f"{where}.path"
            )
        files[layer] = FileEntry(
            path, entry.text("source"), entry.date("date"), entry.text("licence"), entry.texts("defects")
        )
        entry.unknown()
    for layer in REQUIRED_LAYERS:
        if layer not in table.values:
            log.add(f"the layer {layer!r} is missing", f"add a table [files.{layer}] with its path", field="files")
    return MappingProxyType(files)


class _Table:
    """A TOML table that checks the type of what is asked of it and remembers what was."""

    def __init__(self, values: Mapping[str, Any], log: FaultLog, prefix: str) -> None:
        self.values = values
        self._log = log
        self._prefix = prefix
        self._asked: set[str] = set()

    def _fault(self, key: str, problem: str, todo: str) -> None:
        self._log.add(problem, todo, field=f"{self._prefix}{key}")

    def text(self, key: str, *, default: str = "", required: bool = False) -> str:
        self._asked.add(key)
        value = self.values.get(key)
        if value is None:
            if required:
                self._fault(key, "the key is missing", f'add {key} = "…"')
            return default
        if not isinstance(value, str) or (required and not value.strip()):
            self._fault(key, f"{value!r} is not a text", f'write {key} = "…"')
            return default
        return value

    def date(self, key: str) -> str:
        self._asked.add(key)
        value = self.values.get(key, "")
        if isinstance(value, dt.date | dt.datetime):
            return value.isoformat()
        if isinstance(value, str):
            try:
                return value if not value else dt.date.fromisoformat(value[:10]).isoformat()
            except ValueError:
                pass
        self._fault(key, f"{value!r} is not a date", "write it as YYYY-MM-DD")
        return ""

    def texts(self, key: str) -> tuple[str, ...]:
        self._asked.add(key)
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self._fault(key, "is not a list of texts", f'write {key} = ["…", "…"]')
            return ()
        return tuple(value)

    def number(self, key: str, default: float, *, positive: bool = False) -> float:
        self._asked.add(key)
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or (positive and not value > 0):
            self._fault(
                key,
                f"{value!r} is not a {'positive ' if positive else ''}number",
                f"write for example {key} = {default:g}",
            )
            return default
        return float(value)

    def cost(self, key: str) -> float | None:
        if key not in self.values:
            self._asked.add(key)
            return None
        value = self.number(key, 0.0)
        if value < 0:
            self._fault(key, f"{value:g} is below 0", f"write for example {key} = 1.0")
        return value

    def table(self, key: str) -> _Table:
        self._asked.add(key)
        value = self.values.get(key, _NOTHING)
        if not isinstance(value, Mapping):
            self._fault(key, "is not a table", f"write [{self._prefix}{key}]")
            value = _NOTHING
        return _Table(value, self._log, f"{self._prefix}{key}.")

    def unknown(self, allowed: set[str] | None = None) -> None:
        """Report keys that nothing asked for: most often a spelling mistake."""
        for key in self.values:
            if key not in self._asked and key not in (allowed or set()):
                self._fault(key, "the key is not known", "correct its spelling or remove it")
