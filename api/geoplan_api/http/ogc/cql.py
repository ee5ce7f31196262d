"""CQL2 text filters, the common cases: comparison, LIKE, IN, BETWEEN, IS NULL, AND, OR, NOT, and simple spatial tests.

The library cql2 parses the text (OGC 21-065r2); this module evaluates its tree over the columns of a frame. What is not
known here is refused: a filter that is half understood would show the wrong places.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any, Final

import cql2
import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.errors import GEOSException
from shapely.geometry import shape

from geoplan_api.problems import ProblemError

__all__ = ["evaluate", "parse_filter"]

Mask = npt.NDArray[np.bool_]
Node = dict[str, Any]

_COMPARE: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_SPATIAL: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "s_intersects": shapely.intersects,
    "s_within": shapely.within,
    "s_contains": shapely.contains,
    "s_disjoint": shapely.disjoint,
}
_MOST_CHARACTERS: Final = 2000
_MOST_DEPTH: Final = 40
_MOST_BRACKETS: Final = 8


def parse_filter(text: str) -> Node:
    """Parse CQL2 text into its tree; raises the problem "bad-request" where it does not parse."""
    if len(text) > _MOST_CHARACTERS:
        raise ProblemError("bad-request", f"filter: at most {_MOST_CHARACTERS} characters")
    _check_brackets(text)
    try:
        tree = cql2.parse_text(text).to_json()
    except Exception as error:  # the library names its errors differently from version to version
        reason = " ".join(str(error).split())[:200]
        raise ProblemError("bad-request", f"filter: this is not CQL2 text: {reason}") from None
    if not isinstance(tree, dict):
        raise ProblemError("bad-request", "filter: a condition is needed")
    return tree


def _check_brackets(text: str) -> None:
    """Refuse brackets that do not close or lie too deep: the parser's time doubles with each level of a wrong text."""
    depth = 0
    for ch in re.sub(r"'[^']*'|\"[^\"]*\"", "", text):
        depth += (ch in "([") - (ch in ")]")
        if not 0 <= depth <= _MOST_BRACKETS:
            break
    if depth:
        raise ProblemError("bad-request", f"filter: brackets must close, and lie at most {_MOST_BRACKETS} deep")


def evaluate(tree: Node, frame: gpd.GeoDataFrame, queryables: tuple[str, ...]) -> Mask:
    """Tell which rows of a frame meet a filter.

    Parameters
    ----------
    tree : dict
        From :func:`parse_filter`.
    frame : geopandas.GeoDataFrame
        The features; its geometry is called ``geometry`` or ``geom`` in the filter.
    queryables : tuple of str
        Columns that may be asked for.

    Returns
    -------
    numpy.ndarray of bool
        Shape (n,); a missing value meets no comparison.
    """
    return _Filter(frame, queryables).mask(tree, 0)


