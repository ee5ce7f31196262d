"""The phone's evaluator against the library's own: the same wordings, the same instants, to the minute."""

from __future__ import annotations

import json
import runpy
import shutil
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from geoplan_api.city.openness import DAYS_SENT, OpeningTable, openness_at, timetable_at

from geoplan.hours import parse_hours, state_at

PARSING = runpy.run_path(str(Path(__file__).with_name("test_parse.py")))
LIB = Path(__file__).resolve().parents[2] / "maps" / "geoplan_maps" / "web" / "js" / "lib"
CALENDAR = [
    "工作日 9:00-17:00",
    "周一至周五 9:00—17:00（法定节假日除外）",
    "Mo-Su 09:00-17:00; PH off",
    "工作日9:00-17:00，节假日10:00-16:00",
    "节假日照常开放，9:00-21:00",
    "周二至周日9:00-17:00，周一闭馆（法定节假日照常开放）",
    "夏季（5-9月）：周一至周五 8:00-18:00，周六日9:00-17:00；冬季（10月-次年4月）：8:30-17:00",
    "SH 09:00-17:00",
    "工作日 20:00-次日6:00",
]
# National Day and its make-up Sunday, Spring Festival, May, the end of the calendar, far beyond it
FIRST_DAYS = ["2025-09-20", "2025-01-15", "2025-04-20", "2026-12-10", "2099-06-01"]
ASKED = 240
UNCERTAIN = "test_what_is_not_certain_is_kept_and_never_open"
RUN = """
import { stateIn, weekIn } from "%s";
const cases = JSON.parse(await new Promise((done) => {
  let text = "";
  process.stdin.on("data", (part) => (text += part)).on("end", () => done(text));
}));
const out = cases.map(({ table, instants }) => ({
  states: table.days.map((_, row) => instants.map((ms) => {
    const { kind, changes } = stateIn(table, row, new Date(ms));
    return [kind, changes && changes.getTime() / 60000];
  })),
  weeks: table.days.map((_, row) => weekIn(table, row, new Date(instants[0]))),
}));
console.log(JSON.stringify(out));
"""


def cases_of(test: str) -> list[str]:
    """Wordings that a parametrized test of the parser is run with."""
    (mark,) = (mark for mark in PARSING[test].pytestmark if mark.name == "parametrize")
    return [case if isinstance(case, str) else case[0] for case in mark.args[1]]


def played(cases: list[dict]) -> list[dict]:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed here; it is needed for this test only")
    script = RUN % (LIB / "timetable.js").as_uri()
    done = subprocess.run(
        [node, "--input-type=module", "-e", script],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def table_of(wordings: list[str], zone: str = "Asia/Shanghai") -> OpeningTable:
    hours = tuple(parse_hours(text) for text in wordings)
    return OpeningTable(hours, np.arange(len(hours), dtype=np.int32), ZoneInfo(zone))


def test_the_phone_and_the_service_agree_to_the_minute() -> None:
    wordings = list(dict.fromkeys([*cases_of("test_wordings"), *cases_of(UNCERTAIN), *CALENDAR]))
    assert len(wordings) > 100
    table = table_of(wordings)
    rng = np.random.default_rng(15)
    cases, asked = [], []
    for first in map(date.fromisoformat, FIRST_DAYS):
        made = datetime.combine(first, datetime.min.time(), table.zone)
        minutes = np.sort(rng.choice((DAYS_SENT - 11) * 1440, ASKED, replace=False)).tolist()
        # every hour and the minute before it on two days: that is where states change
        minutes = sorted({*minutes, *(1440 * 12 + m for h in range(48) for m in (60 * h, 60 * h - 1))})
        instants = [made + timedelta(minutes=int(m)) for m in minutes]
        cases.append({"table": timetable_at(table, made), "instants": [1000 * i.timestamp() for i in instants]})
        asked.append(instants)
    assert sum(map(len, asked)) >= 1000
    seen = set()
    for instants, answer in zip(asked, played(cases), strict=True):
        for row, text in enumerate(wordings):
            said = [kind for kind, _ in answer["states"][row]]
            truth = [state_at(table.hours[row], instant) for instant in instants]
            assert said == truth, text
            seen |= set(said)
        for column in range(0, len(instants), 7):
            openness = openness_at(table, instants[column])
            for row, text in enumerate(wordings):
                kind, changes = answer["states"][row][column]
                wanted = {"open": openness.open_until, "closed": openness.next_open}.get(kind)
                moment = wanted[row] if wanted else None
                minute = datetime.fromisoformat(moment).timestamp() / 60 if moment else None
                assert changes == minute, (text, instants[column], kind)
    assert seen == {"open", "closed", "unknown"}


def test_a_feed_that_is_too_old_says_that_it_does_not_know() -> None:
    table = table_of(["24/7", "8:00-20:00"])
    made = datetime(2026, 11, 20, 12, tzinfo=table.zone)
    later = made + timedelta(days=DAYS_SENT)
    (answer,) = played([{"table": timetable_at(table, made), "instants": [1000 * later.timestamp()]}])
    assert answer["states"] == [[["unknown", None]], [["unknown", None]]]
    assert answer["weeks"] == [[], []]


def test_thirty_hours_later_a_closed_place_is_closed() -> None:
    table = table_of(["8:00-20:00"])
    made = datetime(2026, 11, 19, 22, 35, tzinfo=table.zone)
    night = made + timedelta(hours=30)  # 04:35: the feed said "next open 08:00 yesterday"
    (answer,) = played([{"table": timetable_at(table, made), "instants": [1000 * night.timestamp()]}])
    opens = datetime(2026, 11, 21, 8, tzinfo=table.zone).timestamp() / 60
    assert answer["states"] == [[["closed", opens]]]


def test_where_clocks_change_the_city_clock_holds() -> None:
    table = table_of(["8:00-20:00"], "Europe/Helsinki")
    made = datetime(2026, 10, 20, 12, tzinfo=table.zone)
    instants = [datetime(2026, 10, day, hour, tzinfo=UTC) for day in (24, 25, 26) for hour in range(24)]
    (answer,) = played([{"table": timetable_at(table, made), "instants": [1000 * i.timestamp() for i in instants]}])
    truth = [state_at(table.hours[0], instant, "Europe/Helsinki") for instant in instants]
    assert [kind for kind, _ in answer["states"][0]] == truth
