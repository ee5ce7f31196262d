"""What a station's record holds: its fields, which of them the public may see, and what values they take."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from geoplan.errors import FaultLog
from geoplan.vocabulary import FIELD_BY_NAME, FIELDS, FieldSpec, labels

__all__ = [
    "BLANK",
    "FIELDS",
    "FIELD_BY_NAME",
    "PUBLIC_FIELDS",
    "STATION_KINDS",
    "FieldSpec",
    "Station",
    "checked_values",
    "is_public",
]

STATION_KINDS: Final[Mapping[str, str]] = labels("station_kind")
PUBLIC_FIELDS: Final[tuple[str, ...]] = tuple(spec.name for spec in FIELDS if spec.public)

_DATE = re.compile(r"^\d{4}(-\d{2}(-\d{2})?)?$")
_CODE = re.compile(r"^\S{1,64}$")
_MAX_TEXT: Final = 4000
_MAX_ITEMS: Final = 200
_MAX_BITS: Final = 200
_SHOWN: Final = 60
_BAD_TEXT: Final = (
    "the text is too long or holds a character that cannot be kept",
    f"use at most {_MAX_TEXT} characters",
    "文字过长或含无法保存的字符",
)


def _blank(spec: FieldSpec) -> Any:
    if spec.type == "list":
        return ()
    return None if spec.type in {"number", "flag"} else ""


BLANK: Final[Mapping[str, Any]] = {
    **{spec.name: _blank(spec) for spec in FIELDS},
    "station_kind": "outdoor",
    "position_state": "unlocated",
    "status": "operating",
    "extra": {},
    "withdrawn": False,
}


@dataclass(frozen=True, slots=True)
class Station:
    """One station as the register holds it, now or at a past time.

    Parameters
    ----------
    id : int
        Stable number of at most nine digits (a map marker's id).
    revision : int
        Revision that last changed it; give it back with an edit so that two editors do not overwrite each other.
    changed_at : datetime.datetime
        When, UTC.
    values : mapping of str to object
        All fields of :data:`FIELDS`, with ``extra`` (the source's other columns) and ``withdrawn``.
    """

    id: int
    revision: int
    changed_at: datetime
    values: Mapping[str, Any]

    def __getitem__(self, field: str) -> Any:
        return self.values[field]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)


def is_public(values: Mapping[str, Any]) -> bool:
    """Tell whether a record may be shown to the public: located beyond doubt, not withdrawn, and not only planned."""
    return bool(
        values["position_state"] == "located"
        and values["lon"] is not None
        and not values["withdrawn"]
        and values["status"] != "planned"
    )


def checked_values(changes: Mapping[str, Any], *, row: int | None = None, file: str = "") -> dict[str, Any]:
    """Check and normalise field values given by a person or an importer.

    Parameters
    ----------
    changes : mapping of str to object
        Field → value; None clears a field.
    row, file : optional
        For messages.

    Returns
    -------
    dict of str to object
        Normalised values of the fields given, and of those only.

    Raises
    ------
    InputError
        A field is unknown, or a value has the wrong type, an unknown code or an impossible date; all are named.
    """
    log = FaultLog(file)
    clean: dict[str, Any] = {}
    for name, value in changes.items():
        spec = FIELD_BY_NAME.get(name)
        if name == "withdrawn" and isinstance(value, bool):
            clean[name] = value
        elif name == "extra" and isinstance(value, Mapping):
            clean[name] = {str(k): _short(v) if isinstance(v, int | float) else str(v) for k, v in value.items()}
            if any(_unusable(text) for pair in clean[name].items() for text in pair):
                log.add(_BAD_TEXT[0], _BAD_TEXT[1], row=row, field=name, zh=(_BAD_TEXT[2], "请更正"))
        elif spec is None:
            log.add("there is no such field", f"use one of {', '.join(FIELD_BY_NAME)}", row=row, field=name,
                    zh=("没有这个字段", "请核对字段名"))  # fmt: skip
        elif value is None or value == "":
            clean[name] = BLANK[name]
        else:
            problem = _read(spec, value, clean)
            if problem:
                log.add(problem[0], problem[1], row=row, field=name, zh=(problem[2], "请更正"))
    _check_position(clean, log, row)
    log.raise_if_any()
    return clean


def _read(spec: FieldSpec, value: Any, clean: dict[str, Any]) -> tuple[str, str, str] | None:
    """Put the normalised value into ``clean``; return (problem, todo, problem in Chinese) where it is not usable."""
    if spec.type == "number":
        number = _finite(value)
        if number is None:
            return f"{_short(value)} is not a number", "give a number", f"“{_short(value)}”不是数字"
        clean[spec.name] = number
        return None
    if spec.type == "flag":
        if not isinstance(value, bool):
            return f"{_short(value)} is not yes or no", "give true or false", f"“{_short(value)}”不是是或否"
        clean[spec.name] = value
        return None
    if spec.type == "list":
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            return "the value is not a list of texts", "give a list", "应为列表"
        if len(value) > _MAX_ITEMS or any(_unusable(item) for item in value):
            return _BAD_TEXT
        items = tuple(dict.fromkeys(item.strip() for item in value if item.strip()))
        unknown = [item for item in items if spec.codes is not None and item not in spec.codes]
        if unknown:
            return (
                f"unknown code {', '.join(unknown)}",
                f"use {', '.join(spec.codes or ())}",
                f"未知代码 {'、'.join(unknown)}",
            )
        clean[spec.name] = items
        return None
    if isinstance(value, date) and spec.type == "date":
        value = value.isoformat()[:10]
    if not isinstance(value, str):
        return f"{_short(value)} is not text", "give text", f"“{_short(value)}”不是文字"
    text = value.strip()
    return _read_text(spec, text, clean)


def _finite(value: Any) -> float | None:
    """Return a JSON number that a double holds; an integer of four hundred digits is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _short(value: Any) -> str:
    """Return a value for a message; printing an integer of thousands of digits is refused by Python itself."""
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > _MAX_BITS:
        return "the number"
    text = repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _unusable(text: str) -> bool:
    """Tell whether a database cannot keep a text: too long, a null character, or half of a surrogate pair."""
    return len(text) > _MAX_TEXT or "\x00" in text or any("\ud800" <= sign <= "\udfff" for sign in text)


def _read_text(spec: FieldSpec, text: str, clean: dict[str, Any]) -> tuple[str, str, str] | None:
    if _unusable(text):
        return _BAD_TEXT
    if spec.name == "station_code" and not _CODE.match(text):
        return "a code has no spaces and at most 64 characters", "shorten it", "编号不得含空格且不超过 64 个字符"
    if spec.type == "code" and text not in (spec.codes or {}):
        return f"unknown code {text!r}", f"use one of {', '.join(spec.codes or ())}", f"未知代码“{text}”"
    if spec.type == "date" and not _is_date(text):
        return f"{text!r} is not a date", "write it as 2024-03-19", f"“{text}”不是日期"
    clean[spec.name] = text
    return None


def _is_date(text: str) -> bool:
    if not _DATE.match(text):
        return False
    try:
        date.fromisoformat(f"{text}-01-01"[:10] if len(text) == 4 else f"{text}-01"[:10])
    except ValueError:
        return False
    return True


def _check_position(clean: dict[str, Any], log: FaultLog, row: int | None) -> None:
    lon, lat = clean.get("lon"), clean.get("lat")
    if ("lon" in clean) != ("lat" in clean) or (lon is None) != (lat is None):
        log.add("longitude and latitude go together", "give both or none", row=row, field="lon/lat",
                zh=("经度和纬度必须同时填写", "请补全"))  # fmt: skip
    elif lon is not None and lat is not None and not (-180 <= lon <= 180 and -90 <= lat <= 90):
        log.add(f"{lon:g}, {lat:g} is not on the earth", "give WGS-84 degrees", row=row, field="lon/lat",
                zh=("坐标超出范围", "请填写 WGS-84 经纬度"))  # fmt: skip
    area = clean.get("area_m2")
    if area is not None and not 0 <= area <= 1e6:
        log.add(f"{area:g} m² is not possible", "give square metres", row=row, field="area_m2",
                zh=("面积不合理", "请填写平方米"))  # fmt: skip
