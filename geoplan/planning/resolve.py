"""What was not said in a question: from the pack, then from the standard; and what does not fit together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

import pandas as pd

from geoplan.errors import Fault, FaultLog, InputError
from geoplan.hours.slices import SLICES
from geoplan.pack import CityPack
from geoplan.pack.network import profile_of
from geoplan.planning.question import (
    HOURS,
    MUST_SERVE,
    CoverageQuestion,
    CubeQuestion,
    Declared,
    PlanQuestion,
    declarations,
)
from geoplan.siting.question import MODELS
from geoplan.trades import TRADES

__all__ = ["day_once", "district_code", "district_names", "resolve", "suggested_new_sites"]

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
        _check_range(one, getattr(asked, one.name), log)
    log.raise_if_any()
    defaults, zone = pack.manifest.defaults, ZoneInfo(pack.manifest.timezone)
    today = (now or datetime.now(zone)).astimezone(zone).date()
    if isinstance(asked, CubeQuestion):
        for trade in asked.trades:
            _check_trade(pack, None if trade == "all" else trade, log)
        log.raise_if_any()
        return replace(
            asked,
            profiles=tuple(profile_of(pack, name).name for name in asked.profiles or (defaults.profile,)),
            day=asked.day or today,
            k=asked.k or defaults.k,
            limits_s=tuple(sorted(set(asked.limits_s or (defaults.limit_s,)))),
        )
    trade = None if asked.trade == "all" else asked.trade
    _check_trade(pack, trade, log)
    if asked.at is not None and asked.slice is not None:
        log.add(
            "at and slice are both given", "give an instant, or a slice with its day", field="slice",
            zh=("同时给出了时刻和时段", "请只给一个；时段的日期用 day"),
        )  # fmt: skip
    area = asked.area if asked.area in (None, "city") else district_code(pack, asked.area, "area", log)
    if isinstance(asked, PlanQuestion):
        _check_models(asked, log)
        _check_together(asked, log)
    log.raise_if_any()
    day = asked.day
    if day is None and (asked.slice is not None or _of_a_day(asked)):
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
    return _plan(pack, replace(asked, **told), free=asked.limit_s is None)


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
            f"model {asked.model!r} needs share", "give the share of demand to reach", field="share",
            zh=("没有给出要达到的比例", "请填写，如 0.9"),
        )  # fmt: skip
    if asked.model == "cflp" and asked.minute_cost is None:
        unit = f"（{pack.manifest.cost_unit}）" if pack.manifest.cost_unit else ""
        log.add(
            "cflp weighs what sites cost against workers' ways, and nothing says what a minute of way costs",
            "give minute_cost (--way-cost), in the unit of the candidates' costs",
            field="minute_cost",
            zh=(f"没有给出一名劳动者每走一分钟值多少{unit}", "请填写，单位与候选点费用相同"),
        )
    if asked.model in FAR:
        limit_s = asked.limit_s or defaults.limit_s
        told["farthest_s"] = max(asked.farthest_s or (FAR_LIMITS * limit_s if free else limit_s), limit_s)
    if asked.model in MUST_SERVE:
        told["reachable"] = not asked.floors if asked.reachable is None else asked.reachable
    for name in ("floors", "quotas"):
        rules = getattr(asked, name)
        if rules:
            told[name] = {
                key if key == EVERYONE and name == "floors" else district_code(pack, key, name, log): value
                for key, value in rules.items()
            }
    _check_sites(pack, asked, log)
    if asked.floors and asked.model == "mclp" and asked.price_floors is None and not asked.in_years:
        told["price_floors"] = not (asked.pareto or asked.scenarios)
    log.raise_if_any()
    return replace(asked, **told)


def _hours(pack: CityPack, asked: PlanQuestion) -> PlanQuestion:
    """Fill in what only a plan of sites and hours has."""
    defaults, log, told = pack.manifest.defaults, FaultLog(), dict[str, Any]()
    told["slices"] = tuple(code for code in SLICES if code in (asked.slices or day_once()))
    if not asked.options:
        for name, zh in (("hour_cost", "每天多开一小时"), ("all_day_cost", "改为全天开放")):
            told[name] = getattr(asked, name) if getattr(asked, name) is not None else getattr(defaults, name)
            if told[name] is None:
                log.add(
                    f"{name} is not given and the pack states none",
                    "give it in the unit of the candidates' costs",
                    field=name,
                    zh=(f"没有给出{zh}的费用，数据包里也没有", "请按候选点费用的单位填写"),
                )
    if asked.budget is None:
        log.add(
            "sites and hours are chosen for money, and no budget is given", "give budget", field="budget",
            zh=("站点与开放时间一起规划时按预算选择", "请给出预算"),
        )  # fmt: skip
    log.raise_if_any()
    return replace(asked, **told)


def day_once() -> tuple[str, ...]:
    """Return the slices that make up a day once: 04-06 lies in 22-06."""
    return tuple(code for code in SLICES if code != "04-06")


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


def _of_a_day(asked: CoverageQuestion | PlanQuestion) -> bool:
    return isinstance(asked, PlanQuestion) and (asked.model == HOURS or bool(asked.robust))


def _minute(at: datetime, zone: ZoneInfo) -> datetime:
    local = at.replace(tzinfo=zone) if at.tzinfo is None else at.astimezone(zone)
    return local.replace(second=0, microsecond=0)


def _numbers(one: Declared, value: Any) -> Iterable[Any]:
    if one.kind in ("whole", "number"):
        return (value,)
    if one.kind in ("wholes", "numbers"):
        return tuple(value)
    if one.kind == "shares":
        return tuple(value.values())
    return ()


def _check_range(one: Declared, value: Any, log: FaultLog) -> None:
    if value is None:
        return
    for number in _numbers(one, value):
        low = one.low if one.low is not None else float("-inf")
        high = one.high if one.high is not None else float("inf")
        whole = one.kind in ("whole", "wholes")
        real = (
            isinstance(number, int | float) and not isinstance(number, bool) and float("-inf") < number < float("inf")
        )
        fits = real and (number > low if one.above else number >= low) and number <= high
        if not fits or (whole and number != int(number)):
            least = f"above {one.low:g}" if one.above else f"{low:g} or more"
            words = f"{least}{'' if one.high is None else f', at most {high:g}'}{f' ({one.unit})' if one.unit else ''}"
            log.add(
                f"{one.name} is {number!r}",
                f"give a {'whole number' if whole else 'number'}, {words}",
                field=one.name,
                zh=(f"{one.zh}是 {number}", f"请填{'整数' if whole else '数'}，{_range_zh(one)}"),
            )
    if one.choices:
        for word in (value,) if one.kind == "choice" else tuple(value):
            if word not in one.choices:
                log.add(
                    f"{word!r} is not known",
                    f"use {'one' if one.kind == 'choice' else 'some'} of {', '.join(one.choices)}",
                    field=one.name,
                    zh=(f"{one.zh}没有“{word}”", f"请用 {'、'.join(one.choices)} 之一"),
                )
    if one.most is not None and len(value) > one.most:
        log.add(
            f"{one.name} has {len(value):,} entries", f"give at most {one.most:,}", field=one.name,
            zh=(f"{one.zh}有 {len(value):,} 项", f"最多 {one.most:,} 项"),
        )  # fmt: skip
    if one.kind == "steps" and value:
        reach, shares = [step[0] for step in value], [step[1] for step in value]
        rising = reach == sorted(set(reach)) and reach[0] > 0
        if not rising or shares != sorted(set(shares), reverse=True) or not 0 < shares[-1] <= shares[0] <= 1:
            log.add(
                f"{one.name} is not made of rising limits with falling shares",
                "write minutes and shares like 8:1,12:0.6,15:0.2",
                field=one.name,
                zh=("递减档次的顺序不对", "时间应递增、比例应递减，比例大于 0、不超过 1"),
            )
    if one.kind == "bounds":
        for name, (least, most) in value.items():
            if least < 0 or (most is not None and most < least):
                log.add(
                    f"the quota of {name} is {least}:{most}", "write it like 宜兴市=5:20", field=one.name,
                    zh=(f"{name} 的名额 {least}:{most} 不成立", "请写成 5:20 的样子"),
                )  # fmt: skip


def _range_zh(one: Declared) -> str:
    least = f"大于 {one.low:g}" if one.above else f"不小于 {one.low if one.low is not None else 0:g}"
    return least + ("" if one.high is None else f"、不大于 {one.high:g}")


def _check_trade(pack: CityPack, trade: str | None, log: FaultLog) -> None:
    if trade is None or trade in pack.trades:
        return
    known = trade in TRADES
    log.add(
        f"the demand does not tell the trade {trade!r} apart" if known else f"trade {trade!r} is not known",
        f"use one of {', '.join(pack.trades)}" if pack.trades else "it knows no trades; leave it out",
        field="trade",
        zh=(
            f"需求数据里没有行业“{trade}”",
            f"已有的行业：{'、'.join(pack.trades)}" if pack.trades else "数据没有分行业",
        ),
    )


def _check_models(asked: PlanQuestion, log: FaultLog) -> None:
    for one in declarations(PlanQuestion):
        value = getattr(asked, one.name)
        said = value is not None and value is not False and value != one.default and one.name != "model"
        if said and one.models and asked.model not in one.models:
            log.add(
                f"{one.name} ({one.option}) does not go with the model {asked.model}",
                f"leave it out, or use {', '.join(one.models)}",
                field=one.name,
                zh=(f"目标 {asked.model} 用不到“{one.zh}”", "请去掉，或换一个目标"),
            )


def _check_together(asked: PlanQuestion, log: FaultLog) -> None:
    """Record every pair of fields that contradict each other; the table is the only place that says so."""
    years, counted = bool(asked.in_years), asked.new_sites is not None or asked.budget is not None
    aims = [bool(asked.pareto), asked.scenarios, years, bool(asked.options)]
    rules: tuple[tuple[bool, str, str, str, str], ...] = (
        (bool(asked.years) and bool(asked.yearly_budgets), "years", "years and yearly_budgets exclude each other",
         "give one of them", "各年数量与各年预算只能给一种"),
        (bool(asked.years) and asked.new_sites not in (None, sum(asked.years)), "years",
         "the years' new sites must add up to new_sites", "leave new_sites out",
         "各年新增站点数之和应等于新增站点总数"),
        ((bool(asked.years) and asked.budget is not None) or (bool(asked.yearly_budgets) and counted), "years",
         "years and yearly_budgets say how much is built", "leave new_sites and budget out",
         "各年的数量或预算已经决定建多少，请不要再填新增站点数和总费用"),
        (bool(asked.joint) and not years, "joint", "joint needs years or yearly_budgets", "give them",
         "各年一起优化，需要先给出各年的数量或预算"),
        (bool(asked.year_weights) and not (years and asked.jointly), "year_weights",
         "year_weights are for years planned jointly", "set joint and give the years", "各年权重只用于各年一起优化"),
        (bool(asked.year_weights) and len(asked.year_weights) != asked.in_years, "year_weights",
         "year_weights need one number for each year", "give as many as years", "请给每年填一个权重"),
        (bool(asked.pareto) and (counted or years), "pareto", "the Pareto frontier goes over all budgets",
         "leave new_sites, budget and years out", "费用与覆盖的曲线包括所有预算，请不要再填数量、预算和年份"),
        (sum(aims) > 1 and not (bool(asked.pareto) and years), "model",
         "years, the Pareto frontier, scenarios and options are asked one at a time", "leave all but one out",
         "分年、费用曲线、多情景和做法清单一次只能问一样"),
        (asked.scenarios and bool(asked.floors or asked.explain), "robust",
         "a plan for several scenarios goes without floors and reasons", "leave them out",
         "兼顾多个情景的方案不能同时要求最低覆盖率或说明理由"),
        (bool(asked.robust) and asked.weights is not None, "robust", "scenarios are slices or weights, not both",
         "give one of them", "情景请只给一种"),
        (bool(asked.robust) and (asked.slice is not None or asked.at is not None), "robust",
         "robust names its own slices", "leave slice and at out", "兼顾时段已经说明时间，请不要再填时段和时刻"),
        (len(asked.robust) == 1, "robust", "one scenario alone is the plain question", "give two or more slices",
         "只有一个时段就是普通的问题，请给两个以上"),
        ((years or bool(asked.pareto) or bool(asked.explain) or asked.scenarios or bool(asked.price_floors))
         and not asked.plain, "cover_times",
         "years, the frontier, scenarios, reasons and the price of floors count workers once covered",
         "leave cover_times, decay and open_probability out",
         "分年、费用曲线、多情景、理由和最低覆盖率的代价按“一站可达”计算，请去掉多站、递减和开门概率"),
        (bool(asked.decay) and asked.limit_s not in (None, asked.decay[-1][0] if asked.decay else None), "decay",
         "the steps of decay say how far a station counts", "leave limit_s out",
         "递减档次已经说明了时限，请不要再填时限"),
        (bool(asked.price_floors) and not asked.floors, "price_floors", "there are no floors to price", "give floors",
         "请先给出各区县的最低覆盖率"),
        (bool(asked.near_best) and not asked.explain, "near_best", "near_best goes with explain", "set explain",
         "近优比较要和说明理由一起问"),
        (bool(asked.reachable) and bool(asked.floors), "reachable",
         "floors ask for shares of all demand, of which none can then be left out", "leave reachable or floors out",
         "最低覆盖率以全部需求为准，不能同时排除到不了的需求"),
        ({"04-06", "22-06"} <= set(asked.slices), "slices",
         "the slices 04-06 and 22-06 overlap: worker-hours would count twice", "use one of them",
         "时段 04-06 与 22-06 有重叠，劳动者·小时会重复计算，请只选一个"),
        (asked.model == HOURS and (asked.slice is not None or asked.at is not None), "slice",
         "a plan of hours is of a day", "give day, and slices", "开放时间的方案按一天计算，请用 day 和 slices"),
    )  # fmt: skip
    for broken, field, problem, todo, zh in rules:
        if broken:
            log.add(problem, todo, field=field, zh=(zh, ""))


def _check_sites(pack: CityPack, asked: PlanQuestion, log: FaultLog) -> None:
    candidates = set(pack.candidates["candidate_id"].astype(str)) if len(pack.candidates) else set()
    for name, zh in (("force", "必选"), ("veto", "否决")):
        for site in getattr(asked, name):
            if site not in candidates:
                log.add(
                    f"there is no candidate site {site!r} in the pack", "name one of the candidates", field=name,
                    zh=(f"{zh}的站点 {site} 不在候选点里", "请填候选点的编号"),
                )  # fmt: skip
    known = candidates | set(pack.stations["station_code"].astype(str))
    for names in asked.exclusive:
        for site in names:
            if site not in known:
                log.add(
                    f"there is no site {site!r} in the pack", "name candidates", field="exclusive",
                    zh=(f"没有站点 {site}", "请填候选点的编号"),
                )  # fmt: skip
        if len(set(names)) < 2:
            log.add(
                f"{','.join(names)!r} names fewer than two sites", "write C1,C2", field="exclusive",
                zh=("互斥的站点少于两个", "请至少填两个"),
            )  # fmt: skip


def weekday_of(day: date | datetime | None) -> int | None:
    """Return the weekday of a day, Monday 0; None of none."""
    return None if day is None or pd.isna(day) else day.weekday()


def refused(problem: str, todo: str, zh: str) -> InputError:
    """Return one fault as an error."""
    return InputError(Fault(problem, todo, problem_zh=zh))
