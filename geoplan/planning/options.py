"""Sites and hours together: what can be done at each site, read from a table, and what the chosen options add."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from geoplan.coverage import slices_of
from geoplan.errors import FaultLog, InputError
from geoplan.hours import SLICES, slice_hours
from geoplan.network import TravelTimes
from geoplan.pack import CityPack
from geoplan.planning.hours import HoursPlan, Option
from geoplan.planning.tables import read_words
from geoplan.trades import workers_in_slice

__all__ = ["OptionTable", "RankedOptions", "hours_facts", "rank_options", "read_options", "worker_hours"]

COLUMNS: Final = ("site", "option", "slices", "cost")
CURRENT: Final = "as it is"


@dataclass(frozen=True, slots=True)
class OptionTable:
    """What can be done, and what stands today.

    Parameters
    ----------
    options : tuple of Option
        Those that cost something, then every station as it is; sites are rows of all sites, slices are positions in
        ``slices``.
    slices : tuple of str
        Codes of the slices that count.
    """

    options: tuple[Option, ...]
    slices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RankedOptions:
    """Chosen options in the order in which they are worth doing.

    Parameters
    ----------
    before : float
        Worker-hours of a day served as things stand.
    options : tuple of Option
        The chosen ones.
    added_worker_hours : tuple of float
        What each adds to those before it, never rising.
    """

    before: float
    options: tuple[Option, ...]
    added_worker_hours: tuple[float, ...]


def rank_options(
    times: TravelTimes, hours: npt.NDArray[np.float64], current: Iterable[Option], chosen: Sequence[Option]
) -> RankedOptions:
    """Return chosen options, each time the one that adds the most to those before it.

    Parameters
    ----------
    times : TravelTimes
        From each site to the demand within the limit.
    hours : numpy.ndarray of float64, shape (n_demand, n_slices)
        Worker-hours of a day, from :func:`worker_hours`.
    current : iterable of Option
        What stands today.
    chosen : sequence of Option
        What is to be done.
    """
    left = hours.copy()

    def served(option: Option) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
        return times.row(option.site)[0][:, None], np.array(option.slices, dtype=np.int64)

    for option in current:
        left[served(option)] = 0.0
    before = float(hours.sum() - left.sum())
    ranked: list[Option] = []
    added: list[float] = []
    # a gain only falls as others are chosen, so the top of the heap is settled once its gain is up to date
    heap = [(-float(left[served(option)].sum()), number) for number, option in enumerate(chosen)]
    heapq.heapify(heap)
    while heap:
        _, number = heapq.heappop(heap)
        option = chosen[number]
        gain = float(left[served(option)].sum())
        if heap and -heap[0][0] > gain:
            heapq.heappush(heap, (-gain, number))
            continue
        left[served(option)] = 0.0
        ranked.append(option)
        added.append(gain)
    return RankedOptions(before, tuple(ranked), tuple(added))


def read_options(path: Path, pack: CityPack, sites: gpd.GeoDataFrame, day: date) -> OptionTable:
    """Read options from a table, and each station's present hours from the register.

    Parameters
    ----------
    path : pathlib.Path
        CSV or Excel: ``site`` (a station's or candidate's code), ``option`` (its name), ``slices`` (codes of the time
        slices in which the site is then open besides, separated by ``;``, or ``all``), ``cost``.
    pack : CityPack
        The inputs.
    sites : geopandas.GeoDataFrame
        From :func:`geoplan.planning.all_sites`.
    day : datetime.date
        Day whose opening hours are those of today.

    Raises
    ------
    InputError
        With every fault of the table.
    """
    table = read_words(path, COLUMNS)
    log = FaultLog(path.name)
    at = {str(code): row for row, code in enumerate(sites.index)}
    wanted = [_codes(text) for text in table["slices"]]
    named = {code for codes in wanted for code in codes if code in SLICES}
    slices = tuple(code for code in SLICES if code in named) or _day_once()
    options = []
    cells = zip(table.index + 2, table["site"], table["option"], wanted, table["cost"], strict=True)
    for line, site, name, codes, cost in cells:
        if site not in at:
            log.add(f"there is no site {site!r}", "give the code of a station or candidate", row=line, field="site")
        for code in codes:
            if code not in SLICES and code != "all":
                known = ", ".join(SLICES)
                log.add(f"there is no time slice {code!r}", f"use {known} or all", row=line, field="slices")
        if not codes:
            log.add("no slices are named", "give at least one, or all", row=line, field="slices")
        price = _price(cost)
        if price is None:
            log.add(f"{cost!r} is no cost", "give a number that is not negative", row=line, field="cost")
        every = slices if "all" in codes else tuple(code for code in slices if code in codes)
        options.append(Option(at.get(site, 0), name, tuple(slices.index(code) for code in every), price or 0.0))
    if {"04-06", "22-06"} <= set(slices):
        log.add("the slices 04-06 and 22-06 overlap", "use one of them, or worker-hours count twice", field="slices")
    log.raise_if_any()
    return OptionTable((*options, *_today(pack, sites, slices, day)), slices)


def _codes(text: str) -> list[str]:
    return [code.strip() for code in text.replace(",", ";").split(";") if code.strip()]


def _day_once() -> tuple[str, ...]:
    """Return the slices that make up a day once: 04-06 lies in 22-06."""
    return tuple(code for code in SLICES if code != "04-06")


def _price(text: str) -> float | None:
    try:
        price = float(text)
    except ValueError:
        return None
    return price if 0 <= price < float("inf") else None


def _today(pack: CityPack, sites: gpd.GeoDataFrame, slices: tuple[str, ...], day: date) -> list[Option]:
    """Return every station as it is: open in a slice if it is open all through it."""
    codes = pack.stations["station_code"].to_numpy(str)
    opened = [set(codes[moment.share_open > 1.0 - 1e-9]) for moment in slices_of(pack.stations, day, slices)]
    options = []
    for row, (code, existing) in enumerate(zip(sites.index, sites["existing"].to_numpy(bool), strict=True)):
        now = tuple(part for part in range(len(slices)) if str(code) in opened[part])
        if existing and now:
            options.append(Option(row, CURRENT, now, 0.0, current=True))
    return options


def worker_hours(pack: CityPack, slices: Sequence[str], trade: str = "all") -> npt.NDArray[np.float64]:
    """Return the worker-hours of a day at each demand point in each slice, shape (n_demand, n_slices)."""
    by_slice = [workers_in_slice(pack.demand, trade, code) * slice_hours(code) for code in slices]
    return np.column_stack(by_slice).astype(np.float64)


def hours_facts(
    pack: CityPack,
    sites: gpd.GeoDataFrame,
    times: TravelTimes,
    table: OptionTable,
    hours: npt.NDArray[np.float64],
    found: HoursPlan,
) -> dict[str, Any]:
    """Return the chosen options as plain values, in the order in which they are worth doing.

    Parameters
    ----------
    pack : CityPack
        The inputs.
    sites : geopandas.GeoDataFrame
        All sites.
    times : TravelTimes
        From each site to the demand within the limit.
    table : OptionTable
        The options asked.
    hours : numpy.ndarray of float64
        From :func:`worker_hours`.
    found : HoursPlan
        The answer.

    Returns
    -------
    dict
        ``worker_hours`` of a day (``total``, ``before``, ``after``), ``options`` with what each adds to those before
        it, ``cost`` of all with the ``cost_unit`` of the candidate list, and the certificate.
    """
    if table.slices == () or hours.shape[1] != len(table.slices):
        raise InputError("the worker-hours are not of the slices of the options")
    ranked = rank_options(times, hours, (option for option in table.options if option.current), found.chosen)
    rows: list[dict[str, Any]] = []
    for option, added in zip(ranked.options, ranked.added_worker_hours, strict=True):
        site = sites.iloc[option.site]
        rows.append(
            {
                "rank": len(rows) + 1,
                "site_id": str(sites.index[option.site]),
                "name": site["name"] if isinstance(site["name"], str) else None,
                "district": _district(pack, site["district_code"]),
                "new": not bool(site["existing"]),
                "option": option.name,
                "slices": [table.slices[part] for part in option.slices],
                "cost": option.cost,
                "worker_hours_added": added,
            }
        )
    plan = found.plan
    return {
        "area": pack.manifest.area,
        "origin": pack.manifest.origin,
        "demand_unit": pack.manifest.demand_unit,
        "slices": list(table.slices),
        "status": plan.status,
        "objective": plan.objective,
        "bound": plan.bound,
        "gap": plan.gap if np.isfinite(plan.gap) else None,
        "solve_s": plan.solve_s,
        "stopped": plan.stopped,
        "certificate": {"objective_recomputed": plan.certificate.objective, "agrees": plan.certificate.agrees},
        "worker_hours": {"total": float(hours.sum()), "before": ranked.before, "after": plan.objective},
        "cost": float(sum(option.cost for option in found.chosen)),
        "cost_unit": pack.manifest.cost_unit,
        "options": rows,
        "reasons": [fault.sentence() for fault in plan.reasons],
    }


def _district(pack: CityPack, code: Any) -> str | None:
    names = dict(zip(pack.districts["district_code"], pack.districts["name"], strict=True))
    return str(names[code]) if code in names and not pd.isna(code) else None
