"""Which coordinate system a register is in, worked out by how well each one fits streets, districts and places.

The systems in use lie 500–1,200 m apart in eastern China, so a wrong one moves stations off their streets, out of their
districts and into the lake. Every row is read in each system and gets a cost in each: how far it lies from any street,
from the street its own address names, from the district it says it is in, from a place of the same name; and whether it
lies in water. The costs of two systems are compared row by row (a paired z-test), which cancels what a row's place is
like anyway. A system is *proven* only where it beats every other system, and also beats the same points moved by 230 m
and 510 m in most of eight directions: the latter guards against a register in none of the known systems. Anything less
is refused and the person is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from geoplan import crs as crs_
from geoplan.errors import Fault, InputError
from geoplan.sources.coordinates import Positions
from geoplan.sources.evidence import Evidence, Reference, short_district

__all__ = ["CrsFit", "CrsVerdict", "determine_crs", "require_crs"]

Float = npt.NDArray[np.float64]
SYSTEMS: Final = ("wgs84", "gcj02", "bd09")
NAMES_ZH: Final[Mapping[str, str]] = {
    "wgs84": "WGS-84",
    "cgcs2000": "CGCS2000",
    "gcj02": "GCJ-02（高德、腾讯）",
    "bd09": "BD-09（百度）",
}

MIN_ROWS: Final = 8
Z_SYSTEM: Final = 4.0  # one-sided p < 4e-5 for each pair of systems
Z_CONTROL: Final = 2.0
TOTAL_COST: Final = 8.0  # the sum of the rows' differences; a handful of rows needs this much
ROW_SAYS_MOST: Final = 2.0  # a row in the wrong district or in the lake has one vote, not ten
MAX_ROWS: Final = 1500
CONTROL_SHIFTS_M: Final = (230.0, 510.0)
CONTROLS_BEATEN: Final = 0.75

Basis = Literal["proven", "agrees", "declared", "chosen", "ambiguous", "contradicted", "mixed", "none"]


@dataclass(frozen=True, slots=True)
class CrsFit:
    """How the rows fit when read in one system.

    Parameters
    ----------
    crs : str
        The system.
    cost : float
        Mean cost a row; lower fits better.
    z : float
        Paired z of the best system over this one; 0 for the best itself.
    street_m : float
        Median distance to the nearest street, NaN without streets.
    named_street_m : float
        Median distance to the street that the address names, NaN where none is named.
    own_district : float
        Share of rows inside the district they name (or inside any, where they name none), NaN without districts.
    in_water : int
        Rows in the water.
    """

    crs: str
    cost: float
    z: float
    street_m: float
    named_street_m: float
    own_district: float
    in_water: int


@dataclass(frozen=True, slots=True)
class CrsVerdict:
    """The answer, with its evidence.

    Parameters
    ----------
    crs : str
        System to read the rows in; ``""`` where it is refused.
    basis : str
        ``proven`` (by fit), ``agrees`` (declared, and the fit does not contradict it with any weight), ``declared``
        (nothing to compare with), ``chosen`` (by a person), or the refusals ``ambiguous``, ``contradicted``, ``mixed``;
        ``none`` where no row has a position.
    rows : int
        Rows compared.
    fits : tuple of CrsFit
        One a system, best first.
    reason, reason_zh : str
        One sentence for a person.
    """

    crs: str
    basis: Basis
    rows: int
    fits: tuple[CrsFit, ...]
    reason: str
    reason_zh: str


def _z(difference: Float) -> float:
    """Return the paired z of the mean difference; a floor under the spread keeps like rows from looking certain."""
    n = len(difference)
    if n < 2:
        return 0.0
    difference = np.clip(difference, -ROW_SAYS_MOST, ROW_SAYS_MOST)
    spread = max(float(np.std(difference, ddof=1)), 0.25)
    return float(np.mean(difference)) / (spread / float(np.sqrt(n)))


def _beats(better: Float, worse: Float, z: float) -> bool:
    difference = worse - better
    return _z(difference) >= z and float(difference.sum()) >= TOTAL_COST


def determine_crs(
    positions: Positions,
    reference: Reference,
    *,
    district_of: Sequence[str] | None = None,
    address_of: Sequence[str] | None = None,
    name_of: Sequence[str] | None = None,
    chosen: str = "",
) -> CrsVerdict:
    """Work out the coordinate system of a register.

    Parameters
    ----------
    positions : Positions
        As read from the register, shape (n,).
    reference : Reference
        Streets, districts, water and places of the area.
    district_of, address_of, name_of : sequence of str, optional
        Each row's district (name or code), address and name, shape (n,).
    chosen : {"", "wgs84", "cgcs2000", "gcj02", "bd09"}
        System that a person chose. It is refused only where the fit proves another.

    Returns
    -------
    CrsVerdict
        ``crs`` is ``""`` where the answer is refused; see :func:`require_crs`.
    """
    n = len(positions)
    declared = chosen or positions.declared_crs
    rows = np.flatnonzero(positions.known & np.array([not own for own in positions.row_crs], bool))
    if len(rows) == 0:
        return CrsVerdict(
            declared or "wgs84", "none", 0, (), "no row needs a coordinate system", "没有需要判定坐标系的记录"
        )
    if len(rows) > MAX_ROWS:
        rows = rows[np.linspace(0, len(rows) - 1, MAX_ROWS).astype(np.int64)]
    empty = [""] * n
    pick = [[texts[int(i)] for i in rows] for texts in (district_of or empty, address_of or empty, name_of or empty)]
    costs = Evidence(reference, *pick)
    read = [crs_.convert(positions.lon[rows], positions.lat[rows], system) for system in SYSTEMS]
    metres = crs_.project(
        np.concatenate([r[0] for r in read]), np.concatenate([r[1] for r in read]), reference.crs_metric
    )
    xy = dict(zip(SYSTEMS, np.split(metres, len(SYSTEMS)), strict=True))
    named = np.stack([costs.named_street_m(xy[system]) for system in SYSTEMS])
    with np.errstate(invalid="ignore"):
        near = np.fmin.reduce(named) < 3000.0  # farther: another street of that name
    cost = {system: costs.cost(xy[system], near) for system in SYSTEMS}
    pairs = _second_pair(positions, rows)
    if pairs:
        for system in SYSTEMS:
            cost[system] = cost[system] + pairs[system]
    order = sorted(SYSTEMS, key=lambda system: float(cost[system].mean()))
    best = order[0]
    fits = tuple(_fit(costs, system, xy[system], near, cost[system], cost[best]) for system in order)
    wins = len(rows) >= MIN_ROWS and all(_beats(cost[best], cost[other], Z_SYSTEM) for other in order[1:])
    proven = wins and (bool(pairs) or _beats_controls(costs, xy[best], near, cost[best]))
    said = "wgs84" if declared == "cgcs2000" else declared
    unlike = _unlike_districts(cost, pick[0])
    return _verdict(best, proven, said, declared, bool(chosen), unlike, len(rows), fits)


def _beats_controls(costs: Evidence, xy: Float, near: npt.NDArray[np.bool_], cost: Float) -> bool:
    """Tell whether the rows fit better where they are than anywhere near: in most directions clearly, in none worse.

    Not in all clearly: stations along one straight street fit as well when moved along it.
    """
    scores = []
    for shift_m in CONTROL_SHIFTS_M:
        for angle in 0.3 + np.arange(8) * np.pi / 4:  # off the axes, along which streets run
            moved = xy + shift_m * np.array([np.cos(angle), np.sin(angle)])
            scores.append(_z(costs.cost(moved, near) - cost))
    clearly = sum(score >= Z_CONTROL for score in scores)
    return clearly >= CONTROLS_BEATEN * len(scores) and min(scores) > -1.0


def _second_pair(positions: Positions, rows: npt.NDArray[np.int64]) -> dict[str, Float]:
    """Cost from a second pair of columns with a declared system: the pair reads back onto the first in one system."""
    other = next((o for o in positions.others if o[0]), None)
    if other is None:
        return {}
    lon, lat = crs_.convert(other[1][rows], other[2][rows], other[0])
    found: dict[str, Float] = {}
    for system in SYSTEMS:
        w_lon, w_lat = crs_.convert(positions.lon[rows], positions.lat[rows], system)
        apart = crs_.ellipsoid_length_m(lon, lat, w_lon, w_lat)
        found[system] = np.where(np.isfinite(apart), np.log1p(np.minimum(apart, 1000.0) / 5.0), 0.0)
    return found


def _unlike_districts(cost: Mapping[str, Float], districts: Sequence[str]) -> dict[str, str]:
    """Return system → a district whose rows prove it, where districts prove different ones; else nothing."""
    names = np.array([short_district(name) for name in districts], object)
    proofs: dict[str, str] = {}
    for name in dict.fromkeys(names):
        own = names == name
        if not name or own.sum() < MIN_ROWS:
            continue
        for system in SYSTEMS:
            if all(_beats(cost[system][own], cost[other][own], Z_SYSTEM) for other in SYSTEMS if other != system):
                proofs.setdefault(system, str(name))
    return proofs if len(proofs) > 1 else {}


def _fit(costs: Evidence, system: str, xy: Float, near: npt.NDArray[np.bool_], cost: Float, best: Float) -> CrsFit:
    def median(values: Float) -> float:
        known = values[np.isfinite(values)]
        return float(np.median(known)) if len(known) else float("nan")

    outside = costs.outside_m(xy)
    known = np.isfinite(outside)
    return CrsFit(
        system,
        float(cost.mean()),
        _z(cost - best),
        median(costs.street_m(xy)),
        median(np.where(near, costs.named_street_m(xy), np.nan)),
        float((outside[known] == 0.0).mean()) if known.any() else float("nan"),
        int(costs.in_water(xy).sum()),
    )


def _verdict(
    best: str,
    proven: bool,
    said: str,
    declared: str,
    chosen: bool,
    unlike: Mapping[str, str],
    rows: int,
    fits: tuple[CrsFit, ...],
) -> CrsVerdict:
    crs: str
    basis: Basis
    label, label_zh, said_zh = best.upper(), NAMES_ZH[best], NAMES_ZH.get(declared, declared)
    if unlike:
        crs, basis = "", "mixed"
        reason = "districts are in different systems: " + ", ".join(f"{d} fits {c.upper()}" for c, d in unlike.items())
        reason_zh = "各区坐标系不一致：" + "，".join(f"“{d}”符合 {NAMES_ZH[c]}" for c, d in unlike.items())
    elif proven and said and said != best:
        crs, basis = "", "contradicted"
        reason = f"{declared.upper()} is stated, but {rows} rows fit {label} far better"
        reason_zh = f"声明的坐标系为 {said_zh}，但 {rows} 条记录明显更符合 {label_zh}"
    elif proven:
        margin = min(fit.z for fit in fits[1:])
        crs, basis = declared or best, "proven"
        reason = f"{rows} rows fit {label} (z = {margin:.1f} over the next system)"
        reason_zh = f"{rows} 条记录与参照数据吻合，判定为 {label_zh}（与次优相比 z = {margin:.1f}）"
    elif said:
        crs, basis = declared, "chosen" if chosen else ("agrees" if said == best else "declared")
        reason = (
            f"read as {declared.upper()}, as {'chosen' if chosen else 'the file says'}; the fit alone proves nothing"
        )
        reason_zh = f"按{'指定' if chosen else '文件声明'}的 {said_zh} 读取；仅凭吻合度不足以证明"
    else:
        crs, basis = "", "ambiguous"
        reason = f"the coordinate system of {rows} rows cannot be told apart"
        reason_zh = f"{rows} 条记录的坐标系无法判定"
    return CrsVerdict(crs, basis, rows, fits, reason, reason_zh)


def require_crs(verdict: CrsVerdict, file: str = "") -> str:
    """Return the system of a verdict, or refuse.

    Raises
    ------
    InputError
        The system is ambiguous, contradicted or mixed.
    """
    if verdict.crs:
        return verdict.crs
    raise InputError(
        Fault(
            verdict.reason,
            "state the coordinate system (wgs84, gcj02 or bd09), or split the file by system",
            file,
            problem_zh=verdict.reason_zh,
            todo_zh="请指明坐标系（WGS-84、GCJ-02 或 BD-09），混合来源的请分开导入",
        )
    )
