"""Travel times from many origins to many destinations: a sparse, bounded result."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

__all__ = ["TravelTimes"]


@dataclass(frozen=True, slots=True)
class TravelTimes:
    """Seconds between origins and the destinations that lie within the limit, in CSR form.

    A pair that is not stored cannot be reached within ``limit_s``. A stored 0.0 is a real zero.

    Parameters
    ----------
    origin_ids, destination_ids : numpy.ndarray
        The caller's ids, in the caller's order; shapes (n_origins,) and (n_destinations,).
    indptr : numpy.ndarray of int64
        Row pointers, shape (n_origins + 1,).
    indices : numpy.ndarray of int32
        Positions in ``destination_ids``, ascending within a row, shape (nnz,).
    seconds : numpy.ndarray of float32
        Travel time of each stored pair, access legs included, seconds, shape (nnz,).
    limit_s : float
        Bound of the search, seconds.
    profile : str
        Name of the travel profile.
    unsnapped_origins, unsnapped_destinations : numpy.ndarray of int64
        Positions of places too far from any street to be connected: they have no stored pair.
    """

    origin_ids: npt.NDArray[np.generic]
    destination_ids: npt.NDArray[np.generic]
    indptr: npt.NDArray[np.int64]
    indices: npt.NDArray[np.int32]
    seconds: npt.NDArray[np.float32]
    limit_s: float
    profile: str
    unsnapped_origins: npt.NDArray[np.int64]
    unsnapped_destinations: npt.NDArray[np.int64]

    def __post_init__(self) -> None:
        for array in (self.indptr, self.indices, self.seconds):
            array.flags.writeable = False

    @property
    def shape(self) -> tuple[int, int]:
        """Number of origins and of destinations."""
        return len(self.origin_ids), len(self.destination_ids)

    @property
    def nnz(self) -> int:
        """Number of stored pairs."""
        return len(self.indices)

    def row(self, origin: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """Return positions and seconds of the destinations that the origin at a position reaches."""
        start, stop = self.indptr[origin], self.indptr[origin + 1]
        return self.indices[start:stop], self.seconds[start:stop]

    def to_csr(self) -> sparse.csr_array:
        """Return the times as a SciPy CSR array (n_origins, n_destinations); stored zeros stay stored."""
        return sparse.csr_array((self.seconds, self.indices, self.indptr), shape=self.shape)

    def to_frame(self) -> pd.DataFrame:
        """Return the pairs as a tidy frame with columns ``origin_id``, ``destination_id``, ``seconds``."""
        rows = np.repeat(np.arange(len(self.origin_ids)), np.diff(self.indptr))
        return pd.DataFrame(
            {
                "origin_id": self.origin_ids[rows],
                "destination_id": self.destination_ids[self.indices],
                "seconds": self.seconds,
            }
        )
