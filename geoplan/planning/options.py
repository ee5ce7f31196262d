"""What can be done at each site for longer hours: read from a table, or made from prices."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoplan.coverage.moments import Moment
from geoplan.errors import FaultLog
from geoplan.hours.slices import SLICES, slice_hours
from geoplan.pack import CityPack
from geoplan.planning.hours import Option
from geoplan.planning.question import HourOption, PlanQuestion
from geoplan.planning.rows import DemandRows
from geoplan.planning.sites import site_costs
from geoplan.planning.tables import read_words

__all__ = ["ALL_DAY", "Changes", "changes", "read_options"]

COLUMNS: Final = ("site", "option", "slices", "cost")
CURRENT: Final = "as it is"
ALL_DAY: Final = "around the clock"
NEW: Final = "new"


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """What can be done, what stands today, and whom each of it serves.

    Parameters
    ----------
    options : tuple of Option
        Those that cost something, then every station as it is; slices are positions in the question's ``slices``.
    pairs : scipy.sparse.csr_array
        A stored 0 where an option (column) serves a row of demand.
    """

    options: tuple[Option, ...]
    pairs: sparse.csr_array


def read_options(path: Path) -> tuple[HourOption, ...]:
    """Read options from a table.

    Parameters
    ----------
    path : pathlib.Path
        CSV or Excel: ``site`` (a station's or candidate's code), ``option`` (its name), ``slices`` (codes of the time
        slices in which the site is then open besides, separated by ``;``, or ``all``), ``cost``.

    Raises
    ------
    InputError
        With every fault of the table.
    """
    table = read_words(path, COLUMNS)
    log = FaultLog(path.name)
    found = []
    cells = zip(table.index + 2, table["site"], table["option"], table["slices"], table["cost"], strict=True)
    for line, site, name, text, cost in cells:
        codes = tuple(code.strip() for code in text.replace(",", ";").split(";") if code.strip())
        for code in codes:
            if code not in SLICES and code != "all":
                log.add(f"there is no time slice {code!r}", f"use {', '.join(SLICES)} or all", row=line, field="slices")
        if not codes:
            log.add("no slices are named", "give at least one, or all", row=line, field="slices")
        price = _price(cost)
        if price is None:
            log.add(f"{cost!r} is no cost", "give a number that is not negative", row=line, field="cost")
        found.append(HourOption(site, name, codes, price or 0.0))
    log.raise_if_any()
    return tuple(found)


def _price(text: str) -> float | None:
    try:
        price = float(text)
    except ValueError:
        return None
    return price if 0 <= price < float("inf") else None


def changes(
    pack: CityPack, sites: gpd.GeoDataFrame, question: PlanQuestion, moments: tuple[Moment, ...], rows: DemandRows
) -> Changes:
    """Return what a resolved question of hours may choose from.

    A station open for part of a slice serves that part as it stands; opening it through the slice costs the hours that
    are missing.

    Parameters
    ----------
    pack : CityPack
        The inputs.
    sites : geopandas.GeoDataFrame
        All sites.
    question : PlanQuestion
        Resolved, of the model ``hours``.
    moments : tuple of Moment
        The slices of its day.
    rows : DemandRows
        Their demand.

    Raises
    ------
    InputError
        An option names a site that is not there, or a candidate has no cost.
    """
    if question.options:
        offered = _given(sites, question)
    else:
        share = np.column_stack([moment.share_open for moment in moments])
        row_of = {code: row for row, code in enumerate(pack.stations["station_code"])}
        offered = _priced(sites, question, share, row_of)
    now = [
        Option(int(site), CURRENT, tuple(range(len(moments))), 0.0, current=True)
        for site in np.flatnonzero(sites["existing"].to_numpy(bool))
    ]
    options = (*offered, *now)
    open_now, every = rows.ways.tocsc(), rows.every.tocsc()
    of_slice: npt.NDArray[np.int64] = rows.moment
    served, columns = [], []
    for column, option in enumerate(options):
        matrix = open_now if option.current else every
        reached = matrix.indices[matrix.indptr[option.site] : matrix.indptr[option.site + 1]].astype(np.int64)
        if not option.current:
            reached = reached[np.isin(of_slice[reached], option.slices)]
        served.append(reached)
        columns.append(np.full(len(reached), column))
    row = np.concatenate([*served, []]).astype(np.int64)
    column_of = np.concatenate([*columns, []]).astype(np.int64)
    pairs = sparse.csr_array((np.zeros(len(row)), (row, column_of)), shape=(len(of_slice), len(options)))
    return Changes(options, pairs)


def _given(sites: gpd.GeoDataFrame, question: PlanQuestion) -> list[Option]:
    log = FaultLog()
    at = {str(code): row for row, code in enumerate(sites.index)}
    options = []
    for number, given in enumerate(question.options, start=2):
        if given.site not in at:
            log.add(
                f"there is no site {given.site!r}", "give the code of a station or candidate", row=number, field="site",
                zh=(f"没有站点 {given.site}", "请填站点或候选点的编号"),
            )  # fmt: skip
        wanted = question.slices if "all" in given.slices else given.slices
        parts = tuple(at_ for at_, code in enumerate(question.slices) if code in wanted)
        options.append(Option(at.get(given.site, 0), given.option, parts, given.cost))
    log.raise_if_any()
    return options


def _priced(
    sites: gpd.GeoDataFrame, question: PlanQuestion, share: npt.NDArray[np.float64], row_of: dict[Any, int]
) -> list[Option]:
    """Return what prices allow at each site: one more slice, around the clock; or built new."""
    assert question.hour_cost is not None
    assert question.all_day_cost is not None
    hours = np.array([slice_hours(code) for code in question.slices])
    every = tuple(range(len(question.slices)))
    # a new station's own cost is that of usual hours: around the clock comes on top, unless it is built for that
    added = np.where(sites["station_class"] == "smart24h", 0.0, question.all_day_cost)
    costs = site_costs(sites) + added if question.build else None
    options = []
    for site, (code, existing) in enumerate(zip(sites.index, sites["existing"].to_numpy(bool), strict=True)):
        if not existing:
            if costs is not None:
                options.append(Option(site, NEW, every, float(costs[site])))
            continue
        closed = 1.0 - share[row_of[code]]
        missing = tuple(part for part in every if closed[part] > 1e-9)
        options.extend(
            Option(
                site, f"open {question.slices[part]}", (part,), float(question.hour_cost * hours[part] * closed[part])
            )
            for part in missing
        )
        if len(missing) > 1:
            options.append(Option(site, ALL_DAY, missing, question.all_day_cost))
    return options
