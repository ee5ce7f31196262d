"""A register's words as the record's values: classes, facilities, areas, dates, states. What is not known stays said.

Each reader returns the value and, where a filled cell is not understood, ``None``: the importer then keeps the words
aside and asks a person.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from geoplan.sources.degrees import is_blank
from geoplan.vocabulary import FIELDS, group

__all__ = [
    "FACILITY_WORDS",
    "brand_of",
    "code_of",
    "facility_of",
    "find_facilities",
    "kind_of",
    "read_area",
    "read_date",
    "read_yes_no",
    "split_list",
]


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lower()


FACILITY_WORDS: Final[Mapping[str, tuple[str, ...]]] = {code: term.words for code, term in group("facility").items()}
_CODE_WORDS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    spec.name: {code: (code, _fold(term.zh), *term.words) for code, term in group(spec.group).items()}
    for spec in FIELDS
    if spec.type == "code"
}

BRANDS: Final = (
    "户外劳动者服务站点 户外劳动者服务站 户外劳动者爱心驿站 户外劳动者工会驿站 户外劳动者驿站 安康·爱心驿站 "
    "安康爱心驿站 小蜜蜂驿站 清凉驿站 便民暖屋 司机之家 劳动者港湾 骑手驿站 工心驿站 暖心驿站 爱心驿站 工会驿站 "
    "康乃馨服务站 职工书屋"
)
_YES: Final = "是 有 √ ✓ ✔ y yes true 1 t 临街 沿街 配备 已配 具备 ● ○是"
_NO: Final = "否 无 × x ✗ n no false 0 f 没有 不临街 未配 未配备 不具备"
_SPLIT = re.compile(r"[;；、,，/|\n\r\t。+＋]+|\s{2,}")
_NEGATION = re.compile(r"^(?:无(?!线|障碍|人)|没有|未|不|暂无|缺|尚无)|[(（:：]\s*(?:无|否|没有)\s*[)）]?$")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_DATE_WHOLE = re.compile(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2}))?\s*[日号月]?(?:[ T].*)?$")
_EXCEL_EPOCH = date(1899, 12, 30)


def split_list(text: str) -> tuple[str, ...]:
    """Cut a cell into its items at the separators people use; empty and blank items fall away."""
    items = (item.strip(" .·-—【】[]") for item in _SPLIT.split(text))
    return tuple(dict.fromkeys(item for item in items if item and not is_blank(item)))


def facility_of(text: str) -> str | None:
    """Return the facility code that one item or header names, or None."""
    folded = _fold(text)
    if _NEGATION.search(folded):
        return None
    for code, words in FACILITY_WORDS.items():
        if folded == code or any(word in folded for word in words):
            return code
    return None


def find_facilities(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Read the facilities that a cell lists.

    Parameters
    ----------
    text : str
        ``"饮水机、微波炉；无卫生间"``.

    Returns
    -------
    tuple of (tuple of str, tuple of str)
        Facility codes, and the items that name none (a negated item among them).
    """
    codes: list[str] = []
    others: list[str] = []
    for item in split_list(text):
        folded = _fold(item)
        found = [
            code for code, words in FACILITY_WORDS.items() if folded == code or any(word in folded for word in words)
        ]
        if found and not _NEGATION.search(folded):
            codes += found
        else:
            others.append(item)
    return tuple(dict.fromkeys(codes)), tuple(others)


def code_of(field: str, text: str) -> str | None:
    """Return the code of ``field`` that a cell's words mean, or None where they mean none.

    Of several words the first in the cell counts, and of those that begin together the longest: "未开放" is suspended
    though it holds "开放", and "正常开放（节假日关闭）" is operating.
    """
    folded = _fold(text)
    table = _CODE_WORDS[field]
    for code, words in table.items():
        if folded in words:
            return code
    held = [
        (folded.find(word), -len(word), code)
        for code, words in table.items()
        for word in words
        if len(word) > 1 and word in folded
    ]
    return min(held)[2] if held else None


def read_yes_no(text: str) -> bool | None:
    """Return what a yes-or-no cell says, or None."""
    folded = _fold(text)
    if folded in _YES.split():
        return True
    return False if folded in _NO.split() else None


def read_area(text: str) -> float | None:
    """Return square metres (``"约12.5㎡"``), or None where the cell does not hold exactly one number."""
    folded = _fold(text).replace(",", "")
    # NFKC turns ㎡ into m2: its 2 is a unit, not a number.
    numbers = _NUMBER.findall(re.sub(r"(?:m2|m\^2|平方米|平方|平米|平|米2)", " ", folded))
    return float(numbers[0]) if len(numbers) == 1 and "亩" not in folded else None


def read_date(text: str) -> str | None:
    """Return an ISO date as exactly as the cell states it (``"2023年8月"`` → ``"2023-08"``), or None."""
    folded = _fold(text)
    year_only = re.fullmatch(r"(\d{4})\s*年?", folded)
    if year_only and 1949 <= int(year_only.group(1)) <= 2100:
        return year_only.group(1)
    if re.fullmatch(r"\d{5}(?:\.\d+)?", folded) and 20000 <= float(folded) <= 60000:
        return (_EXCEL_EPOCH + timedelta(days=int(float(folded)))).isoformat()
    if re.fullmatch(r"\d{8}", folded):
        folded = f"{folded[:4]}-{folded[4:6]}-{folded[6:]}"
    match = _DATE_WHOLE.match(folded)
    if not match:
        return None
    year, month, day = match.group(1), int(match.group(2)), int(match.group(3) or 1)
    try:
        whole = date(int(year), month, day)
    except ValueError:
        return None
    return whole.isoformat() if match.group(3) else f"{year}-{month:02d}"


def kind_of(name: str) -> str:
    """Return the station kind that a name itself states: 康乃馨, 职工书屋, a cooling point; else ``"outdoor"``."""
    if "康乃馨" in name:
        return "carnation"
    if "书屋" in name:
        return "library"
    if any(word in name for word in ("纳凉", "避暑", "避寒", "清凉侠")):
        return "cooling"
    return "outdoor"


def brand_of(name: str) -> str:
    """Return the brand that a name carries, the longest known one, or ``""``."""
    return next((brand for brand in sorted(BRANDS.split(), key=len, reverse=True) if brand in name), "")
