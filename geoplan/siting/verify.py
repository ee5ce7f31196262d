"""A certificate that anyone can check: sums and products over what was stored, no solver and no search.

A certificate is a folder in a zip file: the problem (costs, weights, rules), the plan, and a tree of row prices. The
check recomputes the objective from the raw costs, holds the plan against every rule, and proves the bound again: the
leaves of the tree hold every plan between them, and in each leaf weak duality bounds it, roundings taken off.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import zipfile
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoplan.errors import Fault, InputError
from geoplan.siting.certificate import broken_rules, recomputed_objective
from geoplan.siting.counting import in_whole_numbers
from geoplan.siting.exact import proof_tolerance, whole_bound
from geoplan.siting.formulate import formulate, whole_objective
from geoplan.siting.problem_data import ProblemData
from geoplan.siting.question import MODELS, Question, check_question
from geoplan.siting.rules import Floor, Quota

if TYPE_CHECKING:
    from geoplan.siting.milp import MilpModel
    from geoplan.siting.plan import SitingPlan

__all__ = ["LEAF", "Proof", "Verdict", "data_hash", "proven_bound", "verify_certificate", "write_certificate"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]

LEAF: Final = -1
PARTS: Final = ("problem.npz", "plan.json", "proof.npz")
MANIFEST: Final = "manifest.json"
EPS: Final = float(np.finfo(np.float64).eps)
ARRAYS: Final = ("demand", "demand_ids", "site_ids", "existing", "required", "forbidden", "site_cost")


@dataclass(frozen=True, slots=True, eq=False)
class Proof:
    """A tree over the columns of the reference program, with prices of its rows in every leaf.

    Parameters
    ----------
    branch : numpy.ndarray of int64
        Column that each node splits at, -1 for a leaf; the first node is the root.
    zero, one : numpy.ndarray of int64
        Nodes where that column is 0, and where it is 1.
    leaf : numpy.ndarray of int64
        Row of ``prices`` of each leaf, -1 for other nodes.
    prices : scipy.sparse.csr_array
        Price of every row of the program in each leaf, for a minimum (costs of a maximum change their sign).
    ray : numpy.ndarray of bool
        Leaves whose prices show that they hold no plan at all.
    """

    branch: Int
    zero: Int
    one: Int
    leaf: Int
    prices: sparse.csr_array
    ray: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check of a certificate found.

    Parameters
    ----------
    refused : tuple of Fault
        Why it is refused; empty where every claim holds.
    checked : bool
        Whether the bound was proven again from the prices; where it was not, ``bound_by`` says whose word it is.
    objective, bound : float or None
        As claimed.
    proven : float or None
        Bound that the prices prove.
    bound_by : str
        ``"checked"``, or the program that gave the bound.
    """

    refused: tuple[Fault, ...]
    checked: bool
    objective: float | None
    bound: float | None
    proven: float | None
    bound_by: str

    @property
    def holds(self) -> bool:
        """Whether no claim is refused."""
        return not self.refused


def proven_bound(model: MilpModel, proof: Proof, *, whole: bool = False) -> float:
    """Return what a tree of prices proves: no plan of the program is better.

    Parameters
    ----------
    model : MilpModel
        The reference program.
    proof : Proof
        The tree.
    whole : bool
        Whether every plan's objective is whole, so that the bound may be rounded.

    Returns
    -------
    float
        The bound, infinite in the useless direction where the tree proves nothing.
    """
    sign = -1.0 if model.maximise else 1.0
    columns = sparse.csr_array(model.matrix.T)
    least, seen = math.inf, set()
    stack = [(0, model.lower, model.upper)]
    while stack:
        node, lower, upper = stack.pop()
        if node in seen or not 0 <= node < len(proof.branch):
            return -sign * math.inf  # no tree
        seen.add(node)
        column = int(proof.branch[node])
        if column == LEAF:
            at = int(proof.leaf[node])
            price = np.asarray(proof.prices[[at]].todense()).ravel()
            bound = _dual_bound(model, columns, price, lower, upper, 0.0 if proof.ray[at] else sign)
            if not (proof.ray[at] and bound > 0.0):
                least = min(least, -math.inf if proof.ray[at] else bound)
            continue
        if not 0 <= column < len(lower) or not model.integer[column] or (lower[column], upper[column]) != (0.0, 1.0):
            return -sign * math.inf
        shut, opened = upper.copy(), lower.copy()
        shut[column], opened[column] = 0.0, 1.0
        stack.extend(((int(proof.zero[node]), lower, shut), (int(proof.one[node]), opened, upper)))
    if math.isfinite(least):
        least += sign * model.offset
        least = whole_bound(least) if whole else least
    return sign * least


