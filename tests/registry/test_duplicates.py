"""Two records are one station by name, address and distance; a number or a direction tells two apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoplan.registry.duplicates import Identity, address_key, closest, compare, name_core


def at(name: str, address: str = "", x: float = float("nan"), y: float = 0.0, **more: str) -> Identity:
    return Identity(name, address, x_m=x, y_m=y if x == x else float("nan"), **more)


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("工会驿站(郑州市张仲景大药房互助路店)", "张仲景大药房互助路店"),
        ("安康·爱心驿站（华新社区）", "华新社区"),
        ("华新社区户外劳动者服务站点", "华新社区"),
        ("无锡市梁溪区崇安寺工会驿站", "崇安寺"),
        ("工会驿站", "工会驿站"),
    ],
)
def test_the_core_of_a_name(name: str, core: str) -> None:
    assert name_core(name) == core


def test_the_key_of_an_address() -> None:
    assert address_key("江苏省无锡市梁溪区中山路123号") == address_key("中山路 123 号") == "中山路123号"


@pytest.mark.parametrize(
    ("a", "b", "verdict"),
    [
        # one station under two brands, 20 m apart
        (at("中山路工会驿站", x=0), at("安康·爱心驿站（中山路）", x=20), "same"),
        (at("中山路工会驿站", x=0), at("中山路工会驿站", x=150), "same"),
        (at("中山路工会驿站", x=0), at("中山路工会驿站", x=800), "maybe"),
        (at("中山路工会驿站", x=0), at("建设银行工会驿站", x=10), "different"),
        (at("新华社区党群服务中心", x=0), at("新华社区便民服务中心", x=100), "maybe"),
        # numbers, directions and ordinals tell apart
        (at("三棉东社区工会驿站", x=0), at("三棉西社区工会驿站", x=90), "different"),
        (at("北街1号站", "北街1号"), at("北街2号站", "北街2号"), "different"),
        (at("商城路驿站", "商城路220号"), at("商城路驿站", "商城路206号"), "maybe"),
        # without positions
        (at("华新社区爱心驿站", "钱桥街道华新社区"), at("华新社区工会驿站", "钱桥街道华新社区"), "same"),
        (
            at("华新社区爱心驿站", "钱桥街道华新社区", district="惠山"),
            at("华新社区爱心驿站", "某路1号", district="锡山"),
            "different",
        ),
        (at("黄河路支行驿站", "花园路3号"), at("黄河路支行工会驿站", "黄河路9号"), "maybe"),
        # two networks in one house are two records
        (at("文化宫站爱心驿站", x=0), at("文化宫站纳凉区", x=0, kind="cooling"), "different"),
        # a code is one station
        (at("旧名驿站", x=0, code="WX-1"), at("旧名工会驿站", x=900, code="WX-1"), "same"),
        (at("甲药房", x=0, code="10001"), at("乙银行", x=9000, code="10001"), "maybe"),
    ],
)
def test_verdicts(a: Identity, b: Identity, verdict: str) -> None:
    assert compare(a, b).verdict == verdict
    assert compare(b, a).verdict == verdict


def test_the_evidence_is_in_words() -> None:
    why = compare(at("中山路工会驿站", "中山路1号", x=0), at("中山路爱心驿站", "中山路1号", x=20))
    assert why.why() == "names 100 % alike, addresses 100 % alike, 20 m apart"
    assert why.why(zh=True) == "名称相似 100%，地址相似 100%，相距 20 米"


NAMES = ["中山路工会驿站", "中山路爱心驿站", "人民路驿站", "华新社区驿站", "华新社区", "建设银行驿站", "1号站", "2号站"]


def record(name: str, x: float | None, district: str) -> Identity:
    house = f"{name[:3]}{int(x or 0) % 7}号"
    return at(name, house, x=float("nan") if x is None else x, district=district)


RECORDS = st.builds(
    record, st.sampled_from(NAMES), st.one_of(st.none(), st.floats(0, 2500)), st.sampled_from(["", "甲", "乙"])
)


@given(st.lists(RECORDS, max_size=12), st.lists(RECORDS, max_size=12))
def test_the_search_misses_no_certain_pair(known: list[Identity], new: list[Identity]) -> None:
    found = closest(new, known)
    everything = [*known, *new]
    for place, item in enumerate(new):
        earlier = everything[: len(known) + place]
        verdicts = [compare(item, other).verdict for other in earlier]
        got = found[place]
        if "same" in verdicts:
            assert got is not None
            assert got[1].verdict == "same"
        if got is not None:
            assert got[0] < len(known) + place
            assert verdicts[got[0]] == got[1].verdict != "different"


def test_ten_thousand_records_are_searched_in_seconds() -> None:
    rng = np.random.default_rng(0)
    xy = rng.uniform(0, 50_000, (10_000, 2))
    records = [at(f"第{k}社区工会驿站", f"{k}号", x=float(x), y=float(y)) for k, (x, y) in enumerate(xy)]
    twins = [at(f"第{k}社区爱心驿站", f"{k}号", x=float(x) + 10, y=float(y)) for k, (x, y) in enumerate(xy[:500])]
    assert [hit[0] for hit in closest(twins, records) if hit is not None] == list(range(500))