class _Filter:
    def __init__(self, frame: gpd.GeoDataFrame, queryables: tuple[str, ...]) -> None:
        self.frame = frame
        self.queryables = queryables

    def mask(self, node: Any, depth: int) -> Mask:
        if depth > _MOST_DEPTH:
            raise ProblemError("bad-request", f"filter: at most {_MOST_DEPTH} conditions within each other")
        if isinstance(node, bool):
            return np.full(len(self.frame), node)
        if isinstance(node, dict) and "property" in node:
            return self._is_true(node)
        if not isinstance(node, dict) or "op" not in node:
            raise ProblemError("bad-request", "filter: a condition is needed")
        op, args = str(node["op"]).lower(), node["args"]
        if op in ("and", "or"):
            masks = np.array([self.mask(arg, depth + 1) for arg in args], bool)
            return np.asarray(masks.all(axis=0) if op == "and" else masks.any(axis=0))
        if op == "not":
            return ~self.mask(args[0], depth + 1)
        if op in _COMPARE:
            return self._compare(op, args[0], args[1])
        if op == "isnull":
            return np.asarray(self.column(args[0])[0].isna(), bool)
        if op == "between":
            return self._compare(">=", args[0], args[1]) & self._compare("<=", args[0], args[2])
        if op == "in":
            hits = [self.none(), *(self._compare("=", args[0], value) for value in args[1])]
            return np.asarray(np.array(hits, bool).any(axis=0))
        if op == "like":
            return self._like(args[0], args[1])
        if op in _SPATIAL:
            return self._spatial(op, args)
        raise ProblemError("bad-request", f"filter: {op[:40]!r} is not supported here")

    def none(self) -> Mask:
        return np.zeros(len(self.frame), bool)

    def _is_true(self, node: Node) -> Mask:
        values, _ = self.column(node)
        if not all(isinstance(value, bool | np.bool_) for value in values.dropna()):
            raise ProblemError(
                "bad-request", f"filter: {node['property']!r} is not a yes or no; compare it with something"
            )
        return np.array([bool(value) if known else False for value, known in zip(values, values.notna(), strict=True)])

    def column(self, node: Any) -> tuple[pd.Series, bool]:
        """Return a column and whether it is compared without regard to case."""
        if isinstance(node, dict) and str(node.get("op", "")).lower() in ("casei", "accenti"):
            return self.column(node["args"][0])[0], True
        name = node.get("property") if isinstance(node, dict) else None
        if name not in self.queryables:
            wanted = f"there is no property {str(name)[:40]!r}" if name else "a property is needed on the left"
            raise ProblemError("bad-request", f"filter: {wanted}; use {', '.join(self.queryables)}")
        return self.frame[name], False

    def _compare(self, op: str, left: Any, right: Any) -> Mask:
        if _is_property(right) and not _is_property(left):
            left, right, op = right, left, {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(op, op)
        values, folded = self.column(left)
        literal = _literal(right)
        if values.map(lambda value: isinstance(value, list)).any():
            # a list holds a value: facilities = 'toilet'
            hit = np.array([literal in (value or []) for value in values], bool)
            return hit if op == "=" else ~hit if op == "<>" else self.none()
        known = values.notna().to_numpy(bool)
        if isinstance(literal, str):
            texts = values.map(str)
            if folded:
                texts, literal = texts.str.casefold(), literal.casefold()
            return np.asarray(known & np.asarray(_COMPARE[op](texts, literal), bool))
        if isinstance(literal, bool):
            flags = [bool(_COMPARE[op](bool(value), literal)) for value in values]
            return np.asarray(known & np.array(flags, bool))
        numbers = pd.to_numeric(values, errors="coerce").to_numpy(np.float64, na_value=np.nan)
        return np.asarray(np.isfinite(numbers) & np.asarray(_COMPARE[op](numbers, literal), bool))

    def _like(self, left: Any, pattern: Any) -> Mask:
        values, folded = self.column(left)
        if isinstance(pattern, dict) and str(pattern.get("op", "")).lower() == "casei":
            folded, pattern = True, pattern["args"][0]
        if not isinstance(pattern, str):
            raise ProblemError("bad-request", "filter: LIKE takes a text")
        parts = [".*" if ch == "%" else "." if ch == "_" else re.escape(ch) for ch in re.sub("%+", "%", pattern)]
        matcher = re.compile("".join(parts), re.DOTALL | (re.IGNORECASE if folded else 0))
        return np.array([isinstance(value, str) and matcher.fullmatch(value) is not None for value in values], bool)

    def _spatial(self, op: str, args: list[Any]) -> Mask:
        left, right = args
        if not (_is_property(left) and left["property"] in ("geometry", "geom")):
            raise ProblemError("bad-request", f"filter: {op.upper()} takes geometry first, then the area")
        return np.asarray(_SPATIAL[op](self.frame.geometry.to_numpy(), _geometry(right)), bool)


def _is_property(node: Any) -> bool:
    return isinstance(node, dict) and "property" in node


def _literal(node: Any) -> Any:
    if isinstance(node, dict):
        for name in ("date", "timestamp"):
            if name in node:
                return str(node[name])
        if str(node.get("op", "")).lower() in ("casei", "accenti"):
            return _literal(node["args"][0])
        raise ProblemError("bad-request", "filter: a value is needed on the right")
    if isinstance(node, str | bool | int | float):
        return node
    raise ProblemError("bad-request", "filter: this value is not supported here")


def _geometry(node: Any) -> shapely.Geometry:
    try:
        geometry = shapely.box(*node["bbox"][:4]) if "bbox" in node else shape(node)
        if not geometry.is_valid:
            raise ValueError("the geometry is not valid")
    except (GEOSException, ValueError, TypeError, KeyError, AttributeError, IndexError):
        raise ProblemError("bad-request", "filter: the geometry is not usable") from None
    return geometry
