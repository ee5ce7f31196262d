"""Control totals: how many workers of each trade a district has, from the union's counts or from a census."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoplan.demand.apportion import apportion
from geoplan.errors import Fault, FaultLog, InputError
from geoplan.sources.columns import map_columns
from geoplan.sources.rejected import Rejected, reject
from geoplan.sources.tables import RawTable, read_table
from geoplan.trades import TRADES

__all__ = ["Totals", "read_counts", "totals_from_population"]


@dataclass(frozen=True, slots=True)
class Totals:
    """Workers by district and trade that the demand must sum to, exactly.

    Parameters
    ----------
    codes : tuple of str
        District codes.
    workers : numpy.ndarray of float64
        Workers, shape (n_districts, 7), trades in the order of ``TRADES``.
    assumptions : tuple of str
        Where the figures come from.
    faults : tuple of Fault
        Rows of the input that were left out and why.
    rejected : tuple of Rejected
        The same rows, whole.
    """

    codes: tuple[str, ...]
    workers: npt.NDArray[np.float64]
    assumptions: tuple[str, ...]
    faults: tuple[Fault, ...] = ()
    rejected: tuple[Rejected, ...] = ()

    def __post_init__(self) -> None:
        self.workers.flags.writeable = False


def _shares(trade_shares: Mapping[str, float]) -> npt.NDArray[np.float64]:
    unknown = sorted(set(trade_shares) - set(TRADES))
    if unknown:
        raise InputError(f"trades {', '.join(unknown)} are not known; use some of {', '.join(TRADES)}")
    return np.array([trade_shares.get(trade, 0.0) for trade in TRADES])


def totals_from_population(
    population: Mapping[str, float], rate: float, trade_shares: Mapping[str, float], source: str = "census"
) -> Totals:
    """Turn residents by district into workers by trade.

    Parameters
    ----------
    population : mapping of str to float
        Residents of each district code.
    rate : float
        Outdoor workers for each resident, between 0 and 1; the district's total is rounded to whole workers.
    trade_shares : mapping of str to float
        Share of each trade; shares are taken relative to their sum.
    source : str
        Name of the census, for the assumption.
    """
    if not 0 < rate < 1:
        raise InputError(f"a rate of {rate:g} workers for a resident is not between 0 and 1")
    shares = _shares(trade_shares)
    bad = [code for code, people in population.items() if not (np.isfinite(people) and people >= 0)]
    if bad:
        raise InputError(
            f"the population of {', '.join(bad)} is negative or missing; give it or leave the district out"
        )
    workers = [apportion(float(round(people * rate)), shares) for people in population.values()]
    mix = ", ".join(f"{trade} {share / shares.sum():.0%}" for trade, share in zip(TRADES, shares, strict=True) if share)
    note = f"{source}: {rate:.2%} of residents are taken to be outdoor workers, of whom {mix}"
    return Totals(tuple(population), np.array(workers).reshape(-1, len(TRADES)), (note,))


def read_counts(path: Path, districts: Mapping[str, str], trade_shares: Mapping[str, float] | None = None) -> Totals:
    """Read the union's own counts by district, from Excel or CSV.

    Parameters
    ----------
    path : pathlib.Path
        A row a district: its code or name, and a column a trade (外卖骑手, 快递员 …) or one column of workers.
    districts : mapping of str to str
        Name of each district code.
    trade_shares : mapping of str to float, optional
        Needed where the file counts workers without their trade.

    Returns
    -------
    Totals
        Sums of the rows of each district; rows that could not be used are in ``rejected``.

    Raises
    ------
    InputError
        The file cannot be read, has no column of districts or of workers, or no row is usable; faults by row.
    """
    table = read_table(path)
    headers = map_columns(table.headers, "demand")
    offered = {trade: headers.header(f"workers_{trade}") for trade in TRADES}
    columns = {trade: header for trade, header in offered.items() if header}
    whole = headers.header("workers")
    place = headers.header("district_code") or _district_column(table.frame, districts)
    log = FaultLog(path.name)
    if not place:
        log.add("there is no district column", "add a column 区 with the district's name or code")
    if not columns and not whole:
        log.add("no column counts workers", "add a column a trade (外卖骑手, 快递员 …) or one column 户外劳动者人数")
    if not columns and whole and trade_shares is None:
        log.add("workers are not counted by trade", "give the shares of the trades", field=whole)
    log.raise_if_any()
    assert place is not None
    return _sum_rows(path, table, place, columns or {"": whole or ""}, districts, trade_shares or {})


def _sum_rows(
    path: Path,
    table: RawTable,
    place: str,
    columns: Mapping[str, str],
    districts: Mapping[str, str],
    trade_shares: Mapping[str, float],
) -> Totals:
    code_of = {name: code for code, name in districts.items()} | {code: code for code in districts}
    workers = {code: np.zeros(len(TRADES)) for code in districts}
    log = FaultLog(path.name)
    for number, (_, row) in zip(table.row, table.frame.iterrows(), strict=True):
        named = str(row[place]).strip()
        if not named or named in ("合计", "总计", "小计", "全市"):
            continue
        reason, field, counts = _counts(row, columns, trade_shares)
        if named not in code_of:
            reason, field = f"{named!r} is not a district of the pack", place
        if reason:
            log.add(reason, "correct the row", row=int(number), field=field)
        else:
            workers[code_of[named]] += counts
    if not any(values.any() for values in workers.values()):
        log.add("no row could be used", "give a row a district with its workers")
        log.raise_if_any()
    notes = [f"{path.name}: workers as the union counted them"]
    if "" in columns:
        notes.append(f"{path.name}: counted without trades; shared out by assumed shares of the trades")
    if log.faults:
        notes.append(f"{path.name}: {len(log.faults)} rows could not be used")
    rows = table.frame.set_index(table.row)
    rejected = reject(path, rows.reindex(range(2, max(rows.index, default=1) + 1)), log.faults)
    return Totals(tuple(workers), np.array(list(workers.values())), tuple(notes), log.faults, (rejected,))


def _district_column(frame: pd.DataFrame, districts: Mapping[str, str]) -> str | None:
    """Find the column whose cells are most often a district's name or code."""
    known = set(districts) | set(districts.values())
    hits = {str(name): int(frame[name].astype(str).str.strip().isin(known).sum()) for name in frame.columns}
    best = max(hits, key=lambda name: hits[name], default="")
    return best if best and hits[best] else None


def _counts(
    row: pd.Series, columns: Mapping[str, str], shares: Mapping[str, float]
) -> tuple[str, str, npt.NDArray[np.float64]]:
    """Return (reason, field, workers by trade) of a row; the reason is empty where the row is sound."""
    counts = np.zeros(len(TRADES))
    for trade, header in columns.items():
        text = str(row[header]).strip().replace(",", "").removesuffix("人")
        try:
            value = float(text) if text else 0.0
        except ValueError:
            return f"{row[header]!r} is not a number of workers", header, counts
        if not (np.isfinite(value) and value >= 0):
            return f"{value:g} workers are negative or missing", header, counts
        if trade:
            counts[TRADES.index(trade)] = value
        else:
            counts = apportion(value, _shares(shares))
    return "", "", counts
