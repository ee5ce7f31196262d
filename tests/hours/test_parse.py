"""Opening hours as registers write them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoplan.hours import Hours, Unparsed, is_open, parse_hours, state_at

AT = datetime.fromisoformat
MONDAY = AT("2025-03-03")
NAMES = "一二三四五六日"


def open_at(text: str, moment: str) -> bool:
    hours = parse_hours(text)
    assert isinstance(hours, Hours), hours
    return is_open(hours, AT(moment))


def week(text: str) -> str:
    """Open times of an ordinary week (3–9 March 2025), written out by weekday."""
    hours = parse_hours(text)
    assert isinstance(hours, Hours), hours
    days = []
    for day in range(7):
        marks = [is_open(hours, MONDAY + timedelta(days=day, minutes=m)) for m in range(0, 1440, 30)]
        edges = [m for m in range(49) if (m < 48 and marks[m]) != (m > 0 and marks[m - 1])]
        spans = " ".join(
            f"{a // 2}:{a % 2 * 3}0-{b // 2}:{b % 2 * 3}0" for a, b in zip(edges[::2], edges[1::2], strict=True)
        )
        days.append(spans)
    if len(set(days)) == 1:
        return days[0]
    return "; ".join(f"{NAMES[i]} {spans}" for i, spans in enumerate(days) if spans)


def weekdays(spans: str, days: str = "一二三四五") -> str:
    return "; ".join(f"{day} {spans}" for day in days)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8:30-17:30", "8:30-17:30"),
        ("08：30—17：30", "8:30-17:30"),
        ("8：30——17：30", "8:30-17:30"),
        ("8:30～17:30", "8:30-17:30"),
        ("8:30至17:30", "8:30-17:30"),
        ("８：３０－１７：３０", "8:30-17:30"),
        ("8.30-17.30", "8:30-17:30"),
        ("9-17点", "9:00-17:00"),
        ("9点-17点半", "9:00-17:30"),
        ("八点半至十七点", "8:30-17:00"),
        ("9时至17时30分", "9:00-17:30"),
        ("每天8:00-20:00", "8:00-20:00"),
        ("营业时间：每日 8:00-20:00", "8:00-20:00"),
        ("开放时间:8:00-20:00（全年无休）", "8:00-20:00"),
        ("上午8:30—11:30 下午13:30—17:00", "8:30-11:30 13:30-17:00"),
        ("上午8:30-11:30，下午1:30-5:00", "8:30-11:30 13:30-17:00"),
        ("上午8点半至11点半，下午1点半至5点", "8:30-11:30 13:30-17:00"),
        ("早8:00-晚8:00", "8:00-20:00"),
        ("早上7点到晚上10点", "7:00-22:00"),
        ("24小时", "0:00-24:00"),
        ("24h", "0:00-24:00"),
        ("24小时开放", "0:00-24:00"),
        ("全天", "0:00-24:00"),
        ("全天候", "0:00-24:00"),
        ("全天24小时", "0:00-24:00"),
        ("7×24小时", "0:00-24:00"),
        ("7*24", "0:00-24:00"),
        ("00:00-24:00", "0:00-24:00"),
        ("00:00-23:59", "0:00-24:00"),
        ("22:00-6:00", "0:00-6:00 22:00-24:00"),
        ("20:00-次日6:00", "0:00-6:00 20:00-24:00"),
        ("周一至周五 9:00—17:00", weekdays("9:00-17:00")),
        ("周一到周五：9:00-17:00", weekdays("9:00-17:00")),
        ("周一至五9:00-17:00", weekdays("9:00-17:00")),
        ("星期一至星期五 9:00-17:00", weekdays("9:00-17:00")),
        ("9:00-17:00 周一至周五", weekdays("9:00-17:00")),
        ("9:00-17:00（周一至周五）", weekdays("9:00-17:00")),
        ("周一至周五 08:30-12:00,13:00-17:30", weekdays("8:30-12:00 13:00-17:30")),
        ("周一、三、五 9:00-12:00", weekdays("9:00-12:00", "一三五")),
        ("周六日 9:00-12:00", weekdays("9:00-12:00", "六日")),
        ("周末 9:00-12:00", weekdays("9:00-12:00", "六日")),
        ("双休日9:00-12:00", weekdays("9:00-12:00", "六日")),
        ("周一休息，周二至周日9:00-17:00", weekdays("9:00-17:00", "二三四五六日")),
        ("9:00-17:00，周一闭馆", weekdays("9:00-17:00", "二三四五六日")),
        ("9:00-17:00（周末休息）", weekdays("9:00-17:00")),
        ("9:00-17:00（周六、周日除外）", weekdays("9:00-17:00")),
        ("除周末外 9:00-17:00", weekdays("9:00-17:00")),
        ("9:00-17:00（12:00-14:00休息）", "9:00-12:00 14:00-17:00"),
        ("9:00-17:00，午休12:00-13:30", "9:00-12:00 13:30-17:00"),
        ("周一至周五 9:00-11:30、14:00-17:00；周六 9:00-11:30", weekdays("9:00-11:30 14:00-17:00") + "; 六 9:00-11:30"),
        ("9:00-17:00(周一至周五),10:00-16:00(周六、周日)", weekdays("9:00-17:00") + "; 六 10:00-16:00; 日 10:00-16:00"),
        ("二十四小时", "0:00-24:00"),
        ("24小时（需扫码）", "0:00-24:00"),
        ("8:30-17:30，中午不休息", "8:30-17:30"),
        ("9:00-17:00（除周一）", weekdays("9:00-17:00", "二三四五六日")),
        ("周一至周五（工作日）9:00-17:00", weekdays("9:00-17:00")),
        ("8:00-18:00（4月-10月）；9:00-17:00（11月-次年3月）", "9:00-17:00"),
        ("夏季:8:00-18:00(4月-10月) 冬季:8:30-17:00(11月-3月)", "8:30-17:00"),
        ("Mon-Fri 9:00-17:00", weekdays("9:00-17:00")),
        ("Monday-Wednesday 9:00-17:00", weekdays("9:00-17:00", "一二三")),
        ("Mo-Fr 08:30-12:00,13:00-17:30", weekdays("8:30-12:00 13:00-17:30")),
        ("mo-fr 9:00-17:00; sa 9:00-12:00", weekdays("9:00-17:00") + "; 六 9:00-12:00"),
        (
            "Mo-Fr 09:00-12:00, We 14:00-16:00",
            "一 9:00-12:00; 二 9:00-12:00; 三 9:00-12:00 14:00-16:00; 四 9:00-12:00; 五 9:00-12:00",
        ),
        ("早8晚6", "8:00-18:00"),
        ("早九晚五", "9:00-17:00"),
        ("朝九晚五", "9:00-17:00"),
        ("早八点半晚六点", "8:30-18:00"),
        ("早8点-晚8点半", "8:00-20:30"),
        ("早七至晚十一", "7:00-23:00"),
        ("周一至周五早9晚5", weekdays("9:00-17:00")),
        ("0830-1730", "8:30-17:30"),
        ("830-1730", "8:30-17:30"),
        ("上午0830-1130，下午1330-1730", "8:30-11:30 13:30-17:30"),
        ("0830-1130、1330-1730", "8:30-11:30 13:30-17:30"),
        ("周一至周五0900-1730", weekdays("9:00-17:30")),
        ("2000-2200", "20:00-22:00"),
        ("法定节假日休息，其余时间9:00-17:00", "9:00-17:00"),
        ("周一休息，其余9:00-17:00", weekdays("9:00-17:00", "二三四五六日")),
        ("周末休息，其余时间均为8:30-17:30", weekdays("8:30-17:30")),
        ("周六日10:00-16:00，其余时间9:00-17:00", weekdays("9:00-17:00") + "; 六 10:00-16:00; 日 10:00-16:00"),
        ("9:00-17:00，周一公休，其余时间正常开放", weekdays("9:00-17:00", "二三四五六日")),
        ("周一停业，其他日期24小时", "; ".join(f"{day} 0:00-24:00" for day in "二三四五六日")),
        ("8:30-17:30（春节期间除外）", "8:30-17:30"),
        ("24/7", "0:00-24:00"),
        ("Fr-Sa 20:00-02:00", "五 20:00-24:00; 六 0:00-2:00 20:00-24:00; 日 0:00-2:00"),
        (
            "Mo-Su 08:00-18:00; Mo-Fr 12:00-14:00 off",
            weekdays("8:00-12:00 14:00-18:00") + "; 六 8:00-18:00; 日 8:00-18:00",
        ),
        ("Mo[1] 09:00-17:00", "一 9:00-17:00"),
        ("Mo[-1] 09:00-17:00", ""),
    ],
)
def test_wordings(text, expected):
    assert week(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "工作日", "工作日开放", "7-9月", "地铁运营时间", "寒潮期24小时", "暑期延长", "大厅8:30-17:20;自助区24小时",
        "夏季8:00-18:00 冬季8:30-17:30", "9:00-5:00", "10.15-12.31", "白天", "以门店为准",
        "9:00-17:00，夏季延长至18:00",
        "周一至周五 9:00-17:00; 周三 18:00-20:00", "25:00-26:00", "9:60-17:00", "Mo-Fr sunrise-sunset", "Mo-Fr 09:00+",
        "Mo-Fr 09:00-17:00 \"by appointment\"", "2月30日-5月1日 9:00-17:00", "周八 9:00-17:00",
        "by appointment", "Feb 30 09:00-17:00", "9:00-17:00（节假日另行通知）", "周一闭馆，法定节假日除外", "休息",
        "上午、下午", "待定", "9:00", "open late", "week 1-10 09:00-17:00", "easter off",
        "早8晚2", "早2晚6", "最早8晚6", "早8晚6点30", "0830-1130", "0830-1130 1330-1730", "0501-1007 0900-1700",
        "2019-2024",
        "0860-1730", "2530-2600", "9:00-17:00，寒暑假除外", "9:00-17:00，除夕至初六休息",
        "9:00-17:00，2月30日至3月2日暂停",
        "9:00-17:00，2月20日至10日暂停", "9:00-17:00，2026年2月29日暂停", "9:00-17:00，2026年2月20日至2月10日暂停",
        "9:00-17:00，2月10日起暂停", "9:00-12:00，其余时间14:00-17:00", "法定节假日休息，其余时间正常开放",
        "周六9:00-12:00，其余时间正常开放", "8:00-20:00，其余时间扫码", "其余时间", "春节除外", "全年无休",
        "2月10日至20日暂停",
        "5-9月 周一8:00-18:00，7月10日至20日暂停，周二9:00-17:00", "9:00-17:00，暂停",
    ],
)  # fmt: skip
def test_what_is_not_certain_is_kept_and_never_open(text):
    hours = parse_hours(text)
    assert isinstance(hours, Unparsed), hours
    assert hours.text == text
    assert hours.reason
    assert hours.reason_zh
    assert state_at(hours, AT("2025-03-05T12:00")) == "unknown"
    assert not is_open(hours, AT("2025-03-05T12:00"))


@pytest.mark.parametrize("missing", [None, float("nan"), 8.5])
def test_hours_not_given_are_unparsed(missing):
    assert parse_hours(missing) == Unparsed("", "no opening hours are given", "没有填写开放时间")


def test_seasons():
    text = "夏季（5-9月）：周一至周五 8:00-18:00，周六日9:00-17:00；冬季（10月-次年4月）：8:30-17:00"
    assert open_at(text, "2025-07-02 17:30")  # Wednesday in summer
    assert not open_at(text, "2025-07-05 17:30")  # Saturday in summer
    assert not open_at(text, "2025-12-03 17:30")
    assert open_at(text, "2025-02-01 16:30")
    others = "6月1日-9月30日 8:00-20:00，其余月份 8:30-17:30"
    assert [open_at(others, f"2025-{day} 19:00") for day in ("05-31", "06-01", "09-30", "10-01")] == [
        False,
        True,
        True,
        False,
    ]
    assert open_at("Nov-Mar 09:00-15:00; Apr-Oct 09:00-19:00", "2025-10-31 18:00")


def test_holidays_and_make_up_workdays():
    # 2025: 1 October is National Day (Wednesday); Sunday 28 September and Saturday 11 October are make-up workdays
    text = "工作日 9:00-17:00"
    assert not open_at(text, "2025-10-01 10:00")
    assert open_at(text, "2025-09-28 10:00")
    assert open_at(text, "2025-10-11 10:00")
    assert not open_at(text, "2025-10-12 10:00")
    excluded = "周一至周五 9:00—17:00（法定节假日除外）"
    assert not open_at(excluded, "2025-10-01 10:00")
    assert not open_at(excluded, "2025-09-28 10:00")  # a make-up Sunday is still a Sunday
    assert open_at("周一至周五 9:00—17:00", "2025-10-01 10:00")  # as written
    assert not open_at("Mo-Su 09:00-17:00; PH off", "2025-10-04 10:00")
    assert open_at("工作日9:00-17:00，节假日10:00-16:00", "2025-10-04 15:30")
    assert not open_at("工作日9:00-17:00，节假日10:00-16:00", "2025-10-04 16:30")
    assert open_at("节假日照常开放，9:00-21:00", "2025-10-01 10:00")


def test_open_in_spite_of_a_closure():
    # Monday 5 May 2025 is a holiday, Monday 12 May is not
    text = "周二至周日9:00-17:00，周一闭馆（法定节假日照常开放）"
    assert open_at(text, "2025-05-05 10:00")
    assert not open_at(text, "2025-05-12 10:00")
    assert not open_at("周一至周五（工作日）9:00-17:00", "2025-05-05 10:00")


def test_beyond_the_holiday_calendar_is_unknown_unless_it_cannot_matter():
    hours = parse_hours("周一至周五 9:00-17:00（法定节假日除外）")
    assert state_at(hours, AT("2099-06-03T10:00")) == "unknown"  # Wednesday: open unless a holiday
    assert state_at(hours, AT("2099-06-06T10:00")) == "closed"  # a Saturday: closed either way
    assert state_at(hours, AT("2099-06-03T20:00")) == "closed"
    assert state_at(parse_hours("工作日 9:00-17:00"), AT("2099-06-06T10:00")) == "unknown"  # may be a make-up day
    assert state_at(parse_hours("9:00-17:00"), AT("2099-06-03T10:00")) == "open"
    assert state_at(parse_hours("SH 09:00-17:00"), AT("2025-07-09T10:00")) == "unknown"  # nobody's calendar


def test_an_instant_is_read_on_the_citys_clock():
    hours = parse_hours("8:00-12:00")
    assert is_open(hours, AT("2025-03-05T01:00:00+00:00"))  # 09:00 in Wuxi
    assert not is_open(hours, AT("2025-03-05T09:00:00+00:00"))
    assert is_open(hours, AT("2025-03-05T08:00"))
    assert not is_open(hours, AT("2025-03-05T12:00"))  # the end is not included


def test_a_holiday_by_its_name():
    # 2026: the break of Spring Festival is 15 to 23 February, that of National Day 1 to 7 October
    text = "8:30-17:30（春节期间除外）"
    assert [open_at(text, f"2026-{day} 12:00") for day in ("02-14", "02-15", "02-23", "02-24", "10-01")] == [
        True, False, False, True, True,
    ]  # fmt: skip
    hours = parse_hours(text)
    assert hours.notes == ("“春节”理解为该节日的法定假期",)
    several = "9:00-17:00，元旦、春节、国庆节休息"
    assert [open_at(several, f"2026-{day} 12:00") for day in ("01-01", "02-17", "05-01", "10-05")] == [
        False, False, True, False,
    ]  # fmt: skip
    assert [open_at("春节期间10:00-16:00，其余时间9:00-17:00", f"2026-{day} 09:30") for day in ("02-17", "03-17")] == [
        False, True,
    ]  # fmt: skip
    assert not open_at("9:00-17:00，五一期间休息", "2026-05-02 12:00")
    assert open_at("法定节假日休息，春节照常，9:00-17:00", "2026-03-17 12:00")


def test_a_holiday_by_its_name_beyond_the_calendar_and_in_a_joint_break():
    hours = parse_hours("8:30-17:30，春节期间除外")
    assert state_at(hours, AT("2099-02-01T12:00")) == "unknown"
    assert state_at(hours, AT("2099-02-01T20:00")) == "closed"
    assert state_at(hours, AT("2099-07-01T12:00")) == "open", "Spring Festival never falls in July"
    # 2025: National Day and Mid-autumn (6 October) share the break of 1 to 8 October
    autumn = parse_hours("9:00-17:00，中秋节休息")
    assert state_at(autumn, AT("2025-10-06T12:00")) == "closed"
    assert state_at(autumn, AT("2025-10-03T12:00")) == "unknown", "whether its other days are Mid-autumn's, nobody says"
    assert state_at(autumn, AT("2025-10-09T12:00")) == "open"
    assert not open_at("9:00-17:00，国庆节休息", "2025-10-03 12:00")


@pytest.mark.parametrize(
    "closure",
    [
        "2026年2月10日至20日暂停", "2026年2月10日-2月20日暂停开放", "（2026年2月10日至2026年2月20日闭馆）",
        "2026.2.10-2.20暂停服务", "2026/2/10-2026/2/20停业", "2026-02-10至2026-02-20关闭", "2026年2月10日至20日除外",
    ],
)  # fmt: skip
@pytest.mark.parametrize("order", ["{hours}，{closure}", "{closure}，{hours}"])
def test_closed_by_date(closure, order):
    text = order.format(hours="9:00-17:00", closure=closure)
    days = ("2026-02-09", "2026-02-10", "2026-02-20", "2026-02-21", "2025-02-15", "2027-02-15")
    assert [open_at(text, f"{day} 12:00") for day in days] == [True, False, False, True, True, True]


def test_closed_by_date_every_year_where_no_year_is_given():
    hours = parse_hours("9:00-17:00，2月10日至20日暂停")
    assert [is_open(hours, AT(f"{day}T12:00")) for day in ("2026-02-15", "2027-02-20", "2027-02-21")] == [
        False, False, True,
    ]  # fmt: skip
    assert hours.notes == ("停止开放的日期未写年份，按每年理解",)
    over = "24小时，2025年12月28日至2026年1月3日暂停开放"
    assert [open_at(over, f"{day} 12:00") for day in ("2025-12-27", "2025-12-28", "2026-01-03", "2026-01-04")] == [
        True, False, False, True,
    ]  # fmt: skip


def test_times_of_one_year_replace_those_of_every_year():
    text = "夏季（5-9月）8:00-20:00，冬季（10-4月）9:00-17:00，2026年7月1日至10日 10:00-12:00"
    assert [open_at(text, f"{day} 13:00") for day in ("2025-07-05", "2026-07-05", "2026-07-11")] == [True, False, True]


DIGITS = "零一二三四五六七八九十"


@given(
    st.integers(4, 11),
    st.integers(5, 12),
    st.booleans(),
    st.sampled_from(["", "点", "时"]),
    st.sampled_from(["", "-", "至", "到"]),
)
def test_early_and_late_are_morning_and_evening(early, late, in_signs, mark, to):
    def said(hour: int) -> str:
        return str(hour) if not in_signs else DIGITS[hour] if hour <= 10 else f"十{DIGITS[hour - 10]}"

    hours = parse_hours(f"早{said(early)}{mark}{to}晚{said(late)}{mark}")
    assert isinstance(hours, Hours), hours
    assert hours.rules[0].spans == ((60 * early, 60 * late + 720),)


@given(st.integers(0, 1439), st.integers(0, 1439))
def test_times_without_a_colon_are_what_they_are_with_one_or_unknown(start, end):
    first, last = (f"{minute // 60:02}{minute % 60:02}" for minute in (start, end))
    bare = parse_hours(f"{first}-{last}")
    full = parse_hours(f"{first[:2]}:{first[2:]}-{last[:2]}:{last[2:]}")
    if isinstance(bare, Hours):
        assert isinstance(full, Hours)
        assert bare.rules == full.rules
    if all(1 <= int(text[:2]) <= 12 and 1 <= int(text[2:]) <= 28 for text in (first, last)):
        assert isinstance(bare, Unparsed), "it may be dates"