def _dual_bound(
    model: MilpModel, columns: sparse.csr_array, price: Float, lower: Float, upper: Float, sign: float
) -> float:
    """Return the weak dual bound of the minimum of ``sign * cost`` in a box, less all that rounding may have added."""
    usable = np.where(price > 0, np.isfinite(model.row_lower), np.isfinite(model.row_upper))
    price = np.where(usable, price, 0.0)
    side = np.where(price > 0, model.row_lower, model.row_upper)
    rows = price * np.where(price != 0, side, 0.0)
    reduced = sign * model.cost - columns @ price
    # Rounding of the reduced costs themselves, then of the products and sums.
    most_terms = int(np.diff(columns.indptr).max(initial=0)) + 2
    doubt = EPS * most_terms * (np.abs(sign * model.cost) + np.abs(columns) @ np.abs(price))
    at = np.where(reduced - doubt < 0, upper, lower)
    if not np.isfinite(at).all():
        return -math.inf
    box = reduced * at
    slack = 4 * EPS * (np.abs(rows).sum() + np.abs(box).sum()) + (doubt * np.abs(at)).sum()
    # Within its doubt a reduced cost may have the other sign: the other bound of the column then counts.
    span = np.where(np.abs(reduced) <= doubt, doubt * (upper - lower), 0.0)
    return math.fsum(rows) + math.fsum(box) - float(slack) - float(span.sum())


def data_hash(problem: ProblemData) -> str:
    """Return the SHA-256 of everything a problem holds: costs, weights, ids and rules."""
    return hashlib.sha256(_problem_bytes(problem)).hexdigest()


def write_certificate(path: str | Path, problem: ProblemData, plan: SitingPlan, proof: Proof, bound_by: str) -> None:
    """Write what is needed to check a plan.

    Parameters
    ----------
    path : str or pathlib.Path
        The zip file.
    problem : ProblemData
        The problem, as it was given.
    plan : SitingPlan
        A plan of it.
    proof : Proof
        Prices for the reference program in whole numbers, from :func:`geoplan.siting.proof.prove`.
    bound_by : str
        Whose word the plan's bound is where the prices do not prove it, e.g. ``"HiGHS 1.12"``.
    """
    question = {field.name: getattr(plan.question, field.name) for field in fields(Question)}
    raw = _problem_bytes(problem)
    claims = {
        "question": question,
        "new_positions": plan.new_positions.tolist(),
        "objective": plan.objective,
        "bound": plan.bound,
        "status": plan.status,
        "bound_by": bound_by,
        "data_sha256": hashlib.sha256(raw).hexdigest(),
    }
    arrays: dict[str, Any] = {name: getattr(proof, name) for name in ("branch", "zero", "one", "leaf", "ray")}
    arrays |= _sparse_parts("prices", proof.prices)
    if plan.allocation is not None:
        arrays |= _sparse_parts("allocation", plan.allocation)
    parts = dict(zip(PARTS, (raw, json.dumps(claims).encode(), _npz(arrays)), strict=True))
    manifest = {name: hashlib.sha256(content).hexdigest() for name, content in parts.items()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (*parts.items(), (MANIFEST, json.dumps(manifest).encode())):
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)


