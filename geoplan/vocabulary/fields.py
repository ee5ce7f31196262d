"""The fields of a station's record: one row of ``station_fields.csv`` each.

A new attribute is its row and a migration that adds the column. Import, export, the service's answers, OGC API
Features, the mini-program's feed, the desk and the workbooks take it from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, cast

from geoplan.vocabulary.tables import read_rows
from geoplan.vocabulary.words import Language, labels

__all__ = ["FIELDS", "FIELD_BY_NAME", "FieldSpec", "FieldType", "Reader"]

FieldType = Literal["text", "code", "number", "date", "list", "flag"]
Reader = Literal["public", "staff", "editor"]


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of the record.

    Parameters
    ----------
    name : str
        Canonical name.
    type : {"text", "code", "number", "date", "list", "flag"}
        ``code``: one of ``codes``; ``list``: a list of texts (of codes where ``codes`` is given); ``date``: ISO
        ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``, as exactly as it is known.
    who : {"public", "staff", "editor"}
        Who may see it, at least.
    feed : str
        What it is called in the mini-program's feed; ``""`` where the feed does not carry it.
    group : str
        Group of the vocabulary that holds its codes, ``""`` where it has none.
    open : bool
        Whether values that are no code of the group are taken too, as they are written.
    label_zh, label_en : str
        Header in exports and on the pages.
    words : str
        Headers that registers use for it, from the surest to the least sure, divided by spaces.
    """

    name: str
    type: FieldType
    who: Reader
    feed: str
    group: str
    open: bool
    label_zh: str
    label_en: str
    words: str

    @property
    def public(self) -> bool:
        """Whether it may leave the staff side."""
        return self.who == "public"

    @property
    def codes(self) -> Mapping[str, str] | None:
        """Code → Chinese words, where it takes codes and nothing else."""
        return labels(self.group) if self.group and not self.open else None

    def label(self, language: Language) -> str:
        """Return the header in a language."""
        return self.label_zh if language == "zh" else self.label_en


def _spec(row: Mapping[str, str]) -> FieldSpec:
    return FieldSpec(
        row["name"],
        cast(FieldType, row["type"]),
        cast(Reader, row["who"]),
        row["feed"],
        row["codes"].removesuffix("*"),
        row["codes"].endswith("*"),
        row["zh"],
        row["en"],
        row["words"],
    )


FIELDS: Final[tuple[FieldSpec, ...]] = tuple(_spec(row) for row in read_rows("station_fields.csv"))
FIELD_BY_NAME: Final[Mapping[str, FieldSpec]] = MappingProxyType({spec.name: spec for spec in FIELDS})
