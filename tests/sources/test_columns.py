"""Headers in many wordings reach the same fields; what is unsure is shown, what is unknown stays."""

from __future__ import annotations

import pytest

from geoplan.errors import InputError
from geoplan.sources.columns import crs_from_words, map_columns

WORDINGS = {
    "name": ["站点名称", "驿站名称", "名称", "*站点名称（必填）", "name", "Station Name", "１．站点名称"],
    "address": ["地址", "详细地址", "位置", "站点详细地址", "ADDRESS"],
    "opening_hours": ["开放时间", "营业时间", "服务时间", "每日开放时间段", "open_hours"],
    "district": ["所属区", "区县", "区域", "市（县）、区"],
    "town": ["街道", "乡镇", "镇街", "所属镇（街道）"],
    "area_m2": ["Area (sqm)", "面积", "面积（平方米）", "使用面积/㎡"],
    "contact_person": ["负责人"],
    "contact_phone": ["联系电话", "负责人及联系电话"],
    "facilities": ["设施", "服务设施"],
    "services": ["服务内容"],
    "station_class": ["站点类型"],
    "build_mode": ["建设方式"],
    "host_name": ["依托单位"],
    "union_unit": ["所属工会"],
    "opened_on": ["建成时间"],
    "status": ["运营状态"],
    "public_phone": ["服务电话"],
    "station_code": ["站点编号"],
    "serial": ["序号"],
    "note": ["备注"],
}


@pytest.mark.parametrize(("header", "field"), [(h, field) for field, hs in WORDINGS.items() for h in hs])
def test_wording_reaches_its_field(header: str, field: str) -> None:
    assert map_columns([header]).fields == {field: header}


@pytest.mark.parametrize(
    ("headers", "lon", "lat", "crs"),
    [
        (["经度", "纬度"], "经度", "纬度", ""),
        (["lng", "lat"], "lng", "lat", ""),
        (["Longitude", "Latitude"], "Longitude", "Latitude", ""),
        (["X坐标", "Y坐标"], "X坐标", "Y坐标", ""),
        (["经度（高德）", "纬度（高德）"], "经度（高德）", "纬度（高德）", "gcj02"),
        (["百度经度", "百度纬度"], "百度经度", "百度纬度", "bd09"),
        (["坐标"], "坐标", "坐标", ""),
        (["经纬度"], "经纬度", "经纬度", ""),
        (["GCJ02坐标"], "GCJ02坐标", "GCJ02坐标", "gcj02"),
        (["lon_gcj02", "lat_gcj02", "lon_wgs84", "lat_wgs84"], "lon_wgs84", "lat_wgs84", "wgs84"),
    ],
)
def test_coordinate_columns(headers: list[str], lon: str, lat: str, crs: str) -> None:
    found = map_columns(headers).coordinates[0]
    assert (found.lon, found.lat, found.crs) == (lon, lat, crs)


def test_private_by_default_a_bare_telephone_is_a_contact() -> None:
    assert map_columns(["电话"]).fields == {"contact_phone": "电话"}


def test_unknown_headers_stay_and_similar_ones_are_to_confirm() -> None:
    found = map_columns(["站点名称", "飞机场", "opening_hour"])
    assert found.unmapped == ("飞机场",)
    assert [match.field for match in found.to_confirm] == ["opening_hours"]


def test_two_headers_for_one_field_lose_none() -> None:
    found = map_columns(["名称", "站点名称"])
    assert found.header("name") == "站点名称"
    assert found.unmapped == ("名称",)


def test_a_person_may_decide_otherwise() -> None:
    found = map_columns(["名称", "站点名称"]).choose("name", "名称")
    assert found.header("name") == "名称"
    assert found.unmapped == ("站点名称",)
    assert found.choose("name", None).header("name") is None
    with pytest.raises(InputError):
        found.choose("nmae", "名称")


def test_demand_and_districts_have_their_own_words() -> None:
    demand = map_columns(["网格编号", "经度", "纬度", "外卖骑手", "快递员", "环卫工人", "合计"], "demand")
    assert demand.fields == {
        "demand_id": "网格编号", "workers": "合计", "workers_food_rider": "外卖骑手", "workers_courier": "快递员",
        "workers_sanitation": "环卫工人",
    }  # fmt: skip
    assert map_columns(["adcode", "name", "level"], "districts").fields == {
        "district_code": "adcode",
        "name": "name",
        "level": "level",
    }


def test_crs_words() -> None:
    assert [crs_from_words(t) for t in ("高德", "WGS-84", "百度坐标系", "CGCS2000", "国家大地2000坐标系", "地址")] == [
        "gcj02", "wgs84", "bd09", "cgcs2000", "cgcs2000", ""
    ]  # fmt: skip


def test_the_cells_decide_whether_location_means_an_address() -> None:
    words = map_columns(["name", "location"], cells={"name": ["甲"], "location": ["中山路1号"]})
    assert words.fields == {"name": "name", "address": "location"}
    numbers = map_columns(["name", "location"], cells={"name": ["甲"], "location": ["120.3,31.5"]})
    assert numbers.coordinates[0].combined
