"""Opening hours of a register, whatever way they are written, to one structure."""

from __future__ import annotations

import re
from functools import lru_cache

from geoplan.hours.chinese import parse_chinese
from geoplan.hours.model import Hours, Unparsed
from geoplan.hours.osm import NotOsm, parse_osm
from geoplan.hours.words import NotChinese

__all__ = ["parse_hours"]

_OSM_LETTERS = re.compile(r"[a-z]{2}", re.IGNORECASE)
_CJK = re.compile(r"[\u4e00-\u9fff]")


def parse_hours(text: object) -> Hours | Unparsed:
    """Read opening hours in the OSM syntax or in the wording of a Chinese register.

    Nothing is guessed: what is not fully understood comes back as :class:`Unparsed` with its text and the reason, and
    is never open. Weekdays are read as written (周一至周五 holds on a holiday that falls on a Wednesday, unless the
    text says otherwise); 工作日 follows the official calendar with its make-up workdays.

    Parameters
    ----------
    text : str or None or float
        Register text; None and NaN, as frames carry missing values, are hours not given.

    Returns
    -------
    Hours or Unparsed
        The meaning, or why there is none.
    """
    return _parse(text.strip() if isinstance(text, str) else "")


@lru_cache(maxsize=65536)
def _parse(text: str) -> Hours | Unparsed:
    if not text:
        return Unparsed(text, "no opening hours are given", "没有填写开放时间")
    if (_OSM_LETTERS.search(text) and not _CJK.search(text)) or text.replace(" ", "") == "24/7":
        try:
            return Hours(text, parse_osm(text))
        except NotOsm as error:
            return Unparsed(text, str(error), "不是可识别的 OSM 开放时间写法")
    try:
        rules, notes = parse_chinese(text)
    except NotChinese as error:
        return Unparsed(text, error.reason, error.reason_zh)
    return Hours(text, rules, notes)
