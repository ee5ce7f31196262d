"""Names as people type them, and as a reader of English can say them."""

from __future__ import annotations

import pytest
from geoplan_api.city.text import Names, romanised

ROWS = [["中山路"], ["三阳广场", "Sanyang Plaza"], ["西安桥"], ["示例·云亭街道环镇路工会驿站"], ["无锡火车站"]]


@pytest.mark.parametrize(
    ("query", "row"),
    [
        ("Zhongshan Road", 0),
        ("zhongshan lu", 0),
        ("ZSL", 0),
        ("Sanyang Square", 1),
        ("sanyang guangchang", 1),
        ("Xi'an Bridge", 2),
        ("huanzhen road", 3),
        ("Wuxi huoche station", 4),
    ],
)
def test_english_and_romanised_names_hit(query: str, row: int) -> None:
    assert Names.of(ROWS).rank(query)[0][1] == row


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("示例·云亭街道环镇路工会驿站", "Example Yunting Subdistrict Huanzhen Road Workers' Union Stop"),
        ("路通桥爱心驿站", "Lutong Bridge Care Station"),
        ("三阳广场A座驿站（2）", "Sanyang Square A Zuo Stop (2)"),
        ("Café 驿站", "Café Stop"),
    ],
)
def test_a_name_has_a_romanised_form(name: str, said: str) -> None:
    assert romanised(name) == said
