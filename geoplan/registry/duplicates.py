"""Which records are one station: by name, address, distance and number of the house, across files and brand names.

National experience is 184,200 stations mapped 393,700 times, so near-equal records are the rule. Two names are compared
without their brand (工会驿站, 爱心驿站 …), because the same station carries several. What distinguishes two stations in
spite of a close wording — a number, a direction, an ordinal — vetoes their being one.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process
from scipy.spatial import cKDTree

__all__ = ["Identity", "Likeness", "address_key", "closest", "compare", "name_core"]

_BRAND_WORDS: Final = (
    "户外劳动者 服务站点 服务站 爱心驿站 工会驿站 驿站 工会 安康 爱心 小蜜蜂 清凉 便民暖屋 暖心 司机之家 劳动者港湾 "
    "24小时 智能化 智能 站点 骑手 劳动者 工心"
)
_BRANDS = re.compile("|".join(re.escape(word) for word in sorted(_BRAND_WORDS.split(), key=len, reverse=True)))
_PUNCTUATION = re.compile(r"[\W_]+")
_HAN = r"[\u4e00-\u9fff]"
_CITY = rf"(?:{_HAN}{{2,3}}(?<![菜超夜城都花])市)"  # a 市 that is a city, not a market
_COUNTY = rf"(?:{_HAN}{{2,3}}(?<![社园小景校厂])区|{_HAN}{{2,3}}县)"  # a 区 that is a district, not a 社区
_PLACE = re.compile(rf"^(?:中国)?(?:{_HAN}{{2,3}}省)?{_CITY}?(?:{_COUNTY}|{_CITY})?")
_MARKS: Final = frozenset("东西南北上下前后左右一二三四五六七八九十甲乙丙丁")
_DIGITS = re.compile(r"\d+")

SEARCH_M: Final = 1000.0


@dataclass(frozen=True, slots=True)
class Identity:
    """What a record is recognised by.

    Parameters
    ----------
    name, address, district, kind, code : str
        As in the record.
    x_m, y_m : float
        Position in metres, NaN where unknown.
    """

    name: str
    address: str = ""
    district: str = ""
    kind: str = "outdoor"
    code: str = ""
    x_m: float = math.nan
    y_m: float = math.nan


@dataclass(frozen=True, slots=True)
class Likeness:
    """Whether two records are one station, and why.

    Parameters
    ----------
    verdict : {"same", "maybe", "different"}
        ``maybe`` goes to a person.
    name, address : float
        Similarity of the names without brands and of the addresses, 0–100; NaN where one has none.
    distance_m : float
        NaN where one has no position.
    """

    verdict: Literal["same", "maybe", "different"]
    name: float
    address: float
    distance_m: float

    def why(self, zh: bool = False) -> str:
        """Return the evidence in words."""
        parts = [f"名称相似 {self.name:.0f}%" if zh else f"names {self.name:.0f} % alike"]
        if not math.isnan(self.address):
            parts.append(f"地址相似 {self.address:.0f}%" if zh else f"addresses {self.address:.0f} % alike")
        if not math.isnan(self.distance_m):
            parts.append(f"相距 {self.distance_m:.0f} 米" if zh else f"{self.distance_m:.0f} m apart")
        return ("，" if zh else ", ").join(parts)


def _folded(text: str) -> str:
    return _PUNCTUATION.sub("", unicodedata.normalize("NFKC", text).lower())


def name_core(name: str) -> str:
    """Return what is left of a name without city, district, brand words and punctuation; the name itself if nothing."""
    folded = _folded(name)
    core = _BRANDS.sub("", folded)
    short = _PLACE.sub("", core)
    return (short if len(short) >= 2 else core) or folded


def address_key(address: str) -> str:
    """Return an address without province, city, district and punctuation."""
    folded = _folded(address)
    short = _PLACE.sub("", folded)
    return short if len(short) >= 2 else folded


def _alike(a: str, b: str) -> float:
    """Similarity 0–100, capped at 60 where a number, a direction or an ordinal differs."""
    if not a or not b:
        return math.nan
    score = float(fuzz.ratio(a, b))
    same_numbers = _DIGITS.findall(a) == _DIGITS.findall(b)
    same_marks = [c for c in a if c in _MARKS] == [c for c in b if c in _MARKS]
    return score if same_numbers and same_marks else min(score, 60.0)


def compare(a: Identity, b: Identity) -> Likeness:
    """Decide whether two records are one station.

    Parameters
    ----------
    a, b : Identity
        The records.

    Returns
    -------
    Likeness
        The thresholds stand in this function, and nowhere else.
    """
    name = _alike(name_core(a.name), name_core(b.name))
    name = 0.0 if math.isnan(name) else name
    address = _alike(address_key(a.address), address_key(b.address))
    distance = math.hypot(a.x_m - b.x_m, a.y_m - b.y_m)
    whole = _folded(a.name) == _folded(b.name)
    verdict = _verdict(a, b, name, address, distance, whole)
    if a.kind != b.kind:
        # Two networks of the union often share a house: a carnation room beside a station is another record.
        verdict = "maybe" if whole and verdict != "different" else "different"
    return Likeness(verdict, name, address, distance)


def _verdict(
    a: Identity, b: Identity, name: float, address: float, distance: float, whole: bool
) -> Literal["same", "maybe", "different"]:
    if a.code and a.code == b.code:
        # One code is one station, unless nothing else agrees: then somebody numbered two files alike.
        return "same" if name >= 60 or distance <= 200 or address >= 90 else "maybe"
    same_house = address >= 97 and bool(_DIGITS.search(a.address))
    if not math.isnan(distance):
        if (whole and distance <= 200) or (name >= 90 and (distance <= 100 or (address >= 90 and distance <= 300))):
            return "same"
        near = (name >= 40 and distance <= 30) or (name >= 70 and distance <= 150) or (name >= 95 and distance <= 300)
        # Farther off the same name is a doubt only where the addresses do not speak of two places.
        namesake = (math.isnan(address) or address >= 70) and (
            (name >= 95 and distance <= 1000) or (whole and distance <= 5000)
        )
        return "maybe" if near or namesake or (same_house and name >= 40) else "different"
    districts_agree = not a.district or not b.district or a.district == b.district
    if not districts_agree:
        return "maybe" if whole and address >= 90 else "different"
    if name >= 95 and (address >= 90 or (whole and math.isnan(address))):
        return "same"
    near = (name >= 85 and (math.isnan(address) or address >= 55)) or (same_house and name >= 40)
    return "maybe" if near or name >= 95 else "different"


def closest(new: Sequence[Identity], known: Sequence[Identity]) -> list[tuple[int, Likeness] | None]:
    """Find for each new record the known or earlier new one that it most likely is.

    Parameters
    ----------
    new : sequence of Identity
        Records to place, in their order.
    known : sequence of Identity
        Records already there.

    Returns
    -------
    list of (int, Likeness) or None
        For each new record the index into ``[*known, *new]`` (an earlier one) and the likeness; None where all differ.
    """
    everything = [*known, *new]
    xy = np.array([(item.x_m, item.y_m) for item in everything], np.float64).reshape(-1, 2)
    near = _neighbours(xy, len(known))
    by_key, by_district = _indexes(everything)
    found: list[tuple[int, Likeness] | None] = []
    for place, item in enumerate(new):
        index = len(known) + place
        candidates = set(near[place])
        for key in _keys(item):
            candidates.update(by_key[key])
        candidates.update(_similar_names(item, xy[index], by_district))
        best: tuple[int, Likeness] | None = None
        for other in sorted(c for c in candidates if c < index):
            likeness = compare(item, everything[other])
            if likeness.verdict != "different" and (best is None or _rank(likeness) > _rank(best[1])):
                best = (other, likeness)
        found.append(best)
    return found


def _rank(likeness: Likeness) -> tuple[bool, float, float]:
    apart = 1e9 if math.isnan(likeness.distance_m) else likeness.distance_m
    return likeness.verdict == "same", likeness.name, -apart


def _keys(item: Identity) -> list[str]:
    keys = ["n:" + name_core(item.name)]
    if item.code:
        keys.append("c:" + item.code)
    if _DIGITS.search(item.address):
        keys.append("a:" + address_key(item.address))
    return keys


def _indexes(
    everything: Sequence[Identity],
) -> tuple[dict[str, list[int]], dict[str, tuple[list[int], list[str]]]]:
    by_key: dict[str, list[int]] = defaultdict(list)
    by_district: dict[str, tuple[list[int], list[str]]] = defaultdict(lambda: ([], []))
    for index, item in enumerate(everything):
        for key in _keys(item):
            by_key[key].append(index)
        places, names = by_district[item.district]
        places.append(index)
        names.append(name_core(item.name))
    return by_key, by_district


def _similar_names(
    item: Identity, xy: npt.NDArray[np.float64], by_district: dict[str, tuple[list[int], list[str]]]
) -> list[int]:
    """Return records of a similar name in the same district, for a record without a position of its own."""
    if np.isfinite(xy).all():
        return []
    places, names = by_district[item.district]
    hits = process.extract(name_core(item.name), names, scorer=fuzz.ratio, score_cutoff=85.0, limit=20)
    return [places[hit[2]] for hit in hits]


def _neighbours(xy: npt.NDArray[np.float64], known: int) -> list[list[int]]:
    """For each new record the indices of records within :data:`SEARCH_M`."""
    located = np.flatnonzero(np.isfinite(xy).all(axis=1))
    lists: list[list[int]] = [[] for _ in range(len(xy) - known)]
    mine = located[located >= known]
    if len(mine) == 0:
        return lists
    hits = cKDTree(xy[located]).query_ball_point(xy[mine], SEARCH_M)
    for index, places in zip(mine, hits, strict=True):
        lists[int(index) - known] = [int(located[place]) for place in places]
    return lists
