"""A surface: points that carry a weight for each trade, made by one builder from one source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from geoplan.errors import Fault, InputError
from geoplan.sources.rejected import Rejected
from geoplan.trades import TRADES

__all__ = ["Surface", "uniform_trades"]


@dataclass(frozen=True, slots=True)
class Surface:
    """Where workers of each trade are, relative to one another; only proportions matter.

    Parameters
    ----------
    name : str
        What a planner calls the source, e.g. ``"population raster"``.
    lonlat : numpy.ndarray of float64
        WGS-84 degrees, shape (n, 2).
    weights : numpy.ndarray of float64
        Weights, at least 0, shape (n, 7) with a column a trade in the order of ``TRADES``.
    assumptions : tuple of str
        What was assumed in making it; printed with every result.
    faults : tuple of Fault
        Records that were left out, each with its row.
    rejected : tuple of Rejected
        The same records, whole, to be written beside their file.
    """

    name: str
    lonlat: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]
    assumptions: tuple[str, ...]
    faults: tuple[Fault, ...] = ()
    rejected: tuple[Rejected, ...] = ()

    def __post_init__(self) -> None:
        n = len(self.lonlat)
        if self.lonlat.shape != (n, 2) or self.weights.shape != (n, len(TRADES)):
            raise InputError(f"a surface needs shapes (n, 2) and (n, {len(TRADES)})")
        self.lonlat.flags.writeable = False
        self.weights.flags.writeable = False

    def __len__(self) -> int:
        return len(self.lonlat)

    def only(self, trades: Sequence[str]) -> Surface:
        """Return the surface with weights for some trades only."""
        unknown = sorted(set(trades) - set(TRADES))
        if unknown:
            raise InputError(f"trades {', '.join(unknown)} are not known; use some of {', '.join(TRADES)}")
        keep = np.array([name in trades for name in TRADES])
        note = f"{self.name}: used for {', '.join(trades)} only"
        return replace(self, weights=self.weights * keep, assumptions=(*self.assumptions, note))


def uniform_trades(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Give every trade the same weights; shape (n,) in, (n, 7) out."""
    return np.repeat(np.asarray(values, np.float64)[:, None], len(TRADES), axis=1)
