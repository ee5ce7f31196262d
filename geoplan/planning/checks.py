"""What is wrong with a question: values out of range, words that nobody knows, fields that do not go together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from geoplan.coverage.facilities import facility_masks
from geoplan.errors import FaultLog, InputError
from geoplan.hours.slices import SLICES
from geoplan.pack import CityPack
from geoplan.planning.question import (
    EVERY_MODEL,
    HOURS,
    CoverageQuestion,
    Declared,
    PlanQuestion,
    declarations,
)
from geoplan.trades import TRADES

__all__ = [
    "check_facilities",
    "check_models",
    "check_options",
    "check_range",
    "check_sites",
    "check_time",
    "check_together",
    "check_trade",
    "of_a_day",
]


def of_a_day(asked: CoverageQuestion | PlanQuestion) -> bool:
    """Tell whether a question is about a day, though it names no slice."""
    return isinstance(asked, PlanQuestion) and (asked.model == HOURS or bool(asked.robust))


def _numbers(one: Declared, value: Any) -> Iterable[Any]:
    if one.kind in ("whole", "number"):
        return (value,)
    if one.kind in ("wholes", "numbers"):
        return tuple(value)
    if one.kind == "shares":
        return tuple(value.values())
    return ()


def check_range(one: Declared, value: Any, log: FaultLog, *, typed: bool = False) -> None:
    """Record what is wrong with a value by itself.

    Parameters
    ----------
    one : Declared
        The field.
    value : Any
        What was said.
    log : FaultLog
        Takes the faults.
    typed : bool
        Whether the sentence speaks in the unit of the command line (minutes) instead of the field's own (seconds).
    """
    if value is None:
        return
    factor, unit = (one.factor, "minutes") if typed and one.factor == 60.0 else (1.0, one.unit)
    for number in _numbers(one, value):
        low = one.low if one.low is not None else float("-inf")
        high = one.high if one.high is not None else float("inf")
        whole = one.kind in ("whole", "wholes")
        real = (
            isinstance(number, int | float) and not isinstance(number, bool) and float("-inf") < number < float("inf")
        )
        fits = real and (number > low if one.above else number >= low) and number <= high
        if not fits or (whole and number != int(number)):
            least = f"above {one.low:g}" if one.above else f"{low:g} or more" if one.low is not None else "finite"
            most = "" if one.high is None else f", at most {high / factor:g}"
            said = f"{number / factor:g}" if isinstance(number, int | float) else repr(number)
            log.add(
                f"`{one.name}` {'is' if one.kind in ('whole', 'number') else 'holds'} {said}",
                f"give {'whole numbers' if whole else 'a number'}, {least}{most}{f' ({unit})' if unit else ''}"
                if one.kind in ("wholes", "numbers", "shares")
                else f"give a {'whole number' if whole else 'number'}, {least}{most}{f' ({unit})' if unit else ''}",
                field=one.name,
                zh=(f"{one.zh}是 {number}", f"请填{'整数' if whole else '数'}，{_range_zh(one)}"),
            )
    if one.choices:
        for word in (value,) if one.kind == "choice" else tuple(value):
            if word not in one.choices:
                log.add(
                    f"`{one.name}` {word!r} is not known",
                    f"use {'one' if one.kind == 'choice' else 'some'} of {', '.join(one.choices)}",
                    field=one.name,
                    zh=(f"{one.zh}没有“{word}”", f"请用 {'、'.join(one.choices)} 之一"),
                )
    if one.most is not None and len(value) > one.most:
        log.add(
            f"`{one.name}` has {len(value):,} entries", f"give at most {one.most:,}", field=one.name,
            zh=(f"{one.zh}有 {len(value):,} 项", f"最多 {one.most:,} 项"),
        )  # fmt: skip
    if one.kind == "steps" and value:
        reach, shares = [step[0] for step in value], [step[1] for step in value]
        rising = reach == sorted(set(reach)) and reach[0] > 0
        if not rising or shares != sorted(set(shares), reverse=True) or not 0 < shares[-1] <= shares[0] <= 1:
            log.add(
                f"`{one.name}` is not made of rising limits with falling shares",
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


def check_trade(pack: CityPack, trade: str | None, log: FaultLog, field: str = "trade") -> None:
    """Record a trade that the demand does not tell apart."""
    if trade is None or trade in pack.trades:
        return
    here = "、".join(pack.trades)
    log.add(
        f"the demand does not tell the trade {trade!r} apart" if trade in TRADES else f"trade {trade!r} is not known",
        f"use one of {', '.join(pack.trades)}" if pack.trades else "leave it out; this city's demand knows no trades",
        field=field,
        zh=(f"需求数据里没有行业“{trade}”", f"已有的行业：{here}" if here else "数据没有分行业，请不要填"),
    )


def check_facilities(pack: CityPack, facilities: Iterable[str], log: FaultLog) -> None:
    """Record facilities that nobody knows."""
    try:
        facility_masks(pack.stations, facilities)
    except InputError as error:
        log.extend(error.faults)


def check_time(asked: CoverageQuestion | PlanQuestion, log: FaultLog) -> None:
    """Record an instant beside a slice, and a day of nothing."""
    if asked.at is not None and asked.slice is not None:
        log.add(
            "`at` and `slice` are both given", "give an instant, or a slice with its `day`", field="slice",
            zh=("同时给出了时刻和时段", "请只给一个；时段的日期另填"),
        )  # fmt: skip
    elif asked.day is not None and asked.slice is None and not of_a_day(asked):
        log.add(
            "`day` says the day of a slice, and no slice is given", "give `slice`, or an instant by `at` alone",
            field="day", zh=("填了日期，却没有时段", "请填时段，或只填时刻"),
        )  # fmt: skip


def check_models(asked: PlanQuestion, log: FaultLog) -> None:
    """Record every field that the model does not take."""
    for one in declarations(PlanQuestion):
        value = getattr(asked, one.name)
        said = value is not None and value is not False and value != one.default and one.name != "model"
        if said and one.models and asked.model in EVERY_MODEL and asked.model not in one.models:
            log.add(
                f"`{one.name}` does not go with `model` {asked.model}",
                f"leave it out, or use {', '.join(one.models)}",
                field=one.name,
                zh=(f"目标 {asked.model} 用不到“{one.zh}”", "请去掉，或换一个目标"),
            )


def _named(asked: PlanQuestion, names: Iterable[str], joint: str) -> str:
    """Return those fields of some that were said, as words."""
    values = {name: getattr(asked, name) for name in names}
    said = [
        f"`{name}`"
        for name, value in values.items()
        if value is not None and value is not False and value != () and (name != "cover_times" or value > 1)
    ]
    return f" {joint} ".join([", ".join(said[:-1]), said[-1]]) if len(said) > 1 else "".join(said)


def check_together(asked: PlanQuestion, log: FaultLog) -> None:
    """Record every pair of fields that contradict each other; the table is the only place that says so."""
    years, counted = bool(asked.in_years), asked.new_sites is not None or asked.budget is not None
    in_years = _named(asked, ("years", "yearly_budgets"), "and")
    aims = _named(asked, ("years", "yearly_budgets", "pareto", "robust", "weights", "options"), "and")
    several = _named(asked, ("robust", "weights"), "and")
    size = _named(asked, ("new_sites", "budget"), "and")
    once = _named(asked, ("years", "yearly_budgets", "pareto", "robust", "weights", "explain", "price_floors"), "and")
    more = _named(asked, ("cover_times", "decay", "open_probability"), "and")
    when = _named(asked, ("slice", "at"), "and")
    rules: tuple[tuple[bool, str, str, str, str, str], ...] = (
        (bool(asked.years) and bool(asked.yearly_budgets), "years", f"{in_years} exclude each other",
         "give one of them", "各年数量与各年预算只能给一种", "请去掉一种"),
        (bool(asked.years) and asked.budget is None and asked.new_sites not in (None, sum(asked.years)), "years",
         f"{in_years} add up to {sum(asked.years)} new stations, `new_sites` is {asked.new_sites}",
         "leave `new_sites` out", "各年新增站点数之和应等于新增站点总数", "请不要再填新增站点数"),
        ((bool(asked.years) and asked.budget is not None) or (bool(asked.yearly_budgets) and counted), "years",
         f"{in_years} says how much is built", f"leave {size} out",
         "各年的数量或预算已经决定建多少", "请不要再填新增站点数和总费用"),
        (bool(asked.joint) and not years, "joint", "`joint` needs `years` or `yearly_budgets`", "give one of them",
         "各年一起优化，需要各年的数量或预算", "请填各年的数量或预算"),
        (bool(asked.year_weights) and not (years and asked.jointly), "year_weights",
         "`year_weights` are for years planned jointly", "set `joint` and give `years`, or give `yearly_budgets`",
         "各年权重只用于各年一起优化", "请选一起优化，并填各年的数量或预算"),
        (bool(asked.year_weights) and years and len(asked.year_weights) != asked.in_years, "year_weights",
         f"`year_weights` has {len(asked.year_weights)} numbers, {in_years} has {asked.in_years}",
         "give a weight for each year", f"权重有 {len(asked.year_weights)} 个，年份有 {asked.in_years} 个",
         "请给每年填一个权重"),
        (bool(asked.pareto) and (counted or years), "pareto", "`pareto` goes over all budgets",
         f"leave {_named(asked, ('new_sites', 'budget', 'years', 'yearly_budgets'), 'and')} out",
         "费用与覆盖的曲线包括所有预算", "请不要再填数量、预算和年份"),
        (bool(asked.pareto) + asked.scenarios + years + bool(asked.options) > 1 and not (asked.pareto and years),
         "model", f"{aims} are asked one at a time", "leave all but one out",
         "分年、费用曲线、多情景和做法清单一次只能问一样", "请只留一样"),
        (asked.scenarios and bool(asked.floors or asked.explain), "robust",
         f"{several} does not go with {_named(asked, ('floors', 'explain'), 'or')}", "leave one of them out",
         "兼顾多个情景的方案不能同时要求最低覆盖率或说明理由", "请去掉其中一样"),
        (bool(asked.robust) and asked.weights is not None, "robust", "scenarios are slices or weights, not both",
         "give one of them", "情景可以是时段，也可以是需求表，不能都给", "请只给一种"),
        (bool(asked.robust) and bool(when), "robust", "`robust` names its own slices", f"leave {when} out",
         "兼顾时段已经说明时间", "请不要再填时段和时刻"),
        (len(asked.robust) == 1, "robust", "one scenario alone is the plain question", "give two or more slices",
         "只有一个时段就是普通的问题", "请给两个以上"),
        (bool(once) and not asked.plain, "cover_times", f"{once} counts workers once covered", f"leave {more} out",
         "分年、费用曲线、多情景、理由和最低覆盖率的代价按“一站可达”计算", "请去掉多站、递减和开门概率"),
        (bool(asked.decay) and asked.limit_s not in (None, asked.decay[-1][0] if asked.decay else None), "decay",
         "`decay` says how far a station counts", "leave `limit_s` out",
         "递减档次已经说明了时限", "请不要再填时限"),
        (bool(asked.price_floors) and not asked.floors, "price_floors",
         "`price_floors` needs `floors`, and there are none", "give them", "没有最低覆盖率，就没有它的代价",
         "请先给出各区县的最低覆盖率"),
        (bool(asked.price_floors) and (years or bool(asked.pareto) or asked.scenarios), "price_floors",
         "`price_floors` is asked of one plan", "leave it out, or ask without years, the frontier and scenarios",
         "最低覆盖率的代价只对单个方案计算", "请去掉，或不分年、不求曲线、不分情景"),
        (bool(asked.near_best) and not asked.explain, "near_best", "`near_best` goes with `explain`", "set `explain`",
         "近优比较要和说明理由一起问", "请同时选说明理由"),
        (bool(asked.reachable) and bool(asked.floors), "reachable",
         "`floors` ask for shares of all demand, of which none can then be left out",
         "leave `reachable` or `floors` out", "最低覆盖率以全部需求为准，不能同时排除到不了的需求", "请去掉其中一样"),
        ({"04-06", "22-06"} <= set(asked.slices), "slices",
         "`slices` 04-06 and 22-06 overlap: worker-hours would count twice", "use one of them",
         "时段 04-06 与 22-06 有重叠，劳动者·小时会重复计算", "请只选一个"),
        (asked.model == HOURS and bool(when), "slice", "a plan of opening hours is of a day",
         f"leave {when} out, and give `day` and `slices`", "开放时间的方案按一天计算",
         "请去掉时段和时刻，填日期和计入的时段"),
    )  # fmt: skip
    for broken, field, problem, todo, zh, todo_zh in rules:
        if broken:
            log.add(problem, todo, field=field, zh=(zh, todo_zh))


def check_sites(pack: CityPack, asked: PlanQuestion, log: FaultLog) -> None:
    """Record sites that the city does not have."""
    candidates = set(pack.candidates["candidate_id"].astype(str)) if len(pack.candidates) else set()
    for name, zh in (("force", "必选"), ("veto", "否决")):
        for site in getattr(asked, name):
            if site not in candidates:
                log.add(
                    f"there is no candidate site {site!r} in the pack", "name one of the candidates", field=name,
                    zh=(f"{zh}的站点 {site} 不在候选点里", "请填候选点的编号"),
                )  # fmt: skip
    known = _site_codes(pack)
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


def _site_codes(pack: CityPack) -> set[str]:
    """Return the codes of the sites that a plan knows: stations in operation, and candidates."""
    stations = pack.stations.loc[pack.stations["status"] == "operating", "station_code"].astype(str)
    return {*stations, *(pack.candidates["candidate_id"].astype(str) if len(pack.candidates) else ())}


def check_options(pack: CityPack, asked: PlanQuestion, log: FaultLog) -> None:
    """Record what is wrong with the table of options, each fault with its row, and its file where it has one."""
    known = _site_codes(pack)
    for number, option in enumerate(asked.options, start=1):
        where: dict[str, Any] = {"file": option.file or "options", "row": option.row or number}
        if option.site not in known:
            log.add(
                f"there is no site {option.site!r}", "give the code of a station or candidate", **where, field="site",
                zh=(f"没有站点 {option.site}", "请填站点或候选点的编号"),
            )  # fmt: skip
        if not option.slices:
            log.add(
                "no slices are named", "give at least one, or all", **where, field="slices",
                zh=("没有填时段", "请至少填一个，或填 all"),
            )  # fmt: skip
        for code in option.slices:
            if code not in SLICES and code != "all":
                log.add(
                    f"there is no time slice {code!r}", f"use {', '.join(SLICES)} or all", **where, field="slices",
                    zh=(f"没有时段 {code}", f"请用 {'、'.join(SLICES)} 或 all"),
                )  # fmt: skip
            elif code != "all" and code not in asked.slices:
                over = {code, *asked.slices} >= {"04-06", "22-06"}
                log.add(
                    "the slices 04-06 and 22-06 overlap: worker-hours would count twice" if over
                    else f"the slice {code} is not among those counted ({', '.join(asked.slices)})",
                    "use one of them" if over else "count it too, or leave it out", **where, field="slices",
                    zh=(f"时段 {code} 不在计入的时段（{'、'.join(asked.slices)}）里" if not over
                        else "时段 04-06 与 22-06 有重叠，劳动者·小时会重复计算", "请改用其中的时段"),
                )  # fmt: skip
        if not 0 <= option.cost < float("inf"):
            said = "the cost is no number" if option.cost != option.cost else f"the cost is {option.cost:g}"
            log.add(
                said, "give a number that is not negative", **where, field="cost",
                zh=("费用不是数" if option.cost != option.cost else f"费用是 {option.cost:g}", "请填不小于 0 的数"),
            )  # fmt: skip
