"""The vocabulary as the pages load it: one script made from the tables, of which nothing is written twice."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Final

from geoplan.coverage.facilities import BUNDLES
from geoplan.hours.slices import SLICES
from geoplan.vocabulary import FIELDS, Language
from geoplan.vocabulary.words import groups

__all__ = ["SCRIPT", "vocabulary_script"]

SCRIPT: Final = "js/words/vocabulary.js"
"""Where the pages look for it; there is no such file."""


def _words(language: Language) -> dict[str, str]:
    found = {f"{name}.{code}": term.said(language) for name, terms in groups().items() for code, term in terms.items()}
    return found | {f"field.{spec.name}": spec.label(language) for spec in FIELDS}


@cache
def vocabulary_script() -> str:
    """Return the script: the words of each language by ``group.code``, the record's fields, bundles, slices, chips."""
    parts: dict[str, Any] = {
        "vocabulary": {"zh": _words("zh"), "en": _words("en")},
        "stationFields": [
            {"name": spec.name, "type": spec.type, "who": spec.who, "group": spec.group} for spec in FIELDS
        ],
        "BUNDLES": dict(BUNDLES),
        "SLICES": list(SLICES),
        "CHIPS": list(groups()["chip"]),
    }
    return "".join(f"export const {name} = {json.dumps(part, ensure_ascii=False)};\n" for name, part in parts.items())
