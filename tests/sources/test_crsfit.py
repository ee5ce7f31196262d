"""The coordinate system of a register is proven by fit or refused; never guessed."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geoplan import crs
from geoplan.errors import InputError
from geoplan.sources.coordinates import Positions
from geoplan.sources.crsfit import determine_crs, require_crs
from geoplan.sources.evidence import Reference

METRIC = "EPSG:4549"
CENTRE = crs.project(120.30, 31.57, METRIC)[0]


def grid_town(seed: int = 1) -> gpd.GeoDataFrame:
    """An irregular town of 40 east-west and 40 north-south streets, 60–400 m apart, every one named."""
    rng = np.random.default_rng(seed)
    xs, ys = (np.cumsum(rng.uniform(60, 400, 40)) - 4600 for _ in range(2))
    lines = [shapely.LineString([(-5000, y), (5000, y)]) for y in ys] + [
        shapely.LineString([(x, -5000), (x, 5000)]) for x in xs
    ]
    moved = [shapely.transform(line, lambda c: c + CENTRE) for line in lines]
    return gpd.GeoDataFrame(
        {"name": [f"{'东西' if i < 40 else '南北'}{i}路" for i in range(80)]}, geometry=moved, crs=METRIC
    ).to_crs(4326)


STREETS = grid_town()
REFERENCE = Reference.from_frames(crs_metric=METRIC, streets=STREETS)


def register(
    n: int, system: str, *, seed: int = 2, off_m: float = 15.0, shift_m: tuple[float, float] = (0.0, 0.0)
) -> tuple[Positions, list[str]]:
    """Stations beside streets, written in ``system``."""
    rng = np.random.default_rng(seed)
    lines = STREETS.geometry.to_crs(METRIC).to_numpy()
    pick = rng.integers(0, len(lines), n)
    points = shapely.line_interpolate_point(lines[pick], rng.uniform(0.2, 0.8, n), normalized=True)
    xy = np.c_[shapely.get_x(points), shapely.get_y(points)] + rng.normal(0, off_m, (n, 2)) + shift_m
    lonlat = crs.unproject(xy, METRIC)
    lon, lat = crs.convert(lonlat[:, 0], lonlat[:, 1], "wgs84", system)
    return as_positions(lon, lat), [f"{STREETS['name'][i]}{k}号" for k, i in enumerate(pick)]


def as_positions(lon: np.ndarray, lat: np.ndarray, declared: str = "") -> Positions:
    no = np.zeros(len(lon), bool)
    return Positions(lon, lat, ("",) * len(lon), declared, ("",) * len(lon), no, no, no, None)


@pytest.mark.parametrize("system", ["wgs84", "gcj02", "bd09"])
@pytest.mark.parametrize("named", [False, True])
def test_each_system_is_proven_by_streets(system: str, named: bool) -> None:
    positions, addresses = register(40, system)
    verdict = determine_crs(positions, REFERENCE, address_of=addresses if named else None)
    assert (verdict.crs, verdict.basis, verdict.rows) == (system, "proven", 40)
    assert verdict.fits[0].street_m < 20
    assert verdict.fits[0].z == 0 < verdict.fits[1].z


def test_a_handful_is_ambiguous_and_refused() -> None:
    verdict = determine_crs(register(4, "gcj02")[0], REFERENCE)
    assert (verdict.crs, verdict.basis) == ("", "ambiguous")
    with pytest.raises(InputError, match="coordinate system") as caught:
        require_crs(verdict, "a.xlsx")
    assert caught.value.faults[0].problem_zh


def test_points_anywhere_are_ambiguous() -> None:
    rng = np.random.default_rng(0)
    lonlat = crs.unproject(CENTRE + rng.uniform(-3000, 3000, (80, 2)), METRIC)
    assert determine_crs(as_positions(*lonlat.T), REFERENCE).basis == "ambiguous"


def test_a_register_in_none_of_the_systems_is_not_forced_into_one() -> None:
    assert determine_crs(register(60, "wgs84", shift_m=(-340.0, 410.0))[0], REFERENCE).crs == ""


def test_a_declaration_is_believed_unless_the_fit_proves_another() -> None:
    few = dataclasses.replace(register(4, "gcj02")[0], declared_crs="gcj02")
    assert determine_crs(few, REFERENCE).crs == "gcj02"
    many = dataclasses.replace(register(60, "gcj02")[0], declared_crs="wgs84")
    assert determine_crs(many, REFERENCE).basis == "contradicted"
    same = dataclasses.replace(register(60, "wgs84")[0], declared_crs="cgcs2000")
    assert (determine_crs(same, REFERENCE).crs, determine_crs(same, REFERENCE).basis) == ("cgcs2000", "proven")


def test_a_person_decides_what_is_ambiguous_but_not_against_proof() -> None:
    assert determine_crs(register(4, "bd09")[0], REFERENCE, chosen="bd09").basis == "chosen"
    assert determine_crs(register(60, "bd09")[0], REFERENCE, chosen="wgs84").basis == "contradicted"


def test_a_register_put_together_from_two_systems_is_refused() -> None:
    a, b = register(60, "gcj02")[0], register(30, "wgs84", seed=5)[0]
    both = as_positions(np.r_[a.lon, b.lon], np.r_[a.lat, b.lat])
    verdict = determine_crs(both, REFERENCE, district_of=["甲区"] * 60 + ["乙区"] * 30)
    assert (verdict.crs, verdict.basis) == ("", "mixed")
    assert "乙" in verdict.reason


def test_districts_alone_can_prove_where_borders_are_near() -> None:
    x, y = CENTRE
    west, east = shapely.box(x - 5000, y - 5000, x, y + 5000), shapely.box(x, y - 5000, x + 5000, y + 5000)
    districts = gpd.GeoDataFrame(
        {"district_code": ["1", "2"], "name": ["西区", "东区"]}, geometry=[west, east], crs=METRIC
    ).to_crs(4326)
    reference = Reference.from_frames(crs_metric=METRIC, districts=districts)
    rng = np.random.default_rng(3)
    xy = CENTRE + np.c_[rng.uniform(-450, 450, 200), rng.uniform(-3000, 3000, 200)]
    home = ["西区" if px < x else "东区" for px in xy[:, 0]]
    lonlat = crs.unproject(xy, METRIC)
    lon, lat = crs.convert(*lonlat.T, "wgs84", "gcj02")
    verdict = determine_crs(as_positions(lon, lat), reference, district_of=home)
    assert verdict.fits[0].crs == "gcj02"
    assert verdict.fits[0].own_district == 1.0
    # The east-west shift shows, the north-south one does not: nothing but a line was seen, so it may not be proven.
    assert verdict.basis in {"proven", "ambiguous"}


def test_metro_stations_of_the_same_name_are_strong_evidence() -> None:
    rng = np.random.default_rng(4)
    xy = CENTRE + rng.uniform(-5000, 5000, (9, 2))
    lonlat = crs.unproject(xy, METRIC)
    names = [f"地名{chr(0x4E00 + i)}" for i in range(9)]
    reference = Reference.from_frames(
        crs_metric=METRIC, places={n: (float(a), float(b)) for n, (a, b) in zip(names, lonlat, strict=True)}
    )
    lon, lat = crs.convert(*crs.unproject(xy + rng.normal(0, 60, (9, 2)), METRIC).T, "wgs84", "bd09")
    verdict = determine_crs(as_positions(lon, lat), reference, name_of=[f"地铁爱心驿站·{n}站" for n in names])
    assert (verdict.crs, verdict.basis) == ("bd09", "proven")


def test_two_pairs_of_columns_prove_each_other() -> None:
    positions = register(20, "wgs84")[0]
    other = crs.convert(positions.lon, positions.lat, "wgs84", "gcj02")
    nothing = Reference(METRIC)
    paired = dataclasses.replace(positions, others=(("gcj02", *other),))
    assert determine_crs(paired, nothing).basis == "proven"
    assert determine_crs(positions, nothing).basis == "ambiguous"


def test_stations_on_the_shore_are_not_put_into_the_lake() -> None:
    x, y = CENTRE
    lake = gpd.GeoDataFrame(geometry=[shapely.box(x - 9000, y - 9000, x, y + 9000)], crs=METRIC).to_crs(4326)
    rng = np.random.default_rng(6)
    lonlat = crs.unproject(CENTRE + np.c_[rng.uniform(20, 300, 40), rng.uniform(-4000, 4000, 40)], METRIC)
    verdict = determine_crs(as_positions(*lonlat.T), Reference.from_frames(crs_metric=METRIC, water=lake))
    assert verdict.fits[0].in_water == 0
    assert (verdict.fits[0].crs, verdict.basis) == ("wgs84", "ambiguous")  # north and south stay open
    assert verdict.fits[1].in_water == 40
