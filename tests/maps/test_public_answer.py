"""The answer of the public page, run by Node: who is open on arrival, what a search means, how names are ordered."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from geoplan_maps.vocabulary import SCRIPT, vocabulary_script

WEB = Path(__file__).resolve().parents[2] / "maps" / "geoplan_maps" / "web"

STAGE = """
const base = process.argv[1];
const { answer, entries, matches, NO_FILTERS } = await import(base + "/public/state.js");
const { sayState } = await import(base + "/lib/clock.js");
const { categories } = await import(base + "/public/categories.js");
const { nearestNamesakes } = await import(base + "/public/search.js");
const { outsideM, busiest } = await import(base + "/public/origin.js");
const { guessRideS, guessWalkS } = await import(base + "/lib/geo.js");
// 12:00 on the city's clock; programmes: until 12:05, until 12:20, until 20:00, from 12:04, always, shut
const hours = {
  zone: "Asia/Shanghai", from: "2026-11-21", offsets: [[0, 480]],
  programmes: [[[480, 725, 1]], [[480, 740, 1]], [[480, 1200, 1]], [[724, 1200, 1]], [[0, 1440, 1]], []],
  days: [0, 1, 2, 3, 4, 5].map((i) => [i, i, i, i, i, i, i, i, i, i]),
};
const now = new Date("2026-11-21T12:00:00+08:00");
const one = (code, timetable, lat) => ({
  code, position: [120.3, 31.5 + lat], hours, about: { timetable, status: "operating", h24: timetable === 4 },
});
const at = (stations, more = {}) => ({
  stations, filters: NO_FILTERS, origin: { kind: "place", position: [120.3, 31.5], shown: [120.3, 31.5], label: "" },
  walks: new Map(), slow: false, now, ...more,
});
const codes = (stations, more) => answer(entries(at(stations, more))).open.map((entry) => entry.station.code);
const six = [one("a", 0, 0.004), one("b", 1, 0.005), one("c", 2, 0.006), one("d", 3, 0.0055), one("e", 5, 0.001)];
const noon = at(six);
console.log(JSON.stringify({
  // 444 m as the crow flies: 8 minutes on foot, and it closes in 5
  late: codes([six[0]]),
  lateSaid: answer(entries(at([six[0]]))).late,
  order: codes(six),
  // it closes at 12:20 and is 9 minutes away: 10 minutes are left for a fast walker, not for a slow one
  fast: codes([six[1], six[2]]),
  slow: codes([six[1], six[2]], { slow: true }),
  said: entries(noon).map((entry) => [entry.station.code, sayState(entry.state, now, false)]),
  openAt: six.filter((s) => matches(s, { ...NO_FILTERS, open: true, at: "2026-11-21T13:00" }, noon)).map((s) => s.code),
  category: ["厕所", "cesuo", "热饭", "toilet", "充电", "hot meal", "中山路", "t"].map(
    (q) => categories(q).map((c) => c.code),
  ),
  names: nearestNamesakes([
    { kind: "metro", name: "x", position: [0, 0] }, { kind: "street", name: "人民路", position: [120.9, 31.9] },
    { kind: "street", name: "人民路", position: [120.31, 31.5] }, { kind: "town", name: "y", position: [0, 0] },
  ], [120.3, 31.5]).map((hit) => hit.position[0]),
  outside: [
    outsideM([120.31, 31.5], six, [120, 31, 121, 32]), outsideM([116.4, 39.9], six, [120, 31, 121, 32]),
    outsideM([120.9, 31.9], six, [120, 31, 121, 32]),
  ],
  busiest: busiest(six),
  ride: [guessRideS(1000, true), guessWalkS(1000), guessWalkS(1000, true)],
}));
"""


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed here; it is needed for this test only")
    web = tmp_path_factory.mktemp("pages") / "web"
    shutil.copytree(WEB, web)
    (web / SCRIPT).write_text(vocabulary_script(), "utf-8")  # the service writes it, as it is of one source
    done = subprocess.run(
        [node, "--input-type=module", "-e", STAGE, (web / "js").as_uri()],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_station_that_closes_before_arrival_is_no_answer(played: dict) -> None:
    assert played["late"] == []
    assert played["lateSaid"] is True, "that it is open now but not then is said"


def test_stations_open_on_arrival_and_ten_minutes_after_come_first(played: dict) -> None:
    # d opens before one gets there, a is shut by then; b has ten minutes less a little
    assert played["order"] == ["d", "c", "b"]
    assert played["fast"] == ["c", "b"]
    assert played["slow"] == ["c", "b"]


def test_less_than_half_an_hour_is_said(played: dict) -> None:
    said = dict(played["said"])
    assert said["a"] == "快关门：12:05 关"
    assert said["b"] == "快关门：12:20 关"
    assert said["c"] == "开到 20:00"
    assert said["d"] == "已关门，今天 12:04 开"
    assert said["e"] == "已关门"


def test_another_time_is_evaluated_on_the_phone(played: dict) -> None:
    assert played["openAt"] == ["c", "d"]


def test_categories_are_words_too(played: dict) -> None:
    assert played["category"] == [
        ["toilet"], ["toilet"], ["microwave"], ["toilet"], ["charging"], ["microwave"], [], [],
    ]  # fmt: skip


def test_of_equal_names_the_nearest_comes_first(played: dict) -> None:
    assert played["names"] == [0, 120.31, 120.9, 0]


def test_outside_the_city_is_told_apart_from_its_edge(played: dict) -> None:
    inside, far, next_city = played["outside"]
    assert inside is None
    assert far == pytest.approx(1_000_000, rel=0.1)
    assert next_city == pytest.approx(72_000, rel=0.1)
    assert played["busiest"] == pytest.approx([120.3, 31.5043], abs=1e-4)


def test_e_bikes_and_slow_walkers_have_the_profiles_speeds(played: dict) -> None:
    from geoplan.network.profile import PROFILES

    ride, walk, slow = played["ride"]
    assert ride == pytest.approx(1000 / PROFILES["e_bike"].speed_m_s)
    assert slow / walk == pytest.approx(PROFILES["walk"].speed_m_s / PROFILES["elderly"].speed_m_s)
