"""Kinds of host that stations and candidate sites are found at: how common, how named, how long open (assumptions)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["ALL_DAY_COST", "HOSTS", "HOUR_COST", "METRO", "Host"]

METRO: Final = "地铁站"
ALL_DAY_COST: Final = 8.0
"""What opening unmanned around the clock adds to a station's cost, 10,000 yuan; an assumption."""
HOUR_COST: Final = 0.9
"""A year of one more open hour a day, 10,000 yuan; an assumption: 365 hours at 25 yuan, a wage near the minimum."""


@dataclass(frozen=True, slots=True)
class Host:
    """One kind of host.

    Parameters
    ----------
    kind : str
        Name of the kind, in Chinese, as a register writes it.
    weight : float
        How often stations are found there; an assumption, only proportions count.
    pattern : str
        Name of one host; ``{town}``, ``{street}`` and ``{metro}`` are filled in.
    day : tuple of str
        Usual opening hours on open days, ``HH:MM-HH:MM``.
    weekdays_only : float
        Inclination to close at weekends (0 never); noon likewise.
    noon : float
        Inclination to close at noon.
    night : float
        Inclination to host a 24-hour smart station.
    facilities : tuple of str
        Facilities that this kind has more often than others.
    cost : float
        Cost of a new standard station there, 10,000 yuan; an assumption.
    """

    kind: str
    weight: float
    pattern: str
    day: tuple[str, ...]
    weekdays_only: float
    noon: float
    night: float
    facilities: tuple[str, ...]
    cost: float


HOSTS: Final = (
    Host("社区/党群服务中心", 22, "{town}{street}党群服务中心", ("08:30-17:30", "08:30-20:00"), 3.0, 3.0, 0.6,
         ("toilet", "books", "aed"), 4.0),
    Host("街道职工服务中心", 6, "{town}职工服务中心", ("09:00-17:00", "08:30-18:00"), 3.0, 2.0, 0.8,
         ("toilet", "books", "wifi"), 4.0),
    Host("银行", 17, "{street}银行网点", ("09:00-17:00", "08:30-17:00"), 1.2, 1.0, 1.2,
         ("air_conditioning", "umbrella"), 2.0),
    Host("邮政", 6, "{street}邮政所", ("08:30-18:00", "09:00-17:30"), 0.8, 1.0, 0.2,
         ("umbrella",), 2.0),
    Host("通信营业厅", 6, "{street}通信营业厅", ("08:30-18:30", "09:00-19:00"), 0.1, 0.3, 0.2,
         ("wifi",), 2.0),
    Host("加油站", 6, "{street}加油站", ("06:00-22:00", "06:30-22:00"), 0.0, 0.0, 1.5,
         ("toilet", "pump"), 3.0),
    Host(METRO, 3, "{metro}地铁站服务点", ("06:00-22:30", "06:30-23:00"), 0.0, 0.0, 0.2,
         ("toilet", "aed"), 3.0),
    Host("公交首末站", 4, "{street}公交首末站", ("06:00-20:00", "06:00-21:00"), 0.0, 0.2, 0.4,
         ("toilet",), 3.0),
    Host("图书馆/钟书房", 4, "{street}钟书房", ("09:00-21:00", "09:00-20:30"), 0.0, 0.1, 1.0,
         ("books", "wifi", "toilet"), 4.0),
    Host("医院", 3, "{town}卫生服务中心", ("08:00-17:00", "08:00-20:00"), 0.6, 1.0, 0.3,
         ("toilet", "blood_pressure", "aed"), 3.0),
    Host("福彩店", 4, "{street}福彩店", ("09:00-21:00", "08:30-20:30"), 0.0, 0.2, 0.0,
         ("umbrella",), 1.0),
    Host("物业", 7, "{street}物业服务中心", ("08:00-18:00", "08:30-20:00"), 0.5, 1.2, 0.6,
         ("toilet", "pump"), 2.0),
    Host("环卫所", 6, "{street}环卫道班房", ("04:30-19:00", "05:00-18:00"), 0.0, 0.3, 0.4,
         ("toilet", "shower", "fridge"), 5.0),
    Host("公园", 3, "{street}游园服务站", ("07:00-20:00", "06:30-21:00"), 0.0, 0.2, 0.8,
         ("toilet", "books"), 5.0),
    Host("24小时餐厅", 3, "{street}餐厅", ("06:30-23:00", "06:00-22:00"), 0.0, 0.0, 2.5,
         ("toilet", "wifi"), 1.0),
)  # fmt: skip
