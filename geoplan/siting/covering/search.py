"""Local search over sets of open sites: greedy start, interchange, and shaking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geoplan.siting.cover import CoverRows, by_columns
from geoplan.siting.covering.kernels import greedy, interchange, shaken_search, worths
from geoplan.siting.rules import SiteRow

__all__ = ["Neighbourhood", "climb", "neighbourhood", "shake"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Neighbourhood:
    """A covering problem laid out for the kernels: by rows, by columns, and the rules by column.

    Parameters
    ----------
    rows : CoverRows
        The problem.
    layout : tuple of numpy.ndarray
        ``row_ptr, row_cols, col_ptr, col_rows``.
    price : numpy.ndarray of float64
        What a site takes of the scarcest resource; the greedy start divides by it.
    rules : tuple of numpy.ndarray
        ``rule_ptr, rule_ids, rule_values`` (rules of each column) and ``lower, upper`` of each rule.
    eps : float
        Changes smaller than this are rounding, not improvement.
    """

    rows: CoverRows
    layout: tuple[Int, npt.NDArray[np.int32], Int, npt.NDArray[np.int32]]
    price: Float
    rules: tuple[Int, Int, Float, Float, Float]
    eps: float


def neighbourhood(rows: CoverRows, site_rules: Sequence[SiteRow], price: Float) -> Neighbourhood:
    """Lay a covering problem out for the local search; ``site_rules`` are the linear rules over its columns."""
    column = np.concatenate([*(rule.sites for rule in site_rules), np.zeros(0, dtype=np.int64)])
    number = np.repeat(np.arange(len(site_rules)), [len(rule.sites) for rule in site_rules])
    value = np.concatenate([*(rule.coefficients for rule in site_rules), np.zeros(0)])
    order = np.argsort(column, kind="stable")
    pointers = np.concatenate(([0], np.cumsum(np.bincount(column, minlength=rows.n_columns))))
    bounds = np.array([(rule.lower, rule.upper) for rule in site_rules], dtype=np.float64).reshape(-1, 2)
    rules = pointers, number[order].astype(np.int64), value[order], bounds[:, 0].copy(), bounds[:, 1].copy()
    layout = (rows.row_ptr, rows.row_cols, *by_columns(rows))
    return Neighbourhood(rows, layout, price, rules, 1e-9 * max(1.0, float(rows.gains.sum())))


def climb(place: Neighbourhood, opened: Mask) -> Mask | None:
    """Return the local optimum reached from ``opened`` (which keeps every upper limit), or None if rules stay unmet."""
    rows, m = place.rows, place.rows.n_columns
    is_open = opened.copy()
    count, worth = np.zeros(rows.n_rows, dtype=np.int32), np.zeros(m)
    rule_ptr, rule_ids, rule_values, _, upper = place.rules
    use = np.zeros(len(upper))
    held = np.repeat(is_open, np.diff(rule_ptr))
    np.add.at(use, rule_ids[held], rule_values[held])
    worths(rows.row_ptr, rows.row_cols, rows.gains, is_open, count, worth)
    state = is_open, count, worth, use
    if not greedy(*place.layout, rows.gains, place.price, *place.rules, *state):
        return None
    interchange(*place.layout, rows.gains, *place.rules, *state, is_open.copy(), np.zeros(m), place.eps)
    return is_open


def shake(place: Neighbourhood, opened: Mask, state: npt.NDArray[np.uint64], rounds: int, strength: int = 3) -> float:
    """Improve ``opened`` in place by iterated local search; return the gain. ``state`` is the random sequence's."""
    gain: float = shaken_search(
        *place.layout, place.rows.gains, *place.rules, opened, rounds, strength, place.eps, state, place.eps
    )
    return gain
