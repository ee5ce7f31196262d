"""Rows of a plan against every minute counted one by one, and against coverage's own figure."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan import CityPack, network_of
from geoplan.hours.slices import SLICES, slice_minutes
from geoplan.hours.stations import open_mask
from geoplan.planning import City, CoverageQuestion, PlanQuestion, answer, resolve
from geoplan.planning.moments import moments_of
from geoplan.planning.problem import plan_rows
from geoplan.trades import workers_in_slice

FRIDAY = date(2026, 11, 20)
NEAR, MIDDLE = 100.0, 250.0  # seconds: a site's own corner; the middle of the grid as well
MIDNIGHT = datetime.fromisoformat("2026-11-20T00:00:00+08:00")


@pytest.fixture(scope="module")
def base(tmp_path_factory, request):
    """The city checked by hand with a third station in the middle, demand by trade, and two districts."""
    make = request.getfixturevalue("tiny_pack_in")
    folder = make(tmp_path_factory.mktemp("rows"))
    stations = pd.read_csv(folder / "stations.csv", encoding="utf-8-sig")
    middle = stations.iloc[[0]].assign(station_code="S3", name="三号站", lon=120.301, lat=31.571)
    pd.concat([stations, middle]).to_csv(folder / "stations.csv", index=False, encoding="utf-8-sig")
    demand = pd.read_csv(folder / "demand.csv")
    demand["workers_courier"] = [4.0, 20.0, 0.0, 10.0]
    demand["workers_sanitation"] = demand["workers"] - demand["workers_courier"]
    demand.to_csv(folder / "demand.csv", index=False)
    pack = CityPack.open(folder)
    yield pack, network_of(pack)
    shutil.rmtree(folder)


def city_of(base, hours, facilities=("water;toilet", "water;microwave", "")):
    pack, network = base
    stations = pack.stations.assign(opening_hours=list(hours), facilities=list(facilities))
    return City(replace(pack, stations=stations), networks=lambda _: network)


def minutes_of(city, question):
    """Return the moments of a question as lists of single minutes' open masks, with the slice of the workers."""
    stations = city.pack.stations
    for code in question.robust or (question.slice,):
        start, end = slice_minutes(code)
        yield code, [open_mask(stations, MIDNIGHT + timedelta(minutes=at), city.zone).open for at in range(start, end)]


def counted_by_minutes(city, question, new=()):
    """Return the workers served by stations and new sites, every minute on its own: the mean over the slice."""
    pack, sites = city.pack, city.sites()
    ways = city.ways(question.profile, question.limit_s).toarray(), city.ways(question.profile, question.limit_s)
    near = np.zeros(ways[0].shape, bool)
    for point in range(near.shape[0]):
        near[point, ways[1].indices[ways[1].indptr[point] : ways[1].indptr[point + 1]]] = True
    row = {code: at for at, code in enumerate(pack.stations["station_code"])}
    column = {row[code]: at for at, code in enumerate(sites.index) if code in row}
    built = [list(sites.index).index(code) for code in new]
    has = [
        [facility in str(cell).split(";") for cell in pack.stations["facilities"]] for facility in question.facilities
    ] or [[True] * len(pack.stations)]
    served = []
    for code, minutes in minutes_of(city, question):
        workers = workers_in_slice(pack.demand, question.trade or "all", code)
        if question.area is not None:
            workers = np.where(pack.demand["district_code"] == question.area, workers, 0.0)
        for is_open in minutes:
            for point in range(len(workers)):
                bundle = all(any(is_open[s] and kind[s] and near[point, column[s]] for s in column) for kind in has)
                served.append(workers[point] * (bundle or near[point, built].any()) / len(minutes))
    return sum(served) / len(question.robust or (1,))


def served(rows, city, columns):
    """Return what open columns serve of the rows."""
    ways = rows.ways
    return sum(
        weight
        for row, weight in enumerate(rows.weight)
        if set(ways.indices[ways.indptr[row] : ways.indptr[row + 1]].tolist()) & set(columns)
    )


def both(city, question, new=()):
    asked = resolve(city.pack, question)
    rows = plan_rows(city, asked)
    sites = city.sites()
    columns = [*np.flatnonzero(sites["existing"]), *[list(sites.index).index(code) for code in new]]
    return served(rows, city, columns), counted_by_minutes(city, asked, new), rows


def test_a_station_open_for_a_third_of_the_slice(base):
    city = city_of(base, ["08:00-10:00", "off", "off"])
    question = PlanQuestion(slice="06-12", day=FRIDAY, limit_s=NEAR)
    rows, minutes, found = both(city, question)
    # S1's corner has 4 couriers, all out from 6 to 12, and 6 sanitation workers, all out as well
    assert rows == pytest.approx(minutes) == pytest.approx(10.0 * 2 / 6)
    # the corner falls into two rows, open and closed; each other point is one
    assert (len(found.weight), sorted(found.weight[found.point == 0])) == (5, pytest.approx([10.0 / 3, 20.0 / 3]))


