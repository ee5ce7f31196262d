"""Header wordings, Chinese or English, matched to canonical fields, with a confidence a person can confirm."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from rapidfuzz import fuzz, process

from geoplan.errors import Fault, InputError
from geoplan.sources.degrees import is_blank, parse_pair
from geoplan.sources.wordings import CRS_WORDS, KINDS, LAT_WORDS, LON_WORDS, PAIR_WORDS, WORDINGS

__all__ = [
    "ColumnMap",
    "ColumnMatch",
    "CoordinateColumns",
    "crs_from_words",
    "header_score",
    "map_columns",
    "normal_header",
]

SURE: Final = 0.9  # at or above: taken without asking; below: shown for confirmation
_BRACKETS = re.compile(r"[(\[【〔{<《].*?[)\]】〕}>》]")
_NUMBERING = re.compile(r"^(?:\d{1,2}|[一二三四五六七八九十]{1,2})[.、:：)]\s*")
_PUNCTUATION = re.compile(r"[\s_\-—–/\\|.,，。、:：;；*＊'\"“”‘’·・#&+?？!！()（）\[\]【】{}<>《》~°]+")
_FUZZY_MIN = 84.0


@dataclass(frozen=True, slots=True)
class ColumnMatch:
    """One header taken for one canonical field.

    Parameters
    ----------
    field : str
        Canonical field.
    header : str
        Header as in the file.
    confidence : float
        1 for a known wording, down to 0.6 for a similar one; below 0.9 a person should look.
    why : {"known wording", "wording with a remark", "contains a known wording", "similar wording", "chosen"}
        How the match was made.
    """

    field: str
    header: str
    confidence: float
    why: str


@dataclass(frozen=True, slots=True)
class CoordinateColumns:
    """Columns that hold positions: two of them, or one for both.

    Parameters
    ----------
    lon, lat : str
        Headers; the same header twice where one column holds both.
    crs : str
        System declared by the wording of the header, ``""`` where it declares none.
    """

    lon: str
    lat: str
    crs: str = ""

    @property
    def combined(self) -> bool:
        """Whether one column holds both numbers."""
        return self.lon == self.lat


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """What each column of a table was taken for.

    Parameters
    ----------
    kind : str
        ``"stations"``, ``"demand"``, ``"candidates"`` or ``"districts"``.
    matches : tuple of ColumnMatch
        At most one a field, in the order of the canonical fields.
    coordinates : tuple of CoordinateColumns
        Every pair of coordinate columns found; the preferred one first (WGS-84, other declared systems, undeclared).
    unmapped : tuple of str
        Headers taken for nothing; importers keep their cells aside.
    """

    kind: str
    matches: tuple[ColumnMatch, ...]
    coordinates: tuple[CoordinateColumns, ...] = ()
    unmapped: tuple[str, ...] = ()

    def header(self, field: str) -> str | None:
        """Return the header taken for ``field``, or None."""
        return next((match.header for match in self.matches if match.field == field), None)

    @property
    def fields(self) -> dict[str, str]:
        """Canonical field → header, coordinates aside."""
        return {match.field: match.header for match in self.matches}

    @property
    def to_confirm(self) -> tuple[ColumnMatch, ...]:
        """Matches that a person should look at before the data is used."""
        return tuple(match for match in self.matches if match.confidence < SURE)

    def choose(self, field: str, header: str | None) -> ColumnMap:
        """Return a map in which ``field`` is read from ``header`` (None: from no column), as a person decided."""
        kept = [m for m in self.matches if m.field != field and m.header != header]
        freed = {m.header for m in self.matches} - {m.header for m in kept}
        unmapped = [*self.unmapped, *sorted(freed)]
        if header is not None:
            if field not in WORDINGS[self.kind]:
                raise InputError(
                    Fault(
                        f"there is no field {field!r} in a table of {self.kind}",
                        f"use one of {', '.join(WORDINGS[self.kind])}",
                        problem_zh=f"没有名为“{field}”的字段",
                        todo_zh="请从字段表中选择",
                    )
                )
            kept.append(ColumnMatch(field, header, 1.0, "chosen"))
            unmapped = [name for name in unmapped if name != header]
        order = list(WORDINGS[self.kind])
        kept.sort(key=lambda m: order.index(m.field))
        return replace(self, matches=tuple(kept), unmapped=tuple(unmapped))


def normal_header(text: str) -> str:
    """Fold width and case of a header and drop spaces, numbering and punctuation; brackets' content is kept."""
    folded = unicodedata.normalize("NFKC", text).strip().lower()
    folded = _NUMBERING.sub("", folded)
    return _PUNCTUATION.sub("", folded)


