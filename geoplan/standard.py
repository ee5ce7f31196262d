"""The standard that coverage is tested against: 全总 双15工程, 2023-07-10.

Its wording: "在主要城市和城市重点区域，实现1公里服务半径、15分钟步行可达、区域内户外劳动者交叉覆盖".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["STANDARD", "Standard"]


@dataclass(frozen=True, slots=True)
class Standard:
    """Thresholds of the three tests; a pack that states its own overrides them.

    Parameters
    ----------
    profile : str
        Travel profile of the network test.
    limit_s : float
        Limit of the network test, seconds.
    radius_m : float
        Radius of the circle test, metres.
    k : int
        Stations within reach that cross coverage asks for.
    """

    profile: str = "walk"
    limit_s: float = 900.0
    radius_m: float = 1000.0
    k: int = 2


STANDARD: Final = Standard()
