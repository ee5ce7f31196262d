"""What a planner reads: Chinese words for the columns, tests and codes of tidy frames."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import pandas as pd

from geoplan.coverage.facilities import BUNDLES, bundle_zh
from geoplan.coverage.trust import CHANCE_NOTE
from geoplan.trades import PRESENCE_NOTE, TRADES_ZH

__all__ = ["BANNER_EN", "BANNER_ZH", "COLUMNS_ZH", "NOTES_ZH", "VALUES_ZH", "in_chinese"]

BANNER_ZH: Final = "演示数据，非真实站点"
BANNER_EN: Final = "demonstration data, not real stations"

COLUMNS_ZH: Final[Mapping[str, str]] = MappingProxyType(
    {
        "level": "层级", "area_code": "区域代码", "area_name": "区域", "test": "检验", "hours": "开放时间口径",
        "k": "所需站点数", "limit": "限值", "unit": "单位", "demand": "劳动者（人）", "covered": "覆盖（人）",
        "share": "覆盖率", "uncovered": "未覆盖（人）", "moment": "时刻/时段", "bundle": "设施组合", "trade": "工种",
        "profile": "出行方式", "reached_share": "可达比例", "mean": "平均（秒）", "median": "中位数（秒）",
        "p90": "90%分位（秒）", "start": "起（秒）", "end": "止（秒）", "workers": "劳动者（人）", "rank": "序号",
        "name": "名称", "worker_hours": "未覆盖人时", "points": "需求点数", "district_code": "区代码",
        "town_code": "镇街代码", "town": "镇街", "street": "最近道路", "place": "最近地点", "lon": "经度(WGS-84)",
        "lat": "纬度(WGS-84)", "extent_m": "跨度（米）", "station_code": "站点编号", "station_name": "站点名称",
        "lost": "关闭后失去人时", "reached": "可及人时", "sole_share": "独家覆盖比例", "redundancy": "平均可选站点数",
        "open_share": "该时段已开放比例", "gain": "延长开放可增人时", "station_a": "站点甲", "station_b": "站点乙",
        "shared": "共同覆盖（人）", "share_of_smaller": "占较小者比例", "group": "分组", "code": "代码",
        "verified_on": "核验日期", "chance": "实际开放概率（假设）", "hinges": "取决于该站的人时",
        "at_stake": "风险人时",
        "opening_hours": "登记的开放时间", "reason_zh": "原因", "reason": "reason (en)",
        "workers_share": "劳动者累计比例", "value_share": "可达性累计比例", "speed_m_s": "步行速度（米/秒）",
        "limit_s": "时限（秒）", "registered": "登记站点", "operating": "在运行", "open": "此刻开放",
        "unknown_hours": "开放与否不明", "unparsed_hours": "开放时间读不出", "off_network": "离路网过远",
        "demand_before": "劳动者（前）", "demand_after": "劳动者（后）", "covered_before": "覆盖（前）",
        "covered_after": "覆盖（后）", "covered_change": "覆盖增减", "share_before": "覆盖率（前）",
        "share_after": "覆盖率（后）", "share_change": "覆盖率增减", "in": "出现于",
    }
)  # fmt: skip

VALUES_ZH: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "level": {
            "city": "全市", "district": "区（市）", "town": "镇街", "key_area": "重点区域", "polygon": "自绘区域",
        },
        "test": {"circle": "直线圆圈", "network": "路网时限", "cross": "交叉覆盖"},
        "hours": {"any": "不计开放时间", "at": "该时刻开放"},
        "moment": {"any": "不计时间"},
        "trade": dict(TRADES_ZH),
        "bundle": {name: bundle_zh(codes) for name, codes in BUNDLES.items()},
        "group": {"trade": "工种", "city": "全市", "district": "区（市）", "town": "镇街", "key_area": "重点区域"},
        "unit": {"s": "秒", "m": "米"},
        "in": {"both": "前后都有", "before": "仅前", "after": "仅后"},
        "profile": {"walk": "步行", "bicycle": "自行车", "ebike": "电动自行车", "car": "汽车"},
    }
)  # fmt: skip


NOTES_ZH: Final[Mapping[str, str]] = MappingProxyType(
    {
        PRESENCE_NOTE: (
            "各时段在岗比例为假设，无公布数据：环卫 4:30 起上岗，外卖在午、晚餐高峰，快递在白天；工会有统计时应替换。"
        ),
        CHANCE_NOTE: (
            "登记为开放的站点实际开放的概率，按最近核验距今的时间假设："
            "90 天内 98%，半年内 95%，一年内 90%，两年内 80%，"
            "更久 70%，从未核验 60%。站点上锁的投诉见诸报道，比例未见公布。"
        ),
    }
)
"""The library's own assumptions in Chinese."""


def in_chinese(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a tidy frame with Chinese headers and words for known codes; everything else stays as it is."""
    out = frame.copy()
    for column in out.columns:
        if column in VALUES_ZH:
            words = VALUES_ZH[column]
            out[column] = [words.get(value, value) if isinstance(value, str) else value for value in out[column]]
    if {"group", "name"} <= set(out.columns):
        out["name"] = [TRADES_ZH.get(name, name) for name in out["name"]]
    return out.rename(columns=dict(COLUMNS_ZH))