def _bare(text: str) -> str:
    """Return the header without what stands in brackets (units, "required")."""
    return normal_header(_BRACKETS.sub("", unicodedata.normalize("NFKC", text)))


def crs_from_words(text: str) -> str:
    """Return the coordinate system that a header, a cell or a file name declares, or ``""``."""
    folded = normal_header(text)
    for crs, words in CRS_WORDS.items():
        if any(word in folded for word in words):
            return crs
    return ""


def _without_crs(folded: str) -> str:
    """Drop the words that declare a coordinate system: ``lonwgs84`` → ``lon``."""
    for words in CRS_WORDS.values():
        for word in sorted(words, key=len, reverse=True):
            if word in folded and word != folded:
                folded = folded.replace(word, "")
    return folded.removesuffix("坐标系")


def _coordinate_role(header: str) -> str:
    """Return ``"lon"``, ``"lat"``, ``"pair"`` or ``""``."""
    for folded in dict.fromkeys((normal_header(header), _bare(header), _without_crs(normal_header(header)))):
        for role, words in (("pair", PAIR_WORDS), ("lon", LON_WORDS), ("lat", LAT_WORDS)):
            if folded in words.split():
                return role
        # "坐标(经度)", "地点经度(度)", "站址坐标经度": one axis named anywhere.
        if len(folded) <= 12:
            has_lon, has_lat = "经度" in folded or "longitude" in folded, "纬度" in folded or "latitude" in folded
            if has_lon and has_lat:
                return "pair"
            if has_lon or has_lat:
                return "lon" if has_lon else "lat"
            if "经纬" in folded or folded.endswith("坐标"):
                return "pair"
    return ""


def _holds_positions(cells: Iterable[str]) -> bool:
    """Tell whether most filled cells of a column are positions."""
    filled = [text for text in cells if not is_blank(text)]
    return not filled or sum(parse_pair(text) is not None for text in filled) * 2 >= len(filled)


def _pair_up(
    headers: Sequence[str], cells: Mapping[str, Iterable[str]] | None
) -> tuple[list[CoordinateColumns], list[str]]:
    """Pair longitude with latitude columns, by declared system and then by order; return the pairs and the rest."""
    lons: list[tuple[str, str]] = []
    lats: list[tuple[str, str]] = []
    pairs: list[CoordinateColumns] = []
    for header in headers:
        role = _coordinate_role(header)
        crs = crs_from_words(header)
        if role == "lon":
            lons.append((header, crs))
        elif role == "lat":
            lats.append((header, crs))
        elif role == "pair" and (cells is None or _holds_positions(cells[header])):
            pairs.append(CoordinateColumns(header, header, crs))
    two: list[CoordinateColumns] = []
    for lon, crs in lons:
        match = next((item for item in lats if item[1] == crs), None)
        if match is not None:
            lats.remove(match)
            two.append(CoordinateColumns(lon, match[0], crs))
    used = {name for pair in (*two, *pairs) for name in (pair.lon, pair.lat)}
    rank = {"wgs84": 0, "cgcs2000": 0, "gcj02": 1, "bd09": 2, "": 3}
    found = sorted([*two, *pairs], key=lambda pair: (rank[pair.crs], pair.combined))
    return found, [header for header in headers if header not in used]


