"""What is asked of a siting problem: the model and its parameters, checked against what the model takes."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

from geoplan.errors import Fault, FaultLog, InputError

__all__ = ["MODELS", "Question", "linear_decay"]


@dataclass(frozen=True, slots=True)
class Question:
    """One model with its parameters.

    Parameters
    ----------
    model : str
        A key of :data:`MODELS`.
    p : int, optional
        Number of NEW sites to open, exactly. Existing sites are open anyway and do not count; required sites do.
    budget : float, optional
        Upper limit of the summed ``site_cost`` of the new sites.
    radius : float, optional
        Largest cost at which a site covers a demand point, in the unit of the cost matrix. Models that serve everybody
        take it for coverage floors only; ``distance_cap`` limits how far a site serves.
    decay : tuple of (float, float)
        Gradual coverage: pairs (cost, share), costs rising, shares falling; a demand point counts with the share
        of the first step that its nearest open site satisfies.
    share : float, optional
        Share of all demand that a partial cover must reach, in (0, 1].
    by_cost : bool
        Minimise the summed ``site_cost`` instead of the number of new sites (set covering).
    cover_times : int
        How many open sites must reach a point for it to count as covered (1; 2 for cross coverage).
    backup_weight : float
        Weight of second coverage against first coverage (BACOP2), in [0, 1].
    open_probability : float, optional
        Probability that a station is open when a worker arrives (expected coverage), in (0, 1].
    distance_cap : float, optional
        No demand point may be served from farther than this (p-median, p-center, capacitated models).
    single_source : bool
        Each demand point is served by one site alone (capacitated models).
    weighted : bool
        Minimise the largest weight x cost instead of the largest cost (p-center).
    """

    model: str
    p: int | None = None
    budget: float | None = None
    radius: float | None = None
    decay: tuple[tuple[float, float], ...] = ()
    share: float | None = None
    by_cost: bool = False
    cover_times: int = 1
    backup_weight: float = 0.5
    open_probability: float | None = None
    distance_cap: float | None = None
    single_source: bool = False
    weighted: bool = False


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """What one model is called, needs and takes beyond its needs."""

    title: str
    title_zh: str
    maximise: bool
    needs: tuple[str, ...]
    takes: tuple[str, ...] = ()


MODELS: Final[dict[str, ModelSpec]] = {
    "mclp": ModelSpec(
        "most demand covered",
        "覆盖最多需求",
        True,
        ("radius", "p|budget"),
        ("decay", "cover_times", "open_probability"),
    ),
    "lscp": ModelSpec(
        "fewest new sites that cover everyone",
        "全覆盖最少新增",
        False,
        ("radius",),
        ("by_cost", "cover_times", "budget"),
    ),
    "pscp": ModelSpec(
        "fewest new sites that cover a share of demand",
        "部分覆盖最少新增",
        False,
        ("radius", "share"),
        ("by_cost", "cover_times", "budget"),
    ),
    "pmedian": ModelSpec(
        "least demand-weighted cost", "加权总距离最小", False, ("p|budget",), ("radius", "distance_cap")
    ),
    "pcenter": ModelSpec(
        "least largest cost", "最远距离最小", False, ("p|budget",), ("radius", "distance_cap", "weighted")
    ),
    "bacop1": ModelSpec("everyone covered, most covered twice", "全覆盖下交叉覆盖最多", True, ("radius", "p|budget")),
    "bacop2": ModelSpec(
        "first and second coverage weighed", "首次与交叉覆盖加权", True, ("radius", "p|budget"), ("backup_weight",)
    ),
    "cmclp": ModelSpec(
        "most demand covered within capacities", "容量约束下覆盖最多", True, ("radius", "p|budget"), ("single_source",)
    ),
    "cpmedian": ModelSpec(
        "least demand-weighted cost within capacities",
        "容量约束下加权总距离最小",
        False,
        ("p|budget",),
        ("radius", "distance_cap", "single_source"),
    ),
    "cflp": ModelSpec(
        "least fixed and service cost within capacities",
        "固定与服务总费用最小",
        False,
        (),
        ("p", "budget", "radius", "distance_cap", "single_source"),
    ),
}


def linear_decay(full: float, zero: float, steps: int = 10) -> tuple[tuple[float, float], ...]:
    """Return steps of a coverage that is 1 up to ``full`` and falls linearly to 0 at ``zero``.

    Parameters
    ----------
    full, zero : float
        Costs, in the unit of the cost matrix; ``full < zero``.
    steps : int
        Number of falling steps; each counts with the share at its middle.

    Returns
    -------
    tuple of (float, float)
        Pairs (cost, share) for ``decay``.
    """
    if not 0 <= full < zero or steps < 1:
        raise InputError("decay needs 0 <= full < zero and at least one step")
    width = (zero - full) / steps
    falling = tuple((full + width * (k + 1), 1.0 - (k + 0.5) / steps) for k in range(steps))
    return ((full, 1.0), *falling)


def check_question(question: Question) -> None:
    """Raise one :class:`~geoplan.errors.InputError` with every fault of the question."""
    log = FaultLog()
    spec = MODELS.get(question.model)
    if spec is None:
        known = ", ".join(MODELS)
        raise InputError(
            Fault(
                f"model {question.model!r} is unknown",
                f"choose one of {known}",
                problem_zh=f"没有模型“{question.model}”",
                todo_zh=f"请选用 {known} 之一",
            )
        )
    _check_given(question, spec, log)
    _check_ranges(question, log)
    log.raise_if_any()


def _check_given(question: Question, spec: ModelSpec, log: FaultLog) -> None:
    allowed = {"model", *spec.takes}
    for need in spec.needs:
        names = need.split("|")
        allowed.update(names)
        if need == "radius" and question.decay:
            continue
        if all(getattr(question, name) is None for name in names):
            log.add(
                f"model {question.model!r} needs {' or '.join(names)}",
                "give it",
                field=names[0],
                zh=(f"模型 {question.model} 需要参数 {' 或 '.join(names)}", "请给出"),
            )
    for field in fields(Question):
        if field.name not in allowed and getattr(question, field.name) != field.default:
            log.add(
                f"model {question.model!r} does not use {field.name}",
                "leave it out",
                field=field.name,
                zh=(f"模型 {question.model} 不使用参数 {field.name}", "请去掉"),
            )


def _check_ranges(question: Question, log: FaultLog) -> None:
    q = question
    if q.p is not None and (q.p < 0 or q.p != int(q.p)):
        log.add(
            f"p is {q.p}",
            "give a whole number of new sites, 0 or more",
            field="p",
            zh=(f"新增站点数是 {q.p}", "请填 0 或更大的整数"),
        )
    for name in ("budget", "radius", "distance_cap"):
        value = getattr(q, name)
        if value is not None and not value >= 0:
            log.add(
                f"{name} is {value}",
                "give a number that is not negative",
                field=name,
                zh=(f"数值是 {value}", "请填不小于 0 的数"),
            )
    if q.share is not None and not 0 < q.share <= 1:
        log.add(
            f"share is {q.share}",
            "give a share above 0 and at most 1",
            field="share",
            zh=(f"要覆盖的比例是 {q.share}", "请填大于 0、不超过 1 的比例"),
        )
    if q.open_probability is not None and not 0 < q.open_probability <= 1:
        log.add(
            f"open_probability is {q.open_probability}",
            "give a probability above 0 and at most 1",
            field="open_probability",
            zh=(f"开门的概率是 {q.open_probability}", "请填大于 0、不超过 1 的概率"),
        )
    if not 0 <= q.backup_weight <= 1:
        log.add(
            f"backup_weight is {q.backup_weight}",
            "give a weight between 0 and 1",
            field="backup_weight",
            zh=(f"交叉覆盖的权重是 {q.backup_weight}", "请填 0 到 1 之间的数"),
        )
    if q.cover_times < 1:
        log.add(
            f"cover_times is {q.cover_times}",
            "give 1 or more",
            field="cover_times",
            zh=(f"要求的站点数是 {q.cover_times}", "请填 1 或更大的整数"),
        )
    if q.decay:
        costs = [c for c, _ in q.decay]
        shares = [s for _, s in q.decay]
        if (
            costs != sorted(set(costs))
            or shares != sorted(set(shares), reverse=True)
            or shares[0] > 1
            or shares[-1] <= 0
        ):
            log.add(
                "decay steps are out of order",
                "give rising costs with falling shares in (0, 1]",
                field="decay",
                zh=("递减档次的顺序不对", "距离应递增、比例应递减，比例大于 0、不超过 1"),
            )
        if q.cover_times > 1 or q.open_probability is not None:
            log.add(
                "decay cannot be combined with cover_times or open_probability",
                "choose one of them",
                field="decay",
                zh=("递减覆盖不能与多重覆盖或开门概率同时使用", "请只选一种"),
            )
    elif q.cover_times > 1 and q.open_probability is not None:
        log.add(
            "cover_times cannot be combined with open_probability",
            "choose one of them",
            field="cover_times",
            zh=("多重覆盖不能与开门概率同时使用", "请只选一种"),
        )
