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
from geoplan.hours.slices import slice_hours
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
        There is no such table, or it lacks a column. What its cells say is checked with the question it belongs to.
    """
    table = read_words(path, COLUMNS)
    cells = zip(table.index + 2, table["site"], table["option"], table["slices"], table["cost"], strict=True)
    return tuple(
        HourOption(
            site,
            name,
            tuple(code.strip() for code in text.replace(",", ";").split(";") if code.strip()),
            _number(cost),
            path.name,
            int(line),
        )
        for line, site, name, text, cost in cells
    )


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


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
        A candidate has no cost.
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
    at = {str(code): row for row, code in enumerate(sites.index)}
    options = []
    for given in question.options:
        wanted = question.slices if "all" in given.slices else given.slices
        parts = tuple(at_ for at_, code in enumerate(question.slices) if code in wanted)
        options.append(Option(at[given.site], given.option, parts, given.cost))
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