def verify_certificate(path: str | Path, problem: ProblemData | None = None) -> Verdict:
    """Check a certificate.

    Parameters
    ----------
    path : str or pathlib.Path
        The zip file.
    problem : ProblemData, optional
        The problem built anew from streets and register; the stored one must be the same.

    Returns
    -------
    Verdict
        What holds and what does not.

    Raises
    ------
    InputError
        If the file is no certificate.
    """
    parts = _opened(Path(path))
    manifest = json.loads(parts[MANIFEST])
    changed = [name for name in PARTS if hashlib.sha256(parts[name]).hexdigest() != manifest.get(name)]
    if changed:
        names = ", ".join(changed)
        fault = Fault(f"{names} was changed after it was written", problem_zh=f"{names} 在写入后被改动")
        return Verdict((fault,), False, None, None, None, "")
    try:
        claims = json.loads(parts["plan.json"])
        stored, proof, allocation = _read(parts)
        question = Question(**(claims["question"] | {"decay": tuple(map(tuple, claims["question"]["decay"]))}))
        check_question(question)
        return _judged(stored, question, claims, proof, allocation, parts["problem.npz"], problem)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        fault = Fault(f"the certificate cannot be read: {error}", problem_zh="证书无法读取")
        return Verdict((fault,), False, None, None, None, "")


def _judged(
    stored: ProblemData,
    question: Question,
    claims: dict[str, Any],
    proof: Proof,
    allocation: sparse.csr_array | None,
    raw: bytes,
    problem: ProblemData | None,
) -> Verdict:
    refused: list[Fault] = []

    def refuse(text: str, text_zh: str) -> None:
        refused.append(Fault(text, problem_zh=text_zh))

    if hashlib.sha256(raw).hexdigest() != claims["data_sha256"]:
        refuse("the data are not those of the plan", "数据与方案不符")
    if problem is not None and data_hash(problem) != claims["data_sha256"]:
        refuse("the plan was made from other data", "方案所用的数据与现有数据不同")
    objective, bound = float(claims["objective"]), claims["bound"]
    sign = -1.0 if MODELS[question.model].maximise else 1.0
    new = np.array(claims["new_positions"], dtype=np.int64)
    opened = np.unique(np.concatenate((np.flatnonzero(stored.existing), new)))
    if len(np.unique(new)) != len(new) or stored.existing[new].any():
        refuse("a new site is named twice or exists already", "新增站点重复或已经存在")
    true = recomputed_objective(stored, question, opened, allocation)
    if not abs(true - objective) <= EXACT_SUM * max(1.0, abs(true)):
        refuse(
            f"the objective is {true:,.12g}, not {objective:,.12g}", f"目标值应为 {true:,.12g}，而非 {objective:,.12g}"
        )
    for rule in broken_rules(stored, question, opened, allocation):
        refuse(rule, f"违反约束：{rule}")
    whole, asked, per_unit = in_whole_numbers(stored, question)
    proven = proven_bound(formulate(whole, asked).model, proof, whole=whole_objective(whole, asked)) / per_unit
    tolerance = proof_tolerance(objective)
    checked = bound is not None and sign * (float(bound) - proven) <= tolerance
    if bound is not None and sign * (float(bound) - objective) > tolerance:
        refuse("the bound contradicts the objective", "界与目标值矛盾")
    if claims["status"] == "optimal" and (bound is None or abs(float(bound) - objective) > tolerance):
        refuse("the bound does not prove the plan optimal", "给出的界不能证明方案最优")
    if claims["bound_by"] == "checked" and not checked:
        refuse(f"the prices prove {proven:,.12g}, not {bound}", f"价格只能证明 {proven:,.12g}，而非 {bound}")
    return Verdict(
        tuple(refused),
        checked and not refused,
        objective,
        None if bound is None else float(bound),
        proven if math.isfinite(proven) else None,
        "checked" if checked else str(claims["bound_by"]),
    )


