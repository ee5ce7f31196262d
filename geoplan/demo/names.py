"""Plausible Chinese names for generated streets and canals. They name nothing real."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["canal_names", "street_names"]

_HEADS: Final = tuple(
    "永安宁泰和丰嘉瑞文明德信兴隆昌盛长福庆华锦春清秀望云星月松柏梅兰竹菊桂荷枫柳杏桃"
    "学书墨礼义仁善忠诚景康顺通达振建新启广汇聚利裕富金银玉珠东南西北中前后上下大小"
    "青碧翠蓝红白凤龙鹤鹭燕雁鸿鹏平乐怡颐雅静远高双众百万千五三花旺尚育敬崇惠环"
)
_TAILS: Final = tuple(
    "宁安康泰和丰庆昌盛源泽溪河浜塘桥渡湾港湖泾滨洲岸山峰岭石泉林园苑圃田庄村里坊"
    "门府城镇阳光明辉霞云风雨雪月星华秀英贤德义信仁礼学文艺才业工商运通达远平乐"
    "新兴隆旺福寿喜祥瑞吉善美馨香兰梅竹松枫柳桃杏荷莲桂菊裕利汇聚贸发展进科创智"
)
_SUFFIX: Final = {
    "trunk": ("大道", "大道", "路"),
    "primary": ("大道", "路", "路", "路"),
    "secondary": ("路", "路", "路", "大街"),
    "tertiary": ("路", "路", "街"),
    "residential": ("路", "街", "巷", "弄", "里"),
    "living_street": ("巷", "弄", "里"),
}
_NAMED_SHARE: Final = {
    "trunk": 1.0, "primary": 1.0, "secondary": 1.0, "tertiary": 0.95, "residential": 0.55, "living_street": 0.7,
}  # fmt: skip
_FAMILIES: Final = tuple("陆张王李周钱吴顾沈徐朱许杨蒋华秦邹薛荣唐丁冯陈尤浦强")
_MIDDLES: Final = tuple("家家家巷店塘")
_WATERS: Final = tuple("浜浜浜河泾港")


def _pick(rng: np.random.Generator, options: tuple[str, ...], n: int) -> npt.NDArray[np.object_]:
    return np.asarray(options, dtype=object)[rng.integers(0, len(options), n)]


def street_names(rng: np.random.Generator, highway: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Give each street a name that suits its class; None where it has none.

    Two streets share a two-character stem only where there are more streets than stems (about 10,000); larger roads are
    named first, so that theirs are unique.

    Parameters
    ----------
    rng : numpy.random.Generator
    highway : numpy.ndarray of object
        OSM class of each street, shape (n,).

    Returns
    -------
    numpy.ndarray of object
        Shape (n,).
    """
    stems = np.array([a + b for a in _HEADS for b in _TAILS if a != b], dtype=object)
    roll, which = rng.random(len(highway)), rng.random(len(highway))
    names = np.full(len(highway), None, dtype=object)
    given = 0
    stock = rng.permutation(stems)
    for kind, suffixes in _SUFFIX.items():
        mine = np.flatnonzero((highway == kind) & (roll < _NAMED_SHARE[kind]))
        tail = np.asarray(suffixes, dtype=object)[(which[mine] * len(suffixes)).astype(np.int64)]
        names[mine] = stock[(given + np.arange(len(mine))) % len(stock)] + tail
        given += len(mine)
    return names


def canal_names(rng: np.random.Generator, n: int) -> list[str]:
    """Give small canals names such as 「陆家浜」; they are generated."""
    return list(_pick(rng, _FAMILIES, n) + _pick(rng, _MIDDLES, n) + _pick(rng, _WATERS, n))
