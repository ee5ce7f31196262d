"""What demand counts, in words: a pack's demand is workers, metres of street, demand points or residents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from geoplan.report.document import Language

__all__ = ["Counted", "counted_in"]


@dataclass(frozen=True, slots=True)
class Counted:
    """The words of a demand unit in one language.

    Parameters
    ----------
    of : str
        After the number of what a share is of: ``名户外劳动者``.
    n : str
        After a number: ``人``.
    one : str
        After a number that a sentence goes on from: ``名劳动者``.
    measure : str
        After a number that stands behind `whom`: ``劳动者 12 人``.
    who, whom, people : str
        Without a number, from the full name to the shortest.
    many : str
        What is compared where places are ranked: ``人数``.
    out, abroad : str
        Those of a slice of the day, at the end of a list and at its head: ``在外的劳动者``, ``在外劳动者``.
    hours : str
        The unit of demand times hours.
    hourly : str
        What makes one of these.
    """

    of: str
    n: str
    one: str
    measure: str
    who: str
    whom: str
    people: str
    many: str
    out: str
    abroad: str
    hours: str
    hourly: str


_ZH: Final[Mapping[str, Counted]] = MappingProxyType(
    {
        "workers": Counted(
            of="名户外劳动者", n="人", one="名劳动者", measure="人", who="户外劳动者", whom="劳动者", people="人",
            many="人数", out="在外的劳动者", abroad="在外劳动者", hours="劳动者·小时",
            hourly="1 名劳动者在外 1 小时、走得到开放的站点",
        ),
        "street_m": Counted(
            of="米道路", n="米道路", one="米道路", measure="米", who="道路", whom="道路", people="道路",
            many="米数", out="道路", abroad="道路", hours="道路米·小时", hourly="1 米道路有 1 小时走得到开放的站点",
        ),
        "points": Counted(
            of="个需求点", n="个需求点", one="个需求点", measure="个", who="需求点", whom="需求点", people="需求点",
            many="个数", out="需求点", abroad="需求点", hours="需求点·小时",
            hourly="1 个需求点有 1 小时走得到开放的站点",
        ),
        "residents": Counted(
            of="名居民", n="名居民", one="名居民", measure="名", who="居民", whom="居民", people="居民",
            many="人数", out="居民", abroad="居民", hours="居民·小时", hourly="1 名居民有 1 小时走得到开放的站点",
        ),
    }
)  # fmt: skip


def _english(of: str, n: str, people: str, out: str, abroad: str, hours: str, hourly: str) -> Counted:
    return Counted(of, n, n, n, of, n, people, n, out, abroad, hours, f"{hourly} within reach of an open station")


_EN: Final[Mapping[str, Counted]] = MappingProxyType(
    {
        "workers": _english(
            "outdoor workers",
            "workers",
            "people",
            "workers out",
            "workers who are out",
            "worker-hours",
            "one worker out for one hour",
        ),
        "street_m": _english(
            "metres of street",
            "metres of street",
            "streets",
            "streets",
            "streets",
            "metre-hours",
            "one metre of street one hour",
        ),
        "points": _english(
            "demand points",
            "demand points",
            "demand points",
            "demand points",
            "demand points",
            "point-hours",
            "one demand point one hour",
        ),
        "residents": _english(
            "residents", "residents", "residents", "residents", "residents", "resident-hours", "one resident one hour"
        ),
    }
)


def counted_in(unit: str, language: Language = "zh") -> Counted:
    """Return the words of a demand unit; of one that nobody knows, the unit itself wherever it is counted.

    Parameters
    ----------
    unit : str
        ``demand_unit`` of a pack's manifest.
    language : {"zh", "en"}
        Language of the words.

    Returns
    -------
    Counted
        The words.
    """
    known = (_ZH if language == "zh" else _EN).get(unit)
    if known is not None:
        return known
    hours = f"{unit}·小时" if language == "zh" else f"{unit}-hours"
    hourly = (
        f"1 {unit} 有 1 小时走得到开放的站点"
        if language == "zh"
        else f"1 {unit} one hour within reach of an open station"
    )
    return Counted(unit, unit, unit, unit, unit, unit, unit, unit, unit, unit, hours, hourly)
