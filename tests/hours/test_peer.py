"""The OSM reader against an independent implementation, and the registers that are at hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoplan.hours import Unparsed, parse_hours, state_at

DAYS = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

clock = st.integers(0, 47).map(lambda half: f"{half // 2:02}:{half % 2 * 30:02}")
overnight = st.tuples(clock, clock).filter(lambda t: t[0] != t[1]).map("-".join)
within_a_day = st.tuples(clock, clock).filter(lambda t: t[0] < t[1]).map("-".join)
times = st.lists(within_a_day, min_size=1, max_size=2).map(",".join)
days = st.one_of(
    st.sampled_from(DAYS),
    st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)).filter(lambda d: d[0] != d[1]).map("-".join),
    st.tuples(st.sampled_from(DAYS), st.integers(1, 4)).map(lambda d: f"{d[0]}[{d[1]}]"),
)
months = st.tuples(st.sampled_from(MONTHS), st.sampled_from(MONTHS)).filter(lambda m: m[0] != m[1]).map("-".join)
rule = st.builds(
    lambda month, day, time: " ".join(part for part in (month, day, time) if part),
    st.one_of(st.just(""), months),
    st.lists(days, min_size=1, max_size=2).map(",".join),
    st.one_of(times, st.just("off"), times.map(lambda t: t + " off")),
)
first = st.builds(lambda day, time: f"{day} {time}", days, times)
# a span over midnight stands alone: what a later rule of the same day leaves of it, the specification does not say
text = st.one_of(
    st.builds(lambda a, rest: "; ".join([a, *rest]), first, st.lists(rule, max_size=2)),
    st.builds(lambda day, time: f"{day} {time}", days, overnight),
)


@given(text, st.integers(0, 365 * 48), st.integers(0, 13))
def test_agrees_with_a_peer(words, half_hours, step):
    peer = pytest.importorskip("opening_hours")
    hours = parse_hours(words)
    assert not isinstance(hours, Unparsed), hours
    other = peer.OpeningHours(words)
    for n in range(24):
        moment = datetime.fromisoformat("2025-01-01") + timedelta(minutes=30 * half_hours + 15 + n * (60 * step + 210))
        expected = "open" if other.is_open(moment) else "closed"
        assert state_at(hours, moment) == expected, (words, moment)


day_of_2026 = st.dates(date(2025, 11, 1), date(2026, 12, 31))


@st.composite
def dated(draw: st.DrawFn) -> str:
    """Dates of one year, in the ways that they are written."""
    first, last = sorted([draw(day_of_2026), draw(day_of_2026)])
    start, end = (f"{day.year} {MONTHS[day.month - 1]} {day.day}" for day in (first, last))
    ways = [f"{start}-{end}", start]
    if first.year == last.year:
        ways += [f"{start}-{end[5:]}", f"{first.year} {MONTHS[first.month - 1]}-{MONTHS[last.month - 1]}"]
    if (first.year, first.month) == (last.year, last.month):
        ways.append(f"{start}-{last.day}")
    return draw(st.sampled_from(ways))


@given(first, dated(), st.one_of(st.just("off"), within_a_day), st.integers(0, 13), st.integers(0, 420))
def test_dates_of_one_year_agree_with_a_peer(usual, when, what, step, start):
    peer = pytest.importorskip("opening_hours")
    words = f"{usual}; {when} {what}"
    hours = parse_hours(words)
    assert not isinstance(hours, Unparsed), (words, hours)
    other = peer.OpeningHours(words)
    for n in range(48):
        moment = datetime.fromisoformat("2025-10-01T00:15") + timedelta(days=start + n * step, minutes=30 * n)
        expected = "open" if other.is_open(moment) else "closed"
        assert state_at(hours, moment) == expected, (words, moment)


@pytest.mark.parametrize(
    "words",
    [
        "Mo-Su 09:00-17:00; 2026 Feb 29 off", "Mo-Su 09:00-17:00; 2027 Feb 10-2026 Feb 20 off",
        "Mo-Su 09:00-17:00; 2026 Dec-Jan off", "Mo-Su 09:00-17:00; 2026 Feb 10,Mar 1 off", "2026-02-10 off",
        "Mo-Su 09:00-17:00; Feb 10-2026 Feb 20 off",
    ],
)  # fmt: skip
def test_dates_that_are_not_clear_are_refused(words):
    assert isinstance(parse_hours(words), Unparsed)


@pytest.mark.shared
def test_real_register(shared):
    frame = pd.read_csv(shared / "data/stations/zhengzhou_union_stations.csv")
    given_hours = frame["open_hours"].dropna()
    unread = {text for text in given_hours if isinstance(parse_hours(text), Unparsed)}
    assert unread == {"工作日开放"}  # days without times: nobody knows from when to when


@pytest.mark.shared
def test_wordings_in_the_news(shared):
    frame = pd.read_csv(shared / "data/wuxi/wuxi_sites_in_public_news.csv")
    read = {text for text in frame["hours"].dropna() if not isinstance(parse_hours(text), Unparsed)}
    assert read == {"24小时", "12:00-17:00"}
