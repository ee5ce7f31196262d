"""One row of a register turned into a record: every cell read, kept aside, or said to be not understood."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from geoplan.hours import Unparsed, parse_hours
from geoplan.registry.cleaning import (
    brand_of,
    code_of,
    facility_of,
    find_facilities,
    kind_of,
    read_area,
    read_date,
    read_yes_no,
    split_list,
)
from geoplan.registry.private import take_mobiles
from geoplan.registry.record import FIELD_BY_NAME
from geoplan.sources.columns import ColumnMap
from geoplan.sources.degrees import is_blank

__all__ = ["Proposal", "Reason", "facility_columns", "propose"]

_MAX_TEXT: Final = 4000
# What this project's own exports say beside the code: no news to the register.
OWN_HEADERS: Final = ("station_id", "站点号", "position_state", "定位状态")
_TOTALS: Final = (
    "合计",
    "总计",
    "小计",
    "共计",
    "填表人",
    "填报人",
    "审核人",
    "制表人",
    "备注：",
    "注：",
    "说明：",
    "单位（盖章）",
    "审批人",
)


@dataclass(frozen=True, slots=True)
class Reason:
    """Something said about a row.

    Parameters
    ----------
    code : str
        Stable word for programs.
    text, text_zh : str
        One clause for a person.
    level : {"note", "person", "reject"}
        Whether the row goes in anyway, needs a person, or cannot be a station.
    """

    code: str
    text: str
    text_zh: str
    level: str = "note"


@dataclass(slots=True)
class Proposal:
    """A record in the making: normalised values and what was said on the way."""

    values: dict[str, Any] = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)
    mobiles: list[str] = field(default_factory=list)

    def say(self, code: str, text: str, text_zh: str, level: str = "note") -> None:
        """Add a reason."""
        self.reasons.append(Reason(code, text, text_zh, level))

    def aside(self, header: str, text: str) -> None:
        """Keep a cell's words in ``extra``."""
        self.values.setdefault("extra", {})[header] = text


_READERS: Final[Mapping[str, Callable[[str], Any]]] = {"number": read_area, "flag": read_yes_no, "date": read_date}


def propose(cells: Mapping[str, str], columns: ColumnMap, facility_columns: Mapping[str, str]) -> Proposal:
    """Read one row.

    Parameters
    ----------
    cells : mapping of str to str
        Header → text.
    columns : ColumnMap
        What the headers were taken for.
    facility_columns : mapping of str to str
        Header of a column that ticks one facility → its code.

    Returns
    -------
    Proposal
        Values without position; reasons of level ``reject`` where the row is no station.
    """
    proposal = Proposal()
    coordinate_headers = {name for pair in columns.coordinates for name in (pair.lon, pair.lat)}
    ours = OWN_HEADERS if columns.header("station_code") else ()
    for header in columns.unmapped:
        if header not in facility_columns and header not in ours and cells[header]:
            proposal.aside(header, cells[header])
    for name, header in columns.fields.items():
        text = cells[header]
        if not is_blank(text) and header not in coordinate_headers:
            _read(proposal, name, header, text)
    _read_facility_columns(proposal, cells, facility_columns)
    _derive(proposal)
    _check(proposal, cells)
    return proposal


def _read(proposal: Proposal, name: str, header: str, text: str) -> None:
    values = proposal.values
    if name == "serial":
        proposal.aside(header, text)
    elif name in {"source_crs", "coordinate_system"}:
        pass  # read with the position
    elif FIELD_BY_NAME[name].type == "code":
        _read_code(proposal, name, header, text)
    elif FIELD_BY_NAME[name].type in _READERS:
        value = _READERS[FIELD_BY_NAME[name].type](text)
        if value is None:
            proposal.aside(header, text)
            label = FIELD_BY_NAME[name].label_zh
            proposal.say(
                f"{name}_unread",
                f"{name} {text!r} was not understood and kept aside",
                f"{label}“{text}”无法识别，已留存",
            )
        else:
            values[name] = value
    elif name == "facilities":
        codes, others = find_facilities(text)
        values["facilities"] = (*values.get("facilities", ()), *codes)
        values["services"] = (*values.get("services", ()), *others)
    elif name == "services":
        values["facilities"] = (*values.get("facilities", ()), *find_facilities(text)[0])
        values["services"] = (*values.get("services", ()), *split_list(text))
    elif FIELD_BY_NAME[name].type == "list":
        values[name] = split_list(text)
    elif name == "station_code":
        _read_station_code(proposal, header, text)
    else:
        values[name] = _public_text(proposal, name, text)


