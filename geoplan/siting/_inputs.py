"""Reading of the arrays a siting problem is made of: what is wrong with them is reported together."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoplan.errors import FaultLog

__all__ = ["CostMatrix", "read_cost", "read_mask", "read_values"]

CostMatrix: TypeAlias = "npt.NDArray[np.floating] | sparse.csr_array"
Float = npt.NDArray[np.float64]


def read_values(values: npt.ArrayLike, field: str, size: int | None, log: FaultLog) -> Float:
    """Return ``values`` as a read-only float64 vector of numbers that are finite and not negative."""
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        log.add(
            f"{field} holds something that is not a number",
            "give numbers",
            field=field,
            zh=("有的值不是数字", "请只填数字"),
        )
        return np.zeros(size or 0)
    if array.ndim != 1 or (size is not None and len(array) != size):
        log.add(
            f"{field} has shape {array.shape}",
            f"give a vector{'' if size is None else f' of {size} numbers'}",
            field=field,
            zh=(f"数值的个数不对（{array.shape}）", f"请给出{'' if size is None else f' {size} 个'}数字"),
        )
        return np.zeros(size or 0)
    bad = ~(np.isfinite(array) & (array >= 0))
    if bad.any():
        where = np.flatnonzero(bad)
        log.add(
            f"{len(where)} values of {field} are negative or missing, first at position {where[0]}",
            "give finite numbers of 0 or more",
            field=field,
            zh=(f"{len(where)} 个值为负或缺失，第一个在第 {where[0] + 1} 个", "请填不小于 0 的数"),
        )
    array.flags.writeable = False
    return array


def read_cost(cost: npt.ArrayLike | sparse.sparray | sparse.spmatrix, demand: Float, log: FaultLog) -> CostMatrix:
    """Return the cost matrix as a read-only float array or CSR array, checked against the demand points.

    A dense float array is not copied: it may hold hundreds of megabytes.
    """
    matrix = _read_sparse(cost, log) if sparse.issparse(cost) else _read_dense(cost, log)
    if matrix is None:
        return np.zeros((len(demand), 0))
    rows, columns = matrix.shape
    if rows != len(demand):
        if columns == len(demand):
            log.add(
                f"cost has {rows} rows and {columns} columns but there are {len(demand)} demand points:"
                " it looks transposed",
                "rows are demand points and columns are sites; pass cost.T",
                field="cost",
                zh=(f"矩阵有 {rows} 行 {columns} 列，而需求点有 {len(demand)} 个，行列似乎颠倒", "请转置"),
            )
        else:
            log.add(
                f"cost has {rows} rows but demand has {len(demand)} values",
                "give one row per demand point",
                field="cost",
                zh=(f"矩阵有 {rows} 行，而需求点有 {len(demand)} 个", "请每个需求点给一行"),
            )
    if rows == 0 or columns == 0:
        log.add(
            f"cost has shape {rows} x {columns}",
            "give at least one demand point and one site",
            field="cost",
            zh=(f"有 {rows} 个需求点和 {columns} 个站点", "至少要有一个需求点和一个站点"),
        )
    return matrix


def _read_dense(cost: npt.ArrayLike, log: FaultLog) -> npt.NDArray[np.floating] | None:
    array = np.asarray(cost)
    if array.ndim != 2 or array.dtype.kind not in "fiub":
        log.add(f"cost is an array of {array.dtype} with shape {array.shape}", "give a matrix of numbers", field="cost")
        return None
    matrix = array.view() if array.dtype in (np.float32, np.float64) else array.astype(np.float64)
    # One pass: a NaN or a negative number makes the minimum fail the test.
    if matrix.size and not matrix.min() >= 0:
        row, column = np.argwhere(~(matrix >= 0))[0]
        log.add(
            f"cost is negative or missing, first at row {row}, column {column}",
            "give numbers of 0 or more; an unreachable pair is infinite",
            field="cost",
        )
    matrix.flags.writeable = False
    return matrix


def _read_sparse(cost: sparse.sparray | sparse.spmatrix, log: FaultLog) -> sparse.csr_array | None:
    if cost.ndim != 2 or cost.dtype.kind not in "fiub":
        log.add(f"cost is a sparse array of {cost.dtype}", "give a matrix of numbers", field="cost")
        return None
    matrix = sparse.csr_array(cost, copy=True)
    if matrix.dtype not in (np.float32, np.float64):
        matrix = matrix.astype(np.float64)
    stored = matrix.nnz
    matrix.sum_duplicates()
    if matrix.nnz != stored:
        log.add("cost stores some pairs twice", "store each pair once", field="cost")
    if matrix.nnz and not matrix.data.min() >= 0:
        log.add("cost is negative or missing", "give numbers of 0 or more; leave an unreachable pair out", field="cost")
    finite = np.isfinite(matrix.data)
    if not finite.all():
        coo = matrix.tocoo()
        row, column = coo.coords
        matrix = sparse.csr_array((coo.data[finite], (row[finite], column[finite])), shape=matrix.shape)
    matrix.data.flags.writeable = False
    return matrix


def read_mask(
    given: npt.ArrayLike | None, ids: npt.NDArray[np.generic], field: str, log: FaultLog
) -> npt.NDArray[np.bool_]:
    """Return a read-only boolean mask over the sites from a mask, a sequence of ids or None."""
    mask = np.zeros(len(ids), dtype=bool)
    if given is not None:
        array = np.asarray(given)
        if array.dtype == bool and array.shape == ids.shape:
            mask = array.copy()
        elif array.dtype == bool:
            log.add(
                f"{field} is a mask of shape {array.shape}",
                f"give {len(ids)} values or ids",
                field=field,
                zh=(f"取舍标记的个数不对（{array.shape}）", f"请给出 {len(ids)} 个值，或站点编号"),
            )
        elif array.size:
            mask[positions(array, ids, field, log)] = True
    mask.flags.writeable = False
    return mask


def positions(given: npt.ArrayLike, ids: npt.NDArray[np.generic], field: str, log: FaultLog) -> npt.NDArray[np.int64]:
    """Return where the given ids stand among ``ids``; unknown ones are reported and left out."""
    where = {value: position for position, value in enumerate(ids.tolist())}
    wanted = np.asarray(given).ravel().tolist()
    unknown = [value for value in wanted if value not in where]
    if unknown:
        log.add(
            f"{field} names unknown sites {unknown[:5]}",
            "use ids from site_ids",
            field=field,
            zh=(f"没有这些站点：{'、'.join(map(str, unknown[:5]))}", "请用候选点清单里的编号"),
        )
    return np.array([where[value] for value in wanted if value in where], dtype=np.int64)
