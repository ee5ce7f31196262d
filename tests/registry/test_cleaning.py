"""A register's words as values; what is not understood is None, never a guess."""

from __future__ import annotations

from typing import Any

import pytest

from geoplan.registry.cleaning import (
    brand_of,
    code_of,
    find_facilities,
    kind_of,
    read_area,
    read_date,
    read_yes_no,
    split_list,
)
from geoplan.registry.private import take_mobiles


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2023年8月8日", "2023-08-08"),
        ("2023/8/8", "2023-08-08"),
        ("2023.08", "2023-08"),
        ("2023-8", "2023-08"),
        ("2023年", "2023"),
        ("20230808", "2023-08-08"),
        ("2023-08-08 00:00:00", "2023-08-08"),
        ("45146", "2023-08-08"),
        ("２０２３年８月", "2023-08"),
        *((text, None) for text in ("去年", "2023-13", "2023-02-30", "08/08/2023", "123")),
    ],
)
def test_dates(text: str, date: str | None) -> None:
    assert read_date(text) == date


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("12", 12.0),
        ("12.5㎡", 12.5),
        ("约15平方米", 15.0),
        ("15m2", 15.0),
        ("1,200平", 1200.0),
        ("10-15", None),
        ("十平米", None),
        ("2亩", None),
    ],
)
def test_areas(text: str, area: float | None) -> None:
    assert read_area(text) == area


CODES = {
    "status": {
        "operating": "正常开放 正常开放（节假日关闭） 是",
        "suspended": "未开放 暂停开放 否 不正常开放",
        "closed": "已撤销",
        "planned": "筹建中",
        None: "搬家了",
    },
    "station_class": {
        "standard": "标准型",
        "smart24h": "24小时智能驿站",
        "micro": "微型（5㎡以下）",
        "mobile": "流动服务车",
        None: "A类",
    },
    "build_mode": {"own": "工会自建", "joint": "共建", "shared": "共享型"},
    "access": {"scan": "扫码进入", "open": "免费开放", "register": "登记"},
}


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [(f, text, code) for f, codes in CODES.items() for code, texts in codes.items() for text in texts.split()],
)
def test_codes(field: str, text: str, code: str | None) -> None:
    assert code_of(field, text) == code


@pytest.mark.parametrize(
    ("text", "codes", "others"),
    [
        ("饮水机、微波炉；桌椅,充电插排 应急药箱", ("water", "microwave", "seats", "charging"), ()),
        ("饮水机;无卫生间;没有空调", ("water",), ("无卫生间", "没有空调")),
        ("无线网络，WIFI", ("wifi",), ()),
        ("空调：无", (), ("空调：无",)),
        ("[工会自建·智能] 饮水机;监控", ("water",), ("监控",)),
    ],
)
def test_facilities(text: str, codes: tuple[str, ...], others: tuple[str, ...]) -> None:
    got = find_facilities(text)
    assert set(codes) <= set(got[0])
    assert got[1] == others


def test_yes_and_no() -> None:
    assert [read_yes_no(t) for t in ("是", "√", "有", "否", "无", "×", "大概")] == [
        True,
        True,
        True,
        False,
        False,
        False,
        None,
    ]


def test_mobiles_are_taken_out_of_public_text() -> None:
    assert take_mobiles("中山路1号（张三13812345678）") == ("中山路1号（张三", ("13812345678",))
    assert take_mobiles("0510-82345678") == ("0510-82345678", ())
    assert take_mobiles("编号3202131381234567890") == ("编号3202131381234567890", ())


def test_kind_and_brand_come_only_from_what_the_name_says() -> None:
    assert [kind_of(n) for n in ("康乃馨服务站", "某某职工书屋", "地铁纳凉区", "中山路驿站")] == [
        "carnation",
        "library",
        "cooling",
        "outdoor",
    ]
    assert [brand_of(n) for n in ("安康·爱心驿站(东门)", "东门服务点")] == ["安康·爱心驿站", ""]


def test_lists() -> None:
    value: Any = split_list("热水、休息；热水\n[充电]  阅读")
    assert value == ("热水", "休息", "充电", "阅读")
