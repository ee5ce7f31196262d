"""Facilities of stations, and bundles of them that a worker needs within reach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoplan.errors import Fault, InputError
from geoplan.vocabulary import group

__all__ = ["BUNDLES", "FACILITIES", "facility_masks"]

FACILITIES: Final = tuple(group("facility"))

BUNDLES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {code: term.words for code, term in group("bundle").items()}
)
"""Bundles by name. A bundle is within reach when each of its facilities is, at one station or at several."""


def facility_masks(stations: pd.DataFrame, codes: Iterable[str]) -> dict[str, npt.NDArray[np.bool_]]:
    """Tell for each facility which stations have it.

    Parameters
    ----------
    stations : pandas.DataFrame
        Column ``facilities`` with codes divided by semicolons; a missing cell is a station without any.
    codes : iterable of str
        Facilities asked for.

    Raises
    ------
    InputError
        A code is neither known nor found at any station: a spelling mistake must not pass for "nowhere".
    """
    wanted = tuple(dict.fromkeys(codes))
    if not wanted:
        return {}
    column = stations["facilities"] if "facilities" in stations else pd.Series([""] * len(stations))
    listed = [set(str(cell).replace(" ", "").split(";")) if pd.notna(cell) else set() for cell in column]
    found = set().union(*listed) - {""} if listed else set()
    unknown = [code for code in wanted if code not in FACILITIES and code not in found]
    if unknown:
        known = [*FACILITIES, *sorted(found - set(FACILITIES))]
        raise InputError(
            Fault(
                f"facility {', '.join(map(repr, unknown))} is not known",
                f"use some of {', '.join(known)}",
                field="facilities",
                problem_zh=f"没有设施“{'、'.join(unknown)}”",
                todo_zh=f"请用 {'、'.join(known)}",
            )
        )
    return {code: np.array([code in codes_here for codes_here in listed], np.bool_) for code in wanted}