def _public_text(proposal: Proposal, name: str, text: str) -> str:
    """Return a text without mobile numbers where the public may read it: in any column they are contacts."""
    if len(text) > _MAX_TEXT:
        proposal.say(
            "too_long",
            f"{name} has {len(text):,} characters; the rest is kept in the import only",
            "文字过长",
            "person",
        )
        text = text[:_MAX_TEXT]
    if not FIELD_BY_NAME[name].public:
        return text
    rest, mobiles = take_mobiles(text)
    if mobiles:
        proposal.mobiles += mobiles
        label = FIELD_BY_NAME[name].label_zh
        proposal.say(
            "mobile",
            f"a mobile number in {name} was moved to the private contact",
            f"{label}中的手机号已转入非公开的联系电话",
        )
    return rest


def _read_code(proposal: Proposal, name: str, header: str, text: str) -> None:
    code = code_of(name, text)
    if code is not None:
        proposal.values[name] = code
        return
    proposal.aside(header, text)
    label = FIELD_BY_NAME[name].label_zh
    if name == "status":
        # Not understood is not open: the public must not be sent to a door that may be locked.
        proposal.values["status"] = "suspended"
        proposal.say(
            "status_unread",
            f"status {text!r} was not understood; held as suspended",
            f"状态“{text}”无法识别，暂按停用处理",
            "person",
        )
    else:
        proposal.say(
            f"{name}_unread", f"{name} {text!r} was not understood and kept aside", f"{label}“{text}”无法识别，已留存"
        )


def _read_station_code(proposal: Proposal, header: str, text: str) -> None:
    """Take a code that can be one station's for good; a bare serial number of the sheet cannot."""
    compact = "".join(text.split())
    if len(compact) > 64 or (compact.isdigit() and len(compact) < 5):
        proposal.aside(header, text)
    else:
        proposal.values["station_code"] = compact


def _read_facility_columns(proposal: Proposal, cells: Mapping[str, str], facility_columns: Mapping[str, str]) -> None:
    for header, code in facility_columns.items():
        text = cells[header]
        if is_blank(text):
            continue
        has = read_yes_no(text)
        if has or (has is None and text.strip().isdigit() and int(text) > 0):
            proposal.values["facilities"] = (*proposal.values.get("facilities", ()), code)
        elif has is None:
            proposal.aside(header, text)


def _derive(proposal: Proposal) -> None:
    values = proposal.values
    name = values.get("name", "")
    for listed in ("facilities", "services"):
        if listed in values:
            values[listed] = tuple(dict.fromkeys(values[listed]))
    if name:
        values.setdefault("brand", brand_of(name))
        values.setdefault("station_kind", kind_of(name))
    for listed in ("services", "worker_groups", "honours"):
        if listed in values:
            values[listed] = tuple(_public_text(proposal, listed, item) for item in values[listed])
    if proposal.mobiles:
        known = [values["contact_phone"]] if values.get("contact_phone") else []
        values["contact_phone"] = ";".join(dict.fromkeys([*known, *proposal.mobiles]))


def _check(proposal: Proposal, cells: Mapping[str, str]) -> None:
    values = proposal.values
    filled = [text for text in cells.values() if not is_blank(text)]
    name = values.get("name", "")
    first = filled[0] if filled else ""
    if (len(filled) <= 1 and not name) or (first.startswith(_TOTALS) and len(filled) <= 4):
        proposal.say(
            "no_record", "the row is a total, a signature or a remark", "本行是合计、签字或说明，不是站点", "reject"
        )
    elif not name:
        proposal.say("no_name", "the row has no name", "没有站点名称", "reject")
    hours = values.get("opening_hours", "")
    if hours:
        parsed = parse_hours(hours)
        if isinstance(parsed, Unparsed):
            proposal.say("hours", f"the opening hours {hours!r} were not understood: {parsed.reason}",
                         f"开放时间“{hours}”无法识别：{parsed.reason_zh}", "person")  # fmt: skip
    else:
        proposal.say("no_hours", "no opening hours are given", "没有填写开放时间")


def facility_columns(columns: ColumnMap, frame: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the unmapped columns that tick one facility each (饮水机: √), header → code."""
    found: dict[str, str] = {}
    for header in columns.unmapped:
        code = facility_of(header)
        cells = [text for text in frame[header] if not is_blank(text)]
        ticks = sum(read_yes_no(text) is not None or text.strip().isdigit() for text in cells)
        if code is not None and len(header) <= 12 and ticks * 2 >= len(cells):
            found[header] = code
    return found