EXACT_SUM: Final = 1e-12  # relative, between an objective written down and the same sum made again


def _opened(path: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in (*PARTS, MANIFEST)}
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        fault = Fault(
            "this is no certificate of a plan",
            "give the file that --certificate wrote",
            file=path.name,
            problem_zh="这不是方案的证书",
            todo_zh="请给出由 --certificate 写出的文件",
        )
        raise InputError(fault) from error


def _problem_bytes(problem: ProblemData) -> bytes:
    arrays: dict[str, Any] = {name: np.asarray(getattr(problem, name)) for name in ARRAYS}
    for name in ("demand_ids", "site_ids"):
        arrays[name] = arrays[name].astype(str)
    if isinstance(problem.cost, np.ndarray):
        arrays["cost"] = problem.cost
    else:
        arrays |= _sparse_parts("cost", problem.cost)
    for name in ("capacity", "site_xy_m"):
        value = getattr(problem, name)
        if value is not None:
            arrays[name] = value
    rules = {
        "spacing_m": problem.spacing_m,
        "cost_limit": problem.cost_limit,
        "quotas": [(quota.name, quota.sites.tolist(), quota.least, quota.most) for quota in problem.quotas],
        "exclusive": [group.tolist() for group in problem.exclusive],
        "floors": [(floor.name, floor.share, floor.times) for floor in problem.floors],
    }
    arrays["rules"] = np.array(json.dumps(rules))
    for number, floor in enumerate(problem.floors):
        arrays[f"floor_{number}"] = floor.weights
    return _npz(arrays)


def _npz(arrays: dict[str, Any]) -> bytes:
    """Return arrays as a zip of .npy files whose bytes depend on nothing but them."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(arrays):
            part = io.BytesIO()
            np.lib.format.write_array(part, np.ascontiguousarray(arrays[name]), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), part.getvalue())
    return buffer.getvalue()


def _sparse_parts(name: str, matrix: sparse.csr_array) -> dict[str, Any]:
    return {
        f"{name}_data": matrix.data,
        f"{name}_indices": matrix.indices.astype(np.int64),
        f"{name}_indptr": matrix.indptr.astype(np.int64),
        f"{name}_shape": np.array(matrix.shape),
    }


def _sparse(arrays: Any, name: str) -> sparse.csr_array:
    parts = (arrays[f"{name}_data"], arrays[f"{name}_indices"], arrays[f"{name}_indptr"])
    return sparse.csr_array(parts, shape=tuple(arrays[f"{name}_shape"].tolist()))


def _read(parts: dict[str, bytes]) -> tuple[ProblemData, Proof, sparse.csr_array | None]:
    with np.load(io.BytesIO(parts["problem.npz"]), allow_pickle=False) as arrays:
        rules = json.loads(arrays["rules"].item())
        problem = ProblemData(
            cost=arrays["cost"] if "cost" in arrays else _sparse(arrays, "cost"),
            **{name: arrays[name] for name in ARRAYS},
            capacity=arrays.get("capacity"),
            quotas=tuple(
                Quota(name, np.array(sites, dtype=np.int64), least, most)
                for name, sites, least, most in rules["quotas"]
            ),
            floors=tuple(
                Floor(name, arrays[f"floor_{number}"], share, times)
                for number, (name, share, times) in enumerate(rules["floors"])
            ),
            exclusive=tuple(np.array(group, dtype=np.int64) for group in rules["exclusive"]),
            site_xy_m=arrays.get("site_xy_m"),
            spacing_m=rules["spacing_m"],
            cost_limit=rules["cost_limit"],
        )
    with np.load(io.BytesIO(parts["proof.npz"]), allow_pickle=False) as arrays:
        proof = Proof(
            **{name: arrays[name] for name in ("branch", "zero", "one", "leaf", "ray")},
            prices=_sparse(arrays, "prices"),
        )
        allocation = _sparse(arrays, "allocation") if "allocation_data" in arrays else None
    return problem, proof, allocation
