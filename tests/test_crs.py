"""Chinese coordinate systems against published pairs, and the metric side against the ellipsoid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from geoplan.crs import (
    bd09_to_wgs84,
    convert,
    ellipsoid_length_m,
    gcj02_to_wgs84,
    metric_crs,
    project,
    unproject,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)
from geoplan.errors import InputError

# the convert service's documented pairs, WGS-84 → GCJ-02; 1e-6 degrees is 0.1 m
AMAP = [
    (116.481499, 39.990475, 116.487585177952, 39.991754014757),
    (116.481499, 39.990375, 116.487585177952, 39.991653917101),
]
lons = st.floats(75.0, 130.0)
lats = st.floats(18.0, 52.0)


@pytest.mark.parametrize(("lon", "lat", "gcj_lon", "gcj_lat"), AMAP)
def test_official_pairs(lon, lat, gcj_lon, gcj_lat):
    assert np.allclose(wgs84_to_gcj02(lon, lat), (gcj_lon, gcj_lat), atol=1e-6, rtol=0)


@given(lons, lats)
def test_round_trips(lon, lat):
    assert np.allclose(gcj02_to_wgs84(*wgs84_to_gcj02(lon, lat)), (lon, lat), atol=1e-9, rtol=0)
    assert np.allclose(bd09_to_wgs84(*wgs84_to_bd09(lon, lat)), (lon, lat), atol=1e-9, rtol=0)


def test_the_shift_in_wuxi_is_half_a_radius():
    lon, lat = np.array([120.0, 120.3, 120.5]), np.array([31.2, 31.57, 31.9])
    g_lon, g_lat = wgs84_to_gcj02(lon, lat)
    shift_m = ellipsoid_length_m(lon, lat, g_lon, g_lat)
    assert ((shift_m > 450) & (shift_m < 550)).all()


def test_nothing_shifts_outside_china():
    assert wgs84_to_gcj02(24.94, 60.17) == (24.94, 60.17)
    assert wgs84_to_bd09(24.94, 60.17) == (24.94, 60.17)


def test_unknown_system_is_refused_by_name():
    with pytest.raises(InputError, match=r"'mars' is not known; use one of wgs84"):
        convert(120.0, 31.0, "mars")


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [(120.3, 31.57, "EPSG:4549"), (113.6, 34.8, "EPSG:4547"), (24.9, 60.2, "EPSG:32635"), (-58.4, -34.6, "EPSG:32721")],
)
def test_metric_projection(lon, lat, code):
    assert metric_crs(lon, lat) == code
    assert np.allclose(unproject(project(lon, lat, code), code), [[lon, lat]], atol=1e-9)


@given(st.floats(-179, 178), st.floats(-80, 80), st.floats(-0.05, 0.05), st.floats(-0.05, 0.05))
def test_short_lengths_equal_the_geodesic(lon, lat, d_lon, d_lat):
    _, _, true_m = Geod(ellps="WGS84").inv(lon, lat, lon + d_lon, lat + d_lat)
    assert ellipsoid_length_m(lon, lat, lon + d_lon, lat + d_lat) == pytest.approx(true_m, rel=3e-6, abs=1e-6)
