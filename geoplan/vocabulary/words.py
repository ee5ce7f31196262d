"""Codes in words: what a trade, a facility, a slice or a column is called in each language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

from geoplan.errors import InputError
from geoplan.vocabulary.tables import read_rows

__all__ = ["Language", "Term", "group", "groups", "label", "labels"]

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Term:
    """One code in words.

    Parameters
    ----------
    code : str
        What programs write.
    zh, en : str
        What people read.
    words : tuple of str
        What registers write for it; of a bundle, its facilities.
    """

    code: str
    zh: str
    en: str
    words: tuple[str, ...] = ()

    def said(self, language: Language) -> str:
        """Return the words in a language."""
        return self.zh if language == "zh" else self.en


@cache
def groups() -> Mapping[str, Mapping[str, Term]]:
    """Return every group of codes, in the order of the table: ``trade``, ``facility``, ``slice`` and so on."""
    found: dict[str, dict[str, Term]] = {}
    for row in read_rows("vocabulary.csv"):
        term = Term(row["code"], row["zh"], row["en"], tuple(row["words"].split()))
        found.setdefault(row["group"], {})[term.code] = term
    return MappingProxyType({name: MappingProxyType(terms) for name, terms in found.items()})


def group(name: str) -> Mapping[str, Term]:
    """Return the codes of a group in the order of the table; raises InputError where there is no such group."""
    if name not in groups():
        raise InputError(f"the vocabulary has no group {name!r}; it has {', '.join(groups())}")
    return groups()[name]


def labels(name: str, language: Language = "zh") -> Mapping[str, str]:
    """Return code → words of a group."""
    return MappingProxyType({code: term.said(language) for code, term in group(name).items()})


def label(name: str, code: str, language: Language = "zh") -> str:
    """Return the words of one code; the code itself where it has none."""
    term = group(name).get(code)
    return code if term is None else term.said(language)
