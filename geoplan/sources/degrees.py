"""Text to degrees: decimal or degrees-minutes-seconds, Chinese or Latin marks, one number or a pair."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Final

__all__ = ["is_blank", "parse_degrees", "parse_pair"]

_BLANK_WORDS: Final = (
    "/ \\ - -- — —— – ? ？ * 无 暂无 没有 未知 不详 待定 待补 待补充 空 "
    "n/a #n/a na nan null none (null) #ref! #value! #name? #div/0! nat <na>"
)

_NUMBER = r"[-+]?\d+(?:\.\d+)?"
_DECIMAL = re.compile(rf"^({_NUMBER})(?:°|度|º)?$")
_DMS = re.compile(
    r"^([-+]?\d{1,3}(?:\.\d+)?)(?:°|度|º|d|:|-|\s)\s*"
    r"(\d{1,2}(?:\.\d+)?)(?:′|'|分|m|:|-|\s|’|‘|`)?\s*"
    r"(?:(\d{1,2}(?:\.\d+)?)(?:″|\"|秒|s|''|”|“|′′|’’)?)?$"
)
_EAST = re.compile(r"^(?:东经|经度|east|long|lng|lon|e|东)|(?:东经|east|e|东)$")
_WEST = re.compile(r"^(?:西经|west|w|西)|(?:西经|west|w|西)$")
_NORTH = re.compile(r"^(?:北纬|纬度|north|lat|n|北)|(?:北纬|north|n|北)$")
_SOUTH = re.compile(r"^(?:南纬|south|s(?!\w)|南)|(?:南纬|south|(?<![\d.'′])s|南)$")
_STRIP = re.compile(
    r"^(?:东经|西经|北纬|南纬|经度|纬度|longitude|latitude|east|west|north|south|long|lng|lon|lat|[ewns东西南北])"
    r"|(?:东经|西经|北纬|南纬|east|west|north|south|[ewn东西南北])$"
)
_POINT = re.compile(rf"^(?:srid=\d+;)?point\s*z?\s*\(\s*({_NUMBER})\s+({_NUMBER})(?:\s+{_NUMBER})?\s*\)$")
_PAIR_SPLIT = re.compile(r"\s*[,，;；|/、\n\t]\s*")


def is_blank(text: str) -> bool:
    """Tell whether a cell says nothing: it is empty, a dash, 无, #N/A or the like."""
    folded = text.strip().lower()
    return not folded or folded in _BLANK_WORDS.split()


def _fold(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).replace("⁰", "°").replace("˚", "°").replace("〃", "″")
    return folded.strip().strip("'\"`“”").strip().lower() if folded.strip()[:1] in "'`“" else folded.strip().lower()


def _axis(folded: str) -> tuple[str, int]:
    """Return (axis, sign) that letters or words around a number declare; axis ``""`` where there are none."""
    for pattern, axis, sign in ((_EAST, "lon", 1), (_WEST, "lon", -1), (_NORTH, "lat", 1), (_SOUTH, "lat", -1)):
        if pattern.search(folded):
            return axis, sign
    return "", 1


def parse_degrees(text: str) -> tuple[float, str] | None:
    """Read one angle.

    Parameters
    ----------
    text : str
        ``"120.301"``, ``"120°18′05.6″"``, ``"东经120度18分5.6秒"``, ``"E120 18 5.6"``, ``"120:18:05.6"``, full-width
        digits too.

    Returns
    -------
    tuple of (float, str) or None
        Degrees (west and south negative) and the axis the text itself declares: ``"lon"``, ``"lat"`` or ``""``. None
        where the text is not one angle.
    """
    folded = _fold(text)
    if not folded:
        return None
    axis, sign = _axis(folded)
    body = folded
    if axis:
        body = _STRIP.sub("", body, count=1).strip(" :=")
        body = _STRIP.sub("", body, count=1).strip(" :=") if _axis(body)[0] else body
    decimal = _DECIMAL.match(body)
    if decimal:
        value = float(decimal.group(1))
        return (sign * value, axis) if math.isfinite(value) else None
    dms = _DMS.match(body)
    if dms is None:
        return None
    degrees, minutes, seconds = float(dms.group(1)), float(dms.group(2)), float(dms.group(3) or 0.0)
    if minutes >= 60 or seconds >= 60 or (degrees != int(degrees)):
        return None
    size = abs(degrees) + minutes / 60 + seconds / 3600
    return (sign * (-size if dms.group(1).startswith("-") else size), axis)


def parse_pair(text: str) -> tuple[float, float, str] | None:
    """Read two angles from one cell.

    Parameters
    ----------
    text : str
        ``"120.3,31.5"``, ``"31.5 120.3"``, ``"(120.3，31.5)"``, ``"POINT (120.3 31.5)"``, ``"北纬31°34′ 东经120°18′"``,
        ``"lng:120.3,lat:31.5"``, ``"[120.3, 31.5]"``.

    Returns
    -------
    tuple of (float, float, str) or None
        First and second angle in the order of the text and the order the text itself declares: ``"lon,lat"``,
        ``"lat,lon"`` or ``""``. None where the cell does not hold exactly two angles.
    """
    folded = _fold(text)
    point = _POINT.match(folded)
    if point:
        return float(point.group(1)), float(point.group(2)), "lon,lat"
    folded = folded.strip("()[]{}（）【】").replace('"lng"', "lng").replace('"lat"', "lat").replace('"lon"', "lon")
    parts = [part for part in _PAIR_SPLIT.split(folded) if part]
    if len(parts) != 2:
        parts = _split_by_letters(folded)
    if len(parts) != 2:
        words = folded.split()
        half = len(words) // 2
        parts = [" ".join(words[:half]), " ".join(words[half:])] if words and len(words) % 2 == 0 else []
    if len(parts) != 2:
        return None
    first, second = parse_degrees(parts[0]), parse_degrees(parts[1])
    if first is None or second is None:
        return None
    order = ""
    if first[1] == "lon" or second[1] == "lat":
        order = "lon,lat"
    if first[1] == "lat" or second[1] == "lon":
        if order:
            return None
        order = "lat,lon"
    return first[0], second[0], order


def _split_by_letters(folded: str) -> list[str]:
    """Split ``"e120°18′ n31°34′"`` or ``"东经120.3北纬31.5"`` where the second axis is named."""
    for opener in ("东经", "北纬", "经度", "纬度", "lng", "lon", "lat", "e", "n"):
        at = folded.find(opener, 1)
        if at > 0 and any(ch.isdigit() for ch in folded[:at]) and any(ch.isdigit() for ch in folded[at:]):
            return [folded[:at].strip(" ,:="), folded[at:].strip(" ,:=")]
    # "120.3e31.5n": the letter closes the first angle.
    closed = re.match(r"^(.*?\d[^a-z\d]*[ewns])\s*(.*\d.*)$", folded)
    return [closed.group(1), closed.group(2)] if closed else []
