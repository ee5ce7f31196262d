"""The words people use in the headers of registers, demand tables and boundary files, in Chinese and English.

Each canonical field lists its wordings, separated by spaces, from the surest to the least sure. A wording is compared
after :func:`geoplan.sources.columns.normal_header`: width folded, lower case, no spaces, no punctuation.
"""

from __future__ import annotations

from typing import Final, Literal

from geoplan.vocabulary import FIELDS, group

__all__ = ["CRS_WORDS", "KINDS", "LAT_WORDS", "LON_WORDS", "PAIR_WORDS", "WORDINGS", "Kind"]

Kind = Literal["stations", "demand", "candidates", "districts"]
KINDS: Final[tuple[Kind, ...]] = ("stations", "demand", "candidates", "districts")

LON_WORDS: Final = (
    "经度 lon lng long longitude 经 x坐标 坐标x 东经 x pointx coordx 经度值 横坐标 jd jingdu 站点经度 驿站经度 "
    "地理经度 位置经度 xcoord lontitude longtitude"
)
LAT_WORDS: Final = (
    "纬度 lat latitude 纬 y坐标 坐标y 北纬 y pointy coordy 纬度值 纵坐标 wd weidu 站点纬度 驿站纬度 地理纬度 "
    "位置纬度 ycoord latitute 维度"
)
PAIR_WORDS: Final = (
    "经纬度 坐标 位置坐标 地理坐标 坐标位置 经纬度坐标 lnglat latlng lonlat latlon location coordinates "
    "coordinate coords coord position gps gps坐标 gps位置 定位 定位坐标 地图坐标 坐标点 点位坐标 站点坐标 "
    "驿站坐标 经纬 xy xy坐标 wkt geom geometry point latlong longlat 纬经度 坐标经纬度 经度纬度 经度纬度坐标 "
    "纬度经度"
)

# Words in a header, a file name or a cell that declare a coordinate system.
CRS_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "gcj02": ("gcj02", "gcj", "火星", "高德", "腾讯", "amap", "tencent", "微信", "国测局", "autonavi", "gaode"),
    "bd09": ("bd09", "bd09ll", "百度", "baidu"),
    "cgcs2000": ("cgcs2000", "国家2000", "大地2000", "天地图", "epsg4490", "2000坐标", "tianditu"),
    "wgs84": ("wgs84", "wgs", "84坐标", "gps", "epsg4326"),
}

STATIONS: Final[dict[str, str]] = {
    **{
        spec.name: f"{spec.name} {spec.label_zh} {spec.words}"
        for spec in FIELDS
        if spec.name
        not in {"lon", "lat", "position_state", "source_coordinates", "published_to"}  # never read as words
    },
    "coordinate_system": "crs 坐标系 坐标系统 坐标类型 坐标来源 coordsys coordinatesystem 坐标参考系 坐标标准",
    "serial": "序号 no serial 行号 num xuhao number",
}

DEMAND: Final[dict[str, str]] = {
    "demand_id": "demandid id 编号 网格编号 网格id cellid gridid 单元编号 需求点编号 h3 h3index hexid 格网编号 code",
    "name": "name 名称 网格名称 需求点名称 社区 小区 商圈",
    "district_code": STATIONS["district_code"],
    "district": STATIONS["district"],
    "town_code": STATIONS["town_code"],
    "town": STATIONS["town"],
    "workers": (
        "workers 户外劳动者 户外劳动者人数 劳动者人数 人数 户外劳动者数量 合计 总人数 总数 需求量 需求 demand "
        "weight count 数量 劳动者数量 户外劳动者数 total"
    ),
    "residents": "residents population 人口 pop 常住人口 常住人口数 居民 居民数 people",  # never taken for workers
    **{
        f"workers_{code}": f"workers_{code} {' '.join(trade.words)}"
        for code, trade in group("trade").items()
        if trade.words
    },
    "origin": STATIONS["origin"],
    "serial": STATIONS["serial"],
}

CANDIDATES: Final[dict[str, str]] = {
    "candidate_id": "candidateid 候选编号 候选点编号 候选站点编号 备选点编号 编号 编码 id code",
    "name": "候选点名称 候选站点名称 备选点名称 场所名称 " + STATIONS["name"],
    "host_type": STATIONS["host_type"],
    "host_name": STATIONS["host_name"],
    "union_unit": STATIONS["union_unit"],
    "district_code": STATIONS["district_code"],
    "district": STATIONS["district"],
    "town_code": STATIONS["town_code"],
    "town": STATIONS["town"],
    "address": STATIONS["address"],
    "station_class": "拟建类型 拟建站点类型 " + STATIONS["station_class"],
    "cost": "cost 造价 预算 费用 建设费用 建设成本 成本 投资 金额 costyuan 预算金额 投资额 经费 预计费用",
    "capacity": STATIONS["capacity"],
    "area_m2": STATIONS["area_m2"],
    "source_crs": STATIONS["source_crs"],
    "coordinate_system": STATIONS["coordinate_system"],
    "contact_person": STATIONS["contact_person"],
    "contact_phone": STATIONS["contact_phone"],
    "origin": STATIONS["origin"],
    "note": STATIONS["note"],
    "serial": STATIONS["serial"],
}

DISTRICTS: Final[dict[str, str]] = {
    "district_code": (
        "districtcode adcode 区划代码 行政区划代码 区县代码 代码 code adminadcode dtadcode pac gb ctadcode "
        "行政代码 县级码 xzqdm id areacode"
    ),
    "name": "name 名称 区县名称 区县 dtname district namezh 行政区名称 xzqmc 区名 namelocal fullname districtname",
    "name_en": "nameen englishname 英文名 英文名称 enname nameeng",
    "level": "level 级别 行政级别",
}

WORDINGS: Final[dict[str, dict[str, str]]] = {
    "stations": STATIONS,
    "demand": DEMAND,
    "candidates": CANDIDATES,
    "districts": DISTRICTS,
}
