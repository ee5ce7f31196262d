"""Opening hours as registers write them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

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
