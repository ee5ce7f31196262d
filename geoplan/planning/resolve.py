"""What was not said in a question: from the pack, then from the standard; and what does not fit together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from geoplan.errors import Fault, FaultLog, InputError
from geoplan.hours.slices import SLICES
from geoplan.pack import CityPack
from geoplan.pack.network import profile_of
from geoplan.planning.checks import (
    check_facilities,
    check_models,
    check_options,
    check_range,
    check_sites,
    check_time,
    check_together,
    check_trade,
    of_a_day,
)
from geoplan.planning.question import (
    HOURS,
    MUST_SERVE,
    CoverageQuestion,
    CubeQuestion,
    HourOption,
    PlanQuestion,
    declarations,
)
from geoplan.siting.question import MODELS

__all__ = ["area_name", "district_code", "district_names", "resolve", "suggested_new_sites"]

Question = TypeVar("Question", CoverageQuestion, PlanQuestion, CubeQuestion)
EVERYONE: Final = "*"
FAR: Final = ("pmedian", "pcenter", "cpmedian", "cflp")  # everybody is served, however far
FAR_LIMITS: Final = 4.0  # how far "however far" goes at first, in limits


def resolve(pack: CityPack, asked: Question, *, now: datetime | None = None) -> Question:
    """Return the question with nothing left unsaid.

    Parameters
    ----------
    pack : CityPack
        The city: its own defaults, stations, trades, districts and time zone.
    asked : CoverageQuestion, PlanQuestion or CubeQuestion
        What was said.
    now : datetime, optional
        The present, for "today"; the clock without it.

    Returns
    -------
    CoverageQuestion, PlanQuestion or CubeQuestion
        The same with limit, radius, profile, day, number, costs and rules filled in from the pack, then from the
        standard. Resolving it again changes nothing.

    Raises
    ------
    InputError
        With every fault: a value out of its range, a word that nobody knows, fields that do not go together.
    """
    log = FaultLog()
    for one in declarations(type(asked)):
        check_range(one, getattr(asked, one.name), log)
    fits = not log.faults
    defaults, zone = pack.manifest.defaults, ZoneInfo(pack.manifest.timezone)
    today = (now or datetime.now(zone)).astimezone(zone).date()
    if isinstance(asked, CubeQuestion):
        for trade in asked.trades:
            check_trade(pack, None if trade == "all" else trade, log, "trades")
        log.raise_if_any()
        return replace(
            asked,
            profiles=tuple(profile_of(pack, name).name for name in asked.profiles or (defaults.profile,)),
            day=asked.day or today,
            # an empty list asks for what is asked where none is given
            trades=asked.trades or ("all",),
            bundles=asked.bundles or ("any",),
            levels=asked.levels or ("city", "district"),
            k=asked.k or defaults.k,
            limits_s=tuple(sorted(set(asked.limits_s or (defaults.limit_s,)))),
        )
    trade = None if asked.trade == "all" else asked.trade
    check_trade(pack, trade, log)
    check_facilities(pack, asked.facilities, log)
    check_time(asked, log)
    area = asked.area if asked.area in (None, "city") else district_code(pack, asked.area, "area", log)
    rules: dict[str, Any] = {}
    if isinstance(asked, PlanQuestion):
        check_models(asked, log)
        if fits:  # what goes together can be told of values that are some
            check_together(asked, log)
        check_sites(pack, asked, log)
        rules = _ruled_districts(pack, asked, log)
    log.raise_if_any()
    day = asked.day
    if day is None and (asked.slice is not None or of_a_day(asked)):
        day = today
    told: dict[str, Any] = {
        "profile": profile_of(pack, asked.profile).name,
        "limit_s": float(asked.limit_s if asked.limit_s is not None else defaults.limit_s),
        "at": None if asked.at is None else _minute(asked.at, zone),
        "day": day,
        "trade": trade,
        "area": None if area == "city" else area,
        "facilities": tuple(dict.fromkeys(asked.facilities)),
    }
    if isinstance(asked, CoverageQuestion):
        return replace(asked, **told, radius_m=asked.radius_m or defaults.radius_m, k=asked.k or defaults.k)
    return _plan(pack, replace(asked, **told, **rules), free=asked.limit_s is None)


def _plan(pack: CityPack, asked: PlanQuestion, *, free: bool) -> PlanQuestion:
    """Fill in what only a plan has; ``free`` where nobody has said how far a station may be."""
    defaults, log, told = pack.manifest.defaults, FaultLog(), dict[str, Any]()
    if asked.decay:
        told["limit_s"] = asked.decay[-1][0]
    if asked.model == HOURS:
        return _hours(pack, replace(asked, **told))
    spec = MODELS[asked.model]
    if asked.years:
        told["new_sites"] = sum(asked.years)
    counted = asked.new_sites is not None or asked.budget is not None or bool(asked.yearly_budgets) or asked.pareto
    if not counted and not asked.years and any("p" in need.split("|") for need in spec.needs):
        standing = int(pack.stations["status"].isin(["operating", "suspended"]).sum())
        told["new_sites"] = defaults.new_sites or suggested_new_sites(standing, len(pack.candidates))
    if "share" in spec.needs and asked.share is None:
        log.add(
            f"`model` {asked.model} needs `share`, and none is given", "give the share of demand to reach, like 0.9",
            field="share", zh=("没有给出要达到的比例", "请填写，如 0.9"),
        )  # fmt: skip
    if asked.model == "cflp" and asked.minute_cost is None:
        unit = pack.manifest.cost_unit
        log.add(
            "cflp weighs what sites cost against workers' ways, and nothing says what a minute of way costs",
            f"give `minute_cost`, in the unit of the candidates' costs{f' ({unit})' if unit else ''}",
            field="minute_cost",
            zh=(f"没有给出一名劳动者每走一分钟值多少{f'（{unit}）' if unit else ''}", "请填写，单位与候选点费用相同"),
        )
    if asked.model in FAR:
        limit_s = asked.limit_s or defaults.limit_s
        told["farthest_s"] = max(asked.farthest_s or (FAR_LIMITS * limit_s if free else limit_s), limit_s)
    if asked.model in MUST_SERVE:
        told["reachable"] = not asked.floors if asked.reachable is None else asked.reachable
    if asked.floors and asked.model == "mclp" and asked.price_floors is None and not asked.in_years:
        told["price_floors"] = asked.plain and not (asked.pareto or asked.scenarios)
    log.raise_if_any()
    return replace(asked, **told)


def _ruled_districts(pack: CityPack, asked: PlanQuestion, log: FaultLog) -> dict[str, Any]:
    """Return floors and quotas by code of their districts."""
    return {
        name: {
            key if key == EVERYONE and name == "floors" else district_code(pack, key, name, log): value
            for key, value in rules.items()
        }
        for name, rules in (("floors", asked.floors), ("quotas", asked.quotas))
        if rules
    }


def _hours(pack: CityPack, asked: PlanQuestion) -> PlanQuestion:
    """Fill in what only a plan of sites and hours has."""
    defaults, log, told = pack.manifest.defaults, FaultLog(), dict[str, Any]()
    told["slices"] = tuple(code for code in SLICES if code in (asked.slices or _day_of(asked.options)))
    check_options(pack, replace(asked, **told), log)
    if not asked.options:
        for name, zh in (("hour_cost", "每天多开一小时"), ("all_day_cost", "改为全天开放")):
            told[name] = getattr(asked, name) if getattr(asked, name) is not None else getattr(defaults, name)
            if told[name] is None:
                log.add(
                    f"`{name}` is not given and the pack states none",
                    "give it in the unit of the candidates' costs, or a table of `options`",
                    field=name,
                    zh=(f"没有给出{zh}的费用，数据包里也没有", "请按候选点费用的单位填写，或给出做法清单"),
                )
    if asked.budget is None:
        log.add(
            "sites and hours are chosen for money, and no budget is given", "give `budget`", field="budget",
            zh=("站点与开放时间一起规划时按预算选择", "请给出预算"),
        )  # fmt: skip
    log.raise_if_any()
    return replace(asked, **told)


def _day_of(options: Iterable[HourOption]) -> tuple[str, ...]:
    """Return the slices of a day once; the early hours alone where options speak of these and not of the night."""
    named = {code for option in options for code in option.slices}
    return tuple(code for code in SLICES if code != ("22-06" if "04-06" in named else "04-06"))


def suggested_new_sites(stations: int, candidates: int) -> int:
    """Return how many new sites a first question asks for where nobody has said: an eighth of the stations there are.

    That is what takes the stations of Wuxi at the end of 2023 to the number it has promised. Without stations it is a
    tenth of the candidates; never more than these.

    Parameters
    ----------
    stations : int
        Stations that stand, whether operating or suspended.
    candidates : int
        Candidate sites.
    """
    wanted = round(stations / 8) if stations else round(candidates / 10)
    return min(max(wanted, 1), candidates)


def district_names(pack: CityPack) -> dict[str, str]:
    """Return code → name of the districts."""
    return dict(zip(pack.districts["district_code"].astype(str), pack.districts["name"].astype(str), strict=True))


def area_name(pack: CityPack, code: str | None) -> str:
    """Return the name of a district or town by its code; empty where none is asked, or it has none."""
    if code is None or code == "city":
        return ""
    towns = dict(zip(pack.towns["town_code"].astype(str), pack.towns["name"].astype(str), strict=True))
    return district_names(pack).get(code) or str(towns.get(code, ""))


def district_code(pack: CityPack, text: str, field: str, log: FaultLog) -> str:
    """Return the code of a district (or town, for an area) named by name or code; a fault where there is none."""
    names = district_names(pack)
    if text in names:
        return text
    towns = pack.towns
    if field == "area" and len(towns):
        for key in ("town_code", "name"):
            found = towns.loc[towns[key].astype(str) == text, "town_code"]
            if len(found) == 1 and text not in names.values():
                return str(found.iloc[0])
    called = [code for code, name in names.items() if name == text]
    if len(called) == 1:
        return called[0]
    known = "、".join(names.values()) if not called else "、".join(called)
    log.add(
        f"there is no district {text!r}" if not called else f"several districts are called {text!r}",
        f"use one of {known.replace('、', ', ')}",
        field=field,
        zh=(f"没有区县 {text}" if not called else f"不止一个区县叫 {text}", f"请用 {known} 之一"),
    )
    return text


def _minute(at: datetime, zone: ZoneInfo) -> datetime:
    local = at.replace(tzinfo=zone) if at.tzinfo is None else at.astimezone(zone)
    return local.replace(second=0, microsecond=0)


def refused(problem: str, todo: str, zh: str) -> InputError:
    """Return one fault as an error."""
    return InputError(Fault(problem, todo, problem_zh=zh))