def _match(header: str, words: dict[str, str], fuzzy: bool) -> tuple[str, float, str] | None:
    """Return (field, confidence, why) of the best match of ``header`` among ``words`` (wording → field)."""
    full, bare = normal_header(header), _bare(header)
    if full in words:
        return words[full], 1.0, "known wording"
    if bare in words:
        return words[bare], 0.95, "wording with a remark"
    if not fuzzy or len(bare) < 2:
        return None
    inside = [word for word in words if len(word) >= 2 and not word.isascii() and word in bare]
    if inside and len(bare) <= 14:
        # In Chinese the noun stands last: "驿站具体开放时间" is about time, "服务时间说明" rather a remark.
        best = max(inside, key=lambda word: (bare.endswith(word), len(word)))
        share = len(best) / len(bare)
        return words[best], round(0.65 + 0.2 * share, 2), "contains a known wording"
    near = process.extractOne(bare, [w for w in words if len(w) >= 4], scorer=fuzz.ratio, score_cutoff=_FUZZY_MIN)
    if near is not None:
        return words[near[0]], round(0.6 * near[1] / 100, 2), "similar wording"
    return None


@cache
def _words_of(kind: str) -> dict[str, str]:
    words: dict[str, str] = {}
    for field, wordings in WORDINGS[kind].items():
        for wording in wordings.split():
            words.setdefault(normal_header(wording), field)
    return words


def map_columns(
    headers: Iterable[str], kind: str = "stations", cells: Mapping[str, Iterable[str]] | None = None
) -> ColumnMap:
    """Match the headers of a table to canonical fields.

    Parameters
    ----------
    headers : iterable of str
        Headers as in the file, in order.
    kind : {"stations", "demand", "candidates", "districts"}
        Which vocabulary to match against.
    cells : mapping of str to iterable of str, optional
        The columns' cells (a frame of text will do). With them a column such as "location" or "定位" counts as
        coordinates only where its cells are.

    Returns
    -------
    ColumnMap
        Best header for each field. Where two headers fit one field, the surer wins and the other stays unmapped.

    Raises
    ------
    InputError
        The kind is not known.
    """
    if kind not in KINDS:
        raise InputError(f"kind {kind!r} is not known; use one of {', '.join(KINDS)}")
    names = [str(header) for header in headers]
    found, rest = _pair_up(names, cells)
    words = _words_of(kind)
    offers: list[tuple[float, int, ColumnMatch]] = []
    for place, header in enumerate(rest):
        got = _match(header, words, fuzzy=True)
        if got is not None:
            field, confidence, why = got
            rank = WORDINGS[kind][field].split()
            wording_rank = next((i for i, word in enumerate(rank) if normal_header(word) == normal_header(header)), 99)
            offers.append((-confidence, wording_rank * 1000 + place, ColumnMatch(field, header, confidence, why)))
    taken: dict[str, ColumnMatch] = {}
    for _, _, match in sorted(offers, key=lambda offer: offer[:2]):
        if match.field not in taken:
            taken[match.field] = match
    used = {match.header for match in taken.values()}
    order = list(WORDINGS[kind])
    matches = tuple(sorted(taken.values(), key=lambda match: order.index(match.field)))
    return ColumnMap(kind, matches, tuple(found), tuple(header for header in rest if header not in used))


def header_score(cells: Iterable[str]) -> int:
    """Count the cells of a row that are known header wordings: a header has many, a title or a record few."""
    vocabulary = _all_words()
    count = 0
    for cell in cells:
        if not cell or len(cell) > 40:
            continue
        if normal_header(cell) in vocabulary or _bare(cell) in vocabulary or _coordinate_role(cell):
            count += 1
    return count


@cache
def _all_words() -> frozenset[str]:
    return frozenset(word for kind in KINDS for word in _words_of(kind))