def test_two_stations_with_different_hours(base):
    # the middle lies between both: from S1 06:30-09:00, from S3 (in the middle) 08:00-11:00, together 06:30-11:00
    city = city_of(base, ["06:30-09:00", "off", "08:00-11:00"])
    rows, minutes, found = both(city, PlanQuestion(slice="06-12", day=FRIDAY, limit_s=MIDDLE, trade="courier"))
    assert rows == pytest.approx(minutes)
    assert sorted(found.weight[found.point == 1] * 6 / 20.0) == pytest.approx([1.0, 1.5, 1.5, 2.0])


def test_two_facilities_at_different_stations(base):
    # a toilet at S1 from 6 to 9, a microwave at S2 from 8 to 11: for one hour both are near the middle and
    # the south-eastern corner
    city = city_of(base, ["06:00-09:00", "08:00-11:00", "off"])
    question = PlanQuestion(slice="06-12", day=FRIDAY, limit_s=MIDDLE, facilities=("toilet", "microwave"))
    rows, minutes, _ = both(city, question)
    assert rows == pytest.approx(minutes)
    assert rows == pytest.approx((20.0 + 40.0) / 6, rel=1e-9)
    rows, minutes, _ = both(city, question, ["C1"])  # a new site has both, at any hour
    assert rows == pytest.approx(minutes)
    assert rows > 40.0


def test_a_facility_at_no_station(base):
    city = city_of(base, ["24/7", "24/7", "24/7"])
    question = PlanQuestion(slice="06-12", day=FRIDAY, limit_s=MIDDLE, facilities=("shower",))
    rows, minutes, found = both(city, question)
    assert rows == minutes == 0.0
    assert found.total == pytest.approx(100.0)
    with_toilet, minutes, _ = both(city, replace(question, facilities=("shower", "toilet")), ["C1"])
    assert with_toilet == pytest.approx(minutes)


def test_rows_that_see_the_same_stations_are_one(base):
    city = city_of(base, ["24/7", "off", "off"])
    _, _, found = both(city, PlanQuestion(slice="12-15", day=FRIDAY, limit_s=NEAR))
    assert found.point.tolist() == [0, 1, 2, 3]


SPAN = st.one_of(
    st.just("24/7"),
    st.just("off"),
    st.just("无人知道"),
    st.builds(
        lambda start, length: (
            f"{start // 60:02}:{start % 60:02}-{min(start + length, 1439) // 60:02}:{min(start + length, 1439) % 60:02}"
        ),
        st.integers(0, 1380),
        st.integers(1, 700),
    ),
)
HAS = st.sampled_from(["", "toilet", "water;toilet", "microwave", "toilet;microwave"])
ASKED = st.fixed_dictionaries(
    {"limit_s": st.sampled_from([NEAR, MIDDLE, 400.0])},
    optional={
        "facilities": st.sampled_from([("toilet",), ("toilet", "microwave"), ("shower",)]),
        "trade": st.sampled_from(["courier", "sanitation", "all"]),
        "area": st.just("320213"),
    },
)


@given(st.lists(SPAN, min_size=3, max_size=3), st.lists(HAS, min_size=3, max_size=3), ASKED, st.data())
@settings(deadline=None, max_examples=25)
def test_rows_are_the_minutes(base, hours, facilities, asked, data):
    city = city_of(base, hours, facilities)
    code = data.draw(st.sampled_from(list(SLICES)))
    new = data.draw(st.lists(st.sampled_from(["C1", "C2"]), unique=True))
    rows, minutes, _ = both(city, PlanQuestion(slice=code, day=FRIDAY, **asked), new)
    assert rows == pytest.approx(minutes, rel=1e-9, abs=1e-9)


def test_scenarios_are_their_mean(base):
    city = city_of(base, ["07:00-11:15", "24/7", "off"])
    rows, minutes, _ = both(city, PlanQuestion(robust=("06-12", "18-22"), day=FRIDAY, limit_s=NEAR), ["C1"])
    assert rows == pytest.approx(minutes)


WHEN = st.one_of(
    st.just({}),
    st.builds(lambda minute: {"at": MIDNIGHT + timedelta(minutes=minute)}, st.integers(0, 1439)),
    st.builds(
        lambda code, rule: {"slice": code, "day": FRIDAY, "time_rule": rule},
        st.sampled_from(list(SLICES)),
        st.sampled_from(["mean", "whole"]),
    ),
)


@given(st.lists(SPAN, min_size=3, max_size=3), st.lists(HAS, min_size=3, max_size=3), ASKED, WHEN)
@settings(deadline=None, max_examples=40)
def test_before_a_plan_is_what_coverage_says(base, hours, facilities, asked, when):
    city = city_of(base, hours, facilities)
    covered = answer(city, CoverageQuestion(**asked, **when)).to_dict()
    found = answer(city, PlanQuestion(new_sites=0, **asked, **when))
    (area,) = [area for area in covered["areas"] if area["level"] == ("district" if "area" in asked else "city")]
    moment = area["tests"]["network"]
    share = moment.get("at", moment["any"])["share"]
    before = float(found.rows.weight @ found.served_before)
    assert found.rows.total == pytest.approx(area["demand"], rel=1e-9)
    assert before == pytest.approx(share * area["demand"], rel=1e-9, abs=1e-9)
    assert moments_of(city, found.question)[0].name == covered["subject"]["at"]
