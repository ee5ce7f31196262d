"""What is proven, what an objective means, why a site is there: the one writer of these sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from geoplan.report.counted import counted_in
from geoplan.report.speech import slice_words
from geoplan.siting import Question

__all__ = [
    "certificate_sentence",
    "floor_price_sentence",
    "objective_words",
    "reason_sentence",
    "robust_sentence",
]

Words = tuple[str, str]


def certificate_sentence(
    status: str, gap: float | None, *, of: Literal["sites", "years", "hours"], count: int
) -> Words:
    """Say what is proven, in Chinese and English.

    Parameters
    ----------
    status : str
        ``optimal``, ``feasible``, ``infeasible`` or ``no_solution_found``.
    gap : float or None
        ``|bound - objective| / |objective|``.
    of : {"sites", "years", "hours"}
        What was chosen: sites, a phasing of years, or changes at sites.
    count : int
        How many sites, years or changes.
    """
    if status == "infeasible":
        return "条件互相矛盾，没有可行方案。", "The conditions contradict each other: there is no such plan."
    if status == "no_solution_found":
        return "在限定时间内没有找到方案。", "No plan was found in the time given."
    if status == "optimal":
        return {
            "sites": (
                f"已证明最优：在同样的条件下，没有任何其他方案优于这 {count} 个站点。",
                f"Proven optimal: under the same conditions no other choice is better than these {count} sites.",
            ),
            "years": (
                f"已证明最优：{count} 年合计，没有任何其他分年安排覆盖得更多。",
                f"Proven optimal: over the {count} years together no other phasing covers more.",
            ),
            "hours": (
                "已证明最优：花同样的钱，没有任何其他做法能让劳动者·小时更多。",
                "Proven optimal: for the same money nothing else serves more worker-hours.",
            ),
        }[of]
    percent = "" if gap is None else f"{_open_gap(gap)} %"
    zh = f"与理论界限最多相差 {percent}" if percent else "界限未知"
    en = f"at most {percent} from the proven bound" if percent else "no bound is known"
    return {
        "sites": (
            f"在限定时间内找到的最好方案（{count} 个站点），{zh}，尚未证明最优。",
            f"The best plan found in the time given ({count} sites); {en}.",
        ),
        "years": (
            f"在限定时间内找到的最好分年安排（{count} 年合计），{zh}，尚未证明最优。",
            f"The best phasing found in the time given ({count} years together); {en}.",
        ),
        "hours": (
            f"在限定时间内找到的最好做法，{zh}，尚未证明最优。",
            f"The best found in the time given; {en}.",
        ),
    }[of]


def _open_gap(gap: float) -> str:
    """Return a gap in per cent with the digits it needs: an open gap is never written as 0."""
    for digits in (2, 4, 6):
        text = f"{gap * 100:.{digits}f}"
        if float(text) > 0:
            return text
    return f"{gap * 100:.1e}"


def objective_words(facts: Mapping[str, Any], question: Question) -> Words:
    """Say what the objective of a plan means, in Chinese and English; empty without a plan.

    Parameters
    ----------
    facts : mapping
        Plan facts: ``objective``, ``demand_total``, ``demand_unit``, ``cost_unit``, ``left_out``, ``phasing``,
        ``robust``.
    question : Question
        What the solver was asked.
    """
    value, total = facts["objective"], facts["demand_total"]
    if value is None or not total:
        return "", ""
    unit, model = facts["demand_unit"], question.model
    zh_unit, en_unit = counted_in(unit).n, counted_in(unit, "en").n
    share = f"{value / total:.1%}"
    part = (f"{value:,.0f} / {total:,.0f} {zh_unit}（{share}）", f"{value:,.0f} of {total:,.0f} {en_unit} ({share})")
    served = total - facts["left_out"]
    mean_min = value / served / 60.0 if served else 0.0
    money = facts.get("cost_unit") or ""
    if facts.get("phasing") is not None:
        return f"各年覆盖之和 {value:,.0f} {zh_unit}·年", f"summed over the years {value:,.0f} {en_unit}·years"
    if facts.get("robust") is not None:
        return f"各情景平均覆盖 {part[0]}", f"covered in the mean of the scenarios {part[1]}"
    if question.by_cost:
        return f"费用合计 {value:,.10g}{money}", f"summed cost {value:,.10g} {money}".rstrip()
    if question.weighted:
        longest = f"{value / 60:,.1f}"
        return f"最大的人数×路程 {longest} {zh_unit}·分钟", f"largest demand times way {longest} {en_unit}·min"
    if model == "mclp":
        return _cover_words(question, part)
    ways = (f"人均路程 {mean_min:.2f} 分钟", f"mean way {mean_min:.2f} min, over {served:,.0f} {en_unit}")
    weight = f"{1 - question.backup_weight:g} : {question.backup_weight:g}"
    return {
        "lscp": ("新增站点数", "number of new sites"),
        "pscp": ("新增站点数", "number of new sites"),
        "pmedian": ways,
        "cpmedian": ways,
        "pcenter": (f"最远路程 {value / 60:.2f} 分钟", f"longest way {value / 60:.2f} min"),
        "cmclp": (f"容量内服务 {part[0]}", f"served within capacities {part[1]}"),
        "bacop1": (f"交叉覆盖 {part[0]}", f"covered twice {part[1]}"),
        "bacop2": (f"首次与交叉覆盖加权（{weight}）", f"first and second cover weighed {weight}"),
        "cflp": (
            f"建设费用与路程费用之和 {value:,.10g}{money}",
            f"fixed cost and cost of ways {value:,.10g} {money}".rstrip(),
        ),
    }[model]


def _cover_words(question: Question, part: Words) -> Words:
    if question.decay:
        return f"按路程递减计 {part[0]}", f"counted by decay {part[1]}"
    if question.open_probability is not None:
        return f"期望覆盖 {part[0]}", f"expected cover {part[1]}"
    if question.cover_times > 1:
        times = question.cover_times
        return f"至少 {times} 站可达 {part[0]}", f"within reach of {times} stations {part[1]}"
    return f"覆盖 {part[0]}", f"covered {part[1]}"


def floor_price_sentence(price: Mapping[str, Any], unit: str) -> Words:
    """Say what the floors cost; ``price`` has ``price`` and ``exact``."""
    if price["price"] is None:
        return "", ""
    sure = ("已证明", "proven") if price["exact"] else ("未证明", "not proven")
    return (
        f"最低覆盖率的代价：全市少覆盖 {price['price']:,.0f} {counted_in(unit).n}（{sure[0]}）",
        f"price of the floors: {price['price']:,.0f} {counted_in(unit, 'en').n} fewer covered in all ({sure[1]})",
    )


def reason_sentence(reason: Mapping[str, Any], unit: str, within: float) -> Words:
    """Say why a site is in a plan; ``reason`` as in the facts of a plan."""
    zh_unit, en_unit = counted_in(unit).n, counted_in(unit, "en").n
    own, alone, loss = (f"{reason[name]:,.0f}" for name in ("own", "marginal", "substitute_loss"))
    named = reason.get("substitute_name") or reason["substitute"] or "–"
    good = {
        True: (f"；所有相差不超过 {within:.1%} 的方案都有它", f"; in every plan within {within:.1%} of the best"),
        False: (f"；有相差不超过 {within:.1%} 的方案没有它", f"; not in every plan within {within:.1%} of the best"),
        None: ("", ""),
    }[reason["in_every_near_best"]]
    return (
        f"可达 {own} {zh_unit}，其中只有它可达 {alone}；最好的替代点 {named}，少覆盖 {loss}{good[0]}",
        f"reaches {own} {en_unit}, {alone} of them alone; best substitute {named} loses {loss}{good[1]}",
    )


def robust_sentence(robust: Mapping[str, Any]) -> Words:
    """Say what a plan for several scenarios reaches in the worst of them; ``robust`` as in the facts of a plan."""
    shares = robust["shares"]
    worst = min(shares, key=lambda name: float(shares[name]))
    share, bound = (f"{robust[name]:.1%}" for name in ("worst_share", "worst_bound"))
    return (
        f"最差的是 {slice_words(worst, 'zh')}，覆盖 {share}。已证明：任何方案在最差处都不超过 {bound}。",
        f"The worst is {slice_words(worst, 'en')}, with {share} covered. Proven: no plan exceeds {bound} in its worst.",
    )
