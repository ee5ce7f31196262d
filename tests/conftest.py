"""What all tests share: where the real files lie, and how hypothesis searches."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import matplotlib as mpl
import pandas as pd
import pytest
from hypothesis import HealthCheck, settings
from matplotlib import font_manager
from shapely import LineString, box

SHARED = Path(os.environ.get("GEOPLAN_SHARED", Path(__file__).resolve().parents[2] / "shared"))

TINY_MANIFEST = """\
format = 1
name_zh = "小城"
name_en = "Tiny"
area = "梁溪区一角"
area_en = "a corner of Liangxi"
origin = "user"
crs_metric = "EPSG:4549"

[files.streets]
path = "streets.parquet"
source = "drawn by hand"
date = 2026-01-31
licence = "Apache-2.0"
defects = ["only nine corners"]

[files.districts]
path = "districts.gpkg"

[files.stations]
path = "stations.csv"

[files.demand]
path = "demand.csv"

[files.candidates]
path = "candidates.csv"
"""

settings.register_profile(
    "geoplan", deadline=None, max_examples=40, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("geoplan")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of real files beside the checkout; tests that need it skip with a plain reason where it is absent."""
    if not (SHARED / "data").is_dir():
        if os.environ.get("GEOPLAN_REQUIRE_SHARED"):
            pytest.fail("the real files must be here for this run, and are not")
        pytest.skip(f"the real files are not here ({SHARED.name}/ beside the checkout is absent)")
    return SHARED


@pytest.fixture
def no_chinese_font(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with the fonts that matplotlib brings and no other."""
    brought = Path(mpl.get_data_path())
    kept = [entry for entry in font_manager.fontManager.ttflist if Path(entry.fname).is_relative_to(brought)]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", kept)
    monkeypatch.setattr(font_manager, "findSystemFonts", list)


@pytest.fixture
def tiny_pack(tmp_path: Path) -> Path:
    """A pack folder small enough to check by hand, of a test's own."""
    return make_tiny_pack(tmp_path)


@pytest.fixture(scope="session")
def tiny_pack_in() -> Callable[[Path], Path]:
    """Make that pack in a folder of one's own, as for a whole module."""
    return make_tiny_pack


def make_tiny_pack(parent: Path) -> Path:
    """Make a pack folder small enough to check by hand.

    Streets of 0.001 degrees spacing (95 m east-west, 111 m north-south), one district, two stations (S1 on the
    south-west corner, S2 on the north-east), four demand points of 10, 20, 30 and 40 workers, two candidates::

        6---7---8   S2 at 8
        |   |   |
        3---4---5
        |   |   |
        0---1---2   S1 at 0
    """
    folder = parent / "tiny"
    folder.mkdir()
    west, south, step = 120.300, 31.570, 0.001
    corner = [(west + step * (i % 3), south + step * (i // 3)) for i in range(9)]
    pairs = [(0, 1), (1, 2), (3, 4), (4, 5), (6, 7), (7, 8), (0, 3), (3, 6), (1, 4), (4, 7), (2, 5), (5, 8)]
    gpd.GeoDataFrame(
        {"u": [u for u, _ in pairs], "v": [v for _, v in pairs], "highway": "residential", "name": "测试路"},
        geometry=[LineString([corner[u], corner[v]]) for u, v in pairs],
        crs="EPSG:4326",
    ).to_parquet(folder / "streets.parquet")
    gpd.GeoDataFrame(
        {"district_code": ["320213"], "name": ["梁溪区"]},
        geometry=[box(west - 0.01, south - 0.01, west + 0.012, south + 0.012)],
        crs="EPSG:4326",
    ).to_file(folder / "districts.gpkg")
    pd.DataFrame(
        {
            "station_code": ["S1", "S2"],
            "name": ["一号站", "二号站"],
            "lon": [corner[0][0], corner[8][0]],
            "lat": [corner[0][1], corner[8][1]],
            "opening_hours": ["24/7", "Mo-Fr 09:00-12:00,13:00-17:00"],
            "facilities": ["water;toilet", "water;microwave"],
        }
    ).to_csv(folder / "stations.csv", index=False, encoding="utf-8-sig")
    at = [0, 4, 8, 2]
    pd.DataFrame(
        {
            "demand_id": ["D1", "D2", "D3", "D4"],
            "lon": [corner[i][0] for i in at],
            "lat": [corner[i][1] for i in at],
            "workers": [10.0, 20.0, 30.0, 40.0],
        }
    ).to_csv(folder / "demand.csv", index=False)
    pd.DataFrame(
        {
            "candidate_id": ["C1", "C2"],
            "name": ["候选一", "候选二"],
            "host_type": ["社区服务中心", "银行"],
            "lon": [corner[2][0], corner[6][0]],
            "lat": [corner[2][1], corner[6][1]],
        }
    ).to_csv(folder / "candidates.csv", index=False, encoding="utf-8-sig")
    (folder / "pack.toml").write_text(TINY_MANIFEST, encoding="utf-8")
    return folder
